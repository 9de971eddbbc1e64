"""The NFO and the name that follow from what is known of a release."""

from typing import Any

from releases import description
from releases.actions.making import rendered_nfo
from releases.actions.mending.aims import as_new, changed
from releases.actions.refusal import Refused, told
from releases.models import NfoTemplate, Release
from releases.packing import NamingError


def rendered(
    release: Release, template: NfoTemplate | None = None, template_text: str = ""
) -> Release:
    """Return the release with its NFO rendered anew, from its own template or from another one.

    Raises:
        Refused: the template, or what it needs, is not right.
    """
    chosen = changed(release, nfo_template=template) if template else release
    new = as_new(chosen, template_text=template_text)
    return changed(
        chosen,
        nfo=rendered_nfo(new),
        nfo_encoding=new.template.encoding,
        nfo_template=new.template,
        nfo_template_name=new.template.name,
        nfo_template_version=new.template.version,
        nfo_is_own=bool(template_text),
    )


def made_name(release: Release) -> str:
    """Return the name that the metadata of `release` make.

    Raises:
        Refused: they make none.
    """
    try:
        return description.release_name(
            release.type, release.metadata, form=release.source.format, group=release.group.tag
        )
    except NamingError as error:
        raise Refused(told(error)) from error


def renamed(release: Release, name: str) -> Release:
    """Return the release under another name; the volumes of a video are called as it is."""
    follows = release.volume_base == release.name.lower()
    base = name.lower() if follows else release.volume_base
    return changed(release, name=name, volume_base=base)


def with_metadata(release: Release, given: dict[str, Any], source: str) -> Release:
    """Return the release with other metadata, and the name that follows from them.

    A name that did not follow from its metadata stays.
    """
    metadata = {**release.metadata, **given}
    sources = {**release.metadata_sources, **dict.fromkeys(given, source)}
    after = changed(
        release,
        metadata={name: value for name, value in metadata.items() if value not in ("", None)},
        metadata_sources=sources,
        title=str(metadata.get("title") or ""),
    )
    return renamed(after, made_name(after)) if is_named_by_metadata(release) else after


def is_named_by_metadata(release: Release) -> bool:
    try:
        return made_name(release) == release.name
    except Refused:
        return False
