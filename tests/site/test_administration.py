"""Whom the administration of Django lets at what: it asks for our permissions."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import RESOURCES, grant
from jobs.models import Job, Supervisor
from releases.models import Artifact, NfoTemplate, Release
from rules.models import Rule
from tests.factories import make_job, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
OURS = [model for model in admin.site._registry if model.__module__.split(".")[0] != "django_q"]
COMMON = [Rule, Supervisor]
"""Of these nobody's own rows are shown."""


def page(model: type[Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def office_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office() -> Client:
    """Of an administrator by their role alone."""
    return office_of(make_user(role="Admin", is_staff=True))


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_administrators_by_role_have_the_pages_of(office: Client, model: type[Model]) -> None:
    assert page(model, "changelist") in office.get("/admin/").content.decode()
    assert office.get(page(model, "changelist")).status_code == 200


def test_rows_are_shown_with_what_they_belong_to(office: Client) -> None:
    release, job = make_release(), make_job()
    Artifact.objects.create(release=release, path="a.rar", size=1, crc32="0" * 8, sha256="0" * 64)
    job.log("A line of the log")

    assert "a.rar" in office.get(page(Release, "change", release.pk)).content.decode()
    assert "A line of the log" in office.get(page(Job, "change", job.pk)).content.decode()


@pytest.mark.parametrize("model", [Release, Job, NfoTemplate, Artifact])
def test_staff_who_are_no_administrators_see_nobodys_rows(model: type[Model]) -> None:
    somebody = make_user(is_staff=True)
    for resource in RESOURCES:
        grant(somebody, resource, "mod")

    assert office_of(somebody).get(page(model, "changelist")).status_code == 403


@pytest.mark.parametrize("model", COMMON)
def test_staff_who_may_read_see_what_is_nobodys_own(model: type[Model]) -> None:
    somebody, nobody = make_user(is_staff=True), make_user(is_staff=True)
    for resource in ("rules", "config"):
        grant(somebody, resource, "read")

    assert office_of(somebody).get(page(model, "changelist")).status_code == 200
    assert office_of(nobody).get(page(model, "changelist")).status_code == 403


def test_operators_are_not_let_in() -> None:
    assert office_of(make_operator()).get(page(Release, "changelist")).status_code == 302
