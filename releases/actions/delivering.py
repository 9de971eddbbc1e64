"""Releases brought to destinations: asked for, done by workers, and by themselves."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import require
from delivery.actions import probed
from delivery.models import Destination
from delivery.parcel import Delivered, Parcel
from jobs.lease import Cancelled, Lease, LeaseLost
from jobs.models import Job, JobLog
from jobs.queue import Busy, enqueue, record
from network.addresses import Unreachable
from releases import copies, templating
from releases.actions.conformity import CHECKS
from releases.actions.mending.asking import refuse_absent, refuse_busy
from releases.actions.refusal import Refused, ReleaseConflict, told
from releases.models import DELIVERS, Delivery, Release
from vault.sealing import Undecryptable

KEEP_EVERY_S = 0.5

logger = logging.getLogger(__name__)


class Undelivered(Refused):
    """Not all of a release arrived; what did stays there."""


@transaction.atomic
def request_delivery(
    release: Release, destination: Destination, *, by: User, at_once: bool = False
) -> Job:
    """Queue the delivery of `release`, and return the job to watch.

    `at_once` records the job without waking a worker, for a caller that will run it itself.

    Raises:
        PermissionDenied: `by` may not change the release.
        Refused: the destination is not for `by`.
        ReleaseConflict: it is not packed, is in the trash, is worked on, or on its way there.
    """
    require(by, "releases", "write", release)
    refuse_unusable(destination, by=by)
    refuse_undeliverable(Release.objects.select_for_update().get(pk=release.pk))
    refuse_twice_there(release, destination)
    ask = record if at_once else enqueue
    try:
        job = ask(
            DELIVERS,
            by=by,
            subject=f"{release.subject}:{destination.pk}",
            release_id=release.pk,
            destination_id=destination.pk,
        )
    except Busy as busy:
        raise on_its_way(release, destination) from busy
    noted(release, destination, job)
    return job


def refuse_twice_there(
    release: Release, destination: Destination, *, before: int | None = None
) -> None:
    """Raise ReleaseConflict if it goes to the same place by another destination now.

    Both would write the same files at the same time. A delivery that runs yields to those whose
    jobs were asked for `before` its own: jobs are run again without being asked for here.
    """
    others = release.deliveries.filter(place=destination.place).exclude(destination=destination)
    active = Job.objects.active()
    there = others.filter(job__in=active.filter(pk__lt=before) if before else active)
    if there.exists():
        raise on_its_way(release, destination)


def on_its_way(release: Release, destination: Destination) -> ReleaseConflict:
    sentence = _("%(name)s is on its way to %(destination)s already.")
    return ReleaseConflict(sentence % {"name": release, "destination": destination})


def try_destination(release: Release, destination: Destination, *, by: User) -> int:
    """Deliver a small file there and remove it; return the milliseconds that it took.

    Who may deliver to a destination may find out whether that works.

    Raises:
        PermissionDenied: `by` may not change the release.
        Refused: the destination is not for `by`.
        Undecryptable: a secret cannot be read.
        Unreachable: it does not work, and why.
    """
    require(by, "releases", "write", release)
    refuse_unusable(destination, by=by)
    return probed(Destination.objects.get(pk=destination.pk))


def deliver_release(lease: Lease, *, release_id: int, destination_id: int) -> dict[str, Any]:
    """Do the delivery that a job stands for, and return what came of it. For workers.

    Running twice does no harm: what stands there already is not sent again.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: the release, its files or the destination are gone, or changed hands.
        ReleaseConflict: a job that was asked for earlier is at work on the release, or on its
            way to the same place.
        Undelivered: the destination did not take all of it, and why.
    """
    release, destination = loaded(release_id), usable(destination_id)
    require(lease.job.by, "releases", "write", release)
    refuse_unusable(destination, by=lease.job.by)
    refuse_undeliverable(release, before=lease.job.pk)
    copies.have_package(release)
    parcels = parcels_of(release)
    row = noted(release, destination, lease.job)
    refuse_twice_there(release, destination, before=lease.job.pk)
    names = {"name": release, "destination": destination, "place": row.place}
    lease.log(_("Delivering %(name)s to %(destination)s: %(place)s") % names)
    began = time.monotonic()
    with naming(release, destination):
        came = brought(lease, row, destination, parcels)
    row.size = sum(parcel.size for parcel in parcels)
    row.delivered_at, row.packed_at = timezone.now(), release.packed_at
    row.save(update_fields=["size", "delivered_at", "packed_at"])
    lease.log(summary(came, time.monotonic() - began))
    return {
        "path": row.place,
        "files": came.files,
        "bytes": row.size,
        "sent_files": came.sent_files,
        "sent_bytes": came.sent_bytes,
        "checked_by": came.checked_by,
    }


def loaded(release_id: int) -> Release:
    release = Release.objects.filter(pk=release_id).first()
    if release is None:
        raise Refused(_("The release is gone."))
    return release


def usable(destination_id: int) -> Destination:
    destination = Destination.objects.filter(pk=destination_id).first()
    if destination is None:
        raise Refused(_("The destination is gone: choose another."))
    return destination


def refuse_unusable(destination: Destination, *, by: User) -> None:
    if not Destination.objects.usable_by(by).filter(pk=destination.pk).exists():
        sentence = _("%(destination)s is somebody else's: choose one of yours, or one for all.")
        raise Refused(sentence % {"destination": destination})


def refuse_undeliverable(release: Release, *, before: int | None = None) -> None:
    """Raise ReleaseConflict if `release` has no package, or one that is being changed.

    A delivery that runs yields to the jobs `before` it; those that come later yield to it.
    """
    refuse_absent(release)
    at_work = release.jobs().active().exclude(work=CHECKS)
    if before is not None:
        at_work = at_work.filter(pk__lt=before)
    refuse_busy(release, is_busy=at_work.exists() or release.revisions.unfinished().exists())


def parcels_of(release: Release) -> tuple[Parcel, ...]:
    """Return the files to bring there, named so that all lie as they lie here.

    Raises:
        Refused: one is gone from the disk.
    """
    artifacts = list(release.artifacts.all())
    gone = next((one for one in artifacts if not one.file.is_file()), None)
    if gone or not artifacts:
        sentence = _("%(file)s is gone from the disk: put it back, or repack the release.")
        raise Refused(sentence % {"file": gone.path if gone else release})
    return tuple(
        Parcel(path=one.file, name=one.path, size=one.size, crc32=one.crc32, sha256=one.sha256)
        for one in artifacts
    )


def noted(release: Release, destination: Destination, job: Job) -> Delivery:
    """Note what is under way; what arrived at another place than this counts no more."""
    now = {"place": destination.place, "job": job, "by": job.by, "asked_at": timezone.now()}
    pair = {"release": release, "destination": destination}
    row, _is_new = Delivery.objects.get_or_create(**pair, defaults=now)
    if row.place != destination.place:
        now |= {"arrived": {}, "size": 0, "delivered_at": None, "packed_at": None}
    for name, value in now.items():
        setattr(row, name, value)
    row.save()
    return row


@contextmanager
def naming(release: Release, destination: Destination) -> Iterator[None]:
    """Have what fails on the way say which release did not come where."""
    try:
        yield
    except (Unreachable, Undecryptable) as error:
        sentence = _("%(name)s was not delivered to %(destination)s. %(reason)s")
        said = {"name": release, "destination": destination, "reason": told(error)}
        raise Undelivered(sentence % said) from error


def brought(
    lease: Lease, row: Delivery, destination: Destination, parcels: tuple[Parcel, ...]
) -> Delivered:
    """Bring all there, and keep what arrived as it does."""
    from delivery.transfer import deliver  # noqa: PLC0415  # its libraries take long to load

    arrivals = Arrivals(row)

    def warn(fault: Unreachable) -> None:
        lease.check()  # before the next try, be it the first that gets in
        lease.log(told(fault), JobLog.Level.WARNING)

    lease.enter("connect")
    try:
        done = deliver(
            parcels,
            destination.endpoint(),
            destination.manner(),
            lease.progress,
            arrived=row.arrived,
            note=arrivals.note,
            warn=warn,
            unwanted=(Cancelled,),
        )
    except LeaseLost:
        raise  # another worker has the row
    except BaseException:
        arrivals.keep()
        raise
    arrivals.keep()
    return done


class Arrivals:
    """What stands there under its final name: kept now and then, since files may be thousands."""

    def __init__(self, row: Delivery) -> None:
        self._row = row
        self._kept_at = time.monotonic()
        row.arrived = dict(row.arrived)

    def note(self, parcel: Parcel) -> None:
        self._row.arrived[parcel.name] = parcel.crc32
        if time.monotonic() - self._kept_at >= KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        self._row.save(update_fields=["arrived"])
        self._kept_at = time.monotonic()


def summary(came: Delivered, seconds: float) -> str:
    """Say what came of a delivery that is whole."""
    if not came.sent_files:
        sentence = ngettext(
            "%(files)d file stands there already, made sure by %(checked)s",
            "%(files)d files stand there already, made sure by %(checked)s",
            came.files,
        )
        return sentence % {"files": came.files, "checked": came.checked_by}
    sentence = ngettext(
        "%(files)d file sent, %(size)s, %(rate)s/s, made sure by %(checked)s",
        "%(files)d files sent, %(size)s, %(rate)s/s, made sure by %(checked)s",
        came.sent_files,
    )
    return sentence % {
        "files": came.sent_files,
        "size": templating.format_size(came.sent_bytes),
        "rate": templating.format_size(round(came.sent_bytes / max(seconds, 0.001))),
        "checked": came.checked_by,
    }


def deliver_by_itself(job: Job, *, release_id: int, **_others: Any) -> None:
    """Have what `job` packed brought to where its group's releases go, as who packed it.

    Nothing that keeps it from being asked for harms the packing: the log tells.
    """
    release = loaded(release_id)
    for destination in Destination.objects.usable_by(job.by).of_group(release.group):
        names = {"destination": destination}
        try:
            request_delivery(release, destination, by=job.by)
        except (Refused, PermissionDenied) as refusal:
            said = names | {"reason": told(refusal)}
            job.log(_("Not delivered to %(destination)s: %(reason)s") % said, JobLog.Level.WARNING)
        else:
            job.log(_("It is delivered to %(destination)s by itself.") % names)
