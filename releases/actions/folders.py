"""What one can do with the files of the server's folder; see docs/sources.md."""

from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.system import system
from releases import folder
from releases.actions.refusal import Refused
from releases.actions.sources import discard_source, register_source
from releases.folder import Entry, Listing, NotThere, Order, Place
from releases.models import Source
from releases.uploads import too_large

SHARED = "shared"
"""The folder whose files are everybody's."""


def browse(
    path: str, *, by: User, search: str = "", order: Order = Order.NAME, page: int = 1
) -> Listing:
    """Return one page of the folder at `path`, as far as `by` may look into it.

    Raises:
        PermissionDenied: `by` may not make releases.
        NotThere: there is none, or it is somebody else's.
    """
    require(by, "releases", "write")
    require_reach(path, by)
    if path or by.is_admin:
        return folder.listing(settings.INBOX_DIR, path, search=search, order=order, page=page)
    own = [Entry(name, name, is_folder=True) for name in reachable_folders(by)]
    found = [entry for entry in own if folder.matches(entry.name, search)]
    return Listing(path="", entries=found, total=len(found), page=1, pages=1)


def reachable_folders(user: User) -> list[str]:
    """Return the folders at the top that are of `user`, or of all."""
    return [
        name
        for name in dict.fromkeys([user.username, SHARED])
        if folder.is_name(name) and folder.has_folder(settings.INBOX_DIR, name)
    ]


def own_place(user: User) -> str:
    """Return where `user` puts files: administrators know the path, others their folder's name."""
    if user.is_admin:
        return str(settings.INBOX_DIR)
    return user.username if folder.is_name(user.username) else ""


def require_reach(path: str, by: User) -> None:
    """Make sure that `by` may know of what lies at `path`.

    Raises:
        NotThere: it is for others, or not for anybody.
    """
    names = folder.parts_of(path)
    if names and not by.is_admin and names[0] not in {by.username, SHARED}:
        raise NotThere


def choose_from_folder(path: str, *, by: User) -> Source:
    """Note the file at `path` of the server's folder as a source; it stays where it is.

    Raises:
        PermissionDenied: `by` may not make releases.
        NotThere: no plain file lies there for `by`.
        Refused: it is empty, too large, or cannot be read.
    """
    require(by, "releases", "write")
    require_reach(path, by)
    place = folder.located(settings.INBOX_DIR, path)
    return known_source(place, by) or registered(path, place, by=by)


def known_source(place: Place, by: User) -> Source | None:
    """Return what the file was noted as before, if it did not change since."""
    noted = Source.objects.filter(created_by=by).lying_at(place.path)
    return next((source for source in noted if source.is_as_registered()), None)


def registered(path: str, place: Place, *, by: User) -> Source:
    """Note the file found at `path`, unless another was put there while it was read.

    Raises:
        Refused: see `choose_from_folder`.
    """
    refuse_too_large(place.path, place.size)
    source = register_source(place.path, by=by)
    try:
        if folder.located(settings.INBOX_DIR, path) != replace(place, path=Path(source.local_path)):
            raise NotThere
    except NotThere:
        discard_source(source)
        raise Refused(
            _("%(name)s changed while it was read: wait until it is whole, then choose it again.")
            % {"name": source.name}
        ) from None
    return source


def refuse_too_large(path: Path, size: int) -> None:

    if size > system().max_file_bytes:
        raise Refused(too_large(size))
