from datetime import timedelta
from threading import Thread

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from enrichment.memory import RowMemory, forget_old
from enrichment.models import Answer

HOUR_S = 3600


def let_time_pass() -> None:
    Answer.objects.update(until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_what_is_kept_is_answered_until_its_time_is_over() -> None:
    memory = RowMemory()
    memory.set("answer", {"found": ["é", None, 1]}, HOUR_S)

    assert memory.get("answer") == {"found": ["é", None, 1]}
    assert memory.get("another") is None
    let_time_pass()
    assert memory.get("answer") is None


@pytest.mark.django_db
def test_the_last_value_is_the_one_that_is_kept() -> None:
    memory = RowMemory()
    memory.set("answer", 1, HOUR_S)
    memory.set("answer", 2, HOUR_S)

    assert memory.get("answer") == 2
    assert Answer.objects.count() == 1


@pytest.mark.django_db
def test_counting_begins_anew_after_its_time() -> None:
    memory = RowMemory()

    counts = [memory.add("failures", HOUR_S) for _ in range(3)]
    let_time_pass()

    assert counts == [1, 2, 3]
    assert (memory.get("failures"), memory.add("failures", HOUR_S)) == (None, 1)


@pytest.mark.django_db
def test_a_count_can_be_read_and_set() -> None:
    memory = RowMemory()
    memory.add("failures", HOUR_S)
    read = memory.get("failures")
    memory.set("failures", 0, HOUR_S)

    assert (read, memory.add("failures", HOUR_S)) == (1, 1)


@pytest.mark.django_db
def test_the_time_of_a_count_runs_from_the_first() -> None:
    memory = RowMemory()
    memory.add("failures", HOUR_S)
    before = Answer.objects.get().until
    memory.add("failures", 100 * HOUR_S)

    assert Answer.objects.get().until == before


@pytest.mark.django_db(transaction=True)
def test_nobody_is_missed_who_counts_at_the_same_time() -> None:
    def count() -> None:
        for _ in range(5):
            RowMemory().add("failures", HOUR_S)
        connection.close()

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert RowMemory().get("failures") == 20


@pytest.mark.django_db
def test_rows_tell_neither_key_nor_value_and_a_lost_key_is_a_miss(settings: Settings) -> None:
    memory = RowMemory()
    memory.set("login of canary", {"token": "canary-4711"}, HOUR_S)

    row = Answer.objects.get()
    assert "canary" not in row.key + row.value
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert memory.get("login of canary") is None
    assert memory.add("login of canary", HOUR_S) == 1


@pytest.mark.django_db
def test_what_is_over_is_deleted() -> None:
    memory = RowMemory()
    memory.set("old", 1, HOUR_S)
    let_time_pass()
    memory.set("new", 2, HOUR_S)

    forget_old()

    assert Answer.objects.count() == 1
    assert memory.get("new") == 2
