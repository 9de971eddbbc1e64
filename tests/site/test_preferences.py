"""The page of preferences: everything that can be preferred, saved, taken along, forgotten."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Preference, Session, User
from accounts.preferences import own, prefer, preference
from tests.factories import make_user

pytestmark = pytest.mark.django_db
DISPLAY = {
    "display-theme": "dark",
    "display-language": "fr",
    "display-time_zone": "Europe/Paris",
    "display-view_mode": "cards",
}
USUAL = {
    "wizard-group": "GRP",
    "wizard-release_type": "TV",
    "wizard-rights": "licensed",
    "wizard-language": "pt-br",
    "wizard-source": "RETAiL",
    "wizard-generate_sfv": "on",
}


@pytest.fixture
def ann(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


def imported(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("preferences.json", content)
    return client.post("/preferences/import/", {"file": file})


def test_how_pages_are_shown_is_kept(client: Client, ann: User) -> None:
    saved = client.post("/preferences/display/", DISPLAY)

    assert saved.headers["Location"] == "/preferences/"
    assert own(ann) == {
        "theme": "dark",
        "language": "fr",
        "time_zone": "Europe/Paris",
        "view_mode": "cards",
    }
    assert saved.cookies["theme"].value == "dark"


def test_what_a_release_begins_with_is_kept(client: Client, ann: User) -> None:
    client.post("/preferences/wizard/", USUAL)

    assert preference(ann, "wizard_defaults") == {
        "group": "GRP",
        "release_type": "TV",
        "rights": "licensed",
        "language": "pt-BR",
        "source": "RETAiL",
        "generate_sfv": True,
    }
    assert 'value="GRP"' in client.get("/preferences/").content.decode()


def test_the_checksums_stay_on_until_somebody_switches_them_off(client: Client, ann: User) -> None:
    def box() -> str:
        page = client.get("/preferences/").content.decode()
        return next(tag for tag in page.split("<") if 'name="wizard-generate_sfv"' in tag)

    assert "checked" in box()

    client.post("/preferences/wizard/", {"wizard-group": "GRP"})

    assert "checked" not in box()


def test_of_what_one_is_told_is_kept(client: Client, ann: User) -> None:
    client.post("/preferences/notices/", {"notices-job_failed": "on"})

    wishes = {"job_completed": False, "job_failed": True, "desktop": False}
    assert preference(ann, "notifications") == wishes


def test_the_order_of_providers_is_kept(client: Client, ann: User) -> None:
    client.post("/preferences/order/", {"order": "OMDb,GoogleBooks,Nonsense"})

    order = ["OpenLibrary", "OMDb", "TVDB", "TMDb", "GoogleBooks"]
    assert preference(ann, "api_priority_order") == order


@pytest.mark.parametrize(
    ("section", "sent", "field"),
    [
        ("display", DISPLAY | {"display-theme": "pink"}, "theme"),
        ("display", DISPLAY | {"display-time_zone": "Mars/Base"}, "time_zone"),
        ("display", {}, "language"),
        ("wizard", USUAL | {"wizard-group": "no group!"}, "group"),
        ("wizard", USUAL | {"wizard-language": "xx-nonsense-xx"}, "language"),
        ("wizard", USUAL | {"wizard-release_type": "MP3"}, "release_type"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    client: Client, ann: User, section: str, sent: dict[str, str], field: str
) -> None:
    page = client.post(f"/preferences/{section}/", sent)

    assert page.status_code == 200
    assert field in page.context["sections"][section].errors
    assert not Preference.objects.exists()


def test_what_is_exported_can_be_imported_by_another(client: Client, ann: User) -> None:
    client.post("/preferences/display/", DISPLAY)
    file = client.get("/preferences/export/")
    bob = make_user()
    client.force_login(bob)

    imported(client, file.content)

    assert "attachment" in file.headers["Content-Disposition"]
    assert own(bob) == own(ann) != {}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\x00\xff\xfe", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b'{"preferences": {"wizard_defaults": {"group": NaN}}}', "not JSON"),
        (b'{"preferences": {"wizard_defaults": {"group": "\\ud800"}}}', "not JSON"),
        (b'{"preferences": {"\\ud800": 1}}', "not JSON"),
        (b"[]", "does not hold preferences"),
        (b'{"preferences": []}', "does not hold preferences"),
        (b'{"theme": "dark"}', "does not hold preferences"),
        (b'{"preferences": {"theme": "pink"}}', "theme: Choose one of"),
        (b'{"preferences": {"theme": "dark", "is_superuser": true}}', "no such preference"),
        (b'{"preferences": {"theme": "dark", "time_zone": ["UTC"]}}', "no such time zone"),
        (b'{"preferences": {"notifications": {"desktop": "yes"}}}', "true or false"),
        (b'{"preferences": {"wizard_defaults": {"group": "' + b"G" * 20_000 + b'"}}}', "longer"),
        (b'{"preferences": {"<script>alert(1)</script>": 1}}', "no such preference"),
        (b" " * 200_000, "too large"),
    ],
)
def test_a_hostile_file_is_refused_whole(
    client: Client, ann: User, content: bytes, sentence: str
) -> None:
    page = imported(client, content)

    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert not Preference.objects.exists()


def test_what_is_forgotten_makes_room_for_what_holds_for_all(client: Client, ann: User) -> None:
    Preference.objects.create(key="theme", value="dark")
    prefer(ann, "theme", "light")

    client.post("/preferences/reset/")

    assert own(ann) == {}
    assert preference(ann, "theme") == "dark"


def test_nobody_elses_preferences_are_touched(client: Client, ann: User) -> None:
    bob = make_user()
    prefer(bob, "theme", "dark")

    client.post("/preferences/display/", DISPLAY | {"user": bob.pk, "display-theme": "light"})
    client.post("/preferences/reset/")

    assert own(bob) == {"theme": "dark"}


def test_the_page_costs_no_more_with_more_sessions(client: Client, ann: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/preferences/")
        return len(queries)

    cost()
    one = cost()
    for _ in range(3):
        Client().force_login(ann)

    assert Session.objects.filter(user=ann).count() == 4
    assert cost() == one <= 10


@pytest.mark.parametrize("path", ["", "display/", "order/", "export/", "import/", "reset/"])
def test_preferences_are_for_those_who_are_signed_in(client: Client, path: str) -> None:
    for answer in (client.get(f"/preferences/{path}"), client.post(f"/preferences/{path}")):
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_section_that_does_not_exist_is_not_found(client: Client, ann: User) -> None:
    assert client.post("/preferences/nonsense/").status_code == 404
    assert json.loads(client.get("/preferences/export/").content) == {"preferences": {}}
