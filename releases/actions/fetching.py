"""How a file of the web becomes a source: a worker fetches it among the uploads."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.permissions import require
from accounts.system import system
from jobs.lease import Lease
from jobs.models import JobLog
from releases.actions.refusal import Refused, told
from releases.actions.sources import keep_examined
from releases.actions.uploads import refuse_over_quota, refuse_without_room
from releases.metadata.http import Target, Unreachable, target
from releases.models import Source
from releases.uploads import no_space

if TYPE_CHECKING:
    from releases.metadata.http.download import Access

STAGE = "download"
FETCHING = ".fetching-{}"


def read_address(url: str) -> Target:
    """Take `url` apart, as far as can be said without asking anybody.

    Raises:
        NotAllowed: nothing can be fetched from it.
    """
    return target(url.strip())


def fetch_source(lease: Lease, url: str, handle: str) -> Source:
    """Fetch the file at `url`, find out what it is, and return its source. For workers.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: it cannot be had, is too large, or cannot be read.
    """
    require(lease.job.by, "releases", "write")
    if found := Source.objects.filter(handle=handle).first():
        return found  # an earlier worker died when all was done
    lease.enter(STAGE)
    lease.log(_("Fetching from %(host)s") % {"host": read_address(url).host})
    part = system().uploads / FETCHING.format(UUID(handle))
    system().uploads.mkdir(parents=True, exist_ok=True)
    try:
        source = written(lease, url, handle, part)
        lease.enter("analyse")
        part.replace(source.path)
        keep_examined(source, source.save)
    finally:
        part.unlink(missing_ok=True)
    lease.enter("record")
    return source


def written(lease: Lease, url: str, handle: str, part: Path) -> Source:
    """Write what lies at `url` to `part`, and return the source that it will be, unsaved.

    Raises:
        Refused: see `fetch_source`.
    """
    from releases.metadata.http import download  # noqa: PLC0415  # the library takes long to load

    with suppress(FileNotFoundError):
        part.unlink()  # of a worker that died; it may still hold it
    try:
        with part.open("xb") as file:
            got = download.fetched(url.strip(), file, access_of(lease))
    except Unreachable as error:
        raise Refused(told(error)) from error
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Refused(no_space(lease.job.bytes_total or 1)) from error
    return Source(
        handle=UUID(handle),
        name=got.name,
        size=got.size,
        sha256=got.sha256,
        created_by=lease.job.by,
    )


def access_of(lease: Lease) -> Access:
    from releases.metadata.http import download  # noqa: PLC0415
    from releases.metadata.providers.connection import user_agent  # noqa: PLC0415

    def has_room(done: int, more: int) -> None:
        refuse_over_quota(done + more, by=lease.job.by)
        refuse_without_room(more)

    return download.Access(
        allowed_hosts=frozenset(settings.OUTBOUND_HOSTS),
        agent=user_agent(settings.CONTACT_URL),
        most_bytes=system().max_file_bytes,
        has_room=has_room,
        progress=lambda done, total: lease.progress(STAGE, done, total),
        watch=lease.check,
        note=lambda trouble: lease.log(told(trouble), JobLog.Level.WARNING),
    )


def fetching_failed(*, handle: str, **_more: Any) -> None:
    """Leave nothing of a file that did not come. For workers."""
    (system().uploads / FETCHING.format(UUID(handle))).unlink(missing_ok=True)
