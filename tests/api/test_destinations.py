from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from delivery.models import Destination
from tests.delivery.peers import PASSWORD, USER, ftp_server
from tests.factories import make_admin, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/config/destinations"
NEW = {
    "name": "Production FTP",
    "host": "ftp.example.com",
    "port": 21,
    "user": "ftpuser",
    "password": "ftppassword",
    "type": "FTP",
    "options": {"passive": True, "timeout": 60},
    "user_id": None,
}


@pytest.fixture
def admin(seeded: None) -> APIClient:
    client = APIClient()
    client.force_authenticate(make_admin())
    return client


def make_destination(owner: User | None = None, **fields: Any) -> Destination:
    usual = {"name": "There", "type": "FTP", "host": "127.0.0.1", "port": 21, "username": USER}
    return Destination.objects.create(user=owner, **usual | {"password": PASSWORD} | fields)


def test_the_examples_of_the_reference_get_their_answers(admin: APIClient) -> None:
    made = admin.post(PATH, NEW, format="json")
    number = made.json()["id"]
    listed = admin.get(PATH).json()
    change = {
        "host": "new.ftp.example.com",
        "password": "newpassword",
        "options": {"passive": False},
    }
    changed = admin.put(f"{PATH}/{number}", change, format="json")
    kept = Destination.objects.get()
    gone = admin.delete(f"{PATH}/{number}")

    assert (made.status_code, made.json()) == (
        201,
        {"id": number, "message": "Destination created"},
    )
    row = listed["destinations"][0]
    assert row.pop("created_at").endswith("Z")
    shown = {name: NEW[name] for name in ("name", "host", "port", "user", "type", "user_id")}
    assert listed == {"destinations": [{"id": number, **shown}]}
    assert (changed.status_code, changed.json()) == (
        200,
        {"id": number, "message": "Destination updated"},
    )
    assert kept.options == {"passive": False, "timeout": 60}
    assert (gone.status_code, gone.json()) == (200, {"message": "Destination deleted"})


def test_a_test_tells_the_milliseconds_or_why_not(
    admin: APIClient, tmp_path: Any, settings: Settings
) -> None:
    with ftp_server(tmp_path / "there") as peer:
        settings.DELIVERY_HOSTS = [peer.authority]
        works = make_destination(port=peer.port)
        wrong = make_destination(port=peer.port, name="Wrong", password="canary")
        answer = admin.post(f"{PATH}/{works.pk}/test")
        refused = admin.post(f"{PATH}/{wrong.pk}/test").json()
    gone = admin.post(f"{PATH}/{works.pk}/test").json()

    assert answer.status_code == 200
    assert (answer.json()["success"], answer.json()["message"]) == (True, "Connection successful")
    assert answer.json()["response_time"] >= 0
    assert (refused["success"], refused["error"]) == (False, "LoginRefused")
    assert "canary" not in str(refused)
    assert gone["error"] == "ConnectionRefusedError"


def test_a_private_address_is_refused(admin: APIClient) -> None:
    told = admin.post(f"{PATH}/{make_destination().pk}/test").json()

    assert told["error"] == "NotAllowed"
    assert "DELIVERY_HOSTS" in told["message"]


@pytest.mark.parametrize("name", ["host", "port", "user", "type"])
def test_a_kept_secret_is_asked_for_again(admin: APIClient, name: str) -> None:
    other = {"host": "evil.example.org", "port": 2121, "user": "other", "type": "FTPS"}
    destination = make_destination()

    refused = admin.put(f"{PATH}/{destination.pk}", {name: other[name]}, format="json")

    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["password"]


def test_an_edit_of_another_state_changes_nothing(admin: APIClient) -> None:
    path = f"{PATH}/{make_destination().pk}"
    read = admin.get(path)
    first = admin.put(path, {"name": "A"}, format="json", HTTP_IF_MATCH=read["ETag"])
    second = admin.put(path, {"name": "B"}, format="json", HTTP_IF_MATCH=read["ETag"])
    third = admin.delete(path, HTTP_IF_MATCH=read["ETag"])

    assert [first.status_code, second.status_code, third.status_code] == [200, 412, 412]
    assert Destination.objects.get().name == "A"
    assert read.json()["has_password"] is True
    assert PASSWORD not in read.content.decode()


def test_those_for_all_and_of_others_are_not_there(api: APIClient, operator: User) -> None:
    own = make_destination(operator)
    hidden = [make_destination(), make_destination(make_user())]

    assert api.get(PATH).status_code == 403
    listed = api.get(PATH, {"user_id": operator.pk}).json()["destinations"]
    assert [one["id"] for one in listed] == [own.pk]
    assert api.post(PATH, NEW, format="json").status_code == 403
    for one in hidden:
        for method, path in (("get", ""), ("put", ""), ("delete", ""), ("post", "/test")):
            answer = getattr(api, method)(f"{PATH}/{one.pk}{path}")
            assert answer.status_code == 404
            assert answer.json()["message"] == f"Destination with id {one.pk} not found"


def test_everybody_keeps_their_own(api: APIClient, operator: User) -> None:
    made = api.post(PATH, NEW | {"user_id": operator.pk}, format="json")
    twice = api.post(PATH, NEW | {"user_id": operator.pk}, format="json")
    taken = {"user_id": 1, "created_at": "2000-01-01T00:00:00Z", "id": 7, "owner_number": 0}
    api.put(f"{PATH}/{made.json()['id']}", taken, format="json")

    assert (made.status_code, twice.status_code) == (201, 409)
    assert Destination.objects.get().user == operator


def test_a_wrong_value_is_told_by_its_field(admin: APIClient) -> None:
    refused = admin.post(PATH, NEW | {"user": "a\r\nb"}, format="json")

    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["user"]


def test_without_a_login_nothing_is_done() -> None:
    for method, path in (("get", ""), ("post", ""), ("put", "/1"), ("post", "/1/test")):
        assert getattr(APIClient(), method)(f"{PATH}{path}").status_code == 401


def test_the_document_of_the_operations_is_whole() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", file="/dev/null")


def test_a_field_that_there_is_not_is_refused_by_name(admin: APIClient) -> None:
    body = {"name": "shelf", "type": "LOCAL", "path": "/etc"}
    answer = admin.post("/api/config/destinations", body, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["path"]
