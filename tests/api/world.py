"""Rows of each kind, made when something asks for them, and a client that may do all."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import RESOURCES, grant
from delivery.actions import Given, create_destination
from drafts.models import Draft
from enrichment.models import ApiConfig
from jobs.models import Job
from packer_site import work
from releases.models import NfoTemplate, Release, Source
from rulebook import actions as rulebook
from rules.models import Rule
from tests.factories import make_admin, make_source, make_template, make_user
from tests.releases.mending.making import make_episode, make_packed
from tests.rulebook.site import RulesSite

PASSWORD = "securepassword123"


class World:
    """Makes the rows that an example speaks of, when it does."""

    def __init__(self, settings: Settings, site: RulesSite) -> None:
        self.settings, self.site = settings, site
        self.user = make_admin(username="operator", email="operator@example.com", password=PASSWORD)
        self.user.groups.add(Role.objects.get(name="Operator"))
        self.user.release_groups.add(self.group)
        login = {"username": "operator", "password": PASSWORD}
        self.tokens = APIClient().post("/api/auth/login", login, format="json").json()
        self.client = APIClient()
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.tokens['access_token']}")

    @cached_property
    def group(self) -> ReleaseGroup:
        return ReleaseGroup.objects.create(tag="TESTGROUP")

    @cached_property
    def release(self) -> Release:
        return make_packed(self.user)

    @cached_property
    def episode(self) -> Release:
        return make_episode(self.user)

    @cached_property
    def job(self) -> Job:
        assert self.release.pk
        return Job.objects.filter(work="pack").latest("pk")

    @cached_property
    def source(self) -> Source:
        return make_source(owner=self.user)

    @cached_property
    def analysis(self) -> Job:
        body = {"file_path": str(self.source.handle), "release_type": "EBOOK"}
        answer = self.client.post("/api/wizard/step/5/analyze", body, format="json")
        return ran(answer.json()["job_id"])

    @cached_property
    def rule(self) -> Rule:
        raw = b"The [2024] eBook Standards\r\n1) Volumes of 5 MB\r\n"
        new = rulebook.NewRule(raw=raw, source="2024_EBOOK.nfo")
        return rulebook.import_rule(new, by=self.user)

    @cached_property
    def packable(self) -> Rule:
        return Rule.objects.get(name="2022_EBOOK")

    @cached_property
    def template(self) -> NfoTemplate:
        return make_template(content="{{ title }}\nby {{ author }}\n", is_system=True)

    @cached_property
    def draft(self) -> Draft:
        data = {"group": "GRP", "release_type": "EBOOK", "rule_id": self.packable.pk}
        data |= {"file_path": str(self.source.handle), "rights": "own_work"}
        number = self.saved(1, {"data": data})
        self.saved(6, {"job_id": number, "data": {"metadata": {"year": 1999}}})
        return Draft.objects.get(pk=number)

    def saved(self, step: int, body: dict[str, Any]) -> int:
        answer = self.client.post(f"/api/wizard/step/{step}/save", body, format="json")
        assert answer.status_code == 200, answer.json()
        for job in Job.objects.active():
            work.run(job.pk)
        return int(answer.json()["job_id"])

    @cached_property
    def other(self) -> User:
        other = make_user(
            username="somebody", email="somebody@example.com", role="Operator", note="A note"
        )
        other.release_groups.add(self.group)
        grant(other, "releases", "mod")
        return other

    @cached_property
    def role(self) -> Role:
        role = Role(name="Packers", description="Those who pack")
        role.save()
        for resource in RESOURCES:
            grant(role, resource, "mod")
        return role

    @cached_property
    def config(self) -> ApiConfig:
        return ApiConfig.objects.create(name="OpenLibrary")

    @cached_property
    def destination(self) -> Any:
        given = Given(
            name="Nowhere", type="FTP", host="127.0.0.1", port=9, username="me", password="secret"
        )
        return create_destination(given, owner=None, by=self.user)


def ran(number: int) -> Job:
    work.run(number)
    return Job.objects.get(pk=number)


NUMBERS: dict[str, Callable[[World], int]] = {
    "/api/releases/{id}/repack": lambda world: world.episode.pk,
    "/api/releases/": lambda world: world.release.pk,
    "/api/rules/": lambda world: world.rule.pk,
    "/api/users/": lambda world: world.other.pk,
    "/api/roles/": lambda world: world.role.pk,
    "/api/config/apis/": lambda world: world.config.pk,
    "/api/config/destinations/": lambda world: world.destination.pk,
    "/api/wizard/step/": lambda _world: 1,
}
"""What stands for `{id}` and `{step}`, by how the path begins."""
