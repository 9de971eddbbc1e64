"""Deliveries for programs: the same actions, told in the same words."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, User
from delivery.models import Destination
from jobs.models import Job
from packer_site import work
from releases.models import Delivery, Release
from tests.factories import make_admin, make_job, make_operator, make_release, make_user
from tests.releases.mending.making import make_packed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def client(operator: User) -> APIClient:
    return signed_in(operator)


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def make_destination(owner: User | None = None, name: str = "Shelf") -> Destination:
    return Destination.objects.create(user=owner, name=name, type="LOCAL", folder=name.lower())


def packed_row(owner: User) -> Release:
    return make_release(owner=owner, status="completed")


def test_a_release_is_delivered_and_what_became_of_it_told(
    client: APIClient, operator: User, tmp_path: Path
) -> None:
    release, shelf = make_packed(operator), make_destination(operator)
    path = f"/api/releases/{release.pk}"

    asked = client.post(f"{path}/deliver", {"destination_id": shelf.pk}, format="json")
    waiting = client.get(f"{path}/deliveries").json()["deliveries"][0]
    work.run(asked.json()["job_id"])
    done = client.get(f"{path}/deliveries").json()["deliveries"][0]

    job = Job.objects.get(work="deliver")
    expected = {"job_id": job.pk, "status": "running", "message": "Delivery started"}
    assert (asked.status_code, asked.json()) == (202, expected)
    assert (waiting["status"], waiting["delivered_at"]) == ("pending", None)
    assert done["status"] == "completed"
    assert done["destination"] == {"id": shelf.pk, "name": "Shelf"}
    assert (done["arrived"], done["size"]) == (release.artifacts.count(), release.size)
    assert (tmp_path / "delivered" / "shelf" / release.name).is_dir()


def test_asking_twice_is_a_conflict_and_with_a_key_the_same_answer(
    client: APIClient, operator: User
) -> None:
    path = f"/api/releases/{packed_row(operator).pk}/deliver"
    body, key = {"destination_id": make_destination(None).pk}, {"Idempotency-Key": "once"}

    first = client.post(path, body, format="json", headers=key)
    same = client.post(path, body, format="json", headers=key)
    again = client.post(path, body, format="json")

    assert (same.status_code, same.json()) == (202, first.json())
    assert again.status_code == 409
    assert "is on its way to Shelf already" in again.json()["message"]
    assert Job.objects.filter(work="deliver").count() == 1


def test_a_destination_must_be_known_and_ones_own(operator: User) -> None:
    admin = make_admin()
    foreign = make_destination(make_user())
    path = f"/api/releases/{packed_row(operator).pk}/deliver"
    answers = [
        signed_in(operator).post(path, {"destination_id": foreign.pk}, format="json"),
        signed_in(operator).post(path, {}, format="json"),
        signed_in(operator).post(path, {"destination": 1}, format="json"),
        signed_in(admin).post(path, {"destination_id": foreign.pk}, format="json"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 422]
    assert answers[0].json()["errors"] == {
        "destination_id": [f"Destination with id {foreign.pk} not found"]
    }
    assert "somebody else's" in answers[3].json()["message"]


def test_where_others_deliver_to_is_not_told(client: APIClient, operator: User) -> None:
    release, other = packed_row(operator), make_user()
    secret = make_destination(other, "Secret")
    job = make_job(by=other, work="deliver", error="Not delivered to Secret.")
    Delivery.objects.create(release=release, destination=secret, place="there", by=other, job=job)

    row = client.get(f"/api/releases/{release.pk}/deliveries").json()["deliveries"][0]
    seen = signed_in(make_admin()).get(f"/api/releases/{release.pk}/deliveries").json()

    assert (row["destination"], row["place"], row["error"]) == (None, "", "")
    assert seen["deliveries"][0]["place"] == "there"
    assert seen["deliveries"][0]["error"] == "Not delivered to Secret."


def test_those_that_one_may_deliver_to_are_listed(client: APIClient, operator: User) -> None:
    for owner, name in ((operator, "Mine"), (None, "All"), (make_user(), "Foreign")):
        make_destination(owner, name)

    listed = client.get("/api/config/destinations?usable=true").json()["destinations"]

    assert [one["name"] for one in listed] == ["Mine", "All"]
    assert client.get("/api/config/destinations").status_code == 403


def test_a_group_is_delivered_by_itself_until_told_otherwise(
    client: APIClient, operator: User
) -> None:
    group, foreign = (ReleaseGroup.objects.create(tag=tag) for tag in ("OURS", "THEIRS"))
    group.members.add(operator)
    path = f"/api/config/destinations/{make_destination(operator).pk}/groups"

    added = [client.post(path, {"group_id": group.pk}, format="json") for _ in range(2)]
    unknown = client.post(path, {"group_id": foreign.pk}, format="json")
    listed = client.get(path).json()
    removed = client.delete(f"{path}/{group.pk}")

    assert [one.status_code for one in added] == [200, 200]
    assert unknown.json()["errors"] == {"group_id": [f"Group with id {foreign.pk} not found"]}
    assert listed == {"groups": [{"id": group.pk, "name": "OURS"}]}
    assert (removed.status_code, removed.json()) == (200, {"groups": []})
    assert client.delete(f"{path}/{group.pk}").status_code == 404


def test_the_list_costs_no_more_with_more_deliveries(client: APIClient, operator: User) -> None:
    release = packed_row(operator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/api/releases/{release.pk}/deliveries")
        return len(queries)

    def add(number: int) -> None:
        place = make_destination(operator, f"Shelf {number}")
        Delivery.objects.create(release=release, destination=place, place="there", by=operator)

    add(0)
    cost()
    one = cost()
    for number in range(1, 4):
        add(number)

    assert cost() == one
