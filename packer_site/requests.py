"""What tells one request from others: on its answer, and in each line of the log it causes."""

import json
import logging
import re
from datetime import UTC, datetime
from secrets import token_hex

from accounts.trace import NONE, present

HEADER = "X-Request-ID"
OF_CLIENTS = re.compile(r"[A-Za-z0-9._-]{8,64}")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line, or moves the cursor of who reads it; a tab does not."""


def id_for(given: str | None) -> str:
    """Return the id a client chose, if it is harmless, or a new one."""
    return given if given and OF_CLIENTS.fullmatch(given) else token_hex(8)


class Identified(logging.Filter):
    """Adds `request_id` and `job_id` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id, record.job_id = present()
        return True


class OneLine(logging.Formatter):
    """Writes a record so that nothing in it looks like another record.

    What a traceback says stands below, each line behind a bar.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        record.message = harmless(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802  # logging's name
        return barred(super().formatException(ei))  # type: ignore[arg-type]  # of logging's own

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  # logging's name
        return barred(stack_info)


class Json(logging.Formatter):
    """Writes a record as one object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", NONE),
            "job_id": getattr(record, "job_id", NONE),
        }
        if record.exc_info and record.exc_info[0]:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


def harmless(text: str) -> str:
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def barred(text: str) -> str:
    return "\n".join(f"  | {harmless(line)}" for line in text.split("\n"))
