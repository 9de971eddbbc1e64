"""Texts move from the database to a folder and back; whatever fails, nothing is lost."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import Settings

from accounts.models import User
from jobs.models import Job
from packer_site import work
from releases import actions, template_files
from releases.actions import NewTemplate, Refused, WrongField, template_storage, template_texts
from releases.models import NfoTemplate, TemplateStorage
from tests.factories import make_admin, make_operator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin()


@pytest.fixture
def folder(settings: Settings) -> Path:
    return Path(settings.TEMPLATE_ROOTS[0])


def moved(place: str, admin: User, disk_path: str = "") -> Job:
    job = actions.request_migration(place, disk_path, by=admin)
    work.run(job.pk)
    job.refresh_from_db()
    return job


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def shipped(name: str = "ebook") -> NfoTemplate:
    return NfoTemplate.objects.get(name=name)


def rows() -> dict[str, tuple[str, int]]:
    return {one.name: (one.content, one.version) for one in NfoTemplate.objects.all()}


def log(job: Job) -> str:
    return "\n".join(map(str, job.lines.all()))


def test_all_texts_go_to_disk_and_back_unchanged(admin: User, folder: Path) -> None:
    before = rows()

    there = moved("disk", admin)

    assert (there.status, there.result) == ("completed", {"templates": 4, "storage": "disk"})
    assert texts(folder) == {f"{name}.nfo": text for name, (text, _v) in before.items()}
    assert TemplateStorage.current().is_disk
    assert all(actions.catch_up(one).trouble == "" for one in NfoTemplate.objects.all())

    back = moved("db", admin)

    assert back.status == "completed"
    assert rows() == before
    assert not TemplateStorage.current().is_disk
    assert {path.suffix for path in folder.iterdir()} == {".old"}


def test_only_who_may_modify_the_configuration_moves_them(admin: User) -> None:
    with pytest.raises(PermissionDenied, match="MOD permission on config"):
        actions.request_migration("disk", "", by=make_operator())


@pytest.mark.parametrize(
    "path", ["/etc", "/", "../..", "/templates", "{root}/../elsewhere", "{root}-beside"]
)
def test_a_folder_outside_the_roots_is_refused(admin: User, folder: Path, path: str) -> None:
    with pytest.raises(WrongField, match="is not allowed") as refused:
        actions.request_migration("disk", path.format(root=folder), by=admin)

    assert refused.value.field == "disk_path"


def test_a_link_in_a_root_leads_nowhere_else(admin: User, folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "secret").mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(WrongField, match="is not allowed"):
        actions.request_migration("disk", str(folder / "link"), by=admin)


def test_a_folder_in_a_root_is_made(admin: User, folder: Path) -> None:
    assert moved("disk", admin, str(folder / "deep" / "er")).status == "completed"

    assert len(texts(folder / "deep" / "er")) == 4


def test_moving_to_where_they_lie_is_refused_and_so_is_moving_twice_at_once(admin: User) -> None:
    with pytest.raises(WrongField, match="there already"):
        actions.request_migration("db", "", by=admin)
    actions.request_migration("disk", "", by=admin)

    with pytest.raises(Refused, match="being moved already"):
        actions.request_migration("disk", "", by=admin)


def test_what_lay_in_the_way_is_kept(admin: User, folder: Path) -> None:
    folder.mkdir()
    (folder / "ebook.nfo").write_text("somebody's")

    job = moved("disk", admin)

    assert (folder / "ebook.nfo").read_text() == shipped().content
    assert (folder / "ebook.nfo.old").read_text() == "somebody's"
    assert "ebook.nfo.old" in log(job)


def test_an_edit_of_a_file_is_a_new_version_when_it_is_next_used(admin: User, folder: Path) -> None:
    moved("disk", admin)
    (folder / "ebook.nfo").write_bytes("─ {{ title }} é\r\n".encode("cp437"))

    template = actions.catch_up(shipped())

    assert (template.content, template.version) == ("─ {{ title }} é\n", 2)
    newest = template.versions.first()
    assert newest is not None
    assert (newest.number, newest.by, newest.content) == (2, None, template.content)
    assert actions.catch_up(shipped()).version == 2


def test_an_edit_that_cannot_be_rendered_is_not_used_and_told(admin: User, folder: Path) -> None:
    moved("disk", admin)
    before = shipped().content
    (folder / "ebook.nfo").write_text("{{ nonsense }}")

    template = actions.catch_up(shipped())

    assert (template.content, template.version) == (before, 1)
    assert "nonsense" in template.trouble
    assert (folder / "ebook.nfo").read_text() == "{{ nonsense }}"


def test_a_file_that_is_gone_is_written_again(admin: User, folder: Path) -> None:
    moved("disk", admin)
    (folder / "ebook.nfo").unlink()

    template = actions.catch_up(shipped())

    assert template.trouble == ""
    assert (folder / "ebook.nfo").read_text() == template.content


def test_a_folder_that_is_gone_changes_nothing_and_is_told(admin: User, folder: Path) -> None:
    moved("disk", admin)
    folder.rename(folder.with_name("away"))

    template = actions.catch_up(shipped())

    assert "No such file" in template.trouble
    assert template.content
    assert not folder.exists()


def test_what_is_changed_here_is_written_there(admin: User, folder: Path) -> None:
    moved("disk", admin)
    template = shipped()

    actions.change_template(template, replace(NewTemplate.of(template), content="new"), by=admin)
    made = actions.create_template(
        NewTemplate(name="A/b?".replace("/", ":"), content="x"), by=admin
    )
    actions.delete_template(shipped("tv"), by=admin)

    assert (folder / "ebook.nfo").read_text() == "new"
    assert (folder / made.file).read_text() == "x"
    assert set(texts(folder)) == {"ebook.nfo", "docs.nfo", "minimal.nfo", made.file}
    assert actions.catch_up(shipped()).version == 2


def test_a_change_that_never_reached_its_file_is_not_taken_for_an_edit(
    admin: User, folder: Path
) -> None:
    moved("disk", admin)
    template = shipped()
    old = (folder / "ebook.nfo").read_text()
    actions.change_template(template, replace(NewTemplate.of(template), content="new"), by=admin)
    (folder / "ebook.nfo").write_text(old)  # as if it had died between row and file
    NfoTemplate.objects.filter(pk=template.pk).update(file_sum=template_texts.sum_of(old))

    assert actions.catch_up(shipped()).content == "new"
    assert (folder / "ebook.nfo").read_text() == "new"


def test_a_file_that_cannot_be_written_leaves_the_template_as_it_was(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved("disk", admin)
    template = shipped()
    monkeypatch.setattr(template_files, "write_aside", full_disk)

    with pytest.raises(Refused, match="No space left"):
        actions.change_template(template, replace(NewTemplate.of(template), content="x"), by=admin)
    with pytest.raises(Refused, match="No space left"):
        actions.create_template(NewTemplate(name="new", content="x"), by=admin)

    assert shipped().version == 1
    assert not NfoTemplate.objects.filter(name="new").exists()
    assert set(texts(folder)) == {"ebook.nfo", "tv.nfo", "docs.nfo", "minimal.nfo"}


def full_disk(*arguments: Any) -> None:
    raise OSError(28, os.strerror(28))


def test_edits_and_new_files_come_back_to_the_database(admin: User, folder: Path) -> None:
    moved("disk", admin)
    (folder / "ebook.nfo").write_text("edited {{ title }}")
    (folder / "mine.nfo").write_text("{{#if title}}{{title}}{{/if}}")
    (folder / "EBOOK-2.nfo").write_bytes("└ {{ name }}".encode("cp437"))
    (folder / "broken.nfo").write_text("{{ nonsense }}")
    (folder / "picture.nfo").write_bytes(bytes(range(256)) * 9)
    (folder / "notes.txt").write_text("no template")
    (folder / "link.nfo").symlink_to("/etc/passwd")

    job = moved("db", admin)

    assert job.status == "completed"
    assert rows()["ebook"] == ("edited {{ title }}", 2)
    assert "{% if title %}" in rows()["mine"][0]
    assert rows()["EBOOK-2"][0] == "└ {{ name }}\n"
    assert set(rows()) == {"ebook", "tv", "docs", "minimal", "mine", "EBOOK-2"}
    assert "broken.nfo" in log(job)
    assert "picture.nfo" in log(job)
    assert (folder / "broken.nfo").exists()
    assert shipped("mine").is_system


def test_a_plan_says_what_will_happen_and_changes_nothing(admin: User, folder: Path) -> None:
    moved("disk", admin)
    (folder / "ebook.nfo").write_text("edited")
    (folder / "mine.nfo").write_text("mine")
    (folder / "tv.nfo").write_text("{{ nonsense }}")
    before = rows()

    moves = actions.planned_migration("db", "", by=admin)
    plan = {move.new.name: move.state for move in moves}

    assert plan == {
        "ebook": "edited",
        "tv": "refused",
        "docs": "same",
        "minimal": "same",
        "mine": "new",
    }
    assert rows() == before


def test_from_one_folder_to_another(admin: User, folder: Path) -> None:
    moved("disk", admin, str(folder / "one"))
    (folder / "one" / "ebook.nfo").write_text("edited")

    moved("disk", admin, str(folder / "two"))

    assert (folder / "two" / "ebook.nfo").read_text() == "edited"
    assert rows()["ebook"] == ("edited", 2)
    assert {path.suffix for path in (folder / "one").iterdir()} == {".old"}


@pytest.mark.parametrize("dies_at", ["write_aside", "put_away", "sync_folder"])
def test_a_failure_while_writing_leaves_the_database_in_force(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    before = rows()
    with monkeypatch.context() as broken:
        broken.setattr(template_files, dies_at, full_disk)
        job = moved("disk", admin)

    assert (job.status, "No space left" in job.error) == ("failed", True)
    assert not TemplateStorage.current().is_disk
    assert rows() == before
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []
    assert moved("disk", admin).status == "completed"
    assert texts(folder) == {f"{name}.nfo": text for name, (text, _v) in before.items()}


@pytest.mark.parametrize("number", range(1, 9))
def test_a_death_at_any_write_is_made_good_by_the_next_worker(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = rows()
    job = actions.request_migration("disk", "", by=admin)
    calls = iter(range(1, 100))

    def die_at_last(do: Any) -> Any:
        def dying(*arguments: Any, **options: Any) -> Any:
            if next(calls) == number:
                raise SystemExit(1)
            return do(*arguments, **options)

        return dying

    with monkeypatch.context() as dying:
        dying.setattr(template_files, "write_aside", die_at_last(template_files.write_aside))
        dying.setattr(template_storage, "settle", die_at_last(template_storage.settle))
        with pytest.raises(SystemExit):
            work.run(job.pk)
    assert not TemplateStorage.current().is_disk
    assert rows() == before

    again = moved("disk", admin)

    assert again.status == "completed"
    assert texts(folder) == {f"{name}.nfo": text for name, (text, _v) in before.items()}
    assert rows() == before


def test_a_death_after_the_switch_is_no_second_move(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = actions.request_migration("disk", "", by=admin)
    with monkeypatch.context() as dying:
        dying.setattr(template_storage, "tell", full_disk)
        work.run(job.pk)
    assert TemplateStorage.current().is_disk
    (folder / "ebook.nfo").write_text("edited since")

    job = Job.objects.create(work="migrate", by=admin, arguments={"folder": str(folder)})
    work.run(job.pk)

    job.refresh_from_db()
    assert job.status == "completed"
    assert (folder / "ebook.nfo").read_text() == "edited since"


def test_what_is_changed_while_texts_are_written_is_written_too(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = template_storage.write
    changes = iter(["changed meanwhile"])

    def change_and_write(*arguments: Any) -> None:
        write(*arguments)
        for content in changes:
            new = replace(NewTemplate.of(shipped()), content=content)
            actions.change_template(shipped(), new, by=admin)
            actions.create_template(NewTemplate(name="late", content="late"), by=admin)

    monkeypatch.setattr(template_storage, "write", change_and_write)

    job = moved("disk", admin)

    assert job.status == "completed"
    assert (folder / "ebook.nfo").read_text() == "changed meanwhile"
    assert (folder / "late.nfo").read_text() == "late"


def test_a_move_cancelled_while_it_writes_leaves_all_as_it_was(
    admin: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = template_storage.write

    def cancel(*arguments: Any) -> None:
        write(*arguments)
        Job.objects.update(cancel_requested=True)

    monkeypatch.setattr(template_storage, "write", cancel)

    assert moved("disk", admin).status == "cancelled"
    assert not TemplateStorage.current().is_disk


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ebook", "ebook.nfo"),
        ("..", "template.nfo"),
        (".hidden", "hidden.nfo"),
        ("con", "_con.nfo"),
        ("COM1.x", "_COM1.x.nfo"),
        ("a:b*c", "a-b-c.nfo"),
        ("été 2", "été 2.nfo"),
        ("書" * 100, "書" * 66 + ".nfo"),
        ("end. ", "end.nfo"),
        ("<script>", "script.nfo"),
    ],
)
def test_files_are_called_as_any_system_allows(name: str, file: str) -> None:
    assert template_files.file_name(name) == file


def test_files_are_called_each_its_own_in_any_case() -> None:
    assert template_files.file_name("EBook", ["ebook.nfo", "ebook-2.nfo"]) == "EBook-3.nfo"


def test_a_pipe_in_the_folder_is_not_waited_for(admin: User, folder: Path) -> None:
    moved("disk", admin)
    (folder / "ebook.nfo").unlink()
    os.mkfifo(folder / "ebook.nfo")

    assert actions.catch_up(shipped()).trouble
