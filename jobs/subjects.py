"""What jobs are about, by name. Apps above know these things: the site's table is asked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value
from django.utils.module_loading import import_string

from accounts.models import User

TABLE = "packer_site.subjects.SUBJECTS"
MOST_FOUND = 1000


@dataclass(frozen=True, slots=True)
class About:
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of subject, e.g. ``release`` of ``release:7``."""

    named: Callable[[User, list[int]], dict[int, About]]
    """Returns those of the numbers that the user may see; one query."""
    found: Callable[[User, str], QuerySet[Any]] | None = None
    """Returns those whose name holds a text, not asked for yet."""
    unfinished: Callable[[list[int]], set[int]] | None = None
    """Returns those of the numbers that work can still be done for; None where it always can."""


def named(subjects: Iterable[str], by: User) -> dict[str, About]:
    """Return what `by` may know of each of `subjects`; what is hidden or gone is left out."""
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, _colon, number = subject.partition(":")
        first = number.partition(":")[0]
        numbers[kind].add(int(first) if first.isdecimal() else 0)
    kinds = table()
    known = {kind: kinds[kind].named(by, sorted(numbers[kind])) for kind in numbers & kinds.keys()}
    return {
        f"{kind}:{number}" if number else kind: about
        for kind, abouts in known.items()
        for number, about in abouts.items()
    }


def done_with(subjects: Iterable[str]) -> set[str]:
    """Return those of `subjects` that no work can be done for any more; a query for each kind."""
    about: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for subject in subjects:
        kind, _colon, number = base(subject).partition(":")
        if number.isdecimal():
            about[kind][subject] = int(number)
    kinds = table()
    done = set()
    for kind in about & kinds.keys():
        if unfinished := kinds[kind].unfinished:
            left = unfinished(sorted({*about[kind].values()}))
            done |= {subject for subject, number in about[kind].items() if number not in left}
    return done


def base(subject: str) -> str:
    """Return the key of `subject` in `named`: ``release:7`` of ``release:7:3``."""
    return ":".join(subject.split(":")[:2])


def found(text: str, by: User) -> list[str]:
    """Return the subjects whose name holds `text`, among what `by` may see; one query for all."""
    parts = [
        kind.found(by, text).order_by().values_list(Value(name), "pk")
        for name, kind in table().items()
        if kind.found
    ]
    return [f"{kind}:{number}" for kind, number in parts[0].union(*parts[1:])[:MOST_FOUND]]


def table() -> Mapping[str, Kind]:
    kinds: Mapping[str, Kind] = import_string(TABLE)
    return kinds
