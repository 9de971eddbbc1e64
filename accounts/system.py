"""What administrators set for the whole site while it runs: their word, else the environment's.

Each process keeps the rows it read for a few seconds: pages cost no query more for it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation, ValidationError
from django.db import Error
from django.utils.translation import gettext as _

from accounts.models import SystemSetting

KEPT_S = 3.0
PATH_LENGTH = 1000
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("JSON", "TEXT")
MOST_BYTES = 1 << 50
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class System:
    uploads: Path
    releases: Path
    cache: Path
    """Of the pictures of covers."""
    logs: Path | None
    """Where a file of the log is kept, too; None: the log goes to stderr alone."""
    max_file_bytes: int
    api_timeout_s: int
    """For all providers of metadata together."""
    ftp_timeout_s: int
    log_level: str
    log_file_bytes: int
    """From which size on the file of the log is put aside."""
    log_files: int
    """How many that were put aside are kept."""
    log_format: str
    drafts_days: int
    """How long what nobody touches is kept, in days, here and below; 0: for ever."""
    upload_expiry_s: int
    """Of a file that stopped arriving, in seconds."""
    sources_days: int
    jobs_days: int
    trash_days: int
    revisions_kept: int
    """Of a release, with all their files; 0: all."""
    logins_days: int
    answers_days: int
    queue_days: int


@dataclass(frozen=True, slots=True)
class Known:
    field: str
    """Of `System`."""
    environment: str
    """The name in the settings that counts where nobody said anything."""
    check: Callable[[Any], None]
    """Raises ValidationError for a value that cannot be kept."""


def whole(least: int, most: int) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            sentence = _("A whole number from %(least)d to %(most)d is expected.")
            raise ValidationError(sentence, params={"least": least, "most": most})

    return check


def one_of(*choices: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if value not in choices:
            sentence = _("Choose one of: %(choices)s.")
            raise ValidationError(sentence, params={"choices": ", ".join(choices)})

    return check


def folder(value: Any) -> None:
    """Make sure that `value` is an absolute path inside one of the roots, links followed."""
    is_text = isinstance(value, str) and len(value) <= PATH_LENGTH and value.isprintable()
    if not (is_text and Path(value).is_absolute()):
        raise ValidationError(_("The absolute path of a folder is expected."))
    try:
        there = Path(value).resolve()
    except RuntimeError as error:  # links that lead to each other
        raise ValidationError(_("The folder cannot be reached.")) from error
    if not any(there.is_relative_to(Path(root).resolve()) for root in settings.STORAGE_ROOTS):
        roots = ", ".join(dict.fromkeys(map(str, settings.STORAGE_ROOTS)))
        raise ValidationError(
            _("The folder must lie in one of: %(roots)s."), params={"roots": roots}
        )


def folder_or_none(value: Any) -> None:
    if value != "":
        folder(value)


KNOWN: Mapping[str, Mapping[str, Known]] = {
    "paths": {
        "uploads": Known("uploads", "UPLOADS_DIR", folder),
        "releases": Known("releases", "RELEASES_DIR", folder),
        "cache": Known("cache", "COVERS_DIR", folder),
        "logs": Known("logs", "LOGS_DIR", folder_or_none),
    },
    "limits": {
        "max_file_size": Known("max_file_bytes", "MAX_FILE_BYTES", whole(1, MOST_BYTES)),
        "api_timeout": Known("api_timeout_s", "API_TIMEOUT_S", whole(1, 120)),
        "ftp_timeout": Known("ftp_timeout_s", "FTP_TIMEOUT_S", whole(1, 3600)),
    },
    "logs": {
        "level": Known("log_level", "LOG_LEVEL", one_of(*LEVELS)),
        "rotation_size": Known("log_file_bytes", "LOG_ROTATION_BYTES", whole(1 << 16, 1 << 32)),
        "rotation_count": Known("log_files", "LOG_ROTATION_COUNT", whole(1, 100)),
        "format": Known("log_format", "LOG_FORMAT", one_of(*FORMATS)),
    },
    "retention": {
        "drafts_days": Known("drafts_days", "RETENTION_DRAFTS_DAYS", whole(0, MOST_DAYS)),
        "upload_expiry": Known("upload_expiry_s", "UPLOAD_EXPIRY_S", whole(0, MOST_DAYS * 86_400)),
        "sources_days": Known("sources_days", "RETENTION_SOURCES_DAYS", whole(0, MOST_DAYS)),
        "jobs_days": Known("jobs_days", "RETENTION_JOBS_DAYS", whole(0, MOST_DAYS)),
        "trash_days": Known("trash_days", "TRASH_DAYS", whole(0, MOST_DAYS)),
        "revisions_kept": Known("revisions_kept", "REVISIONS_KEPT", whole(0, 10_000)),
        "logins_days": Known("logins_days", "RETENTION_LOGINS_DAYS", whole(0, MOST_DAYS)),
        "answers_days": Known("answers_days", "RETENTION_ANSWERS_DAYS", whole(0, MOST_DAYS)),
        "queue_days": Known("queue_days", "RETENTION_QUEUE_DAYS", whole(0, MOST_DAYS)),
    },
}
"""By section and name, as programs and the page call them. Rows are named e.g. `paths.uploads`."""


class Memory:
    """The rows as this process last read them."""

    def __init__(self) -> None:
        self._rows: dict[str, Any] = {}
        self._read_at: float | None = None

    def rows(self) -> dict[str, Any]:
        """Return the rows, read anew if they are old; while the database is away, as they were."""
        if self._read_at is None or time.monotonic() - self._read_at > KEPT_S:
            try:
                self.keep(said())
            except SynchronousOnlyOperation:
                pass  # in the event loop nothing is asked
            except Error:
                self.keep(self._rows)  # asking again at once would cost each request a wait
        return self._rows

    def keep(self, rows: dict[str, Any]) -> None:
        self._rows, self._read_at = rows, time.monotonic()

    def forget(self) -> None:
        self._read_at = None


MEMORY = Memory()


def system() -> System:
    """Return what counts now."""
    return effective(MEMORY.rows())


def said() -> dict[str, Any]:
    """Return all that administrators set, as the database has it now."""
    return dict(SystemSetting.objects.values_list("key", "value"))


def effective(rows: Mapping[str, Any]) -> System:
    """Return what counts where `rows` were said."""
    found = {
        known.field: rows.get(f"{section}.{name}", getattr(settings, known.environment))
        for section, names in KNOWN.items()
        for name, known in names.items()
    }
    paths = {name: Path(found[name]) for name in ("uploads", "releases", "cache")}
    logs = Path(found["logs"]) if found["logs"] else None
    return System(**found | paths | {"logs": logs})


def described(now: System) -> dict[str, dict[str, Any]]:
    """Return `now` by section and name, as programs and the page tell it."""
    return {
        section: {name: plain(getattr(now, known.field)) for name, known in names.items()}
        for section, names in KNOWN.items()
    }


def plain(value: Any) -> Any:
    """Return `value` as JSON has it; a path that is not there is an empty text."""
    return "" if value is None else str(value) if isinstance(value, Path) else value
