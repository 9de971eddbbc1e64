"""Files that appear in the inbox become drafts, once each; their originals stay."""

import hashlib
import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import ReleaseGroup, User
from accounts.preferences import prefer
from drafts import inbox
from drafts.actions import sample_group
from drafts.inbox import examine
from drafts.models import Draft
from jobs.lease import Lease
from jobs.live import is_told
from jobs.models import Job
from packer_site.work import WORK
from releases.actions import Refused, analyse_source
from releases.actions import inbox as watching
from releases.actions.inbox import move_out, request_moving, watch_inbox
from releases.folder import files_at
from releases.models import InboxFile, Release, Source
from rules.models import Rule
from tests.factories import make_admin, make_book, make_draft, make_job, make_operator, make_release

State = InboxFile.State


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Begin as a process does that was just started."""
    monkeypatch.setattr(watching, "_seen", None)
    settings.INBOX_STABLE_S = 0


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="admin")


@pytest.fixture
def owner(admin: User) -> User:
    return make_operator(username="alice")


@pytest.fixture
def folder(settings: Settings, owner: User) -> Path:
    """The folder of alice in the inbox."""
    path = Path(settings.INBOX_DIR) / "alice"
    path.mkdir(parents=True)
    return path


def work() -> None:
    """Do what is asked of workers."""
    for job in Job.objects.filter(status=Job.Status.PENDING, work__in=["inbox", "moveout"]):
        claimed = Job.objects.claim(job.pk)
        assert claimed
        claimed.finish(WORK[job.work].do(Lease(claimed), **claimed.arguments))


def watch() -> None:
    """Look twice, as is done every two seconds: a file must stay as it is."""
    watch_inbox()
    watch_inbox()
    work()


def row() -> InboxFile:
    return InboxFile.objects.get()


@pytest.mark.django_db
def test_a_whole_file_becomes_a_draft_that_awaits_review(owner: User, folder: Path) -> None:
    book = make_book(folder)
    prefer(owner, "wizard_defaults", {"group": "GRP"})

    watch()

    draft = Draft.objects.get()
    source = Source.objects.get()
    assert (draft.owner, draft.origin, draft.awaits_review) == (owner, "inbox", True)
    assert (draft.step, draft.answer("group", "group")) == ("source", "GRP")
    assert draft.release_type == "EBOOK"
    assert draft.rule
    assert draft.rule.name == "2022_EBOOK"
    assert draft.typed["source"] == {"file_path": [str(source.handle)]}
    assert draft.title == f"{book.name} · GRP"
    assert draft.answer("source", "rights") is None
    assert (source.path, source.sha256) == (book, hashlib.sha256(book.read_bytes()).hexdigest())
    assert (row().state, row().draft_number) == (State.DRAFTED, draft.pk)
    assert list(Draft.objects.awaiting_review()) == [draft]


@pytest.mark.django_db
def test_without_a_usual_group_the_draft_asks_for_one_first(folder: Path) -> None:
    make_book(folder)

    watch()

    assert Draft.objects.get().step == "group"


@pytest.mark.django_db
def test_the_group_used_last_is_the_usual_one(owner: User, folder: Path) -> None:
    make_release(owner=owner)
    make_book(folder)

    watch()

    assert Draft.objects.get().answer("group", "group") == "GRP"


@pytest.mark.django_db
def test_the_group_of_the_sample_is_not_the_usual_one(owner: User, folder: Path) -> None:
    sample = ReleaseGroup.objects.create(tag=sample_group(owner))
    make_release(owner=owner, group=sample)
    prefer(owner, "wizard_defaults", {"group": sample.tag})
    make_book(folder)

    watch()

    draft = Draft.objects.get()
    assert (draft.step, draft.answer("group", "group")) == ("group", None)


@pytest.mark.django_db
def test_what_lies_in_no_users_folder_is_the_administrators(
    admin: User, folder: Path, settings: Settings
) -> None:
    make_book(settings.INBOX_DIR)
    (settings.INBOX_DIR / "shared").mkdir()
    make_book(settings.INBOX_DIR / "shared")

    watch()

    assert {draft.owner for draft in Draft.objects.all()} == {admin}


@pytest.mark.django_db
def test_what_lies_in_no_users_folder_is_whose_the_setting_says(
    owner: User, folder: Path, settings: Settings
) -> None:
    settings.INBOX_OWNER = "alice"
    make_book(settings.INBOX_DIR)

    watch()

    assert Draft.objects.get().owner == owner


@pytest.mark.django_db
def test_a_file_that_grows_waits(folder: Path, settings: Settings) -> None:
    settings.INBOX_STABLE_S = 3600
    book = make_book(folder)
    watch()
    assert row().state == State.WAITING
    InboxFile.objects.update(unchanged_since=timezone.now() - timedelta(hours=2))
    with book.open("ab") as file:
        file.write(b"more")

    watch()

    assert (row().state, row().size) == (State.WAITING, book.stat().st_size)
    InboxFile.objects.update(unchanged_since=timezone.now() - timedelta(hours=2))
    watch()
    assert row().state == State.DRAFTED


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["book.epub.part", "book.epub.crdownload", "book.tmp", ".book.epub", ".hidden/a.epub"]
)
def test_what_is_being_fetched_or_hidden_is_passed_over(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    make_book(folder).rename(path)

    watch()

    assert not InboxFile.objects.exists()


@pytest.mark.django_db
def test_a_file_beside_the_mark_of_its_download_waits(folder: Path) -> None:
    book = make_book(folder)
    mark = folder / f"{book.name}.aria2"
    mark.touch()
    watch()
    assert not InboxFile.objects.exists()

    mark.unlink()
    watch()

    assert row().state == State.DRAFTED


@pytest.mark.django_db
def test_links_and_pipes_are_passed_over(folder: Path, tmp_path: Path) -> None:
    (folder / "link.epub").symlink_to(make_book(tmp_path))
    os.mkfifo(folder / "pipe.epub")

    watch()

    assert not InboxFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("fake.epub", b"Only a text.", "fake.epub is really TXT"),
        ("empty.epub", b"", "empty.epub is empty"),
        ("what.bin", b"\x00\x01\x02" * 100, "which no rule allows"),
    ],
)
def test_a_file_no_release_can_be_made_of_is_refused_with_its_reason(
    folder: Path, name: str, content: bytes, sentence: str
) -> None:
    (folder / name).write_bytes(content)

    watch()

    assert row().state == State.REFUSED
    assert sentence in row().reason
    assert not Draft.objects.exists()
    assert not Source.objects.exists()
    assert (folder / name).read_bytes() == content


@pytest.mark.django_db
def test_a_refusal_speaks_the_language_of_the_owner(owner: User, folder: Path) -> None:
    prefer(owner, "language", "fr")
    (folder / "empty.epub").touch()

    watch_inbox()
    watch_inbox()

    assert Job.objects.get().language == "fr"


@pytest.mark.django_db
def test_a_file_is_looked_at_once(folder: Path) -> None:
    make_book(folder)

    for _time in range(3):
        watch()

    assert (Draft.objects.count(), Source.objects.count(), Job.objects.count()) == (1, 1, 1)


@pytest.mark.django_db
def test_doing_the_work_twice_makes_one_draft(folder: Path) -> None:
    make_book(folder)
    watch()
    job = Job.objects.get()

    examine(Lease(job), **job.arguments)

    assert (Draft.objects.count(), Source.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_file_replaced_before_review_gets_a_new_draft_in_place_of_the_old(
    folder: Path,
) -> None:
    book = make_book(folder)
    watch()
    old = Draft.objects.get()
    make_book(folder, title="Another").replace(book)

    watch()

    assert Draft.objects.get() != old


@pytest.mark.django_db
def test_a_file_replaced_after_review_leaves_the_draft_alone(folder: Path) -> None:
    book = make_book(folder)
    watch()
    Draft.objects.update(awaits_review=False)
    make_book(folder, title="Another").replace(book)

    watch()

    assert Draft.objects.count() == 2


@pytest.mark.django_db
def test_a_file_chosen_by_hand_gets_no_draft_of_its_own(owner: User, folder: Path) -> None:
    from releases.actions.folders import choose_from_folder  # noqa: PLC0415

    book = make_book(folder)
    source = choose_from_folder(f"alice/{book.name}", by=owner)

    watch()

    assert not Draft.objects.exists()
    assert (row().state, row().source) == (State.DRAFTED, source)


@pytest.mark.django_db
def test_a_file_whose_name_differs_in_capitals_is_another_one(owner: User, folder: Path) -> None:
    from releases.actions.folders import choose_from_folder  # noqa: PLC0415

    small, large = make_book(folder), folder / "BOOK.EPUB"
    small = small.rename(folder / "book.epub")
    make_book(folder, title="Another").rename(large)

    chosen = [choose_from_folder(f"alice/{path.name}", by=owner) for path in (small, large)]

    assert [source.path for source in chosen] == [small, large]
    assert Source.objects.lying_at(small) == chosen[:1]


@pytest.mark.django_db
def test_a_file_that_changes_while_it_is_examined_is_examined_again(folder: Path) -> None:
    class Slow(Lease):
        def enter(self, stage: str) -> None:
            if stage == "analyse":
                make_book(folder, title="Another").replace(book)
                watch_inbox()
                watch_inbox()  # it is whole again, and the first worker still at it

    book = make_book(folder)
    watch_inbox()
    watch_inbox()
    job = Job.objects.claim(Job.objects.get().pk)
    assert job

    job.finish(examine(Slow(job), **job.arguments))
    watch()

    assert row().state == State.DRAFTED
    assert Draft.objects.count() == 1


@pytest.mark.django_db
def test_a_file_that_is_gone_is_forgotten_unless_something_was_made_of_it(folder: Path) -> None:
    make_book(folder).rename(folder / "kept.epub")
    (folder / "fake.epub").write_text("text")
    watch()
    (folder / "fake.epub").unlink()

    watch()

    assert row().name == "kept.epub"
    (folder / "kept.epub").unlink()
    watch()
    assert row().name == "kept.epub"


@pytest.mark.django_db
def test_an_ignored_file_stays_ignored_though_its_disk_is_away_for_a_while(
    owner: User, folder: Path, tmp_path: Path
) -> None:
    make_book(folder)
    watch()
    inbox.ignore_files([row()], by=owner)
    folder.rename(tmp_path / "away")
    watch()
    (tmp_path / "away").rename(folder)

    watch()

    assert row().state == State.IGNORED
    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_ignoring_discards_a_draft_nobody_has_looked_at_and_wanting_makes_it_again(
    owner: User, folder: Path
) -> None:
    make_book(folder)
    watch()

    assert inbox.ignore_files([row()], by=owner) == 1
    assert not Draft.objects.exists()
    assert inbox.want_files([row()], by=owner) == 1
    work()

    assert Draft.objects.count() == 1
    assert inbox.want_files([row()], by=owner) == 0


@pytest.mark.django_db
def test_without_anybody_to_give_files_to_nothing_is_noted(settings: Settings) -> None:
    settings.INBOX_DIR.mkdir()
    make_book(settings.INBOX_DIR)

    watch()

    assert not InboxFile.objects.exists()


@pytest.mark.django_db
def test_nothing_new_costs_one_question(
    folder: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        (folder / f"{number}.epub").write_text("x")
    watch_inbox()
    InboxFile.objects.update(state=State.IGNORED)

    with django_assert_num_queries(1):
        watch_inbox()


@pytest.mark.django_db(transaction=True)
def test_four_machines_that_look_at_once_have_one_draft_made(folder: Path) -> None:
    make_book(folder)
    ready = threading.Barrier(4)
    troubles: list[BaseException] = []

    def machine() -> None:
        try:
            ready.wait(10)
            found = files_at(folder.parent)
            watching.note(found)
            for one in InboxFile.objects.whole().select_related("owner"):
                watching.request_examination(one)
        except BaseException as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=machine) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work()

    assert troubles == []
    assert (InboxFile.objects.count(), Job.objects.count(), Draft.objects.count()) == (1, 1, 1)


def packed(owner: User, folder: Path, **fields: Any) -> InboxFile:
    """Return a file of the inbox of which a release stands, as far as the rows tell."""
    make_book(folder)
    watch()
    file = row()
    release = make_release(owner=owner, source=file.source, **fields)
    Draft.objects.update(release=release, awaits_review=False)
    return file


@pytest.mark.django_db
def test_the_original_moves_out_whole_once_its_release_is_packed(owner: User, folder: Path) -> None:
    file = packed(owner, folder, status=Release.Status.COMPLETED)
    source = Source.objects.get()
    original, content = source.path, source.path.read_bytes()

    request_moving(file, by=owner)
    work()

    source.refresh_from_db()
    assert not original.exists()
    assert source.local_path == ""
    assert source.path.read_bytes() == content
    assert row().state == State.MOVED
    watch()
    assert row().state == State.MOVED


@pytest.mark.django_db
def test_the_original_is_copied_and_compared_where_it_cannot_be_linked(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = packed(owner, folder, status=Release.Status.COMPLETED)
    content = Source.objects.get().path.read_bytes()

    def refuse(*_paths: Any) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    request_moving(file, by=owner)
    work()

    assert Source.objects.get().path.read_bytes() == content
    assert Source.objects.get().local_path == ""


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Release.Status.DRAFT, Release.Status.FAILED])
def test_the_original_stays_until_its_release_is_verified(
    owner: User, folder: Path, status: Release.Status
) -> None:
    file = packed(owner, folder, status=status)

    with pytest.raises(Refused, match="no release of it is packed"):
        request_moving(file, by=owner)

    assert Source.objects.get().path.exists()


@pytest.mark.django_db
def test_another_file_under_the_name_of_the_original_stays(owner: User, folder: Path) -> None:
    file = packed(owner, folder, status=Release.Status.COMPLETED)
    original = Source.objects.get().path
    other = make_book(folder, title="Another")
    other.replace(original)
    content = original.read_bytes()
    job = make_job(by=owner, work="moveout", status=Job.Status.RUNNING)

    with pytest.raises(Refused, match="is not the file that was packed"):
        move_out(Lease(job), inbox_file_id=file.pk)

    assert original.read_bytes() == content
    assert Source.objects.get().local_path == str(original)


@pytest.mark.django_db
def test_moving_out_can_be_done_again_wherever_it_was_cut_off(owner: User, folder: Path) -> None:
    file = packed(owner, folder, status=Release.Status.COMPLETED)
    source = Source.objects.get()
    (source.path.parents[2] / "uploads" / str(source.handle)).hardlink_to(source.path)
    Source.objects.update(local_path="")
    job = make_job(by=owner, work="moveout", status=Job.Status.RUNNING)

    move_out(Lease(job), inbox_file_id=file.pk)
    move_out(Lease(job), inbox_file_id=file.pk)

    assert list(folder.iterdir()) == []
    assert Source.objects.get().path.exists()


@pytest.mark.django_db
def test_the_page_shows_each_file_with_what_became_of_it(
    client: Client, owner: User, folder: Path
) -> None:
    make_book(folder)
    (folder / "<b>.epub").write_text("text")
    watch()
    client.force_login(owner)

    html = client.get("/inbox/").content.decode()

    assert "Awaits review" in html
    assert Draft.objects.get().get_absolute_url() in html
    assert "&lt;b&gt;.epub is really TXT" in html


@pytest.mark.django_db
def test_the_original_of_a_release_in_the_trash_is_not_offered_to_be_moved(
    client: Client, owner: User, folder: Path
) -> None:
    packed(owner, folder, status=Release.Status.COMPLETED)
    client.force_login(owner)
    before = client.get("/inbox/").content.decode()

    Release.objects.update(trashed_at=timezone.now())

    after = client.get("/inbox/").content.decode()
    assert "Move the original out" in before
    assert "In the trash" not in before
    assert "Move the original out" not in after
    assert "In the trash" in after


@pytest.mark.django_db
def test_administrators_are_told_where_the_inbox_lies_and_others_their_folder(
    client: Client, admin: User, owner: User, settings: Settings
) -> None:
    answers = {
        "group": {"group": "GRP"},
        "type": {"release_type": "EBOOK"},
        "rule": {"rule_id": Rule.objects.get(name="2022_EBOOK").pk},
    }
    draft = {user: make_draft(owner=user, **answers) for user in (admin, owner)}
    seen = {}
    for user in (admin, owner):
        client.force_login(user)
        pages = ("/inbox/", f"/wizard/{draft[user].uuid}/source/?from=folder")
        seen[user] = [client.get(page).content.decode() for page in pages]

    path, name = f"<bdi>{settings.INBOX_DIR}</bdi>", "<bdi>alice</bdi>"
    assert [path in page for page in seen[admin]] == [True, True]
    assert [name in page for page in seen[owner]] == [True, True]
    assert not any(str(settings.INBOX_DIR) in page for page in seen[owner])


@pytest.mark.django_db
def test_nobody_sees_or_touches_the_files_of_others(
    client: Client, admin: User, folder: Path
) -> None:
    make_book(folder).rename(folder / "secret.epub")
    watch()
    client.force_login(make_operator())

    html = client.get("/inbox/").content.decode()
    client.post("/inbox/act/", {"file": [str(row().pk)], "do": "ignore"})

    assert "secret" not in html
    assert row().state == State.DRAFTED
    client.force_login(admin)
    assert "secret.epub" in client.get("/inbox/").content.decode()


@pytest.mark.django_db
def test_buttons_do_it_with_the_files_that_are_ticked(
    client: Client,
    owner: User,
    folder: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    make_book(folder)
    watch()
    client.force_login(owner)
    ticked = {"file": [str(row().pk), "x", "9" * 30], "show": "drafted"}

    answer = client.post("/inbox/act/", ticked | {"do": "ignore"}, follow=True)
    assert "1 file is ignored." in answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/inbox/?show=drafted"
    assert row().state == State.IGNORED

    client.post("/inbox/act/", ticked | {"do": "draft"})
    assert row().state == State.EXAMINED
    answer = client.post("/inbox/act/", ticked | {"do": "move"}, follow=True)
    assert "no release of it is packed" in answer.content.decode()
    answer = client.post("/inbox/act/", {"do": "ignore"}, follow=True)
    assert "Choose files first." in answer.content.decode()


@pytest.mark.django_db
def test_the_page_asks_the_database_little_however_many_files_there_are(
    client: Client,
    owner: User,
    folder: Path,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_book(folder)
    watch()
    InboxFile.objects.bulk_create(
        InboxFile(
            path=f"alice/{number}",
            path_sum=InboxFile.sum_of(str(number)),
            owner=owner,
            size=1,
            mtime_ns=1,
            state=State.values[number % 6],
            draft_number=Draft.objects.get().pk,
        )
        for number in range(120)
    )
    client.force_login(owner)
    client.get("/inbox/")

    with django_assert_max_num_queries(9):
        client.get("/inbox/")


@pytest.mark.django_db
def test_a_file_that_became_a_link_is_not_read_again(
    owner: User, folder: Path, tmp_path: Path
) -> None:
    """Reliability S7: what was judged when it was chosen is judged again when it is read."""
    make_book(folder)
    watch()
    source = Source.objects.get()
    source.path.rename(tmp_path / "canary.epub")
    source.path.symlink_to(tmp_path / "canary.epub")
    job = make_job(by=owner, work="analysis", status=Job.Status.RUNNING)

    with pytest.raises(Refused, match="does not lie in the server folder any more"):
        analyse_source(Lease(job), source_id=source.pk)


@pytest.mark.django_db
def test_files_that_come_by_themselves_are_no_news_unless_their_job_fails() -> None:
    job = make_job(work="inbox")
    job.finish({})
    failed = make_job(work="inbox", by=job.by)
    failed.fail("The disk is away.")

    assert not is_told(job, {})
    assert is_told(failed, {})
