from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from jobs.models import Job
from rulebook import actions
from rulebook.models import SyncPlan
from tests.factories import make_admin

WORKERS = 4


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_starts_what_is_due() -> None:
    actions.plan_sync("daily", by=make_admin())
    together = Barrier(WORKERS)

    def tick(_worker: int) -> Job | None:
        try:
            together.wait(10)
            return actions.start_due_sync()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        started = list(pool.map(tick, range(WORKERS)))

    assert len([job for job in started if job]) == 1
    assert Job.objects.count() == 1
    assert SyncPlan.objects.get().last_at
