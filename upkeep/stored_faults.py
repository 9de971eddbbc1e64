"""What the store of files lacks of what rows name, and has of what none names; by its listing.

What seems wrong is looked at again: jobs go on meanwhile.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from time import time

from django.utils.translation import gettext as _

from jobs.models import Job
from releases import bucket
from releases.models import Release, Revision, Source
from upkeep.faults import Fault, Kind
from upkeep.holdings import Holding, of_releases, of_sources, replaced
from upkeep.orphans import UUID, YOUNG_S, is_at_work

AT_ONCE = 200
OF_SOURCE = re.compile(rf"(?:sources/|covers/)({UUID.pattern})(?:\.jpg)?")
OF_PACKAGE = re.compile(r"packages/(\d+)/\w+")
SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE stored (key TEXT PRIMARY KEY, size INTEGER, home TEXT, put_at REAL);
CREATE INDEX stored_home ON stored (home);
"""
Claim = tuple[str, int | None, str]
"""A key, how long it must be, and whose it is."""


def stored_faults() -> Iterator[Fault]:
    """Yield what is wrong with the store, if one is set.

    Raises:
        StoreAway: it does not answer.
    """
    if not bucket.is_set():
        return
    with closing(sqlite3.connect("", isolation_level=None)) as listing:  # on the disk: it is long
        listing.executescript(SCHEMA)
        rows = (
            (one.key, one.size, home(one.key), one.put_at.timestamp()) for one in bucket.listed()
        )
        listing.execute("BEGIN")
        listing.executemany("INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?)", rows)
        listing.execute("COMMIT")
        yield from lacking(listing)
        yield from unclaimed(listing)


def home(key: str) -> str:
    """Return what a row names, of the key of a file: a package has many."""
    found = OF_PACKAGE.match(key)
    return found[0] if found else key


# What is lacking


def claims() -> Iterator[Claim]:
    return chain(
        named(of_sources(Source.objects.all())),
        named(of_releases(Release.objects.all())),
        named(replaced(Revision.objects.all())),
    )


def named(holdings: Iterable[Holding]) -> Iterator[Claim]:
    return ((one.key, one.size, one.subject) for one in holdings if one.key)


def claims_of(subject: str) -> Iterator[Claim]:
    kind, _sign, number = subject.partition(":")
    if kind == "source":
        return named(of_sources(Source.objects.filter(pk=number)))
    releases, revisions = (
        Release.objects.filter(pk=number),
        Revision.objects.filter(release=int(number)),
    )
    return chain(named(of_releases(releases)), named(replaced(revisions)))


def lacking(listing: sqlite3.Connection) -> Iterator[Fault]:
    for claim in claims():
        found = listing.execute("SELECT size FROM stored WHERE key = ?", claim[:1]).fetchone()
        if judged(claim, found and found[0]):
            yield from confirmed(claim)


def judged(claim: Claim, size: int | None) -> Kind | None:
    if size is None:
        return Kind.MISSING
    return None if claim[1] in {None, size} else Kind.CHANGED


def confirmed(claim: Claim) -> Iterator[Fault]:
    """Yield the fault of what is claimed, if it is one by the rows and the store as they are."""
    key, _size, subject = claim
    kind, _sign, number = subject.partition(":")
    at_work = Job.objects.about(subject).active().exists()
    if at_work or (kind == "release" and is_at_work(int(number))):
        return
    with bucket.answering(key):
        size = bucket.stored_size(key)
    for now in claims_of(subject):
        if now[0] == key and (found := judged(now, size)):
            yield Fault(found, key, sentence(found, key), subject)
            return


def sentence(kind: Kind, key: str) -> str:
    if kind == Kind.MISSING:
        return _("The store of files lacks %(key)s.") % {"key": key}
    return _("The store of files has %(key)s in another size than was recorded.") % {"key": key}


# What is of nobody


def unclaimed(listing: sqlite3.Connection) -> Iterator[Fault]:
    query = "SELECT home FROM stored GROUP BY home HAVING MAX(put_at) < ? ORDER BY home"
    homes = (one for (one,) in listing.execute(query, (time() - YOUNG_S,)))
    while part := list(islice(homes, AT_ONCE)):
        for one in sorted(set(part) - claimed(part)):
            if not claimed([one]) and next(bucket.listed(one), None):
                message = _(
                    "The store of files has %(key)s, which belongs to nothing that is known."
                )
                yield Fault(Kind.UNCLAIMED, one, message % {"key": one})


def claimed(homes: Iterable[str]) -> set[str]:
    """Return those of `homes` that rows name, or whose release a job is at."""
    asked = list(homes)
    handles = {one: found[1] for one in asked if (found := OF_SOURCE.fullmatch(one))}
    sources = Source.objects.filter(handle__in=handles.values())
    known = set(map(str, sources.values_list("handle", flat=True)))
    packages = {one: int(found[1]) for one in asked if (found := OF_PACKAGE.fullmatch(one))}
    kept = kept_packages(set(packages.values()))
    mine = {one for one, pk in packages.items() if one in kept or is_at_work(pk)}
    return mine | {one for one, handle in handles.items() if handle in known}


def kept_packages(releases: set[int]) -> set[str]:
    present = Release.objects.filter(pk__in=releases).values_list("package_key", flat=True)
    revisions = Revision.objects.filter(release__in=releases).exclude(kept="")
    before = {str(one.before.get("package_key") or "") for one in revisions.only("before")}
    return before | set(present)
