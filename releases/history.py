"""What a release was before each of its changes, as a person is shown it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from releases.comparison import Comparison, compared
from releases.labels import label
from releases.models import Release, Revision

TOLD = (
    *("name", "title", "type", "format", "volume_bytes", "rar_version", "generate_sfv"),
    *("volumes", "size", "nfo_encoding", "nfo_template_name", "nfo_template_version"),
    *("nfo_is_own", "released_on", "rights", "rights_note"),
)
"""The fields of a release whose change is told as it is; those of its metadata follow."""
MOST_LETTERS = 2000
"""Of a value that is told."""


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    old: str | int | None
    new: str | int | None
    is_size: bool = False
    """Whether both are numbers of bytes."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What is different between two states of a release."""

    facts: list[Difference]
    nfo: Comparison | None
    """None where the NFO is not known of both."""


def changed_by(revision: Revision) -> Changed:
    """Return what `revision` changed."""
    return changed(revision.before, revision.after)


def changed_since(release: Release, revision: Revision) -> Changed:
    """Return what is different now from what was before `revision`."""
    now = {name: getattr(release, name, None) for name in revision.before}
    return changed(revision.before, now)


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changed:
    texts = old.get("nfo"), new.get("nfo")
    known = all(isinstance(text, str) for text in texts) and texts[0] != texts[1]
    nfo = compared(str(texts[0]), str(texts[1])) if known else None
    return Changed(list(differences(old, new)), nfo)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in TOLD:
        if name in old and name in new and worded(old[name]) != worded(new[name]):
            yield difference(name, old[name], new[name])
    yield from differing_metadata(old.get("metadata") or {}, new.get("metadata") or {})


def differing_metadata(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in {**old, **new}:
        before, after = worded(old.get(name)), worded(new.get(name))
        if before != after:
            yield Difference(label(name), before, after)


def titled(name: str) -> str:
    words = str(getattr(Release._meta.get_field(name), "verbose_name", name))
    return words[:1].upper() + words[1:]


def difference(name: str, old: Any, new: Any) -> Difference:
    if name == "size":
        return Difference(titled(name), old, new, is_size=True)
    return Difference(titled(name), worded(old), worded(new))


def worded(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)[:MOST_LETTERS]
