"""How long a library of thousands of rules takes to list, to show as a tree and to search.

`make bench-rules` prints a table for SQLite; with DATABASE_URL set, for that database. Each
question goes through the API, in this process. The database is made for this, and removed.
"""

import os
import random
import statistics
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection
from rest_framework.test import APIClient

from rules.models import Rule
from rules.search import distinct_words
from tests.factories import make_admin

LIMIT_MS = 60
SYLLABLES = ("re", "lea", "se", "pack", "vol", "um", "ar", "chi", "na", "me", "tag", "sub", "pro")
SCENES = ("English", "French", "German", "Polish", "Spanish", "Dutch", "Italian", "Swedish")
BATCH = 250
QUESTIONS = {
    "list": "/api/rules",
    "list, page 40 of 100 each": "/api/rules?per_page=100&page=40",
    "list, filtered": "/api/rules?scene=English,French&year=2012&type=EBOOK",
    "tree": "/api/rules/tree",
    "search: a word in all texts": "/api/rules?search=standards",
    "search: a word in one text": "/api/rules?search=clause4711",
    "search: two words": "/api/rules?search=release+packvol",
    "search: the beginning of many words": "/api/rules?search=rel",
    "search: part of a name": "/api/rules?search=2022_SEC",
    "search: two letters": "/api/rules?search=ec",
    "search: a wildcard inside": "/api/rules?search=20*2_SEC",
    "search: twelve words": "/api/rules?search=the+standards+of+releasing+and+packing+with"
    "+volumes+for+names+in+all",
    "search: nothing there": "/api/rules?search=zyzzyva",
}


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--rules", type=int, default=5000)
    parser.add_argument("--kilobytes", type=int, default=10, help="of each text")
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        fill(options.rules, options.kilobytes * 1000)
        title = f"{connection.vendor}, {options.rules} rules of {options.kilobytes} kB"
        sys.exit(measure(title, options.rounds))
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def fill(count: int, characters: int) -> None:
    chance = random.Random(20)  # noqa: S311  # the same texts each time
    rules = (make_rule(number, characters, chance) for number in range(count))
    Rule.objects.bulk_create(rules, batch_size=BATCH)


def make_rule(number: int, characters: int, chance: random.Random) -> Rule:
    year, section = 1998 + number % 28, f"SEC-{number % 90}"
    text = "".join(text_of(number, characters, chance))
    return Rule(
        name=f"{year}_{section}.{number}",
        scene=SCENES[number % len(SCENES)],
        section=section,
        year=year,
        release_type=("EBOOK", "TV", "DOCS", "")[number % 4],
        content=text,
        words=distinct_words(text),
        version=1,
    )


def text_of(number: int, characters: int, chance: random.Random) -> Iterator[str]:
    yield f"The {number} Standards of releasing and packing, with volumes for names in all\n"
    yield f"clause{number}\n"
    written = 0
    while written < characters:
        word = "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))
        written += len(word) + 1
        yield word + ("\n" if chance.random() < 0.1 else " ")  # noqa: PLR2004


def measure(title: str, rounds: int) -> int:
    """Print the times of each question, and return 1 if one takes too long."""
    client = APIClient()
    import_module("packer_site.asgi")  # as it is served
    client.force_authenticate(make_admin())
    sys.stdout.write(f"\n{title:48}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}\n")
    slowest = 0.0
    for name, address in QUESTIONS.items():
        times = sorted(milliseconds(client, address) for _ in range(rounds))
        p95 = times[int(len(times) * 0.95)]
        slowest = max(slowest, p95)
        figures = (statistics.median(times), p95, times[-1])
        sys.stdout.write(f"  {name:46}" + "".join(f"{one:10.1f}" for one in figures) + "\n")
    sys.stdout.write(f"  the slowest p95: {slowest:.1f} ms (at most {LIMIT_MS})\n")
    return int(slowest > LIMIT_MS)


def milliseconds(client: APIClient, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address, headers={"host": "localhost"})
    seconds = time.perf_counter() - began
    if answer.status_code != HTTPStatus.OK:
        sys.exit(f"{address}: {answer.content!r}")
    return seconds * 1000


if __name__ == "__main__":
    main()
