"""Synchronizing the library with the site that lists the rules: see docs/rules.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import holds, require
from jobs.lease import Lease
from jobs.models import Job, JobLog
from jobs.queue import Busy, enqueue, record
from releases.actions import Refused, WrongField, told
from releases.metadata.http import Unreachable
from rulebook import detection
from rulebook.actions import downloads
from rulebook.actions.downloads import Outcome, note, note_trouble, site_access
from rulebook.actions.library import RuleEdit, check
from rulebook.index import Entry
from rulebook.models import Listing, SyncPlan
from rulebook.site import NotGiven, Visit
from rules.models import Rule, RuleVersion

SYNC = "sync"
SUBJECT = "rules"
SYNC_S = 3600.0
PATIENCE = 5
"""Rules in a row that the site may leave unanswered before the others are not asked for."""
WARNING = JobLog.Level.WARNING


@dataclass(slots=True)
class Report:
    """What became of the rules, by name."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Each with the reason."""

    def as_json(self) -> dict[str, Any]:
        names = ("new", "changed", "unchanged", "vanished")
        return {name: getattr(self, name) for name in names} | {
            "failed": [list(one) for one in self.failed]
        }

    @property
    def summary(self) -> str:
        counts = {name: len(found) for name, found in self.as_json().items()}
        sentence = _(
            "%(new)d new, %(changed)d changed, %(unchanged)d unchanged, %(vanished)d vanished, "
            "%(failed)d failed"
        )
        return sentence % counts


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule of the index that can be kept, and where it lies."""

    entry: Entry
    url: str


def request_sync(*, by: User, at_once: bool = False) -> Job:
    """Queue a synchronization, and return its job; where one is active, that one.

    `at_once` records the job without waking a worker, for a caller that will run it itself.

    Raises:
        PermissionDenied: `by` may not modify the configuration.
    """
    require(by, "config", "mod")
    ask = record if at_once else enqueue
    try:
        return ask(SYNC, by=by, subject=SUBJECT)
    except Busy:
        return Job.objects.about(SUBJECT).filter(work=SYNC).newest_first()[0]


def sync_rules(lease: Lease) -> dict[str, Any]:
    """Bring what the site lists, and what changed there, into the library. For workers.

    A rule that cannot be had costs a warning; what is here stays.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: the index cannot be had, or lists too few rules: nothing was changed.
    """
    require(lease.job.by, "config", "mod")
    report = Report()
    lease.enter("index")
    visit = Visit(site_access(), total_s=SYNC_S)
    listed = list(usable(entries(visit), visit, report))
    refuse_few(listed)
    listings = note_listed(listed, report)
    lease.log(_("%(count)d rules are listed.") % {"count": len(listed)})
    for name, reason in report.failed:
        lease.log(f"{name}: {reason}", WARNING)
    download_all(lease, visit, listings, report)
    for name in report.vanished:
        lease.log(_("%(name)s is no longer listed; its copy stays.") % {"name": name}, WARNING)
    lease.log(report.summary)
    return report.as_json()


def entries(visit: Visit) -> list[Entry]:
    try:
        return visit.entries()
    except Unreachable as error:
        raise Refused(told(error)) from error


def usable(found: Sequence[Entry], visit: Visit, report: Report) -> Iterator[Listed]:
    """Yield what can be kept, and report what cannot."""
    taken: dict[str, str] = {}
    for entry in found:
        other = taken.setdefault(entry.name.casefold(), entry.name)
        try:
            if other != entry.name:
                sentence = _("It differs from %(name)s by its capitals alone: that one is kept.")
                raise Refused(sentence % {"name": other})
            check(edit_of(entry))
            url = visit.address(next(iter(entry.addresses.values())))
        except (Refused, Unreachable) as error:
            report.failed.append((detection.rule_name(entry.name) or "?", told(error)))
        else:
            yield Listed(entry, url)


def edit_of(entry: Entry) -> RuleEdit:
    return RuleEdit(name=entry.name, scene=entry.scene, section=entry.section, year=entry.year)


def refuse_few(listed: Sequence[Listed]) -> None:
    if len(listed) >= settings.RULES_LEAST:
        return
    sentence = _(
        "%(url)s lists %(count)d rules, and less than %(least)d are not believed: nothing was "
        "changed. Look at that page; the setting is RULES_LEAST."
    )
    values = {"url": settings.RULES_URL, "count": len(listed), "least": settings.RULES_LEAST}
    raise Refused(sentence % values)


@transaction.atomic
def note_listed(listed: Sequence[Listed], report: Report) -> list[tuple[Listing, Entry]]:
    """Keep what the index says, mark what it no longer says, and return what it lists.

    A rule keeps the capitals by which it was first listed.
    """
    known = {one.name.casefold(): one for one in Listing.objects.select_for_update()}
    now = timezone.now()
    noted = []
    for one in listed:
        listing = known.pop(one.entry.name.casefold(), None) or Listing(name=one.entry.name)
        facts = {
            "scene": one.entry.scene,
            "section": one.entry.section,
            "year": one.entry.year,
            "url": one.url,
            "seen_at": listing.seen_at or now,
        }
        if listing.vanished_at:
            Rule.objects.filter(name=listing.name).update(vanished_at=None)
        if listing.pk:
            note(listing, vanished_at=None, **facts)
        else:
            listing = Listing.objects.create(name=listing.name, **facts)
        noted.append((listing, one.entry))
    report.vanished += sorted(gone.name for gone in known.values() if vanish(gone))
    return noted


def vanish(listing: Listing) -> bool:
    """Mark a rule that is listed no longer, and tell whether that is news.

    What the seed list alone knew is none.
    """
    if listing.vanished_at:
        return False
    now = timezone.now()
    note(listing, vanished_at=now)
    published = RuleVersion.objects.filter(origin=RuleVersion.Origin.PUBLISHED)
    here = Rule.objects.filter(name=listing.name, pk__in=published.values("rule"))
    return bool(here.update(vanished_at=now) or listing.seen_at)


def download_all(
    lease: Lease, visit: Visit, listings: Sequence[tuple[Listing, Entry]], report: Report
) -> None:
    silences = 0
    for number, (listing, entry) in enumerate(listings):
        lease.count("download", number, len(listings))
        if silences >= PATIENCE:
            sentence = _("It was not asked for: the site gave no answer %(count)d times in a row.")
            trouble: Exception | None = Refused(sentence % {"count": silences})
        else:
            trouble = download(lease, visit, listing, entry, report)
            is_silence = isinstance(trouble, Unreachable) and not isinstance(trouble, NotGiven)
            silences = silences + 1 if is_silence else 0
        if trouble:
            report.failed.append((listing.name, told(trouble)))
            lease.log(f"{listing.name}: {told(trouble)}", WARNING)


def download(
    lease: Lease, visit: Visit, listing: Listing, entry: Entry, report: Report
) -> Exception | None:
    """Bring the text of one rule, and return what went wrong."""
    try:
        found = visit.download(entry.addresses, downloads.known_of(listing))
        done = downloads.kept(listing, found, by=None) if found else downloads.settled(listing)
    except (Unreachable, Refused) as error:
        note_trouble(listing, error)
        return error
    getattr(report, done.outcome).append(listing.name)
    if done.outcome != Outcome.UNCHANGED:
        lease.log(news(listing.name, done))
    return None


def news(name: str, done: downloads.Downloaded) -> str:
    if not done.is_in_force:
        sentence = _("%(name)s: its published text changed; your own text stays in force.")
    elif done.outcome == Outcome.NEW:
        sentence = _("%(name)s is new.")
    else:
        sentence = _("%(name)s changed.")
    return sentence % {"name": name}


@transaction.atomic
def plan_sync(interval: str, *, by: User) -> SyncPlan:
    """Say how often the rules are synchronized; the jobs are those of `by`.

    Raises:
        PermissionDenied: `by` may not modify the configuration.
        WrongField: there is no such interval.
    """
    require(by, "config", "mod")
    if interval not in SyncPlan.Interval.values:
        choices = ", ".join(SyncPlan.Interval.values)
        raise WrongField("interval", _("Choose one of: %(choices)s.") % {"choices": choices})
    plan, _made = SyncPlan.objects.update_or_create(pk=1, defaults={"interval": interval, "by": by})
    return plan


@transaction.atomic
def start_due_sync() -> Job | None:
    """Queue the synchronization that is due, if one is. Of several that call, one starts it."""
    due = SyncPlan.objects.due()
    if not due.exists() or not due.update(last_at=Now()):
        return None
    by = SyncPlan.objects.select_related("by").get(pk=1).by
    if by is None or not by.is_active or not holds(by, "config", "mod"):
        by = first_admin()
    with translation.override(settings.LANGUAGE_CODE):  # nobody asked, who had one
        return request_sync(by=by) if by else None


def first_admin() -> User | None:
    active = User.objects.filter(is_active=True).order_by("pk")
    return next((user for user in active if user.is_admin), None)
