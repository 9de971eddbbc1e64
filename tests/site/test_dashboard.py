"""The first page: its numbers are exact for each reader, and its chart speaks to everyone."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ReleaseGroup, User
from drafts.actions import start_sample_draft
from monitoring import disks as health
from releases.statistics import month_starts, numbers, own
from tests.factories import make_admin, make_draft, make_job, make_operator, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def page_of(user: User, query: str = "") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/{query}")


def failed(by: User) -> None:
    make_job(by=by, status="failed", finished_at=timezone.now())


def test_each_sees_their_own_numbers_and_an_administrator_all() -> None:
    ann, bob, admin = make_operator(), make_operator(), make_admin()
    make_release(owner=ann, size=1 << 30), make_release(owner=ann, type="TV", size=1 << 30)
    make_release(owner=bob, type="DOCS", size=5)
    for by in (ann, ann, bob):
        failed(by)

    seen = {user: page_of(user).context for user in (ann, bob, admin)}

    told = {
        user: (context["numbers"].count, context["numbers"].size, context["jobs_stand"].failed)
        for user, context in seen.items()
    }
    assert told == {ann: (2, 2 << 30, 2), bob: (1, 5, 1), admin: (3, (2 << 30) + 5, 3)}
    assert seen[ann]["numbers"].by_type == {"EBOOK": 1, "TV": 1, "DOCS": 0}


def test_an_administrator_may_look_at_their_own_alone() -> None:
    admin = make_admin()
    make_release(owner=admin), make_release()
    failed(make_operator())

    page = page_of(admin, "?whose=mine")

    assert page.context["numbers"].count == 1
    assert page.context["jobs_stand"].failed == 0


def test_a_member_may_look_at_what_the_group_made() -> None:
    user = make_operator()
    team = ReleaseGroup.objects.create(tag="TEAM")
    team.members.add(user)
    make_release(owner=user), make_release(group=team), make_release()
    failed(make_operator())

    page = page_of(user, "?whose=all")

    assert page.context["numbers"].count == 2
    assert page.context["jobs_stand"].failed == 0


def test_what_lies_in_the_trash_does_not_count() -> None:
    user = make_operator()
    make_release(owner=user, trashed_at=timezone.now())

    assert numbers(own(user)).count == 0


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 21), date(2025, 12, 1), date(2026, 11, 1)),
        (date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 1)),
        (date(2026, 1, 1), date(2025, 2, 1), date(2026, 1, 1)),
    ],
)
def test_twelve_months_end_with_the_present_one(today: date, first: date, last: date) -> None:
    starts = month_starts(today)

    assert (len(starts), starts[0], starts[-1]) == (12, first, last)


def test_a_release_counts_in_the_month_of_the_readers_zone() -> None:
    user = make_operator()
    this_month = timezone.now().astimezone(UTC).replace(day=1, hour=0, minute=30)
    make_release(owner=user, created_at=this_month)

    with timezone.override("UTC"):
        there = numbers(own(user)).months
    with timezone.override("America/Montreal"):  # where it is still the month before
        elsewhere = numbers(own(user)).months

    at = {
        zone: [m.began.month for m in months if m.count]
        for zone, months in {"UTC": there, "Montreal": elsewhere}.items()
    }
    assert at["UTC"] == [this_month.month]
    assert at["Montreal"] == [(this_month - timedelta(days=1)).month]


def test_what_is_older_than_a_year_counts_and_stands_in_no_month() -> None:
    user = make_operator()
    make_release(owner=user, created_at=datetime(2020, 1, 1, tzinfo=UTC))

    found = numbers(own(user))

    assert found.count == 1
    assert [month.count for month in found.months] == [0] * 12


def test_numbers_of_many_releases_take_one_query(django_assert_num_queries: Any) -> None:
    user = make_operator()
    for kind in ("EBOOK", "TV", "DOCS"):
        make_release(owner=user, type=kind)

    with django_assert_num_queries(1):
        numbers(own(user))


def test_the_chart_has_a_name_and_a_table_that_says_the_same() -> None:
    user = make_operator()
    make_release(owner=user), make_release(owner=user)

    page = page_of(user).content.decode()

    svg = re.search(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    table = re.search(r'<table[^>]*id="months-table".*?</table>', page, re.DOTALL)
    assert svg is not None
    assert table is not None
    assert 'role="img"' in svg[0]
    assert 'aria-labelledby="months-title"' in svg[0]
    assert "style=" not in svg[0]
    assert re.findall(r'<td class="text-end">(\d+)</td>', table[0]) == ["0"] * 11 + ["2"]


def test_the_latest_drafts_come_first_whoever_began_them() -> None:
    user = make_operator()
    found = make_draft(owner=user, group={"group": "FOUND"})
    found.awaits_review, found.origin, found.step = True, "inbox", "source"
    found.save()
    make_draft(owner=user, group={"group": "NEWER"})

    page = page_of(user).content.decode()

    assert page.index("NEWER") < page.index("FOUND")
    assert "Found in the inbox" in page
    assert "Step 4 of 9: File" in page


def test_the_first_page_leads_to_all_drafts_and_counts_them() -> None:
    user = make_operator()
    make_draft()
    for number in range(7):
        draft = make_draft(owner=user, group={"group": f"GRP{number}"})
        draft.awaits_review = number < 2
        draft.save()

    page = page_of(user)

    assert [one.draft.title for one in page.context["drafts"]] == [
        f"GRP{n}" for n in (6, 5, 4, 3, 2)
    ]
    assert (page.context["draft_counts"].drafts, page.context["draft_counts"].awaiting) == (7, 2)
    assert reverse("wizard:drafts") in page.content.decode()


def test_the_welcome_names_the_group_that_the_sample_will_have() -> None:
    user = make_operator()

    page = page_of(user).content.decode()

    assert start_sample_draft(by=user).answer("group", "group") == f"SAMPLE{user.pk}"
    assert f"the group SAMPLE{user.pk}, which" in page


def test_jobs_at_work_stand_with_their_progress_and_what_they_are_about() -> None:
    user = make_operator()
    release = make_release(owner=user)
    make_job(by=user, subject=release.subject, status="running", progress=42)
    other = make_job(status="running")

    page = page_of(user).content.decode()

    assert "42 %" in page
    assert f'data-job="{other.pk}"' not in page


def test_health_tells_of_disks_and_the_database_but_not_where_they_are() -> None:
    page = page_of(make_operator()).content.decode()

    assert "free" in page
    assert "none was ever heard of" in page
    assert str(settings.DATA_DIR) not in page


@pytest.mark.parametrize(
    ("free", "total", "is_low"),
    [
        (4 << 30, 20 << 30, True),  # below 5 GiB
        (6 << 30, 20 << 30, False),
        (90 << 30, 1000 << 30, True),  # below a tenth
        (101 << 30, 1000 << 30, False),
    ],
)
def test_a_disk_is_low_below_a_tenth_or_five_gibibytes(
    free: int,
    total: int,
    is_low: bool,
) -> None:
    assert health.Disk(("releases",), free, total).is_low is is_low


def test_the_database_has_a_size() -> None:
    assert health.database_bytes() > 0


def test_folders_on_one_disk_are_told_once() -> None:
    held = [name for disk in health.disks() for name in disk.holds]

    assert len(held) == len(set(held)) >= 2
