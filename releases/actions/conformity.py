"""What one can have checked: a release of ours, or a ZIP that holds releases of anybody."""

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import is_zipfile

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Denied, require
from accounts.system import system
from jobs.lease import Cancelled, Lease
from jobs.models import Job
from jobs.queue import Busy, enqueue
from releases import conformity, copies
from releases.actions.refusal import Refused
from releases.models import Release
from releases.packing.lint import (
    Limits,
    Observation,
    Report,
    fitting_rule,
    judge,
    kept,
    observe,
    releases_in,
    unpacked,
)
from releases.packing.lint.rendering import summary
from releases.uploads import Received
from rules.models import Rule
from rules.shipped import ShippedRule

CHECKS = "lint"
"""The work of the jobs that check."""
MOST_KEPT = 5000
"""Violations of all reports of a ZIP."""
LEAST_KEPT, MOST_OF_ONE = 10, 500
FORGOTTEN_S = 3600
"""What lies so long without a job is left of one that died."""


def request_check(release: Release, *, by: User, rule: Rule | None = None) -> Job:
    """Queue the check of a packed release, by its own rule or by another; return the job.

    Of each, one is made at a time: the job that is at it is returned.

    Raises:
        PermissionDenied: `by` may not make releases, or not see this one.
        Refused: it is not packed, or somebody else has it checked just now.
    """
    require(by, "releases", "write")
    require_seen(release.pk, by)
    if release.status != Release.Status.COMPLETED:
        raise Refused(
            _("%(name)s is not packed: there is nothing to check yet.") % {"name": release}
        )
    is_own = rule is None or rule.pk == release.rule_id
    subject = release.subject if rule is None or is_own else f"{release.subject}:{rule.pk}"
    rule_id = None if is_own else rule and rule.pk
    try:
        return enqueue(CHECKS, by=by, subject=subject, release_id=release.pk, rule_id=rule_id)
    except Busy as busy:
        active = Job.objects.about(subject).active().visible_to(by).filter(work=CHECKS)
        if job := active.first():
            return job
        raise Refused(_("The same work is waiting or running already.")) from busy


def require_seen(release_id: int, by: User) -> None:
    """Let pass who may see the release.

    Raises:
        PermissionDenied: it is hidden from `by`, or gone.
    """
    if not Release.objects.visible_to(by).filter(pk=release_id).exists():
        raise Denied("releases", "read")


def request_check_of_zip(received: Received, *, by: User, rule: Rule | None = None) -> Job:
    """Queue the check of the releases in a ZIP that was sent; it is removed after that.

    Raises:
        PermissionDenied: `by` may not make releases.
        Refused: it is no ZIP.
    """
    require(by, "releases", "write")
    name = Path(received.name or "").name
    if not is_zipfile(received.whole):
        sentence = _(
            "%(name)s is not a ZIP, or one that is cut off: pack the folder of the release as one,"
            " or send it whole."
        )
        raise Refused(sentence % {"name": name})
    forget_leftovers()
    handle = uuid4().hex
    received.keep_as(zip_path(handle))
    try:
        return enqueue(
            CHECKS,
            by=by,
            subject=f"zip:{handle}",
            handle=handle,
            name=name,
            rule_id=rule.pk if rule else None,
        )
    except BaseException:
        forget_zip(handle)
        raise


def zip_path(handle: str) -> Path:
    return system().uploads / f"lint-{handle}.zip"


def forget_zip(handle: str) -> None:
    """Remove a ZIP, and what was unpacked of it."""
    zip_path(handle).unlink(missing_ok=True)
    for folder in system().uploads.glob(f".lint-{handle}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def forget_leftovers() -> None:
    """Remove the ZIPs whose jobs were cancelled before they began, or died with their machine."""
    old = time.time() - FORGOTTEN_S
    for path in system().uploads.glob("lint-*.zip"):
        handle = path.stem.removeprefix("lint-")
        with suppress(FileNotFoundError):  # another request removes it too
            is_old = path.stat().st_mtime < old
            if is_old and not Job.objects.about(f"zip:{handle}").active().exists():
                forget_zip(handle)


def check_conformity(
    lease: Lease,
    *,
    rule_id: int | None,
    release_id: int | None = None,
    handle: str = "",
    name: str = "",
) -> dict[str, Any]:
    """Do the check that a job stands for, and return its reports. For workers.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: what is to be checked, or the rule, is gone.
        PackingError: a ZIP cannot be unpacked, or a folder cannot be read.
    """
    require(lease.job.by, "releases", "write")
    rule = chosen_rule(rule_id)
    if release_id:
        reports = [check_release(lease, release_id, rule)]
    else:
        reports = check_zip(lease, handle, name, rule)
    for report in reports:
        lease.log(f"{report.place or report.release}: {summary(report, conformity.translated)}")
    return {"name": name, "reports": kept_of(reports)}


def chosen_rule(rule_id: int | None) -> Rule | None:
    if rule_id is None:
        return None
    rule = Rule.objects.packable().filter(pk=rule_id).first()
    if rule is None:
        raise Refused(_("The rule is gone, or not complete any more: choose another."))
    return rule


def check_release(lease: Lease, release_id: int, rule: Rule | None) -> Report:
    """Judge a release; its report is kept with it where that is by its own rule."""
    release = Release.objects.select_related("rule").filter(pk=release_id).first()
    if release:
        copies.have_package(release)
    if release is None or not release.folder.is_dir():
        raise Refused(_("The folder of the release is gone: there is nothing to check."))
    require_seen(release_id, lease.job.by)
    by = rule or release.rule
    if not by.is_complete:
        raise Refused(
            _("The spec of %(rule)s is not complete: choose another.") % {"rule": by.name}
        )
    observed = observe(release.folder, lease.progress)
    report = judge(observed, by.spec, by.name)
    if rule is None:
        keep_report(release, report)
    return report


def keep_report(release: Release, report: Report) -> None:
    release.conformity = kept(report)
    release.checked_at = timezone.now()
    release.save(update_fields=["conformity", "checked_at"])


def check_zip(lease: Lease, handle: str, name: str, rule: Rule | None) -> list[Report]:
    path = zip_path(handle)
    if not path.is_file():
        raise Refused(_("%(name)s is gone: send it again.") % {"name": name})
    into = path.with_name(f".lint-{handle}-{lease.job.attempts}")
    limits = Limits(unpacked_bytes=system().max_file_bytes)
    try:
        with unpacked(path, into, name=name, limits=limits, progress=lease.progress) as root:
            reports = [judged(folder, root, rule, lease) for folder in releases_in(root)]
    except Cancelled:
        forget_zip(handle)
        raise
    forget_zip(handle)
    return reports


def judged(folder: Path, root: Path, rule: Rule | None, lease: Lease) -> Report:
    observed = observe(folder, lease.progress)
    place = "" if folder == root else folder.relative_to(root).as_posix()
    by = rule or fitting(observed)
    return judge(observed, by.spec, by.name, place)


def fitting(observed: Observation) -> ShippedRule:
    """Return the rule of the library that fits best.

    Raises:
        Refused: none of them is complete.
    """
    rules = [
        ShippedRule(rule.name, rule.scene, rule.section, rule.year or 0, rule.spec)
        for rule in Rule.objects.packable().defer("content", "unread")
    ]
    if not rules:
        raise Refused(_("No rule of the library is complete: there is nothing to check by."))
    return fitting_rule(observed, rules)


def kept_of(reports: Sequence[Report]) -> list[dict[str, Any]]:
    most = min(MOST_OF_ONE, max(LEAST_KEPT, MOST_KEPT // max(1, len(reports))))
    return [kept(report, most) for report in reports]


def checking_failed(*, handle: str = "", **_others: Any) -> None:
    """Remove the ZIP of a check that failed. For workers."""
    if handle:
        forget_zip(handle)
