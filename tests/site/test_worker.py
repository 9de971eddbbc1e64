"""Whether workers of this machine live is told to whatever watches them."""

from argparse import ArgumentParser
from collections.abc import Sequence

import pytest

from cli.exits import Exit
from jobs.duties import Duty
from jobs.models import Supervisor
from packer_site import chores, worker

pytestmark = pytest.mark.django_db(transaction=True)  # looking after workers leaves its connection


def asked(arguments: Sequence[str]) -> Exit:
    parser = ArgumentParser()
    worker.add_arguments(parser)
    return worker.run(parser.parse_args(arguments))


def test_workers_that_were_heard_of_are_alive() -> None:
    worker.say_alive()

    assert asked(["--is-alive"]) == Exit.DONE


def test_those_of_another_machine_are_not_ours() -> None:
    Supervisor.objects.beat(f"{worker.machine()}-not:1", 2)

    assert asked(["--is-alive"]) == Exit.FAILED


def test_a_worker_that_fell_silent_is_not_alive() -> None:
    worker.say_alive()
    Supervisor.objects.update(seen_at="2020-01-01T00:00:00Z")

    assert asked(["--is-alive"]) == Exit.FAILED


def test_who_keeps_workers_running_says_so_before_chores_that_take_long_and_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[bool] = []

    def take_long() -> None:
        said.append(Supervisor.objects.exists())
        Supervisor.objects.all().delete()  # as if that had been long ago

    long = Duty("A chore", take_long, "%(count)d")
    monkeypatch.setattr(chores, "CHORES", {"first": long, "second": long})
    monkeypatch.setattr(worker, "SAYS_EVERY_S", 0)

    worker.look_after_workers()

    assert said == [True, True]
