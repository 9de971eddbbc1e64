"""Texts to look at, whoever made them; nothing is kept."""

import re
import zlib
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from releases import copies, template_files
from releases.actions.refusal import Refused, told
from releases.bucket import StoreAway
from releases.models import Artifact, Release
from releases.packing import PackingError, diz, foreign

WEB_PAGE = re.compile(
    r"\s*<(?:!--|!doctype\b|\?xml\b|/?(?:html|head|meta|title|script|body|div|table|pre|p)\b)",
    re.IGNORECASE,
)
MOST_DIZ_BYTES = 1 << 16
UNREADABLE = (OSError, BadZipFile, zlib.error, RuntimeError, NotImplementedError)
"""What the reader of ZIPs raises for those that are damaged, encrypted or packed strangely."""


def read_nfo(data: bytes, encoding: str = "") -> foreign.Imported:
    """Read an NFO of any make; without `encoding`, find it.

    Raises:
        Refused: it is no text, a web page, too large, or not in that encoding.
    """
    try:
        found = foreign.imported(data, encoding)
    except PackingError as error:
        raise Refused(told(error)) from error
    if WEB_PAGE.match(found.text):
        raise Refused(_("The file is a web page: save the NFO itself, then send that."))
    return found


def read_artifact(artifact: Artifact) -> foreign.Imported:
    """Read a text of a release, as it lies on the disk now.

    Raises:
        Refused: it cannot be read, or is no text any more.
    """
    have_package(artifact.release)
    try:
        data = template_files.read(artifact.file)
    except OSError as error:
        reason = {"file": artifact.place, "reason": error.strerror}
        raise Refused(_("%(file)s cannot be read: %(reason)s") % reason) from error
    return read_nfo(data)


def have_package(release: Release) -> None:
    """See that the files of `release` lie here.

    Raises:
        Refused: the store that holds them is away.
    """
    try:
        copies.have_package(release)
    except StoreAway as error:
        raise Refused(told(error)) from error


def read_diz(release: Release) -> foreign.Imported:
    """Read the description in the first volume of a release.

    Raises:
        Refused: there is none, or the volume is not as it was packed.
    """
    volumes = release.artifacts.filter(kind="volume", path__iendswith=".zip")
    volume = volumes.order_by("path").first()
    if volume is None:
        raise Refused(_("No volume of this release is a ZIP: none holds a description."))
    have_package(release)
    try:
        data = packed_diz(volume)
    except UNREADABLE as error:
        reason = {"file": volume.place, "reason": getattr(error, "strerror", None) or error}
        raise Refused(_("%(file)s cannot be read: %(reason)s") % reason) from error
    return read_nfo(data)


def packed_diz(volume: Artifact) -> bytes:
    """Return the description in a ZIP, as much of it as is ever due."""
    if volume.file.stat().st_size != volume.size:
        raise BadZipFile(_("it has another size than when it was packed"))
    with ZipFile(volume.file) as archive:
        names = [name for name in archive.namelist() if name.lower() == diz.NAME]
        if not names:
            raise BadZipFile(_("it holds no file_id.diz"))
        with archive.open(names[0]) as entry:
            return entry.read(MOST_DIZ_BYTES)
