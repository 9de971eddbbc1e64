"""What an instance is filled with for the tests of commands: nothing of it ever changes."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from accounts.actions.tokens import make_token
from accounts.models import User
from accounts.scopes import SCOPES, may_give
from delivery.models import Destination
from jobs.models import JobLog
from tests.factories import make_job, make_operator
from tests.instance import PASSWORD

BEGAN = datetime(2026, 1, 2, 10, 0, tzinfo=UTC)
LINES = (("INFO", "Analysis started"), ("WARNING", "No cover was found"))


def fill() -> None:
    """Make people, jobs and destinations, and print the tokens of the people as JSON."""
    make_operator(username="ann", email="ann@example.org", password=PASSWORD)
    User.objects.update(date_joined=BEGAN)
    make_jobs(by=User.objects.get(username="ann"))
    for name, folder in (("Shelf", "shelf"), ("Nowhere", "/nowhere/at/all")):
        Destination.objects.create(name=name, folder=folder, type="LOCAL", created_at=BEGAN)
    Destination.objects.update(modified_at=BEGAN)
    print(json.dumps({user.username: token_of(user) for user in User.objects.all()}))  # noqa: T201


def token_of(user: User) -> str:
    scopes = [scope for scope in SCOPES if may_give(user, scope)]
    return make_token("test", scopes, by=user)[1]


def make_jobs(*, by: User) -> None:
    for number, (status, error) in enumerate((("completed", ""), ("failed", "No space left.")), 1):
        job = make_job(
            by=by,
            work="analysis",
            status=status,
            error=error,
            progress=100 if status == "completed" else 40,
            uuid=UUID(int=number),
            queued_at=BEGAN,
            started_at=BEGAN + timedelta(seconds=1),
            finished_at=BEGAN + timedelta(seconds=number * 30),
        )
        for level, message in LINES:
            JobLog.objects.create(job=job, level=level, message=message)
    JobLog.objects.update(at=BEGAN)
