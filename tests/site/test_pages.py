from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import FirstRun, Login, LoginTries, Session, SystemSetting, User
from tests.factories import (
    make_admin,
    make_draft,
    make_job,
    make_operator,
    make_release,
    make_source,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
OURS = ("accounts", "jobs", "rules", "releases", "delivery", "enrichment", "drafts")
MODELS = [
    model
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if not model.__name__.endswith("Permission")  # rows of django-guardian
    and model not in {Session, Login, LoginTries, FirstRun}  # the programs write them alone
    and model is not SystemSetting  # one page writes it, and checks what is given
]


@pytest.fixture
def operator(client: Client) -> User:
    user = make_operator()
    client.force_login(user)
    return user


def test_pages_ask_for_a_login(client: Client) -> None:
    for path in ("/", "/releases/", "/jobs/"):
        assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"


def test_a_partial_leads_to_the_login_and_back_to_all_of_its_address(client: Client) -> None:
    here = "http://testserver/releases/?type=EBOOK&status=READY"

    left = client.get("/releases/", headers={"HX-Request": "true", "HX-Current-URL": here})

    address = urlsplit(left.headers["HX-Redirect"])
    assert (address.netloc, address.path) == ("", "/accounts/login/")
    assert parse_qs(address.query) == {"next": ["/releases/?type=EBOOK&status=READY"]}


def test_logging_in_leads_to_where_one_wanted_to_go(client: Client) -> None:
    make_operator(username="ann", password="Secret-123")
    body = {"username": "ann", "password": "Secret-123", "next": "/releases/"}

    assert client.post("/accounts/login/", body).headers["Location"] == "/releases/"


def test_logging_in_leads_to_no_other_site(client: Client) -> None:
    make_operator(username="ann", password="Secret-123")
    body = {"username": "ann", "password": "Secret-123", "next": "https://evil.example/"}

    assert client.post("/accounts/login/", body).headers["Location"] == "/"


def test_logging_out_takes_a_post(client: Client, operator: User) -> None:
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").headers["Location"] == "/accounts/login/"


def test_home_shows_a_newcomer_how_to_begin(client: Client, operator: User) -> None:
    assert b"Make your first release" in client.get("/").content


def test_home_shows_drafts_jobs_and_releases_of_ones_own(client: Client, operator: User) -> None:
    release = make_release(owner=operator)
    make_draft(owner=operator, group={"group": "MYDRAFT"})
    make_job(by=operator)
    make_draft(group={"group": "HIDDEN"})

    page = client.get("/").content.decode()

    assert release.name in page
    assert "MYDRAFT" in page
    assert "Packing" in page
    assert "HIDDEN" not in page
    assert "Make your first release" not in page


def test_home_costs_no_more_with_more_rows(client: Client, operator: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        return len(queries)

    def fill() -> None:
        make_release(owner=operator)
        make_draft(owner=operator)
        make_job(by=operator)

    fill()
    client.get("/")  # fills the caches
    fill()
    one = cost()
    fill()
    fill()

    assert cost() == one <= 10


def test_a_missing_page_is_designed(client: Client, operator: User) -> None:
    missing = client.get("/nowhere/")

    assert missing.status_code == 404
    assert b"or it is not yours to see" in missing.content


def test_every_answer_is_guarded_by_headers(client: Client, operator: User) -> None:
    headers = client.get("/").headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "HX-Request" in headers["Vary"]


def test_the_server_says_that_it_lives_without_the_database(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/livez").content == b"ok"

    assert len(queries) == 0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_has_its_pages_in_the_administration(
    client: Client, model: type[Model]
) -> None:
    client.force_login(make_admin())
    make_release()
    make_draft()
    job = make_job()
    job.log("A line")
    make_source()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    listed = client.get(reverse(f"{name}_changelist"), {"q": "a"})
    page = client.get(reverse(f"{name}_changelist"))

    assert admin.site.is_registered(model)
    assert (listed.status_code, page.status_code) == (200, 200)
    if row := model._default_manager.first():
        assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_the_administration_is_for_staff_alone(client: Client, operator: User) -> None:
    assert client.get("/admin/").status_code == 302
