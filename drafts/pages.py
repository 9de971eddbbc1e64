"""Two pages of a browser at the same step: neither may overwrite unseen what the other wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from drafts.models import Draft
from releases.actions import Refused

PROGRAM = "a program"
"""Writes answers without a page, through the API."""
KEEP_MINE = "keep_mine"
"""What a page sends that was shown a version, and is to take its place."""
LONGEST_ID, DIGITS = 32, 9


class Overtaken(Refused):
    """Somebody else, or another page, answered the step since it was shown."""

    def __init__(self) -> None:
        super().__init__(_("This step was changed elsewhere meanwhile."))


@dataclass(frozen=True, slots=True)
class Page:
    """What a form says of the page it stands in."""

    id: str = ""
    seen: int = 0
    """The version of the step that was shown, or that was looked at since."""

    @classmethod
    def of(cls, posted: MultiValueDict[str, str]) -> Page | None:
        """Return the page that sent `posted`; None where no page did."""
        if not posted.get("page"):
            return None
        told = [*posted.getlist("seen"), *posted.getlist(KEEP_MINE)]
        seen = [int(one) for one in told if one.isdecimal() and len(one) <= DIGITS]
        return cls(str(posted["page"])[:LONGEST_ID], max(seen, default=0))


def version(draft: Draft, key: str) -> int:
    """Return the version in which the step of `key` was changed last."""
    return int(draft.writers.get(key, [0])[0])


def sign(draft: Draft, key: str, page: Page | None) -> None:
    """Note that `page` changes the step in the version that is about to be kept."""
    draft.writers[key] = [draft.version + 1, page.id if page else ""]


def refuse_overtaken(
    draft: Draft, key: str, wished: Mapping[str, Any], page: Page | None, names: Iterable[str]
) -> None:
    """Make sure that `page` knows what it is about to overwrite; `draft` is held.

    What the program wrote for a page, at the press of its button, has no writer: it stands in
    nobody's way.

    Raises:
        Overtaken: another page, or a program, changed the step to something else.
    """
    last, writer = draft.writers.get(key, [0, ""])
    if page is None or writer in {"", page.id} or last <= page.seen:
        return
    stands = standing(draft, key, names)
    if stands and stands != plain(wished, names):
        raise Overtaken


def standing(draft: Draft, key: str, names: Iterable[str]) -> dict[str, list[str]]:
    """Return what is kept of the step, typed or answered."""
    return plain(draft.typed.get(key) or draft.answers.get(key) or {}, names)


def plain(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, list[str]]:
    """Return `values` as a form would send them; what is empty is left out."""
    lists = values.lists() if isinstance(values, MultiValueDict) else values.items()
    given = {name: written(value) for name, value in lists if name in names}
    return {name: found for name, found in given.items() if found}


def written(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["on"] if value else []
    several = value if isinstance(value, list) else [value]
    texts = ("" if one is None else str(one).replace("\r\n", "\n").strip() for one in several)
    return [text for text in texts if text]
