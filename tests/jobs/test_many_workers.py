"""Several machines' worth of workers on one database, one killed each second."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from jobs.models import Job, Supervisor
from jobs.queue import enqueue
from tests.factories import make_user
from tests.instance import ROOT, descendants
from tests.processes import waited_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MACHINES, JOBS_EACH, IN_ORDER = 4, 50, 10
LEASE_S, KILL_EVERY_S, PATIENCE_S = 3, 1, 180


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Supervisors of workers, each as `packer worker` on a machine of its own."""
    (tmp_path / "tally").mkdir()
    running = [start(tmp_path) for _ in range(MACHINES)]
    try:
        yield running
    finally:
        for machine in running:
            for pid in descendants(machine.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            machine.wait(10)


def start(folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "packer_site.settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "LEASE_S": str(LEASE_S),
        "WORKERS": "1",
    }
    command = [sys.executable, "-m", "tests.jobs.tally"]
    return subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True)


def database_url() -> str:
    """Return where the database of this test is found by other processes."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def kill_workers(machines: list[subprocess.Popen[bytes]], over: threading.Event) -> None:
    """Kill each second the process that does the jobs of one machine; now and then, its group."""
    dice = random.Random(7)
    while not over.wait(KILL_EVERY_S):
        with suppress(OSError):  # it ended meanwhile
            _, *below = descendants(dice.choice(machines).pid)
            if below and dice.random() < 0.2:
                os.killpg(below[0], signal.SIGKILL)
            elif len(below) > 1:
                os.kill(dice.choice(below[1:]), signal.SIGKILL)


def in_order(subject: int) -> range:
    """Return the numbers of jobs about one subject: each is asked once the last is over."""
    return range(subject * JOBS_EACH, subject * JOBS_EACH + IN_ORDER)


def asked(by: User) -> list[int]:
    """Ask for all jobs, and return them once they are over."""
    ordered = [list(in_order(subject)) for subject in range(MACHINES)]
    named = {number for numbers in ordered for number in numbers}
    free = [number for number in range(MACHINES * JOBS_EACH) if number not in named]
    jobs = [enqueue("tally", by=by, number=number).pk for number in free]

    def goes_on() -> bool:
        busy = set(Job.objects.active().values_list("subject", flat=True))
        for subject, numbers in enumerate(ordered):
            if numbers and f"tally:{subject}" not in busy:
                job = enqueue("tally", by=by, subject=f"tally:{subject}", number=numbers.pop(0))
                jobs.append(job.pk)
                busy.add(job.subject)
        return not any(ordered) and not busy

    assert waited_for(goes_on, PATIENCE_S), Job.objects.count_by_status()
    return jobs


def test_every_job_is_done_once_whoever_dies(
    machines: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    by = make_user(is_superuser=True)
    assert waited_for(lambda: Supervisor.objects.count() == MACHINES, PATIENCE_S)
    over = threading.Event()
    killer = threading.Thread(target=kill_workers, args=(machines, over))
    killer.start()
    try:
        jobs = asked(by)
    finally:
        over.set()
        killer.join()

    done = Job.objects.filter(pk__in=jobs)
    assert set(done.values_list("status", flat=True)) == {"completed"}, list(
        done.exclude(status="completed").values("status", "error", "attempts")
    )
    order = [int(line) for line in (tmp_path / "tally" / "order").read_text().split()]
    assert sorted(order) == list(range(MACHINES * JOBS_EACH))
    assert not list((tmp_path / "tally").glob("twice*"))
    for subject in range(MACHINES):
        about = [number for number in order if number in in_order(subject)]
        assert about == sorted(about)
