import os
import signal

import pytest

from cli.exits import Exit
from cli.interruption import Interrupted, Listener


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)],
)
def test_a_signal_is_an_interruption_with_its_exit_code(number: signal.Signals, code: Exit) -> None:
    with pytest.raises(Interrupted) as interrupted, Listener().attached():
        send(number)

    assert interrupted.value.code == code


def test_a_second_signal_does_not_cut_the_cleaning_short() -> None:
    listener, cleaned = Listener(), []

    def work() -> None:
        try:
            send(signal.SIGINT)
        finally:
            send(signal.SIGTERM)
            cleaned.append("all")

    with pytest.raises(Interrupted), listener.attached():
        work()

    assert cleaned == ["all"]


def test_a_signal_waits_for_the_progress_of_what_is_held() -> None:
    listener, told = Listener(), []

    def work() -> None:
        with listener.held(lambda *progress: told.append(progress)) as tell:
            tell("archive", 1, 2)
            send(signal.SIGINT)
            told.append(("still", 0, 0))
            tell("archive", 2, 2)

    with pytest.raises(Interrupted), listener.attached():
        work()

    assert told == [("archive", 1, 2), ("still", 0, 0)]


def test_what_is_held_ends_where_it_tells_no_more() -> None:
    listener = Listener()

    with listener.attached():
        with listener.held(lambda *progress: None):
            send(signal.SIGINT)
        with pytest.raises(Interrupted):
            listener.check()


def test_the_signals_are_given_back_and_what_is_ignored_stays_so() -> None:
    before = signal.getsignal(signal.SIGTERM)
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as nohup and scripts do

    try:
        with Listener().attached():
            send(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGINT, ignored)
