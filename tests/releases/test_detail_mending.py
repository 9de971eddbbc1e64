"""Releases are mended from their page: looked at first, then done, then taken back."""

import hashlib
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.models import NfoTemplate, Release, Revision
from tests.factories import make_new, make_operator, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
OPERATIONS = ("nfofix", "dirfix", "repack", "readnfo")


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def signed_in(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def packed(operator: User) -> Release:
    release = actions.create_release(make_new(owner=operator), by=operator)
    work.run(actions.request_packing(release, by=operator).pk)
    release.refresh_from_db()
    assert release.status == Release.Status.COMPLETED
    return release


def url(release: Release, path: str) -> str:
    return f"{release.get_absolute_url()}{path}"


def text(response: Any) -> str:
    content = re.sub(r"<(script|svg|template).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def fields(response: Any) -> dict[str, str]:
    """Return what the form of a page would send as it is: what is hidden, and what is filled in."""
    form = response.context["form"]
    sent = {
        bound.html_name: value
        for bound in form
        if (value := bound.value()) not in (None, "", False)
    }
    hidden = re.findall(
        r'<input type="hidden" name="(token|asked)" value="([^"]*)"', response.content.decode()
    )
    return sent | dict(hidden)


def tree(folder: Path) -> dict[str, str]:
    """Return what lies in `folder`: the sum of each file that can be seen."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


def finish(status: str = "completed") -> Job:
    job = Job.objects.active().get()
    work.run(job.pk)
    job.refresh_from_db()
    assert job.status == status, job.error
    return job


@pytest.mark.parametrize("operation", OPERATIONS)
def test_looking_changes_nothing(signed_in: Client, packed: Release, operation: str) -> None:
    before = tree(packed.into), Release.objects.values().get(pk=packed.pk)

    page = signed_in.get(url(packed, f"actions/{operation}/"))
    again = signed_in.post(url(packed, f"actions/{operation}/"), fields(page) | {"look": "1"})

    assert (page.status_code, again.status_code) == (200, 200)
    assert "What would change" in text(again)
    assert before == (tree(packed.into), Release.objects.values().get(pk=packed.pk))
    assert not Job.objects.active().exists()


@pytest.mark.parametrize("path", [*(f"actions/{name}/" for name in OPERATIONS), "history/1/undo/"])
def test_looking_costs_few_queries(signed_in: Client, packed: Release, path: str) -> None:
    Revision.objects.create(release=packed, number=1, operation="edit")
    signed_in.get(url(packed, path))

    with CaptureQueriesContext(connection) as queries:
        signed_in.get(url(packed, path))

    assert len(queries) <= 10, [query["sql"][:150] for query in queries]


def test_a_release_is_repacked_and_taken_back(signed_in: Client, packed: Release) -> None:
    before = tree(packed.into)
    looked = signed_in.post(
        url(packed, "actions/repack/"),
        {**fields(signed_in.get(url(packed, "actions/repack/"))), "metadata-title": "Another Book"},
    )
    assert "Another Book" in text(looked)

    done = signed_in.post(url(packed, "actions/repack/"), fields(looked) | {"apply": "1"})

    assert done["Location"] == url(packed, "history/")
    finish()
    packed.refresh_from_db()
    assert packed.metadata["title"] == "Another Book"
    assert "Another.Book" in packed.name
    assert packed.folder.is_dir()
    history = signed_in.get(url(packed, "history/"))
    assert "1. Repacked" in text(history)
    assert url(packed, "history/1/undo/") in history.content.decode()
    assert "Title Some Book Another Book" in text(signed_in.get(url(packed, "history/1/")))
    assert "not as they were" not in text(signed_in.get(url(packed, "files/")))

    undo = signed_in.get(url(packed, "history/1/undo/"))
    shown, _details, past = text(undo).partition("What it changed")
    assert "Take back revision 1" in shown
    assert "The field Title, Another Book, becomes Some Book." in shown
    assert "The field Title, Some Book, becomes Another Book." in past
    token = re.findall(r'name="token" value="([^"]*)"', undo.content.decode())[0]
    signed_in.post(url(packed, "history/1/undo/"), {"token": token})
    finish()

    assert tree(packed.into) == before
    packed.refresh_from_db()
    assert packed.metadata["title"] == "Some Book"
    history = signed_in.get(url(packed, "history/"))
    assert "2. Undone takes back 1" in text(history)
    assert url(packed, "history/1/undo/") not in history.content.decode()
    assert "the same now as before" in text(signed_in.get(url(packed, "history/1/?since")))


def test_what_an_nfo_does_not_tell_is_said_aside(signed_in: Client, packed: Release) -> None:
    packed.metadata |= {"genre": "", "series": "Some Series"}
    packed.save(update_fields=["metadata"])

    page = signed_in.get(url(packed, "actions/readnfo/"))

    shown, _details, aside = text(page).partition("What the NFO does not tell")
    assert "There is nothing to change." in shown
    assert "field Series" in aside
    assert "metadata." not in text(page)


def test_an_nfo_is_mended_by_hand(signed_in: Client, packed: Release) -> None:
    page = signed_in.get(url(packed, "actions/nfofix/"))
    assert "There is nothing to change." in text(page)
    typed = packed.nfo.replace("Some Book", "Some Good Book").replace("\n", "\r\n")

    looked = signed_in.post(url(packed, "actions/nfofix/"), fields(page) | {"text": typed})
    assert "Some Good Book" in text(looked)
    assert 'class="added"' in looked.content.decode()
    signed_in.post(url(packed, "actions/nfofix/"), fields(looked) | {"apply": "1"})
    finish()

    packed.refresh_from_db()
    assert "Some Good Book" in packed.nfo
    assert b"Some Good Book" in packed.artifacts.get(kind="nfo").file.read_bytes()


def test_what_nobody_looked_at_is_not_done(signed_in: Client, packed: Release) -> None:
    looked = fields(signed_in.get(url(packed, "actions/repack/")))

    answer = signed_in.post(
        url(packed, "actions/repack/"), looked | {"metadata-title": "Other", "apply": "1"}
    )

    assert "You changed what is asked for" in text(answer)
    assert not Job.objects.active().exists()
    assert 'value="Other"' in answer.content.decode()


def test_what_changed_meanwhile_is_looked_at_again(signed_in: Client, packed: Release) -> None:
    looked = fields(signed_in.get(url(packed, "actions/repack/")))
    Release.objects.filter(pk=packed.pk).update(title="Meanwhile", nfo="Meanwhile\n")

    answer = signed_in.post(url(packed, "actions/repack/"), looked | {"apply": "1"})

    assert "changed meanwhile" in text(answer)
    assert not Job.objects.active().exists()


def test_sending_twice_does_it_once(signed_in: Client, packed: Release) -> None:
    looked = fields(signed_in.get(url(packed, "actions/repack/"))) | {"apply": "1"}

    signed_in.post(url(packed, "actions/repack/"), looked)
    second = signed_in.post(url(packed, "actions/repack/"), looked)
    finish()
    third = signed_in.post(url(packed, "actions/repack/"), looked)

    assert "A job is at work" in text(second)
    assert third.status_code == 200
    assert packed.revisions.count() == 1


def test_the_fix_release_is_written_besides(signed_in: Client, packed: Release) -> None:
    page = signed_in.get(url(packed, "actions/nfofix/"))
    typed = packed.nfo.replace("Some Book", "Some Good Book")
    looked = signed_in.post(
        url(packed, "actions/nfofix/"), fields(page) | {"text": typed, "writes_fix": "on"}
    )
    assert 'id="id_writes_fix" form="mending" checked' in looked.content.decode()

    signed_in.post(
        url(packed, "actions/nfofix/"), fields(looked) | {"writes_fix": "on", "apply": "1"}
    )
    finish()

    fix = Release.objects.exclude(pk=packed.pk).get()
    assert "NFOFiX" in fix.name
    assert packed.name in text(signed_in.get(fix.get_absolute_url()))


def test_a_volume_size_that_the_rule_forbids_is_refused_at_its_field(
    signed_in: Client, packed: Release
) -> None:
    looked = fields(signed_in.get(url(packed, "actions/repack/")))

    answer = signed_in.post(url(packed, "actions/repack/"), looked | {"volumes": "7"})

    assert "million bytes: choose one of these" in text(answer)
    assert "What would change" not in text(answer)


def test_templates_of_others_are_not_offered(signed_in: Client, packed: Release) -> None:
    hidden = NfoTemplate.objects.create(
        name="hidden template", content="x\n", created_by=make_operator()
    )
    page = signed_in.get(url(packed, "actions/repack/"))

    answer = signed_in.post(
        url(packed, "actions/repack/"), fields(page) | {"template": str(hidden.pk)}
    )

    assert "hidden template" not in text(page)
    assert "Select a valid choice" in text(answer)


def test_a_revision_that_cannot_be_taken_back_says_why(signed_in: Client, packed: Release) -> None:
    Revision.objects.create(release=packed, number=1, operation="edit")

    page = signed_in.get(url(packed, "history/1/undo/"))
    answer = signed_in.post(url(packed, "history/1/undo/"), follow=True)

    assert "alert-danger" in page.content.decode()
    assert 'name="token"' not in page.content.decode()
    assert "alert-danger" in answer.content.decode()
    assert not Job.objects.active().exists()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_not_packed_cannot_be_mended(
    signed_in: Client, operator: User, operation: str
) -> None:
    release = make_release(owner=operator)

    page = signed_in.get(url(release, f"actions/{operation}/"))

    assert "pack it first" in text(page)
    assert 'name="apply"' not in page.content.decode()


def test_there_are_no_other_operations(signed_in: Client, packed: Release) -> None:
    assert signed_in.get(url(packed, "actions/burn/")).status_code == 404


def edit(release: Release, by: User, **metadata: str) -> None:
    actions.edit_release(release, by=by, metadata=metadata, columns={})


def test_edits_that_wait_are_told_and_offered_to_be_packed(
    signed_in: Client, operator: User, packed: Release
) -> None:
    plain = signed_in.get(packed.get_absolute_url())
    edit(packed, operator, title="Better Book")

    page = signed_in.get(packed.get_absolute_url())

    assert "Edits wait for a repack" not in text(plain)
    assert "Edits wait for a repack" in text(page)
    assert "The field Title, Some Book, becomes Better Book." in text(page)
    assert url(packed, "actions/repack/") in page.content.decode()


def test_the_form_of_a_repack_begins_with_the_edits(
    signed_in: Client, operator: User, packed: Release
) -> None:
    edit(packed, operator, title="Better Book", genre="Satire")
    looked = signed_in.get(url(packed, "actions/repack/"))
    sent = fields(looked)

    assert sent["metadata-title"] == "Better Book"
    assert "becomes Better Book" in text(looked)
    changed = signed_in.post(url(packed, "actions/repack/"), sent | {"metadata-genre": "Drama"})
    signed_in.post(url(packed, "actions/repack/"), fields(changed) | {"apply": "1"})
    finish()

    packed.refresh_from_db()
    assert (packed.title, packed.metadata["genre"]) == ("Better Book", "Drama")
    assert packed.edits == {}


def test_edits_are_discarded_from_the_page(
    signed_in: Client, operator: User, packed: Release
) -> None:
    edit(packed, operator, title="Better Book")

    answer = signed_in.post(url(packed, "edits/discard/"), follow=True)

    assert "The edits are discarded." in text(answer)
    assert "Edits wait for a repack" not in text(answer)
    packed.refresh_from_db()
    assert packed.edits == {}


def test_who_may_only_look_is_offered_nothing_to_do_with_edits(
    client: Client, operator: User, packed: Release
) -> None:
    edit(packed, operator, title="Better Book")
    mate = make_operator()
    packed.group.members.add(mate)
    client.force_login(mate)

    page = client.get(packed.get_absolute_url())

    assert "Edits wait for a repack" in text(page)
    assert "Repack with these edits" not in text(page)
    assert "Discard the edits" not in text(page)
    assert client.post(url(packed, "edits/discard/")).status_code == 403
