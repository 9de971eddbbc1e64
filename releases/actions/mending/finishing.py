"""From a revision that is recorded to files that are in their places, whatever died meanwhile."""

import logging
import shutil
from pathlib import Path

from django.db import transaction

from jobs.models import Job
from releases import copies
from releases.models import Release, Revision
from releases.packing.exchange import OLD, Exchange, Held, Lost, exchange

logger = logging.getLogger(__name__)


def finish(revision: Revision) -> None:
    """Put the files of a recorded revision in their places; twice does no harm.

    Raises:
        Held: another process does so just now.
        OSError: the disk does not let it; it can be done again.
    """
    if revision.is_done:
        return
    try:
        if not copies.is_built_elsewhere(revision):  # who reads it here fetches it
            exchange(exchange_of(revision))
    except Lost:  # mending the folder builds it again
        logger.exception("What revision %s was to put in place is gone", revision)
    settle(revision)
    forget_emptied(revision)


def exchange_of(revision: Revision) -> Exchange:
    undone = revision.undoes
    return Exchange(
        into=revision.release.into,
        aside=Path(revision.kept),
        old=revision.before["name"],
        new=revision.after["name"],
        inode=revision.inode,
        source=Path(undone.kept) / OLD if undone and undone.kept else None,
    )


@transaction.atomic
def settle(revision: Revision) -> None:
    """Note that the files are in their places."""
    if revision.undoes:
        Revision.objects.filter(pk=revision.undoes.pk).update(kept="")
    Revision.objects.filter(pk=revision.pk).update(is_done=True)
    revision.is_done = True


def forget_emptied(revision: Revision) -> None:
    """Remove the folder of what was put back, which nothing names any more."""
    undone = revision.undoes
    if undone and undone.kept and not (Path(undone.kept) / OLD).exists():
        shutil.rmtree(undone.kept, ignore_errors=True)


def finish_all() -> int:
    """Finish the revisions whose workers died; return how many. Any number may do so at once."""
    active = Job.objects.active().values("pk")
    left = Revision.objects.unfinished().exclude(job__in=active).select_related("release", "undoes")
    return sum(map(is_finished, left))


def is_finished(revision: Revision) -> bool:
    try:
        finish(revision)
    except Held:
        return False
    except OSError:
        logger.exception("Revision %s cannot be put in place yet", revision)
        return False
    return True


def finish_left(release: Release) -> None:
    """Finish what an earlier worker left of `release`, before anything else is done to it."""
    for revision in release.revisions.unfinished().select_related("release", "undoes"):
        finish(revision)
