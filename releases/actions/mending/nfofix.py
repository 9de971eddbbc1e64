"""What is wrong with the NFO of a release, and the text that would be right."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop

from releases import description
from releases.actions.making import nfo_facts
from releases.actions.mending.aims import Aim, as_new, changed, nfo_bytes
from releases.actions.mending.proposal import Change
from releases.actions.mending.rendering import rendered
from releases.identity import normal
from releases.models import Release
from releases.nfo_mending import mended, with_field
from releases.packing import nfo, sauce
from releases.packing.lint.facts import SIGNS, told_fields

MARKS = (nfo.UTF_8_MARK, *nfo.UTF_16_MARKS)
BINARY = "\0"
MOST_READ = 100_000
"""Characters of an NFO in which a name is looked for."""
NFO_LABELS = {
    "released_on": "Released",
    "year": "Year",
    "language": "Language",
    "source": "Source",
    "author": "Author",
    "publisher": "Publisher",
    "issue": "Issue",
    "volume": "Volume",
    "isbn": "ISBN",
    "title": "Title",
    "url": "Source link",
}
"""What NFOs call the fields that a rule may ask for: their own English words."""


def aim(release: Release, options: Mapping[str, Any]) -> Aim:
    """Return the release with its NFO as it should be."""
    found = list(file_changes(release))
    if options.get("text"):
        after = changed(release, nfo=options["text"].replace("\r\n", "\n"), nfo_is_own=True)
        if after.nfo != release.nfo:
            found.append(Change(gettext_noop("The NFO is the text that was given.")))
    elif options.get("rerender"):
        after = rendered(release)
        if after.nfo != release.nfo:
            found.append(Change(gettext_noop("The NFO is rendered anew from its template.")))
    else:
        after = changed(release, nfo=text_of(release))
        if after.nfo != release.nfo:
            found.append(
                Change(gettext_noop("The NFO on the disk is not the one that was packed."))
            )
    after, told = put_right(after)
    after, added, missing = with_what_is_due(after)
    return Aim(release=after, changes=(*found, *told, *added), remarks=tuple(missing))


def file_changes(release: Release) -> Iterator[Change]:
    """Yield what is wrong with the file itself, whatever its text."""
    data = nfo_bytes(release)
    if data is None:
        yield Change(gettext_noop("The file of the NFO is missing, or too large: it is written."))
        return
    body, record = sauce.split(data)
    encoding = nfo.decode(data).encoding
    if is_binary(data):
        yield Change(gettext_noop("The file of the NFO is no text: the one packed is put back."))
        return
    if data.startswith(MARKS):
        yield Change(gettext_noop("The byte order mark is left out."))
    if record:
        yield Change(gettext_noop("The SAUCE record after the text is left out."))
    if encoding not in {"ascii", release.nfo_encoding}:
        values = {"old": encoding, "new": release.nfo_encoding}
        yield Change(gettext_noop("The encoding %(old)s becomes %(new)s."), values)
    if body.count(b"\n") != body.count(b"\r\n") or body.count(b"\r") != body.count(b"\r\n"):
        yield Change(gettext_noop("All lines end in CR and LF."))


def text_of(release: Release) -> str:
    """Return the text of the NFO on the disk; of what is none there, that which was packed."""
    data = nfo_bytes(release)
    if data is None or is_binary(data) or data == release.plan().nfo:
        return release.nfo
    return nfo.decode(data).text


def is_binary(data: bytes) -> bool:
    return BINARY in nfo.decode(data).text


def put_right(release: Release) -> tuple[Release, list[Change]]:
    """Return the release with its NFO put right, and what was wrong with it."""
    spec = release.rule.spec
    found = mended(
        release.nfo,
        columns=min(spec.nfo_columns, nfo.COLUMNS),
        encoding=release.nfo_encoding,
        facts=nfo_facts(as_new(release)),
    )
    if not found.changes:
        return release, []
    told = [Change(template, values) for template, values in found.changes]
    return changed(release, nfo=found.text), told


def with_what_is_due(release: Release) -> tuple[Release, list[Change], list[Change]]:
    """Return the release whose NFO tells all that is due; what was added, and is unknown."""
    text, told, missing = release.nfo, list[Change](), list[Change]()
    for names in untold(release):
        known = [(name, value_of(release, name)) for name in names.split("|")]
        name, value = next((one for one in known if one[1]), ("", ""))
        if not name:
            said = gettext_noop("The NFO does not tell, and the metadata do not know: %(field)s")
            missing.append(Change(said, {"field": known[0][0]}))
            continue
        text = with_field(text, NFO_LABELS.get(name, name.capitalize()), value)
        told.append(
            Change(gettext_noop("The NFO tells what was missing: %(field)s"), {"field": name})
        )
    carried = nfo.carrier(release.nfo_encoding)(text)
    return changed(release, nfo=carried), told, missing


def untold(release: Release) -> Iterator[str]:
    """Yield the fields that the NFO should tell and does not; ``a|b``: one of them."""
    spec = release.rule.spec
    parts = spec.name_parts(release.name)
    for names in spec.must_tell(release.name):
        each = names.split("|")
        signed = [name for name in each if name in SIGNS]
        is_told = (
            told_fields(signed, parts=parts, text=release.nfo)
            if signed
            else is_named(release, each)
        )
        if not is_told:
            yield names


def is_named(release: Release, names: Sequence[str]) -> bool:
    """Tell whether one of the fields stands in the NFO or in the name, however it is spelled.

    Where the metadata know none of them, nobody can tell.
    """
    values = [normal(value) for name in names if (value := value_of(release, name))]
    where = normal(f"{release.nfo[:MOST_READ]} {release.name}")
    return not values or any(value in where for value in values)


def value_of(release: Release, name: str) -> str:
    if name == "released_on":
        return release.released_on.isoformat()
    value = str(release.metadata.get(name) or "")
    return description.language_name(value) if name == "language" and value else value
