"""How a file arrives over the web: straight into the uploads folder, hashed on its way."""

import errno
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

from accounts.system import system
from releases.templating import format_size

MARGIN_BYTES = 16 << 20
"""Room to leave on the disk for the database and the logs."""
FORM_BYTES = 1 << 20
"""What the rest of a form may weigh beside the file."""


class Cut(Exception):
    """The rest of the bytes did not come."""


class Received(UploadedFile):  # type: ignore[type-arg]  # generic in the stub alone
    """A whole file in the uploads folder, gone when it is closed unless somebody keeps it."""

    def __init__(self, file: Any, name: str, size: int, sha256: str) -> None:
        super().__init__(file=file, name=name, size=size)
        self.whole = file
        self.sha256 = sha256

    def keep_as(self, path: Path) -> None:
        """Give the file a second name that outlives this one."""
        self.whole.flush()
        os.fsync(self.whole.fileno())
        path.hardlink_to(self.whole.name)


class SourceUploadHandler(FileUploadHandler):
    """Writes uploads where they will stay, and refuses early what cannot be kept.

    A refusal is told by `request.upload_refusal`, a sentence: the other fields of the form are
    read all the same, so that the page can be shown again with nothing lost.
    """

    def handle_raw_input(  # type: ignore[override]  # we need but one of its six
        self, input_data: Any, meta: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        system().uploads.mkdir(parents=True, exist_ok=True)
        self.body_bytes = content_length
        self.refusal = refusal(content_length)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.refusal:
            self._skip(self.refusal)
        self.sha256 = hashlib.sha256()
        self.file = tempfile.NamedTemporaryFile(  # noqa: SIM115  # closed by its UploadedFile
            dir=system().uploads, prefix=".upload-"
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > system().max_file_bytes:
            self._skip(too_large(self.body_bytes))
        try:
            self.file.write(raw_data)
            self.file.flush()  # a full disk is met here, and not where nobody expects it
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            self._skip(no_space(self.body_bytes))
        self.sha256.update(raw_data)

    def file_complete(self, file_size: int) -> Received:
        self.file.seek(0)
        return Received(self.file, self.file_name or "", file_size, self.sha256.hexdigest())

    def _skip(self, sentence: str) -> None:
        if hasattr(self, "file"):
            with suppress(OSError):  # of bytes that still wait for the full disk
                self.file.close()
        self.request.upload_refusal = sentence  # type: ignore[union-attr]
        raise SkipFile


def refusal(body_bytes: int) -> str:
    """Return why a body of so many bytes cannot be received, or nothing."""
    if body_bytes > system().max_file_bytes + FORM_BYTES:
        return too_large(body_bytes)
    return no_space(body_bytes) if body_bytes > free_bytes() else ""


def free_bytes() -> int:
    """Return how much the disk of the uploads takes, less what must stay free there."""
    free = shutil.disk_usage(system().uploads).free
    return free - min(MARGIN_BYTES, free // 10)


def too_large(size: int) -> str:
    return _("The file has %(size)s; at most %(most)s are accepted.") % {
        "size": format_size(size),
        "most": format_size(system().max_file_bytes),
    }


def no_space(size: int, free: int | None = None) -> str:
    """Say that `size` bytes find no room; `free` where more is taken than the disk knows."""
    if free is None:
        free = shutil.disk_usage(system().uploads).free
    return _(
        "There is no space for this file: it needs %(need)s, %(have)s are free. "
        "Ask an administrator to make room, then send it again."
    ) % {"need": format_size(size), "have": format_size(free)}
