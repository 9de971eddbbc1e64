"""Programs that change one release at the same time."""

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from jobs.models import Job
from releases import actions
from releases.models import Release
from tests.factories import make_new, make_operator, make_release
from tests.releases.mending.making import ran, sound
from tests.releases.mending.test_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
THREADS, TIMES = 6, 4


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_no_change_is_lost_where_each_says_what_it_read(operator: User) -> None:
    release = make_release(owner=operator, status="completed")
    url = f"/api/releases/{release.pk}"

    def count_up() -> None:
        client, done = client_of(operator), 0
        while done < TIMES:
            read = client.get(url)
            number = int(read.json()["metadata"].get("issue", 0))
            body = {"metadata": {"issue": str(number + 1)}}
            answer = client.put(url, body, format="json", headers={"If-Match": read["ETag"]})
            assert answer.status_code in {200, 412}, answer.json()
            done += answer.status_code == 200

    raised = at_once(count_up, THREADS)

    release.refresh_from_db()
    assert (raised, release.edited_metadata["issue"]) == ([], str(THREADS * TIMES))


def test_a_release_is_packed_as_its_row_says_whoever_edits_it_meanwhile(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    doors = iter([True, False] * 3)

    def edit_or_pack() -> None:
        if next(doors):
            ran(actions.request_packing(release, by=operator))
        else:
            actions.edit_release(
                release, by=operator, metadata={"title": "Better Book"}, columns={}
            )

    raised = at_once(edit_or_pack, 6)

    assert {type(error) for error in raised} <= {actions.ReleaseConflict}
    assert Job.objects.filter(status=Job.Status.COMPLETED).count() == 1
    sound(Release.objects.get(pk=release.pk))
