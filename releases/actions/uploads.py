"""What one can do to an upload: a file that arrives in pieces, through cuts and restarts."""

import errno
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from functools import partial
from io import FileIO
from itertools import chain
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import transaction
from django.db.models import Sum as Total
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.permissions import require
from accounts.system import system
from releases.actions.refusal import Refused
from releases.actions.sources import keep_examined
from releases.arriving import SUMS, Hold, NotFree, Sum
from releases.models import Source, Upload
from releases.templating import format_size
from releases.uploads import Cut, free_bytes, no_space, too_large

NAME_LENGTH = 255
RECORD_EVERY_BYTES = 64 << 20
RECORD_EVERY_S = 2.0
"""How much, and how long, may have to be sent again after the death of this process."""
CHECKSUMS = ("sha1", "sha256", "md5")
SWEPT_AT_ONCE = 1000
ARRIVING, FETCHED = ".arriving-*", ".*.fetched"
ELSEWHERE = gettext_noop("The bytes do not begin where what has arrived ends.")

Kept = Callable[[Source], None]
"""Hears of a whole file, in the transaction that makes its row; may refuse it."""

logger = logging.getLogger(__name__)


class TooLarge(Refused):
    """More than is accepted, or more than was announced."""


class NoRoom(Refused):
    """The disk, or the user's share of it, has no room."""


class Elsewhere(Refused):
    """The bytes do not begin where what has arrived ends."""


class Held(Refused):
    """Somebody else adds to it just now."""


class Corrupt(Refused):
    """The bytes are not those that were sent."""


@transaction.atomic
def begin_upload(name: str, size: int, *, by: User, subject: str = "") -> Upload:
    """Make room for a file of `size` bytes that will arrive in pieces.

    Raises:
        PermissionDenied: `by` may not make releases.
        TooLarge: it is larger than any file may be.
        NoRoom: the disk or the user's quota has no room, counting what other uploads still need.
        Refused: it has no name, or is empty.
    """
    require(by, "releases", "write")
    named = safe_name(name)
    if not named:
        raise Refused(_("The file has no name: give it one."))
    if not size:
        raise Refused(_("%(name)s is empty: choose another file.") % {"name": named})
    if size > system().max_file_bytes:
        raise TooLarge(too_large(size))
    User.objects.select_for_update().get(pk=by.pk)  # two uploads begun at once share one quota
    refuse_over_quota(size, by=by)
    refuse_without_room(size)
    return Upload.objects.create(name=named, size=size, created_by=by, subject=subject)


def safe_name(name: str) -> str:
    """Return the file name in `name`, without folders and what cannot be printed."""
    last = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(character for character in last if character.isprintable()).strip()
    if printable in {"", ".", ".."}:
        return ""
    ending = PurePosixPath(printable).suffix[:20]
    return printable.removesuffix(ending)[: NAME_LENGTH - len(ending)] + ending


def refuse_over_quota(size: int, *, by: User) -> None:
    """Make sure that a file of `size` bytes fits into the user's share of the disk.

    Raises:
        NoRoom: it does not.
    """
    if not settings.UPLOAD_QUOTA_BYTES:
        return
    kept = Source.objects.filter(created_by=by, local_path="").aggregate(total=Total("size"))
    coming = Upload.objects.filter(created_by=by).aggregate(total=Total("size"))
    used = (kept["total"] or 0) + (coming["total"] or 0)
    if used + size > settings.UPLOAD_QUOTA_BYTES:
        raise NoRoom(
            _(
                "Your files may take %(quota)s, and take %(used)s: this one needs %(need)s. "
                "Discard what you no longer need, or ask an administrator for more."
            )
            % {
                "quota": format_size(settings.UPLOAD_QUOTA_BYTES),
                "used": format_size(used),
                "need": format_size(size),
            }
        )


def refuse_without_room(size: int) -> None:
    system().uploads.mkdir(parents=True, exist_ok=True)
    free = free_bytes() - Upload.objects.under_way().missing_bytes()
    if size > free:
        raise NoRoom(no_space(size, max(0, free)))


def append_to_upload(
    upload: Upload,
    pieces: Iterable[bytes],
    *,
    offset: int,
    by: User,
    checksum: tuple[str, bytes] | None = None,
    kept: Kept | None = None,
) -> Source | None:
    """Add `pieces` at `offset` to what has arrived; return the source of a file that is whole.

    With a `checksum`, an algorithm and a digest, the pieces are taken all or not at all.

    Raises:
        PermissionDenied: `by` may not make releases.
        Held: somebody else adds to it just now.
        Elsewhere: what has arrived does not end at `offset`.
        TooLarge: there are more pieces than was announced.
        NoRoom: the disk is full; what fitted is kept.
        Corrupt: the pieces do not have their checksum.
        Cut: they ended early; what came is kept.
        Refused: the whole file cannot be used: nothing of it is kept.
    """
    require(by, "releases", "write")
    if look_after(upload).received != offset:
        raise Elsewhere(_(ELSEWHERE))
    try:
        with Hold(upload) as hold:
            return Addition(upload, hold, checksum).take(pieces, kept)
    except NotFree as error:
        raise why_not_free(upload) from error


def why_not_free(upload: Upload) -> Refused:
    now = Upload.objects.filter(pk=upload.pk).values_list("received", flat=True).first()
    if now is None:
        return Elsewhere(_("This upload is over."))
    if now != upload.received:
        return Elsewhere(_(ELSEWHERE))
    return Held(_("This upload is received over another connection already."))


class Addition:
    """Pieces that are being added to an upload which is held."""

    def __init__(self, upload: Upload, hold: Hold, checksum: tuple[str, bytes] | None) -> None:
        self.upload, self.hold, self.checksum = upload, hold, checksum
        self.arrived = upload.received
        self.recorded_at = time.monotonic()
        self.digest = hashlib.new(checksum[0]) if checksum else None

    def take(self, pieces: Iterable[bytes], kept: Kept | None) -> Source | None:
        with ExitStack() as cleaning:
            file = cleaning.enter_context(opened(self.upload))
            summing = SUMS.take(self.upload).follow(self.upload.received)
            cleaning.callback(self._rest, summing)
            self._write(file, summing, pieces)
            if self.arrived == self.upload.size:
                self._settle(file)
                summing.reach(self.arrived)
                return finish(self.upload, self.hold, summing.finish(), kept)
            self._record(file)
        return None

    def _rest(self, summing: Sum) -> None:
        """Keep what was summed for the next pieces, unless bytes are in it that never count."""
        summing.pause()
        if summing.done <= self.upload.received:
            SUMS.keep(self.upload, summing)

    def _write(self, file: FileIO, summing: Sum, pieces: Iterable[bytes]) -> None:
        """Write `pieces`; where they end early, or the disk does, record those that lie there."""
        try:
            for piece in pieces:
                self._add(file, piece)
                self._report(file, summing)
        except Cut:
            if self.arrived < self.upload.size or self.digest:
                self._record_early(file)
                raise
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            with suppress(OSError):
                self._record_early(file)
            raise NoRoom(no_space(self.upload.size - self.arrived)) from error
        self._verify()

    def _add(self, file: FileIO, piece: bytes) -> None:
        self.hold.check()
        if self.arrived + len(piece) > self.upload.size:
            raise TooLarge(_("More arrived than was announced."))
        left = memoryview(piece)
        while left:
            written = file.write(left) or 0
            self.arrived += written
            left = left[written:]
        if self.digest:
            self.digest.update(piece)

    def _report(self, file: FileIO, summing: Sum) -> None:
        if self.digest:
            return
        summing.reach(self.arrived)
        is_due = time.monotonic() - self.recorded_at >= RECORD_EVERY_S
        if is_due or self.arrived - self.upload.received >= RECORD_EVERY_BYTES:
            self._record(file)

    def _verify(self) -> None:
        if self.checksum and self.digest and self.digest.digest() != self.checksum[1]:
            raise Corrupt(_("The bytes arrived damaged: send them again."))

    def _record_early(self, file: FileIO) -> None:
        """Note what has arrived of pieces that ended too soon, if they may be taken in part."""
        if not self.digest:
            self._record(file)

    def _record(self, file: FileIO) -> None:
        """Note what has arrived once it lies safely on the disk, but for the very last byte.

        An upload that is noted whole would be held for finished, though it is not yet a source.
        """
        self._settle(file)
        self.hold.record(min(self.arrived, self.upload.size - 1))
        self.recorded_at = time.monotonic()

    def _settle(self, file: FileIO) -> None:
        os.fdatasync(file.fileno())


def opened(upload: Upload) -> FileIO:
    """Open what has arrived to add to it, without what was written and never recorded."""
    system().uploads.mkdir(parents=True, exist_ok=True)
    file = FileIO(os.open(upload.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+")
    file.truncate(upload.received)
    file.seek(upload.received)
    return file


def finish(upload: Upload, hold: Hold, sha256: str, kept: Kept | None) -> Source:
    """Make a source of a file that is whole; what cannot be used is kept nowhere.

    The upload stays until the row of the source is there, so that a death on the way costs no
    more than its last bytes.
    """
    source = Source(
        handle=upload.handle,
        name=upload.name,
        size=upload.size,
        sha256=sha256,
        created_by=upload.created_by,
    )
    source.path.unlink(missing_ok=True)
    source.path.hardlink_to(upload.path)
    try:
        keep_examined(source, partial(replace, upload, hold, source, kept))
    except Refused:
        hold.ours().delete()
        upload.path.unlink(missing_ok=True)
        raise
    upload.path.unlink(missing_ok=True)
    return source


@transaction.atomic
def replace(upload: Upload, hold: Hold, source: Source, kept: Kept | None) -> None:
    """Put the row of `source` in the place of the upload's.

    Raises:
        NotFree: the upload was given up, or taken by another.
    """
    if not hold.ours().delete()[0]:
        raise NotFree
    source.save()
    if kept:
        kept(source)


def abandon_upload(upload: Upload) -> None:
    """Forget an upload and what has arrived of it."""
    Upload.objects.filter(pk=upload.pk).delete()
    upload.path.unlink(missing_ok=True)


def look_after(upload: Upload) -> Upload:
    """Return `upload` as far as its file really goes: a power cut may have cost its end, or it."""
    there = upload.path.stat().st_size if upload.path.exists() else 0
    if there < upload.received and Upload.objects.free().filter(
        pk=upload.pk, received=upload.received
    ).update(received=there):
        upload.received = there
    return upload


def sweep_expired() -> int:
    """Forget uploads that are expired, and their files; return how many.

    A file of no upload goes as well, once it is as old as that.
    """
    swept = 0
    for upload in Upload.objects.expired()[:SWEPT_AT_ONCE]:
        if Upload.objects.expired().filter(pk=upload.pk).delete()[0]:
            upload.path.unlink(missing_ok=True)
            swept += 1
    sweep_orphans()
    return swept


def is_older(path: Path, moment: float) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < moment
    return False


def sweep_orphans() -> None:
    if not (expiry_s := system().upload_expiry_s):
        return
    expired_at = time.time() - expiry_s
    found = chain.from_iterable(map(system().uploads.glob, (ARRIVING, FETCHED)))
    orphans = [path for path in found if is_older(path, expired_at)]
    if not orphans:
        return
    known = {upload.path for upload in Upload.objects.all()}
    for path in orphans:
        if path not in known:
            logger.warning("%s belongs to no upload and is removed", path)
            path.unlink(missing_ok=True)
