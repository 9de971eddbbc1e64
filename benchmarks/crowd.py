"""A library of many releases, made quickly: `python -m benchmarks.crowd COUNT`.

It fills the database of the environment, which is set up already. Nothing of it lies on the disk.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import django

django.setup()

from django.db import connection
from django.utils import timezone

from accounts.models import ReleaseGroup, Role, User
from releases.models import Release, Source
from rules.models import Rule
from tests.instance import PASSWORD

BATCH = 500
SOURCES = 500
MEMBERS_SHARE = 3
OWN = 200
"""Releases of the person who sees few, in libraries of any size: their pages are as long."""
AUTHORS = (
    "Jules Verne",
    "Émilie du Châtelet",
    "Herbert George Wells",
    "Mary Shelley",
    "Stanisław Lem",
)
NOUNS = ("Island", "Journey", "Machine", "Garden", "River", "Winter", "Letter", "Tower", "Voyage")
KINDS = ("Mysterious", "Silent", "Golden", "Hidden", "Broken", "Distant", "Forgotten", "Bright")
TYPES = ("EBOOK", "EBOOK", "EBOOK", "TV", "DOCS")
STATES = ("conforms",) * 17 + ("broken", "broken", "")


PACKED: dict[str, Any] = {
    "rights": "own_work",
    "format": "ZIP",
    "volume_bytes": 5_000_000,
    "released_on": "2026-01-02",
    "volumes": 3,
    "packed_at": timezone.now(),
}


@dataclass(frozen=True, slots=True)
class World:
    """What releases are made of, and by whom."""

    users: dict[str, User]
    groups: list[ReleaseGroup]
    sources: list[Source]
    rule: Rule
    count: int

    def owner(self, number: int) -> User:
        if number % max(1, self.count // OWN) == 0:
            return self.users["lone"]
        return self.users["member" if number % 10 == 1 else "admin"]


def main() -> None:
    fill(int(sys.argv[1]))


def fill(count: int) -> None:
    chance = random.Random(7)  # noqa: S311  # the same library each time
    users = make_users()
    groups = make_groups(users["member"])
    sources = make_sources(users["admin"])
    rule = Rule.objects.get(name="2022_EBOOK")
    world = World(users, groups, sources, rule, count)
    releases = (make(number, chance, world) for number in range(count))
    while some := list(islice(releases, BATCH)):
        Release.objects.bulk_create(some)
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE TABLE releases_release")


def make_users() -> dict[str, User]:
    made = {"admin": User.objects.get(is_superuser=True)}
    for name in ("member", "lone"):
        made[name] = User.objects.create_user(name, password=PASSWORD)
        made[name].groups.add(Role.objects.get(name="Operator"))
    return made


def make_groups(member: User) -> list[ReleaseGroup]:
    groups = [ReleaseGroup.objects.create(tag=f"GRP{number:02}") for number in range(20)]
    for group in groups[: len(groups) // MEMBERS_SHARE]:
        group.members.add(member)
    return groups


def make_sources(owner: User) -> list[Source]:
    analysis = {
        "format": "epub",
        "metadata": {"title": "Some Book"},
        "structure": [{"path": "x"}] * 40,
    }
    return Source.objects.bulk_create(
        Source(name=f"book{number}.epub", size=number, analysis=analysis, created_by=owner)
        for number in range(SOURCES)
    )


def make(number: int, chance: random.Random, world: World) -> Release:
    author = chance.choice(AUTHORS)
    title = f"The {chance.choice(KINDS)} {chance.choice(NOUNS)} {number}"
    group, state = chance.choice(world.groups), chance.choice(STATES)
    year = 1950 + number % 75
    dotted = f"{author} {title}".replace(" ", ".")
    release = Release(
        name=f"{dotted}.{year}.RETAiL.ePUB.eBook-{group.tag}",
        type=TYPES[number % len(TYPES)],
        group=group,
        rule=world.rule,
        source=world.sources[number % len(world.sources)],
        title=title,
        metadata=metadata(author, title, year),
        nfo="".join(nfo_lines(title, chance)),
        volume_base=f"g{number}"[:6],
        status="failed" if number % 40 == 0 else "completed",
        conformity=report(state),
        size=chance.randrange(10**6, 10**9),
        created_by=world.owner(number),
        created_at=timezone.now() - timedelta(minutes=number * 7 + chance.randrange(7)),
        **PACKED,
    )
    for derive in release.derivations().values():
        for name, value in derive().items():
            setattr(release, name, value)
    return release


def report(state: str) -> dict[str, object]:
    kept = {"count": 3, "is_house_profile": False, "violations": ["x" * 500]}
    return {"state": state, **kept} if state else {}


def metadata(author: str, title: str, year: int) -> dict[str, object]:
    return {
        "title": title,
        "author": author,
        "year": year,
        "language": "en",
        "publisher": "Some Press",
        "isbn": "9780306406157",
        "description": "A book about the sea. " * 20,
    }


def nfo_lines(title: str, chance: random.Random) -> Iterator[str]:
    yield f"{title}\n"
    for _ in range(30):
        yield "|" + " ".join(chance.choices(NOUNS, k=9))[:76].ljust(76) + "|\n"


if __name__ == "__main__":
    main()
