"""Step 4: a file is sent, chosen from the server's folder, or fetched from an address."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from drafts.models import Draft
from jobs.models import Job
from releases.models import Source
from rules.models import Rule
from tests.factories import make_admin, make_book, make_draft, make_operator
from tests.releases.test_folder import payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def owner() -> User:
    return make_operator(username="alice")


@pytest.fixture
def inbox(settings: Settings) -> Path:
    for name in ("alice", "bob", "shared"):
        (settings.INBOX_DIR / name).mkdir(parents=True)
    return Path(settings.INBOX_DIR)


@pytest.fixture
def draft(owner: User) -> Draft:
    return at_step_4(owner)


def at_step_4(owner: User, **answers: Any) -> Draft:
    rule = Rule.objects.get(name="2022_EBOOK")
    return make_draft(
        owner=owner,
        group={"group": "GRP"},
        type={"release_type": "EBOOK"},
        rule={"rule_id": rule.pk},
        **answers,
    )


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def url(draft: Draft, rest: str = "source/") -> str:
    return f"/wizard/{draft.uuid}/{rest}"


def page(client: Client, draft: Draft, **asked: Any) -> str:
    answer = client.get(url(draft), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def choose(client: Client, draft: Draft, path: str, **typed: str) -> str:
    """Choose a file of the folder, and return the page that this leads to."""
    answer = client.post(url(draft, "folder/choose/"), {"folder_path": path} | typed, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_ways_are_links_and_sending_a_file_is_the_first(
    signed_in: Client, draft: Draft
) -> None:
    html = page(signed_in, draft)

    ways = re.findall(r'href="[^"]*\?from=(\w+)"( aria-current="true")?', html)
    assert ways == [("upload", ' aria-current="true"'), ("folder", ""), ("url", "")]
    assert 'type="file"' in html


def test_the_folder_shows_a_user_their_own_and_the_shared_one_alone(
    signed_in: Client, draft: Draft, inbox: Path
) -> None:
    make_book(inbox)

    html = page(signed_in, draft, **{"from": "folder"})

    assert re.findall(r"path=(\w+)\"", html)[::2] == ["alice", "shared"]
    assert "bob" not in html


def test_an_administrator_looks_into_every_folder(client: Client, inbox: Path) -> None:
    admin = make_admin()
    client.force_login(admin)
    make_book(inbox)

    html = page(client, at_step_4(admin), **{"from": "folder"})

    assert all(name in html for name in ("alice", "bob", "shared", ".epub"))


@pytest.mark.parametrize("path", ["bob", "nobody", "../alice", "alice/../bob", ".hidden"])
def test_somebody_elses_folder_is_as_if_there_were_none(
    signed_in: Client, draft: Draft, inbox: Path, path: str
) -> None:
    answer = signed_in.get(url(draft), {"from": "folder", "path": path})

    assert answer.status_code == 404


def test_a_file_that_the_rule_allows_can_be_chosen_others_say_why_not(
    signed_in: Client, draft: Draft, inbox: Path
) -> None:
    book = make_book(inbox / "alice")
    (inbox / "alice" / "notes.odt").write_text("x")
    (inbox / "alice" / "none.epub").touch()

    html = page(signed_in, draft, **{"from": "folder", "path": "alice"})

    assert re.findall(r'name="folder_path" value="([^"]*)"', html) == [f"alice/{book.name}"]
    assert "not allowed by 2022_EBOOK" in html
    assert "empty" in html


def test_a_chosen_file_stays_where_it_is_and_what_was_typed_stays_typed(
    signed_in: Client, draft: Draft, inbox: Path
) -> None:
    book = make_book(inbox / "alice")

    html = choose(signed_in, draft, f"alice/{book.name}", rights="licensed", rights_note="Ours.")

    source = Source.objects.get()
    assert source.path == book
    assert f'value="{source.handle}"' in html
    assert book.name in html.partition('id="chosen-file"')[2][:400]
    assert re.search(r'value="licensed"[^>]*checked', html)
    assert 'value="Ours."' in html


def test_a_chosen_file_makes_the_step_complete(
    signed_in: Client, draft: Draft, inbox: Path
) -> None:
    choose(signed_in, draft, f"alice/{make_book(inbox / 'alice').name}")
    handle = str(Source.objects.get().handle)

    answer = signed_in.post(
        url(draft),
        {"file_path": handle, "rights": "own_work", f"{draft.uuid}-current_step": "source"},
    )

    draft.refresh_from_db()
    assert (answer.status_code, draft.answer("source", "file_path")) == (302, handle)


def test_a_file_chosen_twice_is_noted_once(signed_in: Client, draft: Draft, inbox: Path) -> None:
    path = f"alice/{make_book(inbox / 'alice').name}"

    choose(signed_in, draft, path)
    choose(signed_in, draft, path)

    assert Source.objects.count() == 1


def test_a_file_that_is_something_else_says_so_where_it_was_chosen(
    signed_in: Client, draft: Draft, inbox: Path
) -> None:
    (inbox / "alice" / "fake.epub").write_text("Only a text.")

    html = choose(signed_in, draft, "alice/fake.epub")

    assert "fake.epub is a file of type TXT" in html


@pytest.mark.parametrize(
    "path", ["bob/secret.epub", "alice/none.epub", "alice", "", "alice/ln.epub"]
)
def test_what_cannot_be_chosen_is_not_there(
    signed_in: Client, draft: Draft, inbox: Path, path: str
) -> None:
    (inbox / "bob" / "secret.epub").write_text("secret")
    (inbox / "alice" / "ln.epub").symlink_to(inbox / "bob" / "secret.epub")

    html = choose(signed_in, draft, path)

    assert "not there any more" in html
    assert "secret.epub" not in html
    assert not Source.objects.exists()


def test_no_path_leads_out_of_the_folder(signed_in: Client, draft: Draft, inbox: Path) -> None:
    """Reliability S7, through the pages."""
    canary = inbox.parent / "canary.epub"
    canary.write_text("sings")
    for path in payloads(100):
        if re.search("[\ud800-\udfff]", path):
            continue  # no browser can send it
        looked = signed_in.get(url(draft), {"from": "folder", "path": path})
        assert looked.status_code == 404, path
        assert (
            signed_in.post(url(draft, "folder/choose/"), {"folder_path": path}).status_code == 302
        )

    assert not Source.objects.exists()
    assert canary.read_text() == "sings"


def test_another_persons_draft_cannot_be_given_a_file(signed_in: Client, inbox: Path) -> None:
    other = at_step_4(make_operator(username="bob"))

    for rest in ("folder/choose/", "url/fetch/", "url/check/"):
        assert signed_in.post(url(other, rest), {"url": "https://example.org/"}).status_code == 404


def test_names_are_found_and_the_folder_is_paged(
    signed_in: Client, draft: Draft, inbox: Path
) -> None:
    for number in range(120):
        (inbox / "alice" / f"Volume {number}.epub").write_text("x")

    second = page(signed_in, draft, **{"from": "folder", "path": "alice", "page": "2"})
    found = page(signed_in, draft, **{"from": "folder", "path": "alice", "find": "11"})

    assert "Volume 50.epub" in second
    assert "Volume 49.epub" not in second
    assert "Page 2 of 3" in second
    assert re.findall(r'value="alice/Volume (\d+)\.epub"', found)[:2] == ["11", "110"]


def test_names_are_shown_as_text(signed_in: Client, draft: Draft, inbox: Path) -> None:
    (inbox / "alice" / "<script>alert(1)<").mkdir()

    html = page(signed_in, draft, **{"from": "folder", "path": "alice"})

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;" in html


@pytest.mark.parametrize("way", ["upload", "folder", "url"])
def test_the_step_asks_the_database_little_however_many_files_lie_there(
    signed_in: Client,
    draft: Draft,
    inbox: Path,
    way: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(40):
        (inbox / "alice" / f"{number}.epub").write_text("x")
    page(signed_in, draft)

    with django_assert_max_num_queries(10):
        page(signed_in, draft, **{"from": way, "path": "alice"})


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ftp://example.org/a.epub", "begins with http://"),
        ("https://user:secret@example.org/", "holds a user or a password"),
        ("example.org", "begins with http://"),
        ("https://0x7f.1/", "is not the name of a host"),
    ],
)
def test_an_address_is_judged_as_it_is_typed_and_again_when_it_is_sent(
    signed_in: Client, draft: Draft, typed: str, sentence: str
) -> None:
    live = signed_in.post(url(draft, "url/check/"), {"url": typed}).content.decode()
    sent = signed_in.post(url(draft, "url/fetch/"), {"url": typed}, follow=True).content.decode()

    assert sentence in live
    assert sentence in sent
    assert f'value="{typed}"' in sent
    assert not Job.objects.exists()


def test_an_address_becomes_a_job_whose_panel_is_shown(signed_in: Client, draft: Draft) -> None:
    sent = {"url": "https://example.org/a.epub", "rights": "licensed", "rights_note": ""}
    html = signed_in.post(url(draft, "url/fetch/"), sent, follow=True).content.decode()

    job = Job.objects.get()
    assert (job.work, job.subject, job.arguments["url"]) == ("download", draft.subject, sent["url"])
    assert 'id="job"' in html
    assert re.search(r'value="licensed"[^>]*checked', html)
    again = signed_in.post(url(draft, "url/fetch/"), sent, follow=True).content.decode()
    assert "on its way already" in again
    assert Job.objects.count() == 1
