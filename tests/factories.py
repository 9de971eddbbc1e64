"""The smallest valid object of each kind; a test passes only what matters to it."""

import hashlib
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import ReleaseGroup, Role, User
from drafts.models import Draft
from jobs.models import Job
from releases.actions import NewRelease
from releases.models import NfoTemplate, Release, Source
from rules.models import Rule
from tests.books import make_epub

numbers = count(1)
METADATA = {
    "title": "Some Book",
    "author": "Ann Author",
    "year": 2020,
    "language": "en",
    "source": "RETAiL",
}


def make_user(*, role: str = "", **fields: Any) -> User:
    user = User.objects.create_user(**{"username": f"user{next(numbers)}"} | fields)
    if role:
        user.groups.add(Role.objects.get(name=role))
    return user


def make_operator(**fields: Any) -> User:
    return make_user(role="Operator", **fields)


def make_admin(**fields: Any) -> User:
    return make_user(is_superuser=True, is_staff=True, **fields)


def make_book(folder: Path | None = None, **facts: Any) -> Path:
    """Write a real EPUB, and return its path."""
    path = (folder or Path(settings.DATA_DIR)) / f"book{next(numbers)}.epub"
    book: dict[str, Any] = {"title": "Some Book", "authors": ["Ann Author"], "year": 2020}
    make_epub(path, **book | facts)
    return path


def make_source(*, owner: User | None = None, **facts: Any) -> Source:
    """Make a source whose file lies among the uploads, as if it had been sent."""
    path = make_book(**facts)
    source = Source(
        name=path.name,
        size=path.stat().st_size,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        analysis={
            "format": "epub",
            "valid": True,
            "drm": "",
            "problems": [],
            "metadata": {"title": "Some Book", "authors": ["Ann Author"], "year": 2020},
            "mediainfo": {},
            "structure": [{"path": "mimetype", "size": 20}],
        },
        created_by=owner or make_user(),
    )
    path.rename(source.path)
    source.save()
    return source


def make_new(*, owner: User, **fields: Any) -> NewRelease:
    """Return complete answers; needs the `seeded` fixture."""
    defaults: dict[str, Any] = {
        "type": "EBOOK",
        "group": "GRP",
        "rule": Rule.objects.get(name="2022_EBOOK"),
        "source": fields.pop("source", None) or make_source(owner=owner),
        "metadata": METADATA,
        "rights": "own_work",
        "template": NfoTemplate.objects.get(name="ebook"),
        "released_on": date(2026, 1, 2),
    }
    return NewRelease(**defaults | fields)


def make_template(**fields: Any) -> NfoTemplate:
    number = next(numbers)
    return NfoTemplate.objects.create(
        **{"name": f"template{number}", "content": "{{ title }}\n"} | fields
    )


def make_release(*, owner: User | None = None, **fields: Any) -> Release:
    """Make the row of a release that is not packed; needs the `seeded` fixture."""
    owner = owner or make_user()
    number = next(numbers)
    defaults: dict[str, Any] = {
        "name": f"Ann.Author.Some.Book.{number}.2020.RETAiL.ePUB.eBook-GRP",
        "type": "EBOOK",
        "group": ReleaseGroup.objects.get_or_create(tag="GRP")[0],
        "rule": Rule.objects.get(name="2022_EBOOK"),
        "source": fields.pop("source", None) or make_source(owner=owner),
        "title": "Some Book",
        "metadata": METADATA,
        "rights": "own_work",
        "nfo": "Some Book\n",
        "format": "ZIP",
        "volume_bytes": 5_000_000,
        "volume_base": f"grp{number % 1000:03}",
        "released_on": date(2026, 1, 2),
        "created_by": owner,
    }
    return Release.objects.create(**defaults | fields)


def make_job(*, by: User | None = None, **fields: Any) -> Job:
    return Job.objects.create(**{"work": "pack", "by": by or make_user()} | fields)


def make_draft(*, owner: User | None = None, **answers: Any) -> Draft:
    return Draft.objects.create(owner=owner or make_operator(), answers=answers)


def make_answers(draft: Draft, *candidates: dict[str, Any], **result: Any) -> Job:
    """Make the finished question what the providers know of the work of `draft`."""
    job = make_job(by=draft.owner, work="enrich", subject=draft.subject)
    said = [{"provider": "OpenLibrary", "url": "", "values": {}} | one for one in candidates]
    job.finish({"candidates": said, "troubles": {}, "order": []} | result)
    return job
