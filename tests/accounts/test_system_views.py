from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SystemSetting, User
from accounts.permissions import grant
from accounts.system import described, effective, said
from tests.factories import make_admin, make_operator, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(**changes: Any) -> dict[str, Any]:
    """Return what a browser sends of the page as it stands, with some fields changed."""
    now = described(effective(said()))
    shown = {name: value for names in now.values() for name, value in names.items()}
    return shown | {f"initial-{name}": value for name, value in shown.items()} | changes


def keys() -> set[str]:
    return set(SystemSetting.objects.exclude(key="changes").values_list("key", flat=True))


def test_the_page_shows_what_counts_and_keeps_what_is_changed() -> None:
    client = signed_in(make_admin())
    page = client.get(reverse("accounts:system"))
    assert b"21474836480" in page.content

    answer = client.post(reverse("accounts:system"), sent(level="DEBUG", ftp_timeout="5"))

    assert (answer.status_code, answer["Location"]) == (302, reverse("accounts:system"))
    assert keys() == {"logs.level", "limits.ftp_timeout"}


def test_an_emptied_field_has_the_environment_count_again() -> None:
    client = signed_in(make_admin())
    client.post(reverse("accounts:system"), sent(ftp_timeout="5"))
    client.post(reverse("accounts:system"), sent(ftp_timeout=""))

    assert keys() == set()


def test_what_somebody_else_changed_meanwhile_stays() -> None:
    client, open_page = signed_in(make_admin()), sent(level="DEBUG")
    client.post(reverse("accounts:system"), sent(ftp_timeout="5"))
    client.post(reverse("accounts:system"), open_page)

    assert effective(said()).ftp_timeout_s == 5
    assert effective(said()).log_level == "DEBUG"


def test_what_cannot_be_kept_is_told_at_its_field() -> None:
    client = signed_in(make_admin())

    answer = client.post(reverse("accounts:system"), sent(ftp_timeout="0", uploads="/etc"))

    assert answer.status_code == 200
    form = answer.context["form"]
    assert set(form.errors) == {"ftp_timeout", "uploads"}
    assert b'value="/etc"' in answer.content
    assert keys() == set()


def test_a_place_in_use_is_told_on_the_page() -> None:
    client, source = signed_in(make_admin()), make_source()

    answer = client.post(
        reverse("accounts:system"), sent(uploads=str(source.path.parent.parent / "new"))
    )

    assert b"1 thing lies there" in answer.content


def test_who_may_not_read_the_configuration_does_not_see_the_page() -> None:
    client = signed_in(make_operator())

    assert client.get(reverse("accounts:system")).status_code == 403
    assert b"/config/system/" not in client.get("/preferences/").content
    assert Client().get(reverse("accounts:system")).status_code == 302


def test_who_may_only_read_it_changes_nothing() -> None:
    user = make_operator()
    grant(user, "config", "read")
    client = signed_in(user)

    page = client.get(reverse("accounts:system"))
    assert b"<fieldset disabled>" in page.content
    assert client.post(reverse("accounts:system"), sent(ftp_timeout="5")).status_code == 403
    assert keys() == set()
