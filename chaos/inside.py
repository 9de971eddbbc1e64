"""What a `Hand` does: `python -m chaos.inside`, in the environment of an instance."""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import close_old_connections, connection
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.system import system
from cli.answering import created
from drafts.models import Draft
from jobs.chores import Chore
from jobs.models import Job
from notifications.models import Message
from packer_site.commands import COMMANDS, parser
from packer_site.worker import recover_jobs
from releases import actions, packing
from releases.models import Release
from rulebook.actions import start_due_sync
from rulebook.models import SyncPlan

DAILY = "queue"
"""A chore that nothing else makes due."""


def pack(kind: str, file: str, number: int) -> int:
    """Ask for the packing of `file` under a title of its own; return the job."""
    return pack_all([(kind, file, number)])[0]


def pack_all(works: list[Any]) -> list[int]:
    """Ask for several packings, each a kind, a file and a number, at one time; return the jobs."""
    admin = User.objects.get(is_superuser=True)
    releases = [drawn_up(*work) for work in works]
    return [int(actions.request_packing(one, by=admin).pk) for one in releases]


def drawn_up(kind: str, file: str, number: int) -> Release:
    about = ["--title", f"Some Work {number}", "--type", kind, "--group", "GRP"]
    about += ["--rights", "own_work", "--source", "retail"]
    if kind == "TV":
        about += ["--episode", f"S{number // 100 + 1:02}E{number % 100:02}"]
    options = parser(COMMANDS["pack"]).parse_args(["pack", file, *about, "--allow-duplicate"])
    return created(options, User.objects.get(is_superuser=True))


def jobs() -> list[dict[str, Any]]:
    fields = ("pk", "work", "status", "stage", "attempts", "error", "subject")
    rows = Job.objects.order_by("pk").values(*fields, "started_at", "finished_at")
    return [
        row | {name: row[name] and row[name].timestamp() for name in ("started_at", "finished_at")}
        for row in rows
    ]


def census() -> dict[str, Any]:
    """Compare the rows of releases with what lies in the folder of releases."""
    root = system().releases
    there = [path for path in root.iterdir() if path.is_dir()] if root.exists() else []
    visible = {path.name: path for path in there if not path.name.startswith(".")}
    stated = Counter(
        Release.objects.filter(status=Release.Status.COMPLETED).values_list("name", flat=True)
    )
    return {
        "broken": [name for name, path in visible.items() if not is_whole(path)],
        "unstated": sorted(visible.keys() - stated.keys()),
        "lost": sorted(stated.keys() - visible.keys()),
        "duplicates": [name for name, count in stated.items() if count > 1],
        "leftovers": sorted(path.name for path in there if path.name.startswith(".")),
        "completed": len(stated),
    }


def reaped() -> dict[str, Any]:
    """Take a census, and remove the releases: a disk holds no hundreds of them."""
    found = census()
    for release in Release.objects.filter(status=Release.Status.COMPLETED):
        shutil.rmtree(release.folder)
        release.delete()
    return found


def is_whole(path: Path) -> bool:
    try:
        return not packing.verify(path).faults
    except packing.PackingError:
        return False


def drafts() -> list[int]:
    return list(Draft.objects.values_list("pk", flat=True))


def tick() -> None:
    """Look after jobs and chores, as a supervisor does every two seconds."""
    recover_jobs()


def come_due(seconds: int) -> int:
    """Have the chore `DAILY` be due since so long; return how often it was done so far."""
    due = Now() - timedelta(seconds=seconds)
    Chore.objects.filter(name=DAILY).update(due_at=due, held_until=None)
    return runs()


def runs() -> int:
    return Chore.objects.get(name=DAILY).runs


def plan(interval: str, last: float) -> None:
    """Plan the synchronization of the rules, the last of which was at `last`."""
    at = datetime.fromtimestamp(last, UTC)
    SyncPlan.objects.update_or_create(pk=1, defaults={"interval": interval, "last_at": at})


def turn() -> int:
    """Begin the synchronization that is due; tell how many jobs that made, and forget them."""
    start_due_sync()
    start_due_sync()
    made = Job.objects.filter(work="sync")
    count = made.count()
    made.delete()
    return count


def messages() -> list[dict[str, Any]]:
    """Return what is to be told, and in how many seconds it is tried next."""
    now = timezone.now()
    return [
        {
            "uuid": str(one.uuid),
            "channel": one.channel.type,
            "title": one.title,
            "job": one.facts["job"]["id"],
            "status": one.status,
            "attempts": one.attempts,
            "due_in": (one.due_at - now).total_seconds(),
        }
        for one in Message.objects.select_related("channel")
    ]


def hurry() -> int:
    """Have all that waits to be told be due."""
    return Message.objects.filter(status=Message.Status.WAITING).update(due_at=Now())


ALL = (
    *(pack, pack_all, jobs, census, reaped, drafts, tick, come_due, runs, plan, turn),
    *(messages, hurry),
)
DOES: dict[str, Callable[..., Any]] = {done.__name__: done for done in ALL}


def main() -> None:
    for line in sys.stdin:
        what, *arguments = json.loads(line)
        try:
            answer = {"value": DOES[what](*arguments)}
        except Exception as error:  # told to who asked, who knows what to make of it
            answer = {"error": f"{type(error).__name__}: {error}"}
            connection.close()
        close_old_connections()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
