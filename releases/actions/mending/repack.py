"""The same release, built anew: as it was, or with other options and metadata."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from releases import edits
from releases.actions.knowledge import checked_metadata
from releases.actions.making import METADATA_FIELDS
from releases.actions.mending.aims import Aim, changed
from releases.actions.mending.proposal import Change
from releases.actions.mending.rendering import rendered, with_metadata
from releases.actions.refusal import Refused
from releases.actions.schemes import refuse_other_scheme
from releases.labels import PERSON
from releases.models import NfoTemplate, Release

COLUMNS = {
    "format": gettext_noop("The format %(old)s becomes %(new)s."),
    "volume_bytes": gettext_noop("Volumes of %(old)s bytes become volumes of %(new)s bytes."),
    "rar_version": gettext_noop("RAR %(old)s becomes RAR %(new)s."),
    "name": gettext_noop("The folder %(old)s becomes %(new)s."),
}
"""How a column that is changed is told."""
FIELD = gettext_noop("The field %(field)s, %(old)s, becomes %(new)s.")
ADDED = gettext_noop("The field %(field)s becomes %(new)s.")
REMOVED = gettext_noop("The field %(field)s, %(old)s, is taken out.")
TOLD_IN_NFO = {"format", "volume_bytes"}
"""The columns that the NFO of a template may tell."""


def aim(release: Release, options: Mapping[str, Any]) -> Aim:
    """Return the release as the options make it; what they leave out, as its edits do."""
    options = edits.to_options({**release.edits, **edits.from_options(options)})
    after = edited(release, options.get("metadata", {}))
    after = changed(after, **columns_of(release, options), edits={})
    after = with_nfo(release, after, options)
    found = (
        *column_changes(release, after),
        *metadata_changes(release, after),
        *nfo_changes(release, after),
    )
    anew = Change(gettext_noop("The package is built anew."))
    return Aim(release=after, changes=(*found, anew), remarks=tuple(remarks(release, after)))


def edited(release: Release, metadata: Mapping[str, Any]) -> Release:
    """Return the release with what a person says of the work.

    Raises:
        WrongFields: there is no such field, or its value cannot be one.
    """
    given = checked_metadata(metadata)
    return with_metadata(release, given, PERSON) if given else release


def columns_of(release: Release, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that are asked for.

    Raises:
        Refused: the rule, or packing as such, does not allow one.
    """
    asked = {name: options[name] for name in ("format", "generate_sfv") if name in options}
    asked |= {name: options[name] for name in ("volume_bytes", "rar_version") if options.get(name)}
    form = asked.get("format", release.format)
    if form not in Release.Format.values:
        raise Refused(_("%(format)s is no format: choose ZIP or RAR.") % {"format": form})
    if form != release.format:
        refuse_other_scheme(release.rule, form)
    version = asked.get("rar_version", release.rar_version)
    if version != release.rar_version and version not in release.rule.spec.rar_versions:
        raise Refused(
            _("%(rule)s does not allow RAR %(version)s.")
            % {"rule": release.rule.name, "version": version}
        )
    return asked


def with_nfo(release: Release, after: Release, options: Mapping[str, Any]) -> Release:
    """Render the NFO anew where something that it may tell is another; one's own text stays."""
    template, text = template_of(options), str(options.get("text") or "")
    is_other = after.metadata != release.metadata or any(
        getattr(after, name) != getattr(release, name) for name in TOLD_IN_NFO | {"name"}
    )
    if template or text or (is_other and not release.nfo_is_own):
        return rendered(after, template, text)
    return after


def template_of(options: Mapping[str, Any]) -> NfoTemplate | None:
    key = options.get("template")
    if not key:
        return None
    template = NfoTemplate.objects.filter(pk=key).first()
    if template is None:
        raise Refused(_("The template is gone: choose another."))
    return template


def column_changes(release: Release, after: Release) -> Iterator[Change]:
    for name, template in COLUMNS.items():
        old, new = getattr(release, name), getattr(after, name)
        if old != new:
            yield Change(template, {"old": old, "new": new})
    if release.generate_sfv != after.generate_sfv:
        yield Change(
            gettext_noop("SFV and SHA-256 manifest are written beside the folder.")
            if after.generate_sfv
            else gettext_noop("SFV and SHA-256 manifest beside the folder are left out.")
        )


def nfo_changes(release: Release, after: Release) -> Iterator[Change]:
    if release.nfo != after.nfo:
        yield Change(gettext_noop("The NFO is rendered anew from its template."))


def metadata_changes(release: Release, after: Release) -> Iterator[Change]:
    """Yield what becomes of each field; `field` is the name that programs know it by."""
    for name in METADATA_FIELDS:
        old, new = release.metadata.get(name), after.metadata.get(name)
        if (old or "") != (new or ""):
            template = FIELD if old and new else ADDED if new else REMOVED
            yield Change(template, {"field": name, "old": short(old), "new": short(new)})


def short(value: Any, most: int = 200) -> str:
    text = str(value or "")
    return text if len(text) <= most else f"{text[:most]}…"


def remarks(release: Release, after: Release) -> Iterator[Change]:
    is_other = after.metadata != release.metadata or after.volume_bytes != release.volume_bytes
    if is_other and after.nfo == release.nfo and release.nfo_is_own:
        yield Change(gettext_noop("The text of the NFO is your own: it stays as it is."))
