"""The release that the NFO in its folder tells of."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from releases.actions.mending.aims import Aim, changed, nfo_bytes
from releases.actions.mending.nfofix import is_binary, text_of
from releases.actions.mending.proposal import Change
from releases.actions.mending.rendering import rendered, with_metadata
from releases.actions.mending.repack import column_changes, metadata_changes, nfo_changes
from releases.actions.refusal import Refused
from releases.identity import normal
from releases.models import Release
from releases.nfo_reading import LABELS, read_fields

NFO = "nfo"
"""Who says what was read, in `metadata_sources`."""


def aim(release: Release, options: Mapping[str, Any]) -> Aim:
    """Return the release with the metadata that its NFO tells.

    Raises:
        Refused: no NFO can be read there, or it tells nothing.
    """
    data = nfo_bytes(release)
    if data is None or is_binary(data):
        raise Refused(_("The NFO in the folder cannot be read: mend it first."))
    text = text_of(release)
    found = read_fields(text)
    if not found:
        raise Refused(_("The NFO tells nothing that can be read: no line has a known label."))
    wanted = options.get("fields", LABELS)
    taken = {name: value for name, value in found.items() if is_other(release, name, value)}
    taken = {name: value for name, value in taken.items() if name in wanted}
    after = changed(with_metadata(release, taken, NFO), nfo=text)
    changes = [*column_changes(release, after), *metadata_changes(release, after)]
    if options.get("rerender"):
        after = rendered(after)
        changes += nfo_changes(release, after)
    elif text != release.nfo:
        changes.append(Change(gettext_noop("The text of the NFO is taken as it lies there.")))
    return Aim(release=after, changes=tuple(changes), remarks=tuple(untold(release, found)))


def is_other(release: Release, name: str, value: Any) -> bool:
    """Tell whether `value` says more than another spelling of what is known."""
    known = str(release.metadata.get(name) or "")
    if name == "language":
        return known.partition("-")[0] != str(value).partition("-")[0]
    return known != str(value) and (not known or normal(known) != normal(str(value)))


def untold(release: Release, found: Mapping[str, Any]) -> Iterator[Change]:
    for name in LABELS:
        if release.metadata.get(name) and name not in found:
            said = gettext_noop("The NFO does not tell the field %(field)s: what is known stays.")
            yield Change(said, {"field": name})
