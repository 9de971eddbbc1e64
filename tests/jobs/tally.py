"""`packer worker` with one more work, which counts: `python -m tests.jobs.tally [qworker]`."""

import fcntl
import os
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings
from django.core.management import call_command

from jobs.lease import Lease
from packer_site import commands, work, worker
from packer_site.work import Work

ME = [sys.executable, "-m", "tests.jobs.tally"]


def tally(lease: Lease, *, number: int) -> dict[str, Any]:
    """Write the file of `number` aside, and publish it once; as packing does."""
    folder = settings.DATA_DIR / "tally"
    with (folder / f".{number}.lock").open("w") as alone:
        try:
            fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            (folder / f"twice at once {number}").touch()
            raise
        lease.enter("archive")
        aside = folder / f".{number}.{os.getpid()}"
        aside.write_text(str(lease.job.pk))
        lease.enter("settle")
        publish(aside, folder / str(number), folder / "order")
    return {"number": number}


def publish(aside: Path, path: Path, order: Path) -> None:
    """Note that `path` is there, in the order of what is; an earlier attempt may have done it."""
    with order.open("a+") as noted:
        fcntl.flock(noted, fcntl.LOCK_EX)
        noted.seek(0)
        if path.name not in noted.read().split():
            aside.rename(path)
            noted.write(f"{path.name}\n")


def main() -> None:
    settings.JOB_LEASE_S = int(os.environ["LEASE_S"])
    settings.JOB_ATTEMPTS = 100  # more die here than anywhere
    work.WORK["tally"] = Work(tally)
    if sys.argv[1:] == ["qworker"]:
        call_command("qworker")
    else:
        worker.WORKER[:] = [*ME, "qworker"]
        sys.exit(commands.run(["worker", "--grace", "1"]))


if __name__ == "__main__":
    main()
