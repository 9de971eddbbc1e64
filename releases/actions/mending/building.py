"""Building a package aside, and what keeps it from being shown."""

import shutil
from dataclasses import replace
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.lease import Lease
from jobs.models import JobLog
from releases import copies, packing
from releases.actions.mending.aims import changed
from releases.actions.refusal import Refused, told
from releases.conformity import translated
from releases.models import Release
from releases.packing import PackedFile, extraction
from releases.packing.exchange import NEW
from releases.packing.lint import Report, judge, kept, observation_of
from releases.packing.lint.rendering import summary
from releases.packing.rar import writing
from rules.spec import Severity

PAYLOAD = "payload"
"""The folder that what is taken out of a package lies in meanwhile."""


def built(
    lease: Lease, release: Release, after: Release, aside: Path, key: str
) -> tuple[Release, tuple[PackedFile, ...]]:
    """Build the package of `after` aside, and return its row with what came of it, and its files.

    The store of files, if there is one, has it as `key` then.

    Raises:
        PackingError: see `packing.pack`.
        Refused: it breaks its rule where the present one does not.
    """
    verdicts: list[packing.Verdict] = []
    plan = with_payload(lease, release, after.plan(), aside)
    package = packing.pack(plan, aside / NEW, lease.progress, verdicts.append)
    shutil.rmtree(aside / PAYLOAD, ignore_errors=True)
    for note in package.notes:
        lease.log(told(note), JobLog.Level.WARNING)
    report = judge(observation_of(package.folder, verdicts[0]), after.rule.spec, after.rule.name)
    refuse_worse(release, report)
    lease.log(summary(report, translated))
    copies.store_package(key, aside / NEW, package.files, lease)
    results = {
        "size": package.bytes,
        "volumes": package.volumes,
        "packed_at": timezone.now(),
        "conformity": kept(report),
        "checked_at": timezone.now(),
        "rule_version": after.rule.version or None,
        "package_key": key,
    }
    return changed(after, **results), package.files


def with_payload(lease: Lease, release: Release, plan: packing.Plan, aside: Path) -> packing.Plan:
    """Return `plan` with the file that it packs: the source, or what the package holds of it."""
    if release.is_fix or release.source.is_as_registered():
        return plan
    lease.log(_("The file it was made of is gone or changed: it is taken out of the package."))
    folder = aside / PAYLOAD
    with writing(folder):
        folder.mkdir()
    path = extraction.extract(release.folder, folder, lease.progress)
    (payload,) = plan.payloads
    return replace(plan, payloads=(replace(payload, path=path),))


def refuse_worse(release: Release, report: Report) -> None:
    """Raise Refused if `report` tells of what the latest report on `release` does not."""
    known = {one["id"] for one in release.conformity.get("violations", ())}
    broken = tuple(
        one
        for one in report.violations
        if one.severity == Severity.STRUCTURE and one.id not in known
    )
    if broken and release.conformity:
        raise Refused(" ".join(map(told, broken)), broken)
