"""The log of a job as a file to keep."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from jobs.models import Job, JobLog

LINES_AT_ONCE = 1000
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != ord("\t")}
"""What no line may hold: another line, or orders to a terminal."""


def log_of(job: Job) -> StreamingHttpResponse:
    """Stream the log of `job`, one event a line."""
    return StreamingHttpResponse(
        pieces(job),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="job-{job.pk}.log.txt"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        },
    )


async def pieces(job: Job) -> AsyncIterator[bytes]:
    last = 0
    while lines := await sync_to_async(read)(job, last):
        last = lines[-1].pk
        yield "".join(map(written, lines)).encode()


def read(job: Job, after: int) -> list[JobLog]:
    return list(job.lines.filter(pk__gt=after)[:LINES_AT_ONCE])


def written(line: JobLog) -> str:
    message = line.message.translate(CONTROLS)
    return f"{line.at.isoformat(timespec='milliseconds')} {line.level} {message}\n"
