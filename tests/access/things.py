"""What the addresses of the table name, and what is sent there."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import ApiToken, ReleaseGroup, Role, User
from accounts.preferences import prefer
from delivery.models import Destination
from enrichment.models import ApiConfig
from jobs.models import Job, JobLog
from notifications.models import Channel
from releases.actions import CHECKS
from releases.models import Artifact, NfoTemplate, Release, Revision, Upload
from rulebook import actions as rulebook
from tests.access.columns import SHARED_GROUP
from tests.factories import (
    make_admin,
    make_book,
    make_draft,
    make_job,
    make_release,
    make_source,
    make_template,
    numbers,
)

OVER = "2026-01-02T10:00:00Z"
TUS = {"Tus-Resumable": "1.0.0"}
NAMED = base64.b64encode(b"book.epub").decode()
TEXT = b"The [2024] eBook Standards\r\n1) Volumes of 5 MB\r\n"


@dataclass(frozen=True, slots=True)
class Thing:
    """What an address names: the parts of its path, and what bodies say of it."""

    path: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def nothing(owner: User) -> Thing:
    return Thing()


def shared() -> ReleaseGroup:
    return ReleaseGroup.objects.get_or_create(tag=SHARED_GROUP)[0]


def release(owner: User, **fields: Any) -> Thing:
    return Thing({"pk": row_of_release(owner, **fields).pk})


def row_of_release(owner: User, **fields: Any) -> Release:
    group = shared()
    name = f"Some.Book.{next(numbers)}.2020.RETAiL.ePUB.eBook-{group.tag}"
    return make_release(owner=owner, group=group, name=name, **fields)


def channel(owner: User) -> Thing:
    name = f"Channel {next(numbers)}"
    row = Channel.objects.create(user=owner, name=name, type="MAIL", address="ann@example.org")
    return Thing({"pk": row.pk})


def job(owner: User, **fields: Any) -> Thing:
    row = make_job(by=owner, status="failed", finished_at=OVER, **fields)
    JobLog.objects.create(job=row, message="Something was done")
    return Thing({"key": str(row.uuid)})


def analysis(owner: User) -> Thing:
    row = make_job(by=owner, work="analysis", status="failed", finished_at=OVER)
    return Thing({"key": str(row.pk)})


def synchronization(owner: User) -> Thing:
    row = make_job(by=owner, work="sync", status="failed", finished_at=OVER)
    return Thing({"key": str(row.pk)})


def draft(owner: User) -> Thing:
    row = make_draft(owner=owner, group={"group": "GRP"})
    return Thing({"step": 1}, {"job_id": row.pk}, f"?job_id={row.pk}")


def upload(owner: User) -> Thing:
    row = Upload.objects.create(name="book.epub", size=10, created_by=owner)
    row.path.touch()
    return Thing({"handle": row.handle}, headers=TUS | {"Upload-Offset": "0"})


def new_upload(owner: User) -> Thing:
    return Thing(headers=TUS | {"Upload-Length": "10", "Upload-Metadata": f"filename {NAMED}"})


def source(owner: User) -> Thing:
    return Thing(facts={"file_path": str(make_source(owner=owner).handle)})


def rule(owner: User) -> Thing:
    name = f"2024_TEST{next(numbers)}"
    row = rulebook.import_rule(
        rulebook.NewRule(raw=TEXT + name.encode(), source=f"{name}.nfo"), by=make_admin()
    )
    return Thing({"pk": row.pk}, {"name": row.name})


def rule_version(owner: User) -> Thing:
    made = rule(owner)
    return Thing(made.path | {"number": 1})  # type: ignore[operator]  # two dicts


def template(owner: User) -> Thing:
    return Thing({"pk": with_version(make_template(created_by=owner)).pk})


def template_of_all(owner: User) -> Thing:
    return Thing({"pk": with_version(make_template(is_system=True)).pk})


def with_version(row: NfoTemplate) -> NfoTemplate:
    row.versions.create(number=row.version, content=row.content, encoding=row.encoding)
    return row


def template_version(owner: User) -> Thing:
    row = with_version(make_template(created_by=owner, version=2))
    row.versions.create(number=1, content="{{ title }}", encoding="cp437")
    return Thing({"pk": row.pk, "number": 1})


def key(owner: User) -> Thing:
    row = ApiConfig.objects.create(name="GoogleBooks", user=owner, api_key="AIza")
    return Thing({"pk": row.pk})


def key_of_all(owner: User) -> Thing:
    return Thing({"pk": ApiConfig.objects.create(name="OMDb", api_key="AIza").pk})


def report(owner: User) -> Thing:
    return Thing({"pk": make_job(by=owner, work=CHECKS).pk})


def draft_number(owner: User) -> Thing:
    """Make a draft that only a body names."""
    return Thing(facts=draft(owner).facts)


def template_number(owner: User) -> Thing:
    return Thing(facts={"template": make_template(created_by=owner).pk})


def text() -> SimpleUploadedFile:
    return SimpleUploadedFile("2023_NEW.nfo", TEXT + b"of another year")


def book(name: str = "book.epub") -> SimpleUploadedFile:
    path = make_book()
    content = path.read_bytes()
    path.unlink()
    return SimpleUploadedFile(name, content)


def page_of_person_with_role(owner: User) -> Thing:
    made = person_with_role(owner).path
    return Thing({"pk": made["pk"], "role": made["role_id"]})


def page_of_person_with_group(owner: User) -> Thing:
    made = person_with_group(owner).path
    return Thing({"pk": made["pk"], "group": made["group_id"]})


def group_with_person(owner: User) -> Thing:
    made = person_with_group(owner).path
    return Thing({"pk": made["group_id"], "person": made["pk"]})


def new_destination(owner: User) -> Thing:
    return Thing({"whose": "own"})


def new_destination_of_all(owner: User) -> Thing:
    return Thing({"whose": "all"})


def group(owner: User) -> Thing:
    return Thing({"pk": ReleaseGroup.objects.create(tag=f"TAG{next(numbers)}").pk})


def page_of_draft(owner: User) -> Thing:
    return Thing({"draft": make_draft(owner=owner, group={"group": "GRP"}).uuid})


def step_of_draft(owner: User) -> Thing:
    return Thing(page_of_draft(owner).path | {"step": "group"})  # type: ignore[operator]


def artifact(owner: User) -> Thing:
    row = row_of_release(owner)
    nfo = Artifact.objects.create(release=row, kind="nfo", path="book.nfo", size=1)
    return Thing({"pk": row.pk, "artifact": nfo.pk})


def revision(owner: User) -> Thing:
    row = row_of_release(owner)
    Revision.objects.create(release=row, number=1, operation="repack")
    return Thing({"pk": row.pk, "number": 1})


def mending(owner: User) -> Thing:
    return Thing(release(owner).path | {"operation": "repack"})  # type: ignore[operator]


def bulk_job(owner: User) -> Thing:
    done = {"deed": "trash", "items": []}
    asked = {"deed": "trash", "release_ids": []}
    row = make_job(by=owner, work="bulk", arguments=asked, status="completed", finished_at=OVER)
    Job.objects.filter(pk=row.pk).update(result=done)
    return Thing({"pk": row.pk})


def document(owner: User) -> Thing:
    return Thing(release(owner).path | {"form": "sarif"})  # type: ignore[operator]


def document_of_check(owner: User) -> Thing:
    return Thing(report(owner).path | {"form": "sarif"})  # type: ignore[operator]


def cover(owner: User) -> Thing:
    return Thing({"handle": make_source(owner=owner).handle})


def session(owner: User) -> Thing:
    return Thing({"handle": "0" * 64})


def section(owner: User) -> Thing:
    return Thing({"section": "display"})


def new_key(owner: User) -> Thing:
    return Thing({"name": "OMDb", "whose": "own"})


def new_key_of_all(owner: User) -> Thing:
    return Thing({"name": "OMDb", "whose": "all"})


def page_of_job(owner: User) -> Thing:
    return Thing({"pk": make_job(by=owner, status="failed", finished_at=OVER).pk})


def running_job(owner: User) -> Thing:
    return Thing({"key": str(make_job(by=owner).uuid)})


def person(owner: User) -> Thing:
    """Take the owner: who asks for their own asks for themselves."""
    return Thing({"pk": owner.pk})


def person_with_group(owner: User) -> Thing:
    group = ReleaseGroup.objects.create(tag=f"TAG{next(numbers)}")
    group.members.add(owner)
    return Thing({"pk": owner.pk, "group_id": group.pk})


def person_to_join(owner: User) -> Thing:
    group = ReleaseGroup.objects.create(tag=f"TAG{next(numbers)}")
    return Thing({"pk": owner.pk}, {"group": group.pk})


def person_for_role(owner: User) -> Thing:
    return Thing({"pk": owner.pk}, {"role": new_role().pk})


def person_with_role(owner: User) -> Thing:
    made = new_role()
    owner.groups.add(made)
    return Thing({"pk": owner.pk, "role_id": made.pk})


def new_role() -> Role:
    return cast("Role", Role.objects.create(name=f"role {next(numbers)}"))


def role(owner: User) -> Thing:
    """Take a role that grants nothing."""
    return Thing({"pk": new_role().pk})


def destination(owner: User) -> Thing:
    return Thing({"pk": row_of_destination(owner).pk})


def destination_of_all(owner: User) -> Thing:
    return Thing({"pk": row_of_destination(None).pk})


def destination_and_group(owner: User) -> Thing:
    return Thing({"pk": row_of_destination(owner).pk}, {"group": shared().pk})


def destination_of_all_and_group(owner: User) -> Thing:
    return Thing({"pk": row_of_destination(None).pk}, {"group": shared().pk})


def destination_of_group(owner: User, *, is_for_all: bool = False) -> Thing:
    row = row_of_destination(None if is_for_all else owner)
    row.auto_deliveries.create(group=shared())
    return Thing({"pk": row.pk, "group": shared().pk})


def destination_of_all_of_group(owner: User) -> Thing:
    return destination_of_group(owner, is_for_all=True)


def delivered_release(owner: User) -> Thing:
    """Take a destination for all: who may change the release may deliver it there."""
    row = row_of_release(owner, status="completed")
    return Thing({"pk": row.pk}, {"destination": row_of_destination(None).pk})


def row_of_destination(owner: User | None) -> Destination:
    return Destination.objects.create(name=f"place{next(numbers)}", type="LOCAL", user=owner)


def preference(owner: User) -> Thing:
    prefer(owner, "theme", "dark")
    return Thing({"key": "theme"})


def token(owner: User) -> Thing:
    row = ApiToken.objects.create(
        user=owner, name="script", prefix="rpk_abc", digest=f"{next(numbers):064}", scopes=[]
    )
    return Thing({"pk": row.pk})


def chore(owner: User) -> Thing:
    return Thing({"name": "drafts"})
