"""Deliveries as people see them: on the page of a release, and in the last step of the wizard."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.permissions import grant
from delivery.models import Destination
from drafts.models import Draft
from jobs.models import Job
from packer_site import work
from releases.models import Delivery, Release
from tests.factories import make_admin, make_job, make_operator, make_release, make_user
from tests.releases.mending.making import make_packed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def operator(client: Client, seeded: None) -> User:
    user = make_operator()
    client.force_login(user)
    return user


@pytest.fixture
def release(operator: User) -> Release:
    return make_release(owner=operator, status="completed", packed_at="2026-01-01T10:00Z")


def make_destination(owner: User | None = None, **fields: Any) -> Destination:
    usual = {"name": "Shelf", "type": "LOCAL", "folder": "shelf"}
    return Destination.objects.create(user=owner, **usual | fields)


def url(release: Release, verb: str = "deliveries") -> str:
    return f"/releases/{release.pk}/{verb}/"


def text(response: Any) -> str:
    content = re.sub(r"<[^>]*>", " ", response.content.decode())
    return " ".join(unescape(content).split())


def give_delivery(release: Release, to: Destination | None, **fields: Any) -> Delivery:
    return Delivery.objects.create(release=release, destination=to, **{"place": "there"} | fields)


def test_a_release_is_delivered_from_its_page(client: Client, operator: User) -> None:
    packed, shelf = make_packed(operator), make_destination(operator)
    offered = text(client.get(url(packed)))

    answer = client.post(url(packed, "deliver"), {"destination": shelf.pk})
    waiting = client.get(url(packed))
    work.run(Job.objects.get(work="deliver").pk)
    done = text(client.get(url(packed)))

    assert "Shelf (Folder of the server)" in offered
    assert answer.headers["Location"] == url(packed)
    assert "Waiting for a worker" in text(waiting)
    assert b"data-live=" in waiting.content
    assert "Shelf Delivered shelf" in done
    assert "made sure by" in done
    assert "Deliver again" in done


def test_the_form_leads_back_to_where_it_stood_and_nowhere_else(
    client: Client, operator: User, release: Release
) -> None:
    shelf = make_destination(operator)
    for wanted, location in (("/wizard/x/", "/wizard/x/"), ("//evil.example.org/", url(release))):
        said = {"destination": shelf.pk, "next": wanted}
        assert client.post(url(release, "deliver"), said).headers["Location"] == location


@pytest.mark.parametrize("chosen", ["", "x", "9" * 30])
def test_no_destination_is_asked_for(client: Client, release: Release, chosen: str) -> None:
    answer = client.post(url(release, "deliver"), {"destination": chosen}, follow=True)

    assert "Choose a destination first." in text(answer)


def test_what_is_refused_is_said(client: Client, operator: User, release: Release) -> None:
    shelf = make_destination(operator)
    for _ in range(2):
        page = client.post(url(release, "deliver"), {"destination": shelf.pk}, follow=True)

    assert "is on its way to Shelf already" in text(page)
    assert client.post(url(release, "deliver"), {"destination": 999}).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_one_for_all_is_tried_by_who_may_deliver_there(
    client: Client, operator: User, release: Release, headers: dict[str, str]
) -> None:
    said = {"destination": make_destination(None).pk, "test": "1"}

    page = client.post(url(release, "deliver"), said, headers=headers, follow=True)

    assert "It works: a file was written and removed again" in text(page)
    assert (b"<html" in page.content) == (not headers)
    assert not Delivery.objects.exists()


def test_how_each_delivery_stands_is_told(client: Client, operator: User, release: Release) -> None:
    over = {"finished_at": "2026-02-02T10:00Z"}
    failed = make_job(by=operator, work="deliver", status="failed", error="It was full.", **over)
    done = "2026-03-03T10:00Z"
    give_delivery(release, make_destination(operator, name="Full"), job=failed, by=operator)
    now = {"delivered_at": done, "packed_at": release.packed_at}
    give_delivery(release, make_destination(operator, name="Here"), **now)
    give_delivery(release, make_destination(operator, name="Old"), delivered_at="2025-01-01T10:00Z")
    give_delivery(release, None, **now, by=operator)

    page = text(client.get(url(release)))

    assert re.search("Full Not delivered .*It was full.*Go on with it", page)
    assert "Here Delivered there" in page
    assert "Old An earlier package is there there" in page
    assert "A destination that is gone Delivered" in page


def test_where_others_deliver_to_is_not_shown(client: Client, release: Release) -> None:
    other = make_user(username="other")
    secret = make_destination(other, name="Secret")
    error = "Not delivered to Secret: hidden.example.org refuses the login."
    over = {"status": "failed", "error": error, "finished_at": timezone.now()}
    job = make_job(by=other, work="deliver", **over)
    give_delivery(release, secret, place="hidden.example.org", by=other, job=job)

    page = text(client.get(url(release)))
    client.force_login(make_admin())

    assert "A destination of other" in page
    assert "hidden.example.org" not in page
    assert "Secret" not in page
    assert "hidden.example.org" in text(client.get(url(release)))


def test_who_may_only_read_is_offered_nothing(client: Client, release: Release) -> None:
    reader = make_user()
    grant(reader, "releases", "read", release)
    client.force_login(reader)
    make_destination(None)

    page = text(client.get(url(release)))

    assert "It was delivered nowhere yet." in page
    assert "Where to?" not in page


def test_the_one_that_was_chosen_last_is_proposed(
    client: Client, operator: User, release: Release
) -> None:
    make_destination(operator)
    second = make_destination(None, name="Second")
    client.post(url(release, "deliver"), {"destination": second.pk})

    page = client.get(url(make_release(owner=operator, status="completed")))

    assert f'<option value="{second.pk}" selected>' in page.content.decode()


def test_the_last_step_of_the_wizard_delivers(client: Client, operator: User) -> None:
    packed, shelf = make_packed(operator), make_destination(operator)
    draft = Draft.objects.create(owner=operator, release=packed, step="destination")
    step = f"/wizard/{draft.uuid}/destination/"
    offered = client.get(step)

    said = {"destination": shelf.pk, "next": offered.context["back"]}
    answer = client.post(url(packed, "deliver"), said)
    waiting = client.get(step)
    work.run(Job.objects.get(work="deliver").pk)

    assert "Packed and verified" in text(offered)
    assert answer.headers["Location"] == step
    assert b"data-live=" in waiting.content
    assert "Packed and verified" in text(waiting)
    assert "Finish" in text(waiting)
    assert "Shelf Delivered shelf" in text(client.get(step))


def test_the_page_costs_no_more_with_more_deliveries(
    client: Client, operator: User, release: Release
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url(release))
        return len(queries)

    def add(number: int) -> None:
        there = make_destination(operator, name=f"Shelf {number}")
        give_delivery(release, there, job=make_job(by=operator, work="deliver"), by=operator)

    for number in range(2):
        add(number)
    cost()
    two = cost()
    for number in range(2, 6):
        add(number)

    assert cost() == two <= 14
