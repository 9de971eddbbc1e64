"""Releases that are packed, mended by programs."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import grant
from api import mending as doors
from jobs.models import Job
from jobs.queue import enqueue
from releases.models import Release
from tests.factories import make_operator, make_release, make_template, make_user
from tests.releases.mending.making import make_episode, make_packed, ran, row, sound, tree

pytestmark = pytest.mark.django_db
OPERATIONS = ("repack", "nfofix", "readnfo", "dirfix")
BETTER = {"options": {"metadata": {"title": "Better Book"}}}


@pytest.fixture
def release(operator: User) -> Release:
    return make_packed(operator)


def ask(client: APIClient, release: Release, door: str, body: Any = None, **headers: str) -> Any:
    """Ask for an operation as a program does that sends JSON."""
    return client.post(
        f"/api/releases/{release.pk}/{door}", body or {}, format="json", headers=headers
    )


def finished(answer: Any) -> Job:
    """Return the job that an answer names, once a worker has done it."""
    job = ran(Job.objects.get(pk=answer.json()["job_id"]))
    assert job.status == Job.Status.COMPLETED, job.error
    return job


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def spoil_nfo(release: Release, old: bytes = b"\r\n", new: bytes = b"\n") -> Path:
    path = next(release.folder.glob("*.nfo"))
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


@pytest.mark.parametrize(
    ("door", "message"),
    [("repack", "Repackaging started"), ("readnfo", "Regeneration from NFO started")],
)
def test_what_a_worker_does_is_answered_as_documented(
    api: APIClient, release: Release, door: str, message: str
) -> None:
    spoil_nfo(release, b"Ann Author", b"Bob Writer")

    answer = ask(api, release, door)

    assert answer.status_code == 200
    job = finished(answer)
    assert answer.json() == {"job_id": job.pk, "status": "running", "message": message}
    assert job.work == door
    release.refresh_from_db()
    sound(release)


def test_a_repack_takes_the_documented_options(api: APIClient, release: Release) -> None:
    template = make_template(is_system=True, content="{{ title }} {{ released_on }} {{ year }}\n")
    options = {
        "format": "BOTH",
        "compression": "high",
        "volumes": 10,
        "generate_sfv": False,
        "metadata": {"genre": "Satire"},
        "template_id": template.pk,
    }

    answer = ask(api, release, "repack", {"options": options})

    assert answer.status_code == 422  # its NFO does not tell what the rule asks for
    assert list(answer.json()["errors"]) == ["nfo-fields"]
    template.content += "{{ language_name }} {{ source }} {{ author }}\n"
    template.save()
    finished(ask(api, release, "repack", {"options": options}))
    release.refresh_from_db()
    assert (release.format, release.volume_bytes, release.generate_sfv) == ("ZIP", 10**7, False)
    assert (release.metadata["genre"], release.nfo_template) == ("Satire", template)
    sound(release)


def test_a_repack_takes_what_was_edited(api: APIClient, release: Release) -> None:
    api.put(f"/api/releases/{release.pk}", BETTER["options"], format="json")

    looked = ask(api, release, "repack?dry_run=true").json()
    finished(ask(api, release, "repack"))

    assert "The field Title, Some Book, becomes Better Book." in looked["changes"]
    release.refresh_from_db()
    (volume,) = release.folder.glob("*.zip")
    assert "Better.Book" in release.name
    assert zipfile.ZipFile(volume).testzip() is None
    assert api.get(f"/api/releases/{release.pk}").json()["pending"] is False
    sound(release)


@pytest.mark.parametrize("options", [{"format": "RAR"}, {}])
def test_a_format_that_the_rule_forbids_is_answered_with_its_clause(
    api: APIClient, release: Release, options: dict[str, str]
) -> None:
    api.put(f"/api/releases/{release.pk}", {"config": {"format": "RAR"}}, format="json")

    for door in ("repack", "repack?dry_run=true"):
        answer = ask(api, release, door, {"options": options})

        assert answer.status_code == 422
        assert answer.json() == {
            "error": "UnprocessableEntity",
            "message": "2022_EBOOK packs as ZIP: choose that.",
            "errors": {"volume-nesting": ["2022_EBOOK packs as ZIP: choose that."]},
        }


def test_a_video_is_repacked_as_the_reference_asks(api: APIClient, operator: User) -> None:
    release = make_episode(operator)

    finished(ask(api, release, "repack", {"options": {"format": "RAR", "compression": "high"}}))

    release.refresh_from_db()
    sound(release)


@pytest.mark.parametrize("door", OPERATIONS)
def test_a_dry_run_tells_and_changes_nothing(api: APIClient, release: Release, door: str) -> None:
    spoil_nfo(release, b"Ann Author", b"Bob Writer")
    (release.folder / "stray.txt").write_text("x")
    before = tree(release.into), row(release)

    body = ask(api, release, f"{door}?dry_run=true").json()

    assert list(body) == ["dry_run", "changes", "diff", "remarks"]
    assert body["dry_run"] is True
    assert body["changes"]
    assert (tree(release.into), row(release)) == before
    assert not Job.objects.active().exists()


@pytest.mark.parametrize("door", ["nfofix", "dirfix"])
def test_where_nothing_is_wrong_nothing_is_done(
    api: APIClient, release: Release, door: str
) -> None:
    looked = ask(api, release, f"{door}?dry_run=true")
    answer = ask(api, release, door)

    assert looked.json()["changes"] == []
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "There is nothing to change.", "changes": []},
    )
    assert not release.revisions.exists()


def test_an_nfo_that_tells_nothing_new_is_not_read_anew(api: APIClient, release: Release) -> None:
    answer = ask(api, release, "readnfo")

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


def test_an_nfo_is_mended_when_the_answer_comes(api: APIClient, release: Release) -> None:
    spoil_nfo(release)

    looked = ask(api, release, "nfofix?dry_run=true").json()
    body = ask(api, release, "nfofix").json()

    job = Job.objects.get(pk=body["job_id"])
    assert body == {"message": "NFO fixed", "changes": looked["changes"], "job_id": job.pk}
    assert body["changes"] == ["All lines end in CR and LF."]
    assert (job.status, job.work) == (Job.Status.COMPLETED, "nfofix")
    sound(release)


def test_a_folder_is_mended_when_the_answer_comes(api: APIClient, release: Release) -> None:
    stray = release.folder / "stray.txt"
    stray.write_text("x")

    body = ask(api, release, "dirfix").json()

    assert body["message"] == "Directory structure fixed"
    assert body["changes"] == [f"{release}/stray.txt is no part of the release: it is left out."]
    assert not stray.exists()
    sound(release)


def test_the_fix_release_is_written_besides(api: APIClient, release: Release) -> None:
    spoil_nfo(release)

    ask(api, release, "nfofix", {"options": {"fix": True}})

    fix = Release.objects.get(corrects=release.name)
    assert "NFOFiX" in fix.name
    assert fix.folder.is_dir()


def test_a_fix_that_cannot_be_written_is_told_by_the_dry_run(
    api: APIClient, release: Release
) -> None:
    spoil_nfo(release)
    ask(api, release, "nfofix", {"options": {"fix": True}})
    spoil_nfo(release)

    answer = ask(api, release, "nfofix?dry_run=true", {"options": {"fix": True}})

    assert (answer.status_code, "exists already" in answer.json()["message"]) == (422, True)


def test_a_mending_that_fails_says_why(api: APIClient, release: Release) -> None:
    next(release.folder.glob("*.zip")).write_bytes(b"broken")
    release.source.path.unlink()
    spoil_nfo(release)

    answer = ask(api, release, "nfofix")

    assert answer.status_code == 422
    assert answer.json()["message"] == Job.objects.latest("pk").error
    assert not release.revisions.exists()


def test_a_large_release_is_mended_by_a_worker(
    api: APIClient, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "MOST_BYTES_AT_ONCE", release.size - 1)
    spoil_nfo(release)

    answer = ask(api, release, "nfofix")

    assert answer.status_code == 202
    assert answer.json()["status"] == "running"
    finished(answer)
    sound(release)


def test_undo_takes_back_step_by_step(api: APIClient, release: Release) -> None:
    before = tree(release.into)
    finished(ask(api, release, "repack", BETTER))
    finished(ask(api, release, "repack", {"options": {"metadata": {"title": "Best Book"}}}))

    looked = ask(api, release, "undo?dry_run=true").json()
    answer = ask(api, release, "undo")

    assert "The field Title, Best Book, becomes Better Book." in looked["changes"]
    assert answer.status_code == 202
    job = finished(answer)
    assert answer.json() == {"job_id": job.pk, "status": "running", "message": "Undo started"}
    finished(ask(api, release, "undo", {"revision": 1}))
    assert tree(release.into) == before
    again = ask(api, release, "undo")
    assert (again.status_code, again.json()["error"]) == (409, "Conflict")
    assert ask(api, release, "undo", {"revision": 9}).status_code == 409


def test_the_revisions_say_what_undo_takes(
    api: APIClient, operator: User, release: Release
) -> None:
    finished(ask(api, release, "repack", BETTER))
    finished(ask(api, release, "undo"))

    body = api.get(f"/api/releases/{release.pk}/revisions").json()

    undone, first = body["revisions"]
    assert body["pagination"]["total"] == 2
    assert (first["number"], first["operation"], first["can_be_undone"]) == (1, "repack", False)
    assert first["user"] == {"id": operator.pk, "username": "operator"}
    assert "The field Title, Some Book, becomes Better Book." in first["changes"]
    assert (undone["number"], undone["operation"], undone["undoes"]) == (2, "undo", 1)
    assert undone["can_be_undone"] is True


@pytest.mark.parametrize("door", [*OPERATIONS, "undo"])
def test_who_sees_a_release_but_may_not_mend_it_is_told_the_permission(
    release: Release, door: str
) -> None:
    mate = make_operator()
    release.group.members.add(mate)
    stranger = make_operator()

    for asked in (door, f"{door}?dry_run=true"):
        seen = ask(client_of(mate), release, asked)
        unseen = ask(client_of(stranger), release, asked)
        assert seen.status_code == 403
        assert seen.json()["message"] == "You don't have MOD permission on releases"
        assert unseen.status_code == 404
        assert unseen.json()["message"] == f"Release with id {release.pk} not found"
    assert not Job.objects.active().exists()


@pytest.mark.parametrize("is_of_role", [True, False])
def test_a_permission_on_one_release_is_enough(release: Release, is_of_role: bool) -> None:
    user = make_user()
    role = Role.objects.create(name="Menders")
    user.groups.add(role)
    grant(role if is_of_role else user, "releases", "mod", release)
    other = make_release(group=ReleaseGroup.objects.create(tag="OTHER"))
    spoil_nfo(release)
    client = client_of(user)

    assert ask(client, release, "nfofix").status_code == 200
    assert ask(client, release, "repack?dry_run=true").status_code == 200
    assert ask(client, other, "repack").status_code == 404


@pytest.mark.parametrize("door", [*OPERATIONS, "undo"])
@pytest.mark.parametrize("dry_run", ["", "?dry_run=true"])
def test_what_is_at_work_or_not_packed_is_a_conflict(
    api: APIClient, operator: User, release: Release, door: str, dry_run: str
) -> None:
    enqueue("repack", by=operator, subject=release.subject, release_id=release.pk)
    draft = make_release(owner=operator)

    for refused in (release, draft):
        answer = ask(api, refused, f"{door}{dry_run}")
        assert (answer.status_code, answer.json()["error"]) == (409, "Conflict"), answer.json()


@pytest.mark.parametrize(
    ("door", "body", "field"),
    [
        ("repack", {"options": {"speed": 9}}, "speed"),
        ("repack", {"choices": {}}, "choices"),
        ("repack", {"options": []}, "non_field_errors"),
        ("repack", {"options": {"format": "TAR"}}, "format"),
        ("repack", {"options": {"volumes": 0}}, "volumes"),
        ("repack", {"options": {"volumes": 100_001}}, "volumes"),
        ("repack", {"options": {"rar_version": 3}}, "rar_version"),
        ("repack", {"options": {"generate_nfo": False}}, "generate_nfo"),
        ("repack", {"options": {"metadata": {"year": 99}}}, "year"),
        ("repack", {"options": {"metadata": {"isbn": "12"}}}, "isbn"),
        ("repack", {"options": {"metadata": {"owner": "me"}}}, "owner"),
        ("repack", {"options": {"template_id": 999}}, "template_id"),
        ("repack?dry_run=perhaps", {}, "dry_run"),
        ("nfofix", {"options": {"text": "x" * ((1 << 18) + 1)}}, "text"),
        ("dirfix", {"options": {"name": "x" * 244}}, "name"),
        ("readnfo", {"options": {"fields": "title"}}, "fields"),
        ("undo", {"revision": 0}, "revision"),
        ("undo", {"number": 1}, "number"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(
    api: APIClient, release: Release, door: str, body: Any, field: str
) -> None:
    answer = ask(api, release, door, body)

    assert answer.status_code == 400, answer.json()
    assert list(answer.json()["errors"]) == [field]
    assert not Job.objects.active().exists()


def test_a_name_that_leaves_its_folder_is_refused(api: APIClient, release: Release) -> None:
    answer = ask(api, release, "dirfix", {"options": {"name": "../../x-GRP"}})

    assert answer.status_code == 422


def test_a_template_of_somebody_else_is_none(api: APIClient, release: Release) -> None:
    hidden = make_template(created_by=make_user())

    answer = ask(api, release, "repack", {"options": {"template_id": hidden.pk}})

    assert answer.status_code == 400


def test_a_repack_that_is_asked_again_under_its_key_is_done_once(
    api: APIClient, release: Release
) -> None:
    key = {"Idempotency-Key": "repack-1"}

    first, second = (ask(api, release, "repack", **key) for _ in range(2))

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Job.objects.filter(work="repack").count() == 1


def test_a_dry_run_says_that_nothing_is_compressed(api: APIClient, release: Release) -> None:
    stored = ask(api, release, "repack?dry_run=true", {"options": {"compression": "store"}})
    high = ask(api, release, "repack?dry_run=true", {"options": {"compression": "high"}})

    assert stored.json()["remarks"] == []
    assert high.json()["remarks"] == [
        "Nothing is compressed: volumes are stored, as the rules ask."
    ]
