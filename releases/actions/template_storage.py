"""Where the texts of the templates lie, and their move from the database to a folder and back."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import require
from jobs.lease import Lease
from jobs.models import Job, JobLog
from jobs.queue import Busy, enqueue, record
from releases import template_files
from releases.actions.refusal import Refused
from releases.actions.template_imports import read_template
from releases.actions.template_texts import (
    NewTemplate,
    WrongField,
    check,
    check_content,
    note_version,
    sum_of,
    text_at,
    unwritable,
)
from releases.models import NfoTemplate, TemplateStorage

DB, DISK = TemplateStorage.Place.DB, TemplateStorage.Place.DISK
SUBJECT = "templates"
ATTEMPTS = 5
"""How often a move begins again where templates are changed while it writes."""


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one template, or of one file that is none yet."""

    new: NewTemplate
    template: NfoTemplate | None
    state: str
    """``same``, ``edited`` (in its file), ``new`` (a file without a template) or ``refused``."""
    origin: str = ""
    """The file that it had, or that it is made of."""
    reason: str = ""
    """Why that is refused."""
    file: str = ""
    """The file that it gets; empty: it goes to the database."""

    @property
    def is_kept(self) -> bool:
        return self.state != "refused" or self.template is not None


class Outrun(Exception):
    """A template was changed while its text was being moved."""


def request_migration(place: str, disk_path: str, *, by: User, at_once: bool = False) -> Job:
    """Queue the move of all texts to `place`, and return the job to watch.

    `at_once` records the job without waking a worker, for a caller that will run it itself.

    Raises:
        PermissionDenied: `by` may not modify the configuration.
        Refused: the folder is not allowed, they lie there already, or are being moved.
    """
    folder = allowed_target(place, disk_path, by=by)
    ask = record if at_once else enqueue
    try:
        return ask("migrate", by=by, subject=SUBJECT, folder=str(folder or ""))
    except Busy as busy:
        raise Refused(_("The texts are being moved already: wait until that is over.")) from busy


def planned_migration(place: str, disk_path: str, *, by: User) -> list[Move]:
    """Return what `request_migration` would have done, template by template.

    Raises:
        PermissionDenied: `by` may not modify the configuration.
        Refused: it would be refused, or a file cannot be read.
    """
    return planned(allowed_target(place, disk_path, by=by))


def allowed_target(place: str, disk_path: str, *, by: User) -> Path | None:
    require(by, "config", "mod")
    folder = target_folder(place, disk_path)
    if is_there(folder):
        raise WrongField("storage", _("The texts lie there already."))
    return folder


def target_folder(place: str, disk_path: str) -> Path | None:
    """Return the folder to move to, None for the database.

    Raises:
        WrongField: it lies outside the folders that the settings allow.
    """
    if place not in TemplateStorage.Place.values:
        choices = ", ".join(TemplateStorage.Place.values)
        raise WrongField("storage", _("Choose one of: %(choices)s.") % {"choices": choices})
    if place == DB:
        return None
    roots = [Path(root).resolve() for root in settings.TEMPLATE_ROOTS]
    folder = Path(disk_path).resolve() if disk_path else roots[0]
    if not any(folder.is_relative_to(root) for root in roots):
        sentence = _("%(folder)s is not allowed: choose a folder in %(roots)s.")
        names = ", ".join(map(str, roots))
        raise WrongField("disk_path", sentence % {"folder": disk_path, "roots": names})
    return folder


def is_there(folder: Path | None) -> bool:
    current = TemplateStorage.current()
    return (current.folder.resolve() if current.is_disk else None) == folder


def migrate_templates(lease: Lease, *, folder: str) -> dict[str, Any]:
    """Do the move that a job stands for. For workers.

    Running twice does no harm. Whatever happens before the switch leaves all as it was, but for
    new files in the new folder.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: a file cannot be read or written.
    """
    require(lease.job.by, "config", "mod")
    target = Path(folder) if folder else None
    moves: list[Move] = []
    for _attempt in range(ATTEMPTS):
        if is_there(target):  # switched by an attempt that died before it could say so
            break
        moves = planned(target)
        lease.enter("write")
        write(lease, moves, target)
        lease.enter("switch")
        with suppress(Outrun):
            switch(moves, target, by=lease.job.by)
            break
    else:
        raise Refused(_("Templates are changed all the time: try again when they are not."))
    tell(lease, moves)
    return {"templates": len(moves), "storage": DISK if target else DB}


def planned(folder: Path | None) -> list[Move]:
    """Return what a move into `folder`, or into the database, does, template by template.

    Raises:
        Refused: a file cannot be read.
    """
    current = TemplateStorage.current()
    templates = list(NfoTemplate.objects.select_related("rule").order_by("pk"))
    moves = [known_move(template, current.folder) for template in templates]
    if current.is_disk:
        moves += new_moves(current.folder, templates)
    return list(with_files(moves)) if folder else moves


def known_move(template: NfoTemplate, folder: Path) -> Move:
    new = NewTemplate.of(template)
    path = folder / template.file
    try:
        found = text_at(path) if template.file else None
    except OSError as error:
        raise unreadable(path, error) from error
    if found is None or found == new.content or sum_of(found) == template.file_sum:
        return Move(new, template, "same", template.file)
    try:
        check_content(found)
    except Refused as refusal:
        return Move(new, template, "refused", template.file, str(refusal))
    return Move(replace(new, content=found), template, "edited", template.file)


def unreadable(path: Path, error: OSError) -> Refused:
    sentence = _("%(path)s cannot be read (%(reason)s): mend that, then try again.")
    return Refused(sentence % {"path": path, "reason": error.strerror})


def new_moves(folder: Path, templates: list[NfoTemplate]) -> Iterator[Move]:
    """Yield what becomes of the files that somebody put beside those of the templates."""
    owned = {template.file for template in templates}
    taken = {template.name for template in templates}
    for file in template_files.names(folder):
        if file not in owned:
            move = new_move(folder / file, taken)
            taken.add(move.new.name)
            yield move


def new_move(path: Path, taken: set[str]) -> Move:
    try:
        found = read_template(template_files.read(path), path.name).new
        new = replace(found, is_system=True).named_unlike(taken)
        check(new)
    except OSError as error:
        raise unreadable(path, error) from error
    except Refused as refusal:
        unread = NewTemplate(name=path.name, content="")
        return Move(unread, None, "refused", path.name, str(refusal))
    return Move(new, None, "new", path.name)


def with_files(moves: list[Move]) -> Iterator[Move]:
    """Yield `moves` with the names of their files; a template keeps the one that it has."""
    taken = {move.origin for move in moves}
    for move in moves:
        file = move.origin or template_files.file_name(move.new.name, taken)
        taken.add(file)
        yield replace(move, file=file) if move.is_kept else move


def write(lease: Lease, moves: list[Move], folder: Path | None) -> None:
    """Write the files of `moves` to `folder`, whole; what lies there in their way is kept."""
    texts = {move.file: move.new.content for move in moves if move.file}
    if folder is None or not texts:
        return
    try:
        for kept in template_files.write(folder, texts):
            lease.log(_("What lay there before is kept as %(name)s") % {"name": kept})
    except OSError as error:
        raise unwritable(folder, error) from error


def switch(moves: list[Move], folder: Path | None, *, by: User) -> None:
    """Make the new place the one in force, with all that was found in the old one.

    Raises:
        Outrun: a template is not what was written any more.
    """
    left = TemplateStorage.current()
    place = {"storage": DISK, "disk_path": str(folder)} if folder else {"storage": DB}
    kept = [move for move in moves if move.is_kept]
    try:
        with transaction.atomic():
            TemplateStorage.objects.update_or_create(pk=left.pk, defaults=place)
            for move in kept:
                settle(move, by=by)
            if NfoTemplate.objects.count() != len(kept):
                raise Outrun
    except IntegrityError as error:  # a template was made with a name that a file has
        raise Outrun from error
    with suppress(OSError):  # what nobody reads any more does no harm where it is
        template_files.put_away(left.folder / move.origin for move in kept if move.origin)


def settle(move: Move, *, by: User) -> None:
    """Bring the row of `move` to what was written, or make it."""
    template = move.template or NfoTemplate(created_by=by, **move.new.columns())
    seen = template.version
    template.file = move.file
    template.file_sum = sum_of(move.new.content) if move.file else ""
    if move.template is None:
        template.save(force_insert=True)
        note_version(template, by=by)
        return
    template.version += move.state == "edited"
    template.content = move.new.content
    columns = {name: getattr(template, name) for name in ("file", "file_sum", "version", "content")}
    if not NfoTemplate.objects.filter(pk=template.pk, version=seen).update(**columns):
        raise Outrun
    if move.state == "edited":
        note_version(template, by=None)


def tell(lease: Lease, moves: list[Move]) -> None:
    for move in moves:
        if move.reason:
            sentence = _("%(name)s: its file is not taken over. %(reason)s")
            lease.log(
                sentence % {"name": move.new.name, "reason": move.reason}, JobLog.Level.WARNING
            )
    count = sum(move.is_kept for move in moves)
    lease.log(ngettext("%(count)d text moved", "%(count)d texts moved", count) % {"count": count})


def lies_there(place: str, disk_path: str) -> bool:
    """Tell whether the texts lie in `place` already; without a folder, in any.

    Raises:
        WrongField: the folder is not allowed.
    """
    current = TemplateStorage.current()
    if current.storage != place:
        return False
    return not disk_path or is_there(target_folder(place, disk_path))
