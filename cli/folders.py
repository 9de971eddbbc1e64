"""The folder that a command reads."""

from pathlib import Path

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop


def release_folder(path: Path) -> Path:
    """Return the folder at `path`, whole.

    Raises:
        Stop: there is none.
    """
    folder = path.resolve()
    if not folder.exists():
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not there.") % {"path": path})
    if not folder.is_dir():
        raise Stop(Exit.INVALID, _("%(path)s is not the folder of a release.") % {"path": path})
    return folder
