"""Each line of the log names the job and the request that it belongs to."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from threading import Thread
from typing import Any

import pytest

from accounts.trace import NONE, of_job, request_id
from packer_site.requests import Identified, Json


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged, as the site writes it."""
    token = request_id.set(NONE)  # other tests asked for pages
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Json())
    handler.addFilter(Identified())
    logger = logging.getLogger("of this test")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)
    request_id.reset(token)


def say(text: str) -> None:
    logging.getLogger("of this test").warning(text)


def in_a_thread(text: str) -> None:
    thread = Thread(target=say, args=(text,))
    thread.start()
    thread.join()


def lines(log: StringIO) -> list[tuple[Any, ...]]:
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    return [(one["message"], one["request_id"], one["job_id"]) for one in told]


def test_a_line_of_a_job_names_it_and_who_asked_for_it(log: StringIO) -> None:
    say("before")
    with of_job(7, "asked-here"):
        say("within")
        in_a_thread("in a thread of its work")
    say("after")

    assert lines(log) == [
        ("before", NONE, NONE),
        ("within", "asked-here", "7"),
        ("in a thread of its work", "asked-here", "7"),
        ("after", NONE, NONE),
    ]


def test_a_job_that_is_done_at_once_keeps_the_request(log: StringIO) -> None:
    token = request_id.set("the-request")
    with of_job(7):
        say("within")
    request_id.reset(token)

    assert lines(log) == [("within", "the-request", "7")]


def test_a_thread_is_said_to_be_of_no_job_where_there_are_several(log: StringIO) -> None:
    with of_job(7), of_job(8):
        in_a_thread("of one of them")
        say("of the inner one")

    assert lines(log) == [("of one of them", NONE, NONE), ("of the inner one", NONE, "8")]


def test_an_event_is_one_line_whatever_it_says(log: StringIO) -> None:
    say('two\r\nlines, \x1b[31mred\u2028 and "quoted"')
    try:
        raise ValueError("it\nbroke")
    except ValueError:
        logging.getLogger("of this test").exception("trouble")

    assert len(log.getvalue().splitlines()) == 2
    assert "ValueError: it\nbroke" in json.loads(log.getvalue().splitlines()[1])["exception"]
