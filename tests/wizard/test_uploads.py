"""Files on their way, as step 4 lists them."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from drafts import actions
from drafts.models import Draft
from drafts.steps import BY_KEY
from releases.models import Upload
from rules.models import Rule
from tests.factories import make_draft, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator() -> User:
    return make_operator()


@pytest.fixture
def browser(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def draft(operator: User) -> Draft:
    rule = Rule.objects.get(name="2022_EBOOK")
    return make_draft(
        owner=operator,
        group={"group": "GRP"},
        type={"release_type": "EBOOK"},
        rule={"rule_id": rule.pk},
    )


def make_upload(draft: Draft, **fields: object) -> Upload:
    given = {"name": "book.epub", "size": 100, "received": 40, "subject": draft.subject}
    upload = Upload.objects.create(**given | {"created_by": draft.owner} | fields)
    upload.path.write_bytes(bytes(40))
    return upload


def shown(browser: Client, draft: Draft) -> str:
    return browser.get(f"/wizard/{draft.uuid}/source/").content.decode()


def discard(browser: Client, draft: Draft, handle: object) -> int:
    posted = {"upload": str(handle), "rights": "own_work"}
    return browser.post(f"/wizard/{draft.uuid}/uploads/discard/", posted).status_code


def typed(**fields: str) -> MultiValueDict[str, str]:
    return MultiValueDict({name: [value] for name, value in fields.items()})


def test_interrupted_files_of_the_draft_are_listed(browser: Client, draft: Draft) -> None:
    make_upload(draft, name="<b>first</b>.epub")
    make_upload(draft, name="further.epub", subject=draft.further_subject)
    make_upload(draft, name="elsewhere.epub", subject="draft:0")
    make_upload(draft, name="theirs.epub", created_by=make_operator())

    page = shown(browser, draft)

    assert "&lt;b&gt;first&lt;/b&gt;.epub" in page
    assert "further.epub" in page
    assert "Interrupted at 40\N{NO-BREAK SPACE}%" in page or "Interrupted at 40 %" in page
    assert "elsewhere.epub" not in page
    assert "theirs.epub" not in page


def test_a_file_is_discarded_and_what_was_typed_is_kept(
    browser: Client, draft: Draft, folders: Path
) -> None:
    upload = make_upload(draft)

    assert discard(browser, draft, upload.handle) == 302
    assert discard(browser, draft, upload.handle) == 302  # twice does no harm

    assert not Upload.objects.exists()
    assert list((folders / "uploads").iterdir()) == []
    draft.refresh_from_db()
    assert draft.typed["source"]["rights"] == ["own_work"]


def test_a_file_is_discarded_from_a_page_that_was_overtaken(browser: Client, draft: Draft) -> None:
    upload = make_upload(draft)
    actions.keep_typed(draft, BY_KEY["source"], typed(page="elsewhere", rights="licensed"))
    posted = {"upload": str(upload.handle), "rights": "own_work", "page": "here", "seen": "0"}

    page = browser.post(f"/wizard/{draft.uuid}/uploads/discard/", posted, follow=True)

    assert b"changed elsewhere meanwhile" in page.content
    assert not Upload.objects.exists()
    draft.refresh_from_db()
    assert draft.typed["source"]["rights"] == ["licensed"]


def test_files_of_others_are_not_discarded(browser: Client, draft: Draft) -> None:
    theirs = make_upload(make_draft())
    mine_elsewhere = make_upload(draft, subject="")

    discard(browser, draft, theirs.handle)
    discard(browser, draft, mine_elsewhere.handle)

    assert Upload.objects.count() == 2
    assert discard(browser, make_draft(), theirs.handle) == 404
    assert discard(browser, draft, "no handle") == 404


def test_files_on_their_way_go_with_their_draft(draft: Draft, folders: Path) -> None:
    make_upload(draft)
    make_upload(draft, subject=draft.further_subject)

    actions.discard_draft(draft)

    assert not Upload.objects.exists()
    assert list((folders / "uploads").iterdir()) == []


def test_many_files_cost_no_more_queries(browser: Client, draft: Draft) -> None:
    counts = []
    for _ in range(2):
        make_upload(draft)
        shown(browser, draft)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            shown(browser, draft)
        counts.append(len(asked))
        for _ in range(9):
            make_upload(draft)

    assert counts[0] == counts[1] <= 10
