"""The log as administrators set it: each process follows within seconds, without a restart."""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from accounts.system import System, system

FILE = "packer.log"
FOLLOWING = ("", "django-q")
"""The loggers that have a level of their own."""
NOTHING_ASKED = "/livez"
"""What is answered without a database."""

CONFIGURED: dict[str, Any] = settings.LOGGING
logger = logging.getLogger(__name__)


class SharedFile(RotatingFileHandler):
    """A file of the log that several processes write to, and put aside in turn."""

    def __init__(self, path: Path, most_bytes: int, files: int) -> None:
        super().__init__(path, maxBytes=most_bytes, backupCount=files, encoding="utf-8", delay=True)
        self._turns = Path(f"{path}.lock").open("w")  # noqa: SIM115  # closed with the handler

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with self._turn():
                self._leave_what_was_put_aside()
                super().emit(record)
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        super().close()
        self._turns.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until no other process writes. Such a lock is not shared by forked processes."""
        fcntl.lockf(self._turns, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._turns, fcntl.LOCK_UN)

    def _leave_what_was_put_aside(self) -> None:
        """Close the file where it is not the one any more that has its name."""
        if not self.stream:
            return
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(self.stream.fileno()), Path(self.baseFilename).stat()):
                return
        self.stream.close()
        self.stream = None  # what writes next opens it anew


@dataclass(frozen=True, slots=True)
class Wish:
    """How the log is to be."""

    level: str
    format: str
    folder: Path | None = None
    most_bytes: int = 0
    files: int = 0


def wished(now: System) -> Wish:
    if now.logs is None:
        return Wish(now.log_level, now.log_format)
    return Wish(now.log_level, now.log_format, now.logs, now.log_file_bytes, now.log_files)


class Log:
    """The log of this process."""

    def __init__(self) -> None:
        self.file: SharedFile | None = None
        self._followed: Wish | None = None

    def follow(self) -> None:
        """Have the log be as it is wished, if that is another way than so far."""
        before = self._followed or Wish(settings.LOG_LEVEL, settings.LOG_FORMAT)
        wish = self._followed = wished(system())
        if wish == before:
            return
        for name in FOLLOWING:
            logging.getLogger(name).setLevel(wish.level)
        self._keep_file(wish)
        dress(wish.format)

    def _keep_file(self, wish: Wish) -> None:
        root, former = logging.getLogger(), self.file
        self.file = opened(wish)
        if self.file:
            root.addHandler(self.file)
        if former:
            root.removeHandler(former)
            former.close()


LOG = Log()


def opened(wish: Wish) -> SharedFile | None:
    """Return the file of the log, if one is wished and can be had."""
    if wish.folder is None:
        return None
    try:
        wish.folder.mkdir(parents=True, exist_ok=True)
        file = SharedFile(wish.folder / FILE, wish.most_bytes, wish.files)
    except OSError as error:
        logger.warning("No log can be kept in %s: %s", wish.folder, error)
        return None
    for about in CONFIGURED["filters"].values():
        file.addFilter(import_string(about["()"])())
    return file


def dress(style: str) -> None:
    """Write all lines in `style` from now on, but what others handle in their own way."""
    formatters = CONFIGURED["formatters"]
    kinds = {name: import_string(about["()"]) for name, about in formatters.items()}
    line = formatters["text"]["format"]
    formatter = kinds["json"]() if style == "JSON" else kinds["text"](line)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, SharedFile) or isinstance(handler.formatter, tuple(kinds.values())):
            handler.setFormatter(formatter)


def followed(get_response: Callable[[HttpRequest], HttpResponse]) -> object:
    """Follow what is set for the log, and log each request; its query may hold secrets."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == NOTHING_ASKED:
            return get_response(request)
        LOG.follow()
        began = time.monotonic()
        response = get_response(request)
        taken_ms = round(1000 * (time.monotonic() - began))
        told = (request.method, request.path, response.status_code, taken_ms)
        logger.info("%s %s %d, %d ms", *told)
        return response

    return middleware
