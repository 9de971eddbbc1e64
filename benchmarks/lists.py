"""How long programs wait for a list of 100,000 releases that is narrowed to what they may see.

`make bench-lists` measures in process, without server and network, on SQLite, and with
DATABASE_URL on that server: in a database that is made for this, and removed. On MariaDB it also
asks how each question is answered, and names those that sort more than a page.
"""

import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.instance import PASSWORD, own_database

COUNT, ROUNDS = 100_000, 60
P95_MS = 60
SORTED_ROWS = 1_000
READERS = ("admin", "member", "lone")
QUERIES = (
    "",
    "sort=name&order=asc",
    "type=TV,DOCS",
    "status=failed",
    "my_only=true",
    "page=50&per_page=100",
    "group=GRP07",
)


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--filled", action="store_true", help="measure the present database")
    options = parser.parse_args()
    if options.filled:
        measure()
        return
    from benchmarks.pages import Site  # noqa: PLC0415  # it needs no database

    with TemporaryDirectory() as folder, own_database() as url:
        site = Site(Path(folder), options.count, url)
        sys.stdout.write(f"Making {options.count} releases\n")
        sys.stdout.flush()
        site.fill()
        subprocess.run(
            [sys.executable, "-m", "benchmarks.lists", "--filled"], env=site.environment, check=True
        )


def measure() -> None:
    import django  # noqa: PLC0415  # of the database that the environment names

    django.setup()
    for name in READERS:
        reader = Reader(name)
        for query in QUERIES:
            times = sorted(reader.ms(query) for _ in range(ROUNDS + 1))[:ROUNDS]
            p95 = times[int(ROUNDS * 0.95)]
            verdict = "" if p95 <= P95_MS else "  MISSED"
            sys.stdout.write(
                f"{name:8} {query or 'all':24} p50 {statistics.median(times):7.1f} ms"
                f"   p95 {p95:7.1f} ms [{P95_MS}]{verdict}\n"
            )
            for plan in reader.sorting(query):
                sys.stdout.write(f"         sorts: {plan}\n")
            sys.stdout.flush()


class Reader:
    """A program with a token, in this process."""

    def __init__(self, username: str) -> None:
        from rest_framework.test import APIClient  # noqa: PLC0415  # Django is set up by now

        self.client = APIClient(SERVER_NAME="localhost")
        body = {"username": username, "password": PASSWORD}
        told = self.client.post("/api/auth/login", body, format="json").json()
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {told['access_token']}")

    def ms(self, query: str) -> float:
        began = time.perf_counter()
        answer = self.client.get(f"/api/releases?{query}")
        seconds = time.perf_counter() - began
        if answer.status_code != 200:  # noqa: PLR2004
            raise SystemExit(f"{query}: {answer.status_code} {answer.content!r}")
        return seconds * 1000

    def sorting(self, query: str) -> Iterator[str]:
        """Yield what MariaDB sorts, of more than a thousand rows, to answer `query`."""
        from django.db import connection  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        if connection.vendor != "mysql":
            return
        with CaptureQueriesContext(connection) as asked:
            self.ms(query)
        for one in asked.captured_queries:
            if one["sql"].startswith("SELECT"):
                yield from (str(row) for row in plan(one["sql"]) if is_sorting(row))


def plan(sql: str) -> list[dict[str, Any]]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def is_sorting(row: dict[str, Any]) -> bool:
    sorts = "filesort" in str(row["Extra"]) or "temporary" in str(row["Extra"])
    return sorts and int(row["rows"] or 0) > SORTED_ROWS


if __name__ == "__main__":
    main()
