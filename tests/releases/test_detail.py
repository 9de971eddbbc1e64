"""The page of one release: its tabs, what they show, and what they cost."""

import io
import os
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.permissions import grant
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.listing import PER_PAGE
from releases.models import Artifact, Release, Revision
from tests.factories import make_admin, make_job, make_new, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
TABS = ("", "files/", "conformity/", "deliveries/", "jobs/", "history/", "actions/")
HTMX = {"HX-Request": "true"}
HOSTILE = '"><img src=x onerror=alert(1)>\u202egpj.exe'


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def signed_in(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def packed(operator: User) -> Release:
    return pack(operator)


def pack(owner: User, **fields: Any) -> Release:
    release = actions.create_release(make_new(owner=owner, **fields), by=owner)
    work.run(actions.request_packing(release, by=owner).pk)
    release.refresh_from_db()
    assert release.status == Release.Status.COMPLETED
    return release


def text(response: Any) -> str:
    """Return what a page says, in one line."""
    content = re.sub(
        r"<(script|style|svg|template).*?</\1>", "", response.content.decode(), flags=re.S
    )
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def url(release: Release, path: str = "") -> str:
    return f"{release.get_absolute_url()}{path}"


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_has_an_address_of_its_own(signed_in: Client, packed: Release, tab: str) -> None:
    page = signed_in.get(url(packed, tab))

    assert page.status_code == 200
    shown = re.findall(r'href="([^"]+)" hx-get="[^"]+" aria-selected="true"', page.content.decode())
    assert shown == [url(packed, tab)]


@pytest.mark.parametrize("tab", TABS)
def test_htmx_gets_the_tabs_and_their_title_alone(
    signed_in: Client, packed: Release, tab: str
) -> None:
    part = signed_in.get(url(packed, tab), headers=HTMX).content.decode()

    assert part.strip().startswith("<title>")
    assert '<div id="release">' in part
    assert "<html" not in part


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_costs_few_queries(client: Client, tab: str) -> None:
    release = pack(make_operator())
    Revision.objects.create(release=release, number=1, operation="edit")
    for who in (release.created_by, make_admin()):
        client.force_login(who)
        client.get(url(release, tab))  # warm the caches
        with CaptureQueriesContext(connection) as queries:
            client.get(url(release, tab))
        assert len(queries) <= 10, [query["sql"][:120] for query in queries]


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_costs_no_more_with_more_rows(
    signed_in: Client, packed: Release, operator: User, tab: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(url(packed, tab))
        return len(queries)

    give_more(packed, operator, 2)
    signed_in.get(url(packed, tab))
    few = cost()
    give_more(packed, operator, 30)

    assert cost() == few <= 10


def give_more(release: Release, by: User, count: int) -> None:
    start = release.revisions.count()
    for number in range(start + 1, start + count + 1):
        Revision.objects.create(release=release, number=number, operation="repack", by=make_user())
        make_job(by=by, subject=release.subject, status="completed", finished_at=timezone.now())
        give_file(release, f"more{number}.r00")


def give_file(release: Release, name: str, kind: str = "volume", size: int = 3) -> Artifact:
    return Artifact.objects.create(
        release=release, path=f"{release.name}/{name}", kind=kind, size=size, crc32="0badc0de"
    )


def test_thousands_of_files_are_shown_page_by_page(signed_in: Client, operator: User) -> None:
    release = make_release(owner=operator, status="completed")
    Artifact.objects.bulk_create(
        Artifact(
            release=release,
            path=f"{release.name}/{('', 'Sample/', 'a/b/')[number % 3]}{number:04}.r00",
            kind="volume",
            size=1000,
            crc32="0badc0de",
        )
        for number in range(2000)
    )

    first, last = (
        signed_in.get(url(release, "files/")),
        signed_in.get(url(release, "files/?page=10")),
    )

    rows = [page.content.decode().count('name="file"') for page in (first, last)]
    assert rows == [PER_PAGE, PER_PAGE]
    assert "Files 2000 1.9 MiB" in text(first)
    assert "667 files, 651.4 KiB" in text(first)
    assert f"{release.name}/a/b/ 666 files" in text(last)
    assert signed_in.get(url(release, "files/?page=x")).status_code == 200


def test_files_are_shown_by_folder_those_beside_it_last(signed_in: Client, packed: Release) -> None:
    give_file(packed, "Sample/small.mkv", "sample")

    told = text(signed_in.get(url(packed, "files/")))

    places = [f"{packed.name}/ ", f"{packed.name}/Sample/ ", "Beside the folder"]
    assert sorted(map(told.index, places)) == list(map(told.index, places))


def test_files_that_are_gone_changed_or_newer_are_shown_as_such(
    signed_in: Client, packed: Release
) -> None:
    assert "not as" not in text(signed_in.get(url(packed, "files/")))
    volume, nfo, diz = (packed.artifacts.get(kind=kind) for kind in ("volume", "nfo", "diz"))
    volume.file.unlink()
    nfo.file.write_bytes(nfo.file.read_bytes() + b"more")
    later = timezone.now().timestamp() + 60
    os.utime(diz.file, (later, later))

    told = text(signed_in.get(url(packed, "files/")))

    assert f"{volume.name} is not there" in told
    assert f"{nfo.name} View has another size" in told
    assert f"{diz.name} View was written later than the package" in told
    assert "3 files are not as they were packed." in told


def test_a_link_in_place_of_a_file_is_shown_as_changed(signed_in: Client, packed: Release) -> None:
    nfo = packed.artifacts.get(kind="nfo")
    nfo.file.rename(nfo.file.with_suffix(".moved"))
    nfo.file.symlink_to(nfo.file.with_suffix(".moved"))

    assert "View has another size" in text(signed_in.get(url(packed, "files/")))


def test_a_folder_that_is_gone_is_said_once(signed_in: Client, packed: Release) -> None:
    packed.folder.rename(packed.folder.with_name("moved"))

    told = text(signed_in.get(url(packed, "files/")))

    assert "The folder of the release is gone from the disk" in told
    assert "not as they were packed" not in told


def received(user: User, path: str, data: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a download, as an ASGI server sends it."""

    async def receive() -> tuple[dict[str, str], bytes]:
        client = AsyncClient()
        await client.aforce_login(user)
        response: Any = await client.post(path, data)
        assert response.status_code == 200
        return dict(response.items()), b"".join([piece async for piece in response])

    return async_to_sync(receive)()


@pytest.mark.django_db(transaction=True)
def test_chosen_files_are_sent_as_one_zip(seeded: None) -> None:
    operator = make_operator()
    release = pack(operator)
    chosen = list(release.artifacts.filter(kind__in=["nfo", "sfv"]))

    headers, body = received(
        operator, url(release, "files/several/"), {"file": [one.pk for one in chosen]}
    )

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert sorted(archive.namelist()) == sorted(one.path for one in chosen)
        assert archive.testzip() is None
    assert int(headers["Content-Length"]) == len(body)
    assert headers["Content-Disposition"] == f'attachment; filename="{release.name}.files.zip"'


def test_choosing_nothing_says_what_to_do(signed_in: Client, packed: Release) -> None:
    foreign = give_file(make_release(), "theirs.r00")

    for chosen in ([], ["x"], ["9" * 30], [str(foreign.pk)]):
        answer = signed_in.post(url(packed, "files/several/"), {"file": chosen}, follow=True)
        assert "Choose the files to download first." in text(answer)


def test_a_file_that_is_gone_keeps_no_download_half_way(signed_in: Client, packed: Release) -> None:
    nfo = packed.artifacts.get(kind="nfo")
    nfo.file.unlink()

    several = signed_in.post(url(packed, "files/several/"), {"file": [nfo.pk]}, follow=True)
    whole = signed_in.get(url(packed, "download/"), follow=True)

    for answer in (several, whole):
        assert f"{nfo.name} is gone from the disk" in text(answer)


def test_the_description_in_the_first_volume_can_be_read(
    signed_in: Client, packed: Release
) -> None:
    page = signed_in.get(url(packed, "diz/"))

    assert "file_id.diz" in text(page)
    assert "DISK: [01/01]" in text(page)


@pytest.mark.parametrize("damage", ["cut", "gone", "no zip", "no diz"])
def test_a_volume_without_description_says_why(
    signed_in: Client, packed: Release, damage: str
) -> None:
    volume = packed.artifacts.get(kind="volume")
    replace(volume, damage)

    page = signed_in.get(url(packed, "diz/"))

    assert page.status_code == 409
    assert f"{volume.name} cannot be read" in text(page)


def replace(volume: Artifact, damage: str) -> None:
    data = volume.file.read_bytes()
    if damage == "gone":
        volume.file.unlink()
    elif damage == "cut":
        volume.file.write_bytes(data[:-10])
    elif damage == "no zip":
        volume.file.write_bytes(bytes(len(data)))
    else:
        with zipfile.ZipFile(volume.file, "w") as archive:
            archive.writestr("other.txt", "x")
        Artifact.objects.filter(pk=volume.pk).update(size=volume.file.stat().st_size)


def test_a_release_without_zips_has_no_description_in_them(
    signed_in: Client, operator: User
) -> None:
    release = make_release(owner=operator, status="completed", format="RAR")

    assert "No volume of this release is a ZIP" in text(signed_in.get(url(release, "diz/")))
    assert "file_id.diz" not in text(signed_in.get(url(release, "files/")))


def test_a_violation_leads_to_its_line(signed_in: Client, packed: Release) -> None:
    nfo = packed.artifacts.get(kind="nfo")
    lines = nfo.file.read_bytes().decode("cp437").split("\r\n")
    lines[1] = "w" * 99
    nfo.file.write_bytes("\r\n".join(lines).encode("cp437"))
    signed_in.post(url(packed, "conformity/"))
    finish_jobs()

    page = signed_in.get(url(packed, "conformity/")).content.decode()

    place = f"{url(packed)}files/{nfo.pk}/view/?line=2#line"
    assert f'href="{place}"' in page
    shown = signed_in.get(place.partition("#")[0]).content.decode()
    assert f'<mark id="line" tabindex="-1">{"w" * 99}</mark>' in shown


def finish_jobs() -> None:
    for job in Job.objects.active():
        work.run(job.pk)


@pytest.mark.parametrize("line", ["0", "-1", "x", "999999", "9" * 40, ""])
def test_a_line_that_is_none_points_nowhere(signed_in: Client, packed: Release, line: str) -> None:
    nfo = packed.artifacts.get(kind="nfo")

    page = signed_in.get(url(packed, f"files/{nfo.pk}/view/?line={line}"))

    assert page.status_code == 200
    assert b'id="line"' not in page.content


def test_the_jobs_tell_how_they_went(signed_in: Client, packed: Release, operator: User) -> None:
    job = make_job(by=operator, subject=packed.subject, work="lint")
    job.fail(f"It broke: {HOSTILE}")
    other = make_job(by=make_user(), subject=packed.subject, work="lint")
    other.fail("Somebody else's reason")

    page = signed_in.get(url(packed, "jobs/"))

    assert "Packing" in text(page)
    assert "It broke:" in text(page)
    assert b"<img src=x" not in page.content
    assert "Somebody else's" not in text(page)


def test_a_running_job_is_watched_by_whose_it_is(client: Client, packed: Release) -> None:
    packed.created_by.release_groups.add(packed.group)
    member = make_operator()
    member.release_groups.add(packed.group)
    job = make_job(by=packed.created_by, subject=packed.subject, work="lint")

    client.force_login(packed.created_by)
    assert f'data-job="{job.pk}"' in client.get(url(packed)).content.decode()
    client.force_login(member)
    told = client.get(url(packed))
    assert "asked for by somebody else: Waiting for a worker" in text(told)
    assert "data-job=" not in told.content.decode()


def test_hostile_metadata_are_shown_harmless_and_short(signed_in: Client, operator: User) -> None:
    release = make_release(
        owner=operator,
        status="completed",
        metadata={"title": HOSTILE, "description": "word " * 2_000, "author": "W" * 10_000},
        rights_note=HOSTILE,
        duplicate_of=[HOSTILE, ""],
        nfo=HOSTILE,
    )
    Artifact.objects.create(
        release=release, path=f"{release.name}/{HOSTILE}", kind="other", size=1, crc32="0" * 8
    )
    Revision.objects.create(
        release=release,
        number=1,
        operation="edit",
        changes=[["%(old)s was it", {"old": HOSTILE}]],
        before={"metadata": {"title": HOSTILE}, "nfo": HOSTILE},
        after={"metadata": {"title": HOSTILE * 2}, "nfo": HOSTILE * 2},
    )

    for path in (*TABS, "history/1/", "history/1/?since"):
        page = signed_in.get(url(release, path))
        assert page.status_code == 200
        assert b"<img src=x" not in page.content
    shown = signed_in.get(url(release)).content.decode()
    assert '<details class="clamped">' in shown
    assert "one that was not shown" in shown


def test_releases_like_it_are_linked_where_one_may_see_them(
    signed_in: Client, operator: User
) -> None:
    own, hidden = make_release(owner=operator), make_release()
    release = make_release(owner=operator, duplicate_of=[own.name, hidden.name])

    page = signed_in.get(url(release)).content.decode()

    assert f'href="{own.get_absolute_url()}"' in page
    assert hidden.name in page
    assert f'href="{hidden.get_absolute_url()}"' not in page


def test_who_sees_a_release_sees_its_cover(client: Client, packed: Release) -> None:
    packed.source.cover_path.parent.mkdir(exist_ok=True)
    packed.source.cover_path.write_bytes(b"\xff\xd8\xff")
    member = make_operator()
    member.release_groups.add(packed.group)
    client.force_login(member)

    assert f'src="{url(packed, "cover/")}"' in client.get(url(packed)).content.decode()
    assert client.get(url(packed, "cover/")).content == b"\xff\xd8\xff"


def test_history_tells_what_changed_and_what_is_different_now(
    signed_in: Client, packed: Release
) -> None:
    Revision.objects.create(
        release=packed,
        number=1,
        operation="nfofix",
        changes=[
            ["Line %(number)d was broken.", {"number": 7}],
            ["The field %(field)s becomes %(new)s.", {"field": "genre", "new": "Novel"}],
        ],
        before={
            "nfo": "old line\nsame\n",
            "metadata": {"title": "Old"},
            "volume_bytes": 1,
            "size": 540782,
        },
        after={
            "nfo": "new line\nsame\n",
            "metadata": {"title": "New"},
            "volume_bytes": 2,
            "size": 541000,
        },
    )

    listed, own, since = (
        text(signed_in.get(url(packed, path)))
        for path in ("history/", "history/1/", "history/1/?since")
    )

    assert "1. NFO mended" in listed
    assert "Line 7 was broken." in listed
    assert "The field Genre becomes Novel." in listed
    assert "Volume size 1 2 Size 528.1 KiB 528.3 KiB Title Old New" in own
    assert "gone: old line" in own
    assert "new: new line" in own
    assert f"Volume size 1 {packed.volume_bytes} Size 528.1 KiB" in since
    assert "Title Old Some Book" in since
    assert signed_in.get(url(packed, "history/2/")).status_code == 404


@pytest.mark.parametrize(
    ("status", "told"),
    [("draft", "Pack it"), ("failed", "Pack again")],
)
def test_what_is_not_packed_offers_to_pack_it(
    signed_in: Client, operator: User, status: str, told: str
) -> None:
    release = make_release(owner=operator, status=status)

    for tab in TABS:
        page = text(signed_in.get(url(release, tab)))
        assert told in page
        assert "Download the release" not in page
    assert "the release is not packed" in text(signed_in.get(url(release, "files/")))
    assert "Only a release that is packed can be changed." in text(
        signed_in.get(url(release, "actions/"))
    )


def test_a_release_in_the_trash_says_where_it_is(
    signed_in: Client, client: Client, packed: Release
) -> None:
    Release.objects.filter(pk=packed.pk).update(trashed_at=timezone.now())

    shown = signed_in.get(url(packed))
    assert "lies in the trash" in text(shown)
    assert "Put back" in text(shown)
    assert "m.." not in text(shown)
    for tab in TABS[1:]:
        assert signed_in.get(url(packed, tab)).status_code == 404
    client.force_login(make_operator())
    assert client.get(url(packed)).status_code == 404


def test_who_may_delete_a_release_is_led_to_the_trash(
    client: Client, operator: User, packed: Release
) -> None:
    client.force_login(make_admin())
    place = f'href="/releases/bulk/?do=trash&amp;release={packed.pk}"'
    assert place in client.get(url(packed, "actions/")).content.decode()

    client.force_login(operator)
    assert place not in client.get(url(packed, "actions/")).content.decode()
    grant(operator, "releases", "delete", packed)
    assert place in client.get(url(packed, "actions/")).content.decode()


def paths_of(release: Release) -> Iterator[str]:
    yield from TABS
    yield from ("cover/", "diz/", "download/", "nfo/", "history/1/", "history/1/undo/")
    yield from (f"actions/{name}/" for name in ("nfofix", "dirfix", "repack", "readnfo"))
    for artifact in release.artifacts.all():
        yield from (f"files/{artifact.pk}/", f"files/{artifact.pk}/view/")


def test_the_releases_of_others_are_not_found(client: Client, packed: Release) -> None:
    Revision.objects.create(release=packed, number=1, operation="edit")
    client.force_login(make_operator())

    for path in paths_of(packed):
        assert client.get(url(packed, path)).status_code == 404, path
    for path in ("files/several/", "history/1/undo/", "actions/nfofix/", "conformity/", "pack/"):
        assert client.post(url(packed, path), {"apply": "1"}).status_code == 404, path


def test_nobody_is_asked_to_log_in_for_nothing(client: Client, packed: Release) -> None:
    for path in paths_of(packed):
        assert client.get(url(packed, path))["Location"].startswith("/accounts/login/")


@pytest.fixture
def reader(packed: Release) -> User:
    """A member of the group who may look at releases, and do nothing to them."""
    user = make_user()
    grant(user, "releases", "read")
    user.release_groups.add(packed.group)
    return user


def test_a_reader_sees_every_tab_and_no_action(
    client: Client, packed: Release, reader: User
) -> None:
    client.force_login(reader)

    for tab in TABS:
        assert client.get(url(packed, tab)).status_code == 200
    shown = client.get(url(packed, "actions/"))
    assert "You don't have MOD permission on releases" in text(shown)
    assert "Look at what would change" not in text(shown)
    assert "Move to the trash" not in text(shown)


def test_a_reader_is_refused_by_the_name_of_the_permission(
    client: Client, packed: Release, reader: User
) -> None:
    Revision.objects.create(release=packed, number=1, operation="edit")
    client.force_login(reader)

    for path in ("actions/nfofix/", "actions/repack/", "history/1/undo/"):
        for answer in (client.get(url(packed, path)), client.post(url(packed, path))):
            assert answer.status_code == 403
            assert "You don't have MOD permission on releases" in text(answer)
