from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs.models import Job
from rulebook.models import Listing, SyncPlan
from rulebook.seeds import seed_listings
from tests.factories import make_admin, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
LISTINGS = reverse("admin:rulebook_listing_changelist")
SYNC = reverse("admin:rulebook_listing_sync")
PLANS = reverse("admin:rulebook_syncplan_changelist")
NEW_PLAN = reverse("admin:rulebook_syncplan_add")


@pytest.fixture
def client(seeded: None) -> Client:
    client = Client()
    client.force_login(make_admin())
    return client


def test_a_button_synchronizes_and_leads_to_the_job(client: Client) -> None:
    page = client.get(LISTINGS).content.decode()
    after = client.post(SYNC, follow=True).content.decode()

    job = Job.objects.get()
    assert f'action="{SYNC}"' in page
    assert f'href="{reverse("jobs:detail", args=[job.pk])}"' in after
    assert "The rules are being synchronized" in after


def test_a_link_synchronizes_nothing(client: Client) -> None:
    assert client.get(SYNC).status_code == 405
    assert not Job.objects.exists()


def test_who_is_no_administrator_synchronizes_nothing() -> None:
    client = Client()
    client.force_login(make_operator(is_staff=True))

    assert client.post(SYNC).status_code == 403
    assert not Job.objects.exists()


def test_the_list_is_to_be_looked_at(client: Client, django_assert_max_num_queries: Any) -> None:
    seed_listings()
    listing = Listing.objects.get(name="2022_EBOOK")

    with django_assert_max_num_queries(12):
        page = client.get(LISTINGS, {"q": "ebook"}).content.decode()

    assert "2022_EBOOK" in page
    assert "2021_MP3" not in page
    assert (
        client.post(reverse("admin:rulebook_listing_delete", args=[listing.pk])).status_code == 403
    )
    assert client.get(reverse("admin:rulebook_listing_add")).status_code == 403


def test_there_is_one_plan_and_it_can_be_changed(client: Client) -> None:
    client.post(NEW_PLAN, {"interval": "daily"})
    plan = SyncPlan.objects.get()
    second = client.post(NEW_PLAN, {"interval": "daily"})
    client.post(reverse("admin:rulebook_syncplan_change", args=[plan.pk]), {"interval": "weekly"})

    assert (plan.pk, plan.interval, plan.by) == (1, "daily", plan.by)
    assert plan.by
    assert second.status_code == 403
    assert SyncPlan.objects.get().interval == "weekly"
    assert "Every week" in client.get(PLANS).content.decode()
