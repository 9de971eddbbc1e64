"""A library of many releases, made quickly: `python -m benchmarks.crowd COUNT`.

It fills the database of the environment, which is set up already. Nothing of it lies on the disk.
"""

import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

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
MEMBERS_SHARE, OWN_EVERY = 3, 500
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


def main() -> None:
    fill(int(sys.argv[1]))


def fill(count: int) -> None:
    chance = random.Random(7)  # noqa: S311  # the same library each time
    users = make_users()
    groups = make_groups(users["member"])
    sources = make_sources(users["admin"])
    rule = Rule.objects.get(name="2022_EBOOK")
    owners = (users["admin"], users["member"], users["lone"])
    releases = (make(number, chance, owners, groups, sources, rule) for number in range(count))
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


def make(
    number: int,
    chance: random.Random,
    owners: tuple[User, ...],
    groups: list[ReleaseGroup],
    sources: list[Source],
    rule: Rule,
) -> Release:
    author, title = (
        chance.choice(AUTHORS),
        f"The {chance.choice(KINDS)} {chance.choice(NOUNS)} {number}",
    )
    group, state = chance.choice(groups), chance.choice(STATES)
    year, kind = 1950 + number % 75, TYPES[number % len(TYPES)]
    dotted = f"{author} {title}".replace(" ", ".")
    admin, member, lone = owners
    release = Release(
        name=f"{dotted}.{year}.RETAiL.ePUB.eBook-{group.tag}",
        type=kind,
        group=group,
        rule=rule,
        source=sources[number % len(sources)],
        title=title,
        metadata=metadata(author, title, year),
        rights="own_work",
        nfo="".join(nfo_lines(title, chance)),
        format="ZIP",
        volume_bytes=5_000_000,
        volume_base=f"g{number}"[:6],
        released_on="2026-01-02",
        status="failed" if number % 40 == 0 else "completed",
        conformity={
            "state": state,
            "count": 3,
            "is_house_profile": False,
            "violations": ["x" * 500],
        }
        if state
        else {},
        size=chance.randrange(10**6, 10**9),
        volumes=3,
        created_by=lone if number % OWN_EVERY == 0 else member if number % 10 == 1 else admin,
        created_at=timezone.now() - timedelta(minutes=number * 7 + chance.randrange(7)),
        packed_at=timezone.now(),
    )
    for derive in release.derivations().values():
        for name, value in derive().items():
            setattr(release, name, value)
    return release


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
