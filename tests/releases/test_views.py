import io
import re
import zipfile
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.models import Release
from tests.factories import make_new, make_operator, make_release, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


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


def test_the_list_shows_what_one_may_see(signed_in: Client, operator: User) -> None:
    own, hidden = make_release(owner=operator), make_release()

    page = signed_in.get("/releases/").content.decode()

    assert own.name in page
    assert hidden.name not in page


def test_a_longer_list_costs_no_more_queries(signed_in: Client, operator: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            signed_in.get("/releases/")
        return len(queries)

    make_release(owner=operator)
    one = cost()
    for _ in range(3):
        make_release(owner=operator)

    assert cost() == one <= 10


def test_searching_answers_htmx_with_the_table(signed_in: Client, operator: User) -> None:
    make_release(owner=operator, name="Wuthering.Heights-GRP", title="Wuthering Heights")
    make_release(owner=operator, name="Other-GRP", title="Other")

    table = signed_in.get("/releases/?search=wuther", headers={"HX-Request": "true"})

    assert table.content.strip().startswith(b'<section id="release-table"')
    assert b"Wuthering" in table.content
    assert b"Other-GRP" not in table.content


def test_the_files_are_shown_with_their_sums(signed_in: Client, packed: Release) -> None:
    page = signed_in.get(f"{packed.get_absolute_url()}files/").content.decode()

    for artifact in packed.artifacts.all():
        assert artifact.path in page
        assert artifact.crc32 in page
        assert artifact.sha256 in page


def test_the_detail_tells_who_said_each_field(signed_in: Client, operator: User) -> None:
    release = make_release(
        owner=operator,
        metadata={"title": "Emma", "author": "Ann", "publisher": "Press", "genre": "Tales"},
        metadata_sources={"title": "person", "author": "file", "publisher": "OpenLibrary"},
    )
    release.source.analysis["sources"] = {"title": "OPF dc:title", "authors": "OPF dc:creator"}
    release.source.save()

    page = signed_in.get(release.get_absolute_url()).content.decode()

    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Title Emma by hand Author Ann the file, OPF dc:creator" in told
    assert "Publisher Press Open Library Genre Tales Type eBook" in told


def test_markup_in_metadata_is_shown_as_text(signed_in: Client, operator: User) -> None:
    release = make_release(owner=operator, title="<script>alert(1)</script>", nfo="<img src=x>")

    page = signed_in.get(release.get_absolute_url())

    assert b"<script>alert" not in page.content
    assert b"<img src=x" not in page.content


def test_somebody_elses_release_is_not_found(signed_in: Client) -> None:
    release = make_release()

    for path in ("", "download/", "files/1/"):
        assert signed_in.get(f"{release.get_absolute_url()}{path}").status_code == 404
    assert signed_in.post(f"{release.get_absolute_url()}pack/").status_code == 404


def received(user: User, path: str) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a download, as an ASGI server sends it."""

    async def receive() -> tuple[dict[str, str], bytes]:
        client = AsyncClient()
        await client.aforce_login(user)
        response: Any = await client.get(path)
        assert response.status_code == 200
        body = b"".join([piece async for piece in response])
        return dict(response.items()), body

    return async_to_sync(receive)()


@pytest.mark.django_db(transaction=True)
def test_one_file_is_sent_as_it_is(seeded: None) -> None:
    operator = make_operator()
    release = actions.create_release(make_new(owner=operator), by=operator)
    work.run(actions.request_packing(release, by=operator).pk)
    artifact = release.artifacts.get(kind="nfo")

    path = f"{release.get_absolute_url()}files/{artifact.pk}/"
    headers, body = received(operator, path)

    assert body == (release.into / artifact.path).read_bytes()
    assert int(headers["Content-Length"]) == len(body)
    assert headers["Content-Disposition"] == f'attachment; filename="{artifact.name}"'
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db(transaction=True)
def test_the_whole_release_is_sent_as_one_zip(seeded: None) -> None:
    operator = make_operator()
    release = actions.create_release(make_new(owner=operator), by=operator)
    work.run(actions.request_packing(release, by=operator).pk)

    headers, body = received(operator, f"{release.get_absolute_url()}download/")

    assert int(headers["Content-Length"]) == len(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        for artifact in release.artifacts.all():
            assert archive.read(artifact.path) == (release.into / artifact.path).read_bytes()


def test_a_release_whose_folder_is_gone_is_not_sent(
    signed_in: Client, packed: Release, settings: Settings
) -> None:
    artifact = packed.artifacts.first()
    assert artifact
    packed.folder.rename(settings.RELEASES_DIR / "elsewhere")

    base = packed.get_absolute_url()
    assert signed_in.get(f"{base}download/").status_code == 404
    assert signed_in.get(f"{base}files/{artifact.pk}/").status_code == 404


def test_packing_again_what_failed(signed_in: Client, operator: User) -> None:
    source = make_source(owner=operator)
    release = make_release(owner=operator, source=source, status="failed")

    signed_in.post(f"{release.get_absolute_url()}pack/")
    work.run(Job.objects.get().pk)

    release.refresh_from_db()
    assert release.status == Release.Status.COMPLETED


def test_packing_what_is_packed_is_refused_with_a_sentence(
    signed_in: Client, packed: Release
) -> None:
    page = signed_in.post(f"{packed.get_absolute_url()}pack/", follow=True)

    assert b"is packed already" in page.content
