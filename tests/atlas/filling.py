"""An instance with something in every state, among it texts that mean harm."""

from __future__ import annotations

import itertools
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import ReleaseGroup, User
from delivery.models import Destination
from drafts import steps
from drafts.actions import record_answers
from drafts.models import Draft
from enrichment.models import ApiConfig
from jobs.models import Job
from jobs.queue import record, run_here
from notifications.models import Channel, Message
from releases import actions
from releases.models import NfoTemplate, Release
from rules.models import Rule
from tests.atlas import NOBODY, Place
from tests.atlas.hostile import BIDI, ENDLESS, LONG, payloads
from tests.atlas.list_pages import cards_of, list_pages_of
from tests.atlas.people_pages import hostile_people, more_people, people_of
from tests.atlas.release_pages import give_deliveries, hostile_tabs_of, mending_of, tabs_of
from tests.atlas.token_pages import hostile_tokens, more_tokens, tokens_of
from tests.factories import (
    METADATA,
    make_answers,
    make_draft,
    make_new,
    make_operator,
    make_release,
    make_source,
    make_template,
    numbers,
)
from tests.instance import PASSWORD

SAMPLE = Path(__file__).parents[2] / "drafts" / "sample" / "the-time-machine.epub"
STATIC_PAGES = (
    "home",
    "releases:index",
    "jobs:index",
    "library:index",
    "library:new",
    "library:import",
    "library:storage",
    "rulebook:index",
    "rulebook:new",
    "conformity:index",
    "delivery:index",
    "notifications:index",
    "notifications:create",
    "accounts:system",
    "chores:index",
    "enrichment:index",
    "inbox:index",
    "wizard:drafts",
    "preferences:index",
    "accounts:password",
    "nfo",
)


def fill() -> list[Place]:
    settings.UPLOADS_DIR.mkdir(parents=True, exist_ok=True)
    give_files(settings.INBOX_DIR)
    admin = User.objects.get(username="admin")
    newcomer = make_operator(username="newcomer", password=PASSWORD)
    hostile = make_operator(username="hostile", password=PASSWORD)
    give_hostile(hostile)
    return [
        *pages_of_nobody(),
        *(place(route, route, admin) for route in STATIC_PAGES),
        place("dashboard of a newcomer", "home", newcomer),
        place("no releases yet", "releases:index", newcomer),
        place("no jobs yet", "jobs:index", newcomer),
        place("empty inbox", "inbox:index", newcomer),
        place("no drafts yet", "wizard:drafts", newcomer),
        place("drafts awaiting review", "wizard:drafts", admin, query="?show=awaiting"),
        place("preferences of a newcomer", "preferences:index", newcomer),
        *releases_of(admin),
        *list_pages_of(admin),
        *jobs_of(admin),
        *wizard_of(admin),
        *library_of(admin),
        *rules_of(admin),
        *keys_of(admin),
        *channels_of(admin),
        *destinations_of(admin),
        *people_of(admin),
        *tokens_of(admin),
        *hostile_pages(hostile),
        *cards_of(hostile),
        *hostile_people(hostile),
        *hostile_tokens(hostile),
        Place("nothing here", "/nowhere/", admin.username, "", 404),
    ]


def place(
    name: str, route: str, who: User, *args: Any, query: str = "", status: int = 200
) -> Place:
    return Place(name, reverse(route, args=args) + query, who.username, route, status)


def pages_of_nobody() -> list[Place]:
    return [Place("login", reverse("accounts:login"), NOBODY, "accounts:login")]


def releases_of(who: User) -> list[Place]:
    packed = packed_release(who)
    never = make_release(owner=who, name="Never.Packed.2020.RETAiL.ePUB.eBook-GRP")
    failed = make_release(owner=who, status="failed", name="Failed.2021.RETAiL.ePUB.eBook-GRP")
    job = record("pack", by=who, subject=failed.subject, release_id=failed.pk)
    job.log("Packing Failed.2021", "INFO")
    job.fail("There is no space: it needs 2.0 GiB, 1.0 MiB are free.")
    some_releases(who)
    nfo = packed.artifacts.get(kind="nfo")
    return [
        place("packed release", "releases:detail", who, packed.pk),
        place("release never packed", "releases:detail", who, never.pk),
        place("release that failed", "releases:detail", who, failed.pk),
        *tabs_of(packed, who, "packed"),
        *tabs_of(failed, who, "failed"),
        *mending_of(packed, who),
        place("text of a release", "releases:view-file", who, packed.pk, nfo.pk),
        place("search", "releases:index", who, query="?search=verne"),
        place("search without answer", "releases:index", who, query="?search=zzzz"),
        place("second page of releases", "releases:index", who, query="?page=2"),
    ]


def packed_release(who: User) -> Release:
    source = actions.register_source(SAMPLE, by=who)
    metadata = METADATA | {"title": "The Time Machine", "author": "H. G. Wells", "year": 1895}
    release = actions.create_release(
        make_new(owner=who, source=source, metadata=metadata, group="WELLS"), by=who
    )
    run_here(actions.request_packing(release, by=who, at_once=True))
    release.refresh_from_db()
    assert release.status == Release.Status.COMPLETED
    return release


def give_files(folder: Path) -> None:
    """Lay files of many kinds where the server's folder is shown."""
    (folder / "Books" / "Verne").mkdir(parents=True, exist_ok=True)
    (folder / "shared").mkdir(exist_ok=True)
    shutil.copy(SAMPLE, folder / "Books" / "the-time-machine.epub")
    for number, text in enumerate(itertools.islice(payloads(), 0, 100, 9)):
        (folder / f"{number} {text.replace('/', '-')[:180]}.epub").write_bytes(b"no book")
    (folder / "video.mkv").write_bytes(b"no video")
    (folder / "growing.epub.part").write_bytes(b"not whole")


def some_releases(who: User) -> None:
    source = make_source(owner=who)
    group = ReleaseGroup.objects.get_or_create(tag="VERNE")[0]
    for number in range(45):
        title = f"Voyage {number}"
        make_release(
            owner=who,
            source=source,
            group=group,
            type=("EBOOK", "DOCS")[number % 2],
            name=f"Jules.Verne.Voyage.{next(numbers)}.1870.FRENCH.RETAiL.ePUB.eBook-VERNE",
            title=title,
            metadata=METADATA | {"title": title, "author": "Jules Verne"},
            size=number * 1_234_567,
            status=("completed", "draft", "failed")[number % 3],
            created_at=timezone.now() - timedelta(days=9 * number),
        )


def give_more(who: User) -> None:
    """Give `who` more rows of every kind that lists show."""
    some_releases(who)
    more_people()
    more_tokens(who)
    for _turn in range(30):
        make_draft(owner=who, group={"group": "MORE"})
        make_template(created_by=who)
        Job.objects.create(work="pack", by=who).log("A line")


def jobs_of(who: User) -> list[Place]:
    done = Job.objects.filter(status="completed").newest_first()[0]
    failed = Job.objects.filter(status="failed").newest_first()[0]
    release = Release.objects.filter(conformity__state__isnull=False)[0]
    checked = Job.objects.create(work="lint", by=who, subject=release.subject)
    checked.finish({"reports": [release.conformity]})
    waiting = Job.objects.create(work="sync", by=who)
    Job.objects.filter(pk=waiting.pk).update(status="cancelled", finished_at=timezone.now())
    return [
        place("job that is done", "jobs:detail", who, done.pk),
        place("running failures again", "jobs:rerun-failed", who),
        place("report of a check", "conformity:report", who, checked.pk),
        place("job that failed", "jobs:detail", who, failed.pk),
        place("job that was cancelled", "jobs:detail", who, waiting.pk),
    ]


def wizard_of(who: User) -> list[Place]:
    draft = answered_draft(who)
    typed = answered_draft(who)
    typed.typed["enrichment"] = {"title": [""], "year": ["1066"], "isbn": ["12345"]}
    typed.save()
    pages = [
        place(f"step {step.number}, {step.key}", "wizard:step", who, draft.uuid, step.key)
        for step in steps.STEPS[:-1]
    ]
    tabs = [
        place(f"analysis, {tab}", "wizard:step", who, draft.uuid, "analysis", query=f"?tab={tab}")
        for tab in ("metadata", "mediainfo", "structure")
    ]
    fresh = Draft.objects.create(owner=who)
    return [
        place("step 1 of a new draft", "wizard:step", who, fresh.uuid, "group"),
        *(
            place(f"step 4, {way}", "wizard:step", who, draft.uuid, "source", query=f"?from={way}")
            for way in ("folder", "folder&folder=Books", "url")
        ),
        *pages,
        *tabs,
        place("step 6 with mistakes", "wizard:step", who, typed.uuid, "enrichment"),
        place(
            "step 9 of a packed draft", "wizard:step", who, packed_draft(who).uuid, "destination"
        ),
    ]


def packed_draft(who: User) -> Draft:
    packed = Release.objects.filter(status="completed", artifacts__isnull=False).distinct()[0]
    return Draft.objects.create(owner=who, release=packed, step="destination")


def answered_draft(who: User) -> Draft:
    """A draft whose every step before packing is answered."""
    rule = Rule.objects.get(name="2022_EBOOK")
    source = make_source(owner=who)
    draft = Draft.objects.create(owner=who)
    answers: dict[str, dict[str, Any]] = {
        "group": {"group": "GRP"},
        "type": {"release_type": "EBOOK"},
        "rule": {"rule_id": rule.pk},
        "source": {"file_path": str(source.handle), "rights": "own_work", "rights_note": ""},
        "analysis": {},
        "enrichment": METADATA,
        "nfo": {"template_id": NfoTemplate.objects.get(name="ebook").pk, "template_text": ""},
    }
    for key, given in answers.items():
        record_answers(draft, steps.BY_KEY[key], given)
    for job in Job.objects.about(source.subject).active():
        run_here(job)
    make_answers(draft, {"values": {"title": "Another Book", "year": 2019, "publisher": "House"}})
    return draft


def library_of(who: User) -> list[Place]:
    shipped = NfoTemplate.objects.get(name="ebook")
    own = make_template(created_by=who, name="my own", type="EBOOK")
    return [
        place("shipped template", "library:edit", who, shipped.pk),
        place("own template", "library:edit", who, own.pk),
        place("deleting a template", "library:delete", who, own.pk),
        place("versions of a template", "library:versions", who, shipped.pk),
    ]


def rules_of(who: User) -> list[Place]:
    rule = Rule.objects.get(name="2022_EBOOK")
    return [
        place("rule", "rulebook:rule", who, rule.pk),
        place("editing a rule", "rulebook:edit", who, rule.pk),
        place("versions of a rule", "rulebook:versions", who, rule.pk),
        place("deleting a rule", "rulebook:delete", who, query=f"?rule={rule.pk}"),
        place("rules as a tree", "rulebook:index", who, query="?view=tree"),
        place("rules searched", "rulebook:index", who, query="?search=volumes"),
    ]


def keys_of(who: User) -> list[Place]:
    given = ApiConfig.objects.create(name="TMDb", user=who)
    return [
        place("giving a key", "enrichment:create", who, "GoogleBooks", "own"),
        place("changing a key", "enrichment:change", who, given.pk),
    ]


def destinations_of(who: User) -> list[Place]:
    given = {"type": "SFTP", "host": "sftp.example.org", "port": 22, "username": "courier"}
    mine = Destination.objects.create(name="Archive", user=who, password="x", **given)
    for_all = Destination.objects.create(name="Folder for all", type="LOCAL", folder="all")
    for_all.auto_deliveries.create(group=ReleaseGroup.objects.get(tag="WELLS"))
    give_deliveries(Release.objects.get(group__tag="WELLS"), who, for_all, mine)
    return [
        place("adding a destination", "delivery:create", who, "own"),
        place("adding a destination for all", "delivery:create", who, "all"),
        place("changing a destination", "delivery:change", who, mine.pk),
    ]


def channels_of(who: User) -> list[Place]:
    mine = Channel.objects.create(name="Team", user=who, type="MAIL", address="team@example.org")
    Message.objects.create(channel=mine, event="job_failed", title="Packing 12: Failed")
    return [place("changing a channel", "notifications:change", who, mine.pk)]


def give_hostile(who: User) -> None:
    """Give `who` rows whose texts would open dialogs, turn texts around, or burst the layout."""
    texts = [*payloads(), BIDI, LONG, ENDLESS]
    source = make_source(owner=who)
    group = ReleaseGroup.objects.get_or_create(tag="X" * 100)[0]
    for number, (text, other) in enumerate(itertools.pairwise(texts)):
        make_release(
            owner=who,
            source=source,
            group=group,
            name=f"{number}.{text[:200]}",
            title=text[:500],
            metadata=dict.fromkeys(METADATA, text) | {"description": other, "year": 2020},
            metadata_sources=dict.fromkeys(METADATA, "file"),
            rights_note=text[:500],
            nfo=f"{text}\n{other}\n",
            status=("completed", "failed", "draft")[number % 3],
        )
        make_draft(owner=who, group={"group": text}, enrichment={"title": text, "author": other})
        make_template(created_by=who, name=text[:90] + str(number), content=text)
        job = Job.objects.create(work="pack", by=who, stage=text[:32])
        job.log(text)
        job.fail(other)


def hostile_pages(who: User) -> list[Place]:
    releases = Release.objects.filter(created_by=who).order_by("pk")
    jobs = Job.objects.filter(by=who).order_by("pk")
    templates = NfoTemplate.objects.filter(created_by=who).order_by("pk")
    lists = ("home", "releases:index", "jobs:index", "library:index", "wizard:drafts")
    some = (0, 1, 37, len(releases) - 3, len(releases) - 2, len(releases) - 1)
    return [
        *(place(f"hostile {route}", route, who) for route in lists),
        *(place(f"hostile release {n}", "releases:detail", who, releases[n].pk) for n in some),
        *hostile_tabs_of(releases[0], who, next(payloads())),
        *(place(f"hostile job {n}", "jobs:detail", who, jobs[n].pk) for n in some),
        *(place(f"hostile template {n}", "library:edit", who, templates[n].pk) for n in some),
        *(
            place(f"hostile draft {n}", "wizard:step", who, draft.uuid, step)
            for n, (draft, step) in enumerate(hostile_drafts(who))
        ),
    ]


def hostile_drafts(who: User) -> list[tuple[Draft, str]]:
    """Drafts that are open at steps which show what was typed and what a file said."""
    text = next(payloads())
    shown = []
    for key in ("group", "source", "analysis", "enrichment", "nfo", "options"):
        draft = answered_draft(who)
        source = draft.source
        assert source
        source.name = f"{text}.epub"[:255]
        source.analysis["metadata"] |= {"title": text, "description": ENDLESS, "publisher": BIDI}
        source.analysis["structure"] = [{"path": text, "size": 1}, {"path": LONG, "size": 2}]
        source.save()
        draft.answers["enrichment"] = METADATA | {"title": text, "publisher": LONG}
        draft.save()
        shown.append((draft, key))
    return shown
