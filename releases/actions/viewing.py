"""Texts to look at, whoever made them; nothing is kept."""

import re

from django.utils.translation import gettext as _

from releases import template_files
from releases.actions.refusal import Refused, told
from releases.models import Artifact
from releases.packing import PackingError, foreign

WEB_PAGE = re.compile(
    r"\s*<(?:!--|!doctype\b|\?xml\b|/?(?:html|head|meta|title|script|body|div|table|pre|p)\b)",
    re.IGNORECASE,
)


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
    try:
        data = template_files.read(artifact.file)
    except OSError as error:
        reason = {"file": artifact.place, "reason": error.strerror}
        raise Refused(_("%(file)s cannot be read: %(reason)s") % reason) from error
    return read_nfo(data)
