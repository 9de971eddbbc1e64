"""The list of releases: what it shows to whom, narrowed, sought, saved."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, User
from accounts.permissions import grant
from accounts.preferences import prefer, preference
from releases import paging, saved, search
from releases.filters import asked_of
from releases.models import Release
from releases.paging import ByIndex
from releases.search import Piece
from tests.factories import make_admin, make_job, make_operator, make_release, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator(username="op")


@pytest.fixture
def signed_in(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def names(page: Any) -> list[str]:
    """Return the releases that a page shows, in order."""
    return [row["release"].name for row in page.context["rows"]]


def library(operator: User) -> dict[str, Release]:
    """Make what an operator sees for each of three reasons, and what is hidden twice."""
    team, other = (ReleaseGroup.objects.create(tag=tag) for tag in ("TEAM", "OTHER"))
    team.members.add(operator)
    source = make_source()
    made = {
        "own": make_release(owner=operator, source=source, name="Own.Verne-GRP", status="failed"),
        "team": make_release(group=team, source=source, name="Team.Verne-TEAM", type="TV"),
        "given": make_release(source=source, name="Given.Verne-GRP", size=9),
        "hidden": make_release(group=other, source=source, name="Hidden.Verne-OTHER"),
        "trashed": make_release(owner=operator, source=source, name="Trashed.Verne-GRP"),
    }
    grant(operator, "releases", "read", made["given"])
    Release.objects.filter(pk=made["trashed"].pk).update(trashed_at=datetime.now(UTC))
    return made


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_the_last_day_are_days_wherever_one_is(
    signed_in: Client, operator: User, zone: str
) -> None:
    prefer(operator, "time_zone", zone)
    make_release(owner=operator)

    page = signed_in.get("/releases/?since=0001-01-01&until=9999-12-31")

    assert len(names(page)) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("show=all", {"own", "team", "given"}),
        ("search=verne", {"own", "team", "given"}),
        ("search=hidden", set()),
        ("group=OTHER", set()),
        ("group=OTHER&group=TEAM", {"team"}),
        ("status=draft", {"team", "given"}),
        ("status=draft,failed&type=EBOOK", {"own", "given"}),
        ("conformity=unknown", {"own", "team", "given"}),
        ("conformity=broken", set()),
        ("owner=op", {"own"}),
        ("owner=nobody", set()),
        ("since=2000-01-01&until=2001-01-01", set()),
        ("since=2000-01-01", {"own", "team", "given"}),
        ("since=never&sort=no&order=no&page=99", {"own", "team", "given"}),
    ],
)
def test_each_filter_shows_and_counts_what_one_may_see_alone(
    signed_in: Client, operator: User, query: str, expected: set[str]
) -> None:
    made = library(operator)

    page = signed_in.get(f"/releases/?{query}")

    assert set(names(page)) == {made[name].name for name in expected}
    assert page.context["page"].paginator.count == len(expected)
    assert "Hidden.Verne" not in page.content.decode()


def test_who_may_see_many_is_shown_the_same(
    signed_in: Client, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = library(operator)
    few = names(signed_in.get("/releases/?search=verne"))
    monkeypatch.setattr(paging, "FEW", 1)

    many = names(signed_in.get("/releases/?search=verne"))

    assert many == few == [made[name].name for name in ("given", "team", "own")]


def test_programs_are_told_the_same_of_the_same_filters(operator: User) -> None:
    made = library(operator)
    api = APIClient()
    api.force_authenticate(operator)

    def told(query: str) -> set[str]:
        return {one["name"] for one in api.get(f"/api/releases?{query}").json()["releases"]}

    assert told("search=verne&conformity=unknown") == {
        made[name].name for name in ("own", "team", "given")
    }
    assert told("owner=op") == {made["own"].name}
    assert api.get("/api/releases?since=never").status_code == 400


def test_groups_that_are_offered_are_those_of_releases_one_sees(
    client: Client, operator: User
) -> None:
    library(operator)
    for user, expected in ((operator, ["GRP", "TEAM"]), (make_admin(), ["GRP", "OTHER", "TEAM"])):
        client.force_login(user)
        offered = client.get("/releases/groups/?group=").content.decode()
        assert re.findall(r'value="(\w+)"', offered) == expected
        typed = client.get("/releases/groups/?group=GRP&group=te").content.decode()
        assert re.findall(r'value="(\w+)"', typed) == ["TEAM"]


def test_people_are_offered_to_administrators_alone(client: Client, operator: User) -> None:
    client.force_login(operator)
    assert client.get("/releases/owners/?owner=o").status_code == 404

    client.force_login(make_admin())
    assert b'value="op"' in client.get("/releases/owners/?owner=O").content


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("sort=name&order=asc", "abc"),
        ("sort=name&order=desc", "cba"),
        ("sort=size&order=asc", "bca"),
        ("sort=group&order=asc", "cab"),
        ("sort=created_at&order=asc", "bac"),
        ("show=all", "cab"),
    ],
)
def test_the_list_is_put_in_order(
    signed_in: Client, operator: User, sort: str, expected: str
) -> None:
    facts = {"a": (2, 30, "MID"), "b": (1, 10, "NEW"), "c": (3, 20, "LOW")}
    for name, (day, size, tag) in facts.items():
        group, _ = ReleaseGroup.objects.get_or_create(tag=tag)
        when = datetime(2026, 1, day, tzinfo=UTC)
        make_release(owner=operator, name=name, size=size, group=group, created_at=when)

    assert "".join(names(signed_in.get(f"/releases/?{sort}"))) == expected


FOUND = [
    "verne mysterious",
    "MYSTÉRIOUS vérne",
    "verne.mysterious",
    "ysteri",
    "m*ious",
    "ile mysterieuse",
    "grp",
    "j. g. verne",
    "1874",
    "*",
    " ",
]
NOT_FOUND = ["verne wells", '"', "-", "%", "_", "verne zzz", "' OR 1=1 --", "(((", "x" * 10_000]


@pytest.mark.parametrize("text", FOUND)
def test_a_release_is_found_by_parts_of_its_words(operator: User, text: str) -> None:
    release = make_release(
        owner=operator,
        name="J.G.Verne.The.Mysterious.Island.1874.RETAiL.ePUB.eBook-GRP",
        title="L'Île mystérieuse",
        metadata={"title": "L'Île mystérieuse", "author": "Jules Gabriel Verne"},
    )

    assert list(Release.objects.search(text)) == [release]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_no_release_says_finds_none(signed_in: Client, operator: User, text: str) -> None:
    make_release(owner=operator, name="Verne-GRP")

    page = signed_in.get("/releases/", {"search": text})

    assert names(page) == []
    assert b"No release matches" in page.content


@pytest.mark.parametrize(
    ("text", "sought", "expected"),
    [
        ("The Île", "ile", [Piece("The "), Piece("Île", is_marked=True)]),
        ("Straße 7", "strasse", [Piece("Straße", is_marked=True), Piece(" 7")]),
        ("A.B", "zz", [Piece("A.B")]),
        ("abab", "ab", [Piece("abab", is_marked=True)]),
        ("e\u0301a", "ea", [Piece("e\u0301a", is_marked=True)]),
        ("", "a", []),
    ],
)
def test_what_was_sought_is_marked_as_it_is_written(
    text: str, sought: str, expected: list[Piece]
) -> None:
    assert search.marked(text, search.parts(sought)) == expected


def test_what_is_marked_stays_text(signed_in: Client, operator: User) -> None:
    make_release(owner=operator, name="X-GRP", title="<script>alert(1)</script><b>bold")

    page = signed_in.get("/releases/?search=script").content.decode()

    assert "<script>alert" not in page
    assert "&lt;<mark>script</mark>&gt;alert(1)" in page


def test_the_words_follow_what_a_release_says(operator: User) -> None:
    release = make_release(owner=operator)
    release.name, release.conformity = "Renamed.Thing-GRP", {"state": "broken"}
    release.save(update_fields=["name", "conformity"])

    again = Release.objects.get(pk=release.pk)
    assert "renamed" in again.words
    assert again.conformity_state == "broken"
    assert again.group_tag == "GRP"


@pytest.mark.parametrize("mode", ["table", "cards"])
@pytest.mark.parametrize("is_admin", [True, False])
def test_ten_and_a_hundred_rows_cost_the_same_queries(
    client: Client, operator: User, mode: str, is_admin: bool
) -> None:
    user = make_admin() if is_admin else operator
    client.force_login(user)
    prefer(user, "view_mode", mode)
    source = make_source()
    for _ in range(10):
        make_release(owner=user, source=source)
    ten = cost(client)
    for _ in range(90):
        make_release(owner=user, source=source)

    assert cost(client) == ten <= 10


def cost(client: Client) -> int:
    client.get("/releases/?search=book&group=GRP")  # warms what is asked once
    with CaptureQueriesContext(connection) as queries:
        client.get("/releases/?search=book&type=EBOOK")
    return len(queries)


def test_pages_past_the_middle_are_counted_from_the_end(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source()
    keys = [make_release(owner=operator, source=source).pk for _ in range(11)][::-1]
    monkeypatch.setattr(paging, "MANY", 2)
    asked = asked_of(QueryDict(""))

    def pages() -> ByIndex:
        found = asked.narrowed(Release.objects.visible_to(operator))
        return ByIndex(found, 3, index=asked.index, rows=Release.objects.brief())

    for number in range(1, 5):
        page = pages().page(number)
        assert [row.pk for row in page] == keys[3 * number - 3 : 3 * number]
    assert pages().count == 11


def test_mariadb_sorts_no_more_than_it_shows(operator: User) -> None:
    if connection.vendor != "mysql":
        pytest.skip("it is about MariaDB")
    library(operator)
    for query in ("", "sort=name", "status=draft&type=TV", "search=verne", "group=GRP"):
        asked = asked_of(QueryDict(query))
        for user in (operator, make_admin()):
            found = asked.narrowed(Release.objects.visible_to(user))
            sql, values = found.values_list("pk")[:20].query.sql_with_params()
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {paging.hinted(sql, asked.index)}", values)
                plan = [str(row[-1]) for row in cursor.fetchall()]
            assert not [told for told in plan if "filesort" in told or "temporary" in told]


def test_a_running_job_is_shown(signed_in: Client, operator: User) -> None:
    release = make_release(owner=operator)
    job = make_job(by=operator, subject=release.subject)

    assert f'href="/jobs/{job.pk}/">at work' in signed_in.get("/releases/").content.decode()


def test_cards_are_remembered(signed_in: Client, operator: User) -> None:
    make_release(owner=operator)

    page = signed_in.post("/releases/mode/", {"mode": "cards", "query": "type=EBOOK"}, follow=True)

    assert preference(operator, "view_mode") == "cards"
    assert page.redirect_chain == [("/releases/?type=EBOOK", 302)]
    assert b"release-card" in page.content
    signed_in.post("/releases/mode/", {"mode": "heap"})
    assert preference(operator, "view_mode") == "cards"


def test_a_view_is_saved_as_it_makes_sense_and_shown(signed_in: Client, operator: User) -> None:
    query = "type=TV&evil=1&sort=no&search=a%26b&page=7"

    page = signed_in.post(
        "/releases/views/", {"name": " <b>Mine</b> ", "query": query}, follow=True
    )

    assert preference(operator, "list_filters") == {"<b>Mine</b>": "search=a%26b&type=TV"}
    assert "<b>Mine" not in page.content.decode()
    assert "&lt;b&gt;Mine" in page.content.decode()
    assert "Save this view" not in page.content.decode()
    assert "Save this view" in signed_in.get("/releases/?type=TV").content.decode()


def test_views_are_renamed_opened_with_and_deleted(signed_in: Client, operator: User) -> None:
    prefer(operator, "list_filters", {"rules": "tree"})

    def change(**fields: str) -> None:
        signed_in.post("/releases/views/change/", fields)

    signed_in.post("/releases/views/", {"name": "Films", "query": "type=TV"})
    change(name="Films", do="rename", new="Shows")
    change(name="Shows", do="open")
    assert signed_in.get("/releases/").headers["Location"] == "/releases/?type=TV"
    assert signed_in.get("/releases/?show=all").status_code == 200

    change(name="Shows", do="rename", new="Series")
    assert signed_in.get("/releases/").headers["Location"] == "/releases/?type=TV"
    change(name="Series", do="delete")
    assert signed_in.get("/releases/").status_code == 200
    assert preference(operator, "list_filters")["rules"] == "tree"


@pytest.mark.parametrize("name", ["", "rules", "*", "x" * 61, "\n"])
def test_a_name_that_is_none_is_refused(signed_in: Client, operator: User, name: str) -> None:
    page = signed_in.post("/releases/views/", {"name": name, "query": "type=TV"}, follow=True)

    assert b"alert-danger" in page.content
    assert preference(operator, "list_filters") == {}


def test_views_are_ones_own(client: Client, operator: User) -> None:
    saved.save(operator, "Secret view", "type=TV")
    client.force_login(make_operator())

    for path in ("/releases/", "/releases/views/"):
        assert b"Secret view" not in client.get(path).content


def test_each_filter_can_be_taken_away(signed_in: Client) -> None:
    page = signed_in.get("/releases/?type=TV&type=DOCS&search=x&since=2026-01-02")

    told = {chip["value"]: chip["query"] for chip in page.context["chips"]}
    assert told == {
        "x": "type=TV&type=DOCS&since=2026-01-02",
        "TV": "search=x&type=DOCS&since=2026-01-02",
        "Document": "search=x&type=TV&since=2026-01-02",
        "2026-01-02": "search=x&type=TV&type=DOCS",
    }


def test_an_empty_list_says_how_to_begin(signed_in: Client) -> None:
    assert b"There is no release yet" in signed_in.get("/releases/").content
