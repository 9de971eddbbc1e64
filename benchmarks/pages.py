"""How the pages of 100,000 releases compare with those of 1,000, through the real server.

`make bench-pages` prints ratios for SQLite; with DATABASE_URL set, for that server, in databases
made for this and removed. With --folder what was made stays, and is used again.
"""

import os
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.instance import LIMITED, PASSWORD, free_port, own_database

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY = 1_000, 100_000
PATIENCE_S = 60
SEARCHES = (
    "verne mysterious",
    "ebook",
    "wells machine 4711",
    "zyzzyva",
    "a",
    "grp07 silent",
    "lem",
)


class Site:
    """A server of its own, with so many releases."""

    def __init__(self, folder: Path, count: int, database_url: str) -> None:
        self.port = free_port()
        self.count = count
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "benchmarks.site",
            "PACKER_ENV_FILE": os.devnull,
            "SECRET_KEY": "for the benchmark of pages, 32 characters",
            "JWT_SECRET_KEY": "another for the benchmark, 32 characters",
            "CREDENTIAL_KEYS": "Zm9yIHRoZSBpbnN0YW5jZSBvZiBhIHRlc3QsIDMyIGI=",
            "DATA_DIR": str(folder),
            "PACKER_ADMIN_PASSWORD": PASSWORD,
            **{f"RATE_LIMIT_{of}": "1000000/min" for of in LIMITED},
            **({"DATABASE_URL": database_url} if database_url else {}),
        }

    def run(self, *arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=self.environment, check=True)

    def fill(self) -> None:
        self.run("manage.py", "packer", "setup")
        self.run("-m", "benchmarks.crowd", str(self.count))

    @contextmanager
    def served(self) -> Iterator[str]:
        server = [sys.executable, "-m", "uvicorn", "packer_site.asgi:application"]
        quiet = ["--lifespan", "off", "--log-level", "error", "--port", str(self.port)]
        process = subprocess.Popen([*server, *quiet], cwd=ROOT, env=self.environment)
        try:
            yield self.awaited()
        finally:
            process.terminate()
            process.wait()

    def awaited(self) -> str:
        url = f"http://127.0.0.1:{self.port}"
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{url}/livez").raise_for_status()
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                return url
        raise SystemExit("the server did not answer")


class Reader:
    """A person who is logged in, or a program with a token."""

    def __init__(self, url: str, username: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=PATIENCE_S, follow_redirects=True)
        page = self.client.get("/accounts/login/")
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        login = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token}
        self.client.post("/accounts/login/", data=login, headers={"Referer": url})
        login = {"username": username, "password": PASSWORD}
        told = self.client.post("/api/auth/login", json=login).json()
        self.bearer = {"Authorization": f"Bearer {told['access_token']}"}

    def ms(self, path: str) -> float:
        headers = self.bearer if path.startswith("/api/") else {}
        began = time.perf_counter()
        answer = self.client.get(path, headers=headers)
        seconds = time.perf_counter() - began
        answer.raise_for_status()
        if "/login/" in answer.url.path:
            raise SystemExit(f"{path} asks for a login")
        return seconds * 1000


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--folder", type=Path, help="where the databases stay")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(TemporaryDirectory()))
        few, many = (stack.enter_context(site(folder, count)) for count in (FEW, MANY))
        compare(few, many, options.rounds)


@contextmanager
def site(folder: Path, count: int) -> Iterator[str]:
    """Serve so many releases; they are made where they are not there yet."""
    place = folder / str(count)
    with own_database() as url:
        made = Site(place, count, url)
        if not (place / "db.sqlite3").exists():
            place.mkdir(parents=True, exist_ok=True)
            sys.stdout.write(f"Making {count} releases\n")
            made.fill()
        with made.served() as served:
            yield served


def compare(few: str, many: str, rounds: int) -> None:
    for name in ("admin", "member", "lone"):
        small, large = Reader(few, name), Reader(many, name)
        sys.stdout.write(f"\n{name}\n")
        for title, path in PAGES.items():
            pair(title, (large, path), (small, path), rounds)
        if name == "admin":
            last = f"/releases/?page={MANY // 25}"
            pair("last page / first page (at most 2)", (large, last), (large, ALL), rounds)
        floor = (large, "/api/floor")
        pair("JSON list / floor (at most 6)", (large, "/api/releases"), floor, rounds)
        searched(large, rounds)


ALL = "/releases/?show=all"
PAGES = {
    "list, 100k / 1k (at most 1.5)": ALL,
    "list by name, 100k / 1k": "/releases/?sort=name&order=asc",
    "list of what failed, 100k / 1k": "/releases/?status=failed",
    "detail, 100k / 1k": "/releases/1/",
    "dashboard, 100k / 1k": "/",
}


def pair(title: str, own: tuple[Reader, str], base: tuple[Reader, str], rounds: int) -> None:
    """Print the medians of two that take turns, and their ratio."""
    try:
        times = [(own[0].ms(own[1]), base[0].ms(base[1])) for _ in range(rounds + 1)][1:]
    except httpx.HTTPStatusError as error:  # this one may not see that page
        sys.stdout.write(f"  {title:44} {error.response.status_code}\n")
        return
    mine, its = (statistics.median(column) for column in zip(*times, strict=True))
    sys.stdout.write(f"  {title:44} {mine:8.1f} ms {its:8.1f} ms {mine / its:7.2f}\n")
    sys.stdout.flush()


def searched(reader: Reader, rounds: int) -> None:
    """Print how long searches take that nobody made before."""
    times = []
    for number in range(max(1, rounds // len(SEARCHES))):
        for text in SEARCHES:
            day = 2000 + number  # another question each time: no count is known of it
            times.append(reader.ms(f"/releases/?search={text.replace(' ', '+')}&since={day}-01-01"))
    times.sort()
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    title = "search, p50 and p95 (at most 300 ms)"
    sys.stdout.write(f"  {title:44} {statistics.median(times):8.1f} ms {p95:8.1f} ms\n")


if __name__ == "__main__":
    main()
