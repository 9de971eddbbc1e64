from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from accounts.models import User
from packer_site import work
from releases import actions
from releases.models import Source
from tests.books import make_epub
from tests.factories import make_admin, make_operator, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def picture() -> bytes:
    target = BytesIO()
    Image.new("RGB", (960, 1440), "red").save(target, "PNG")
    return target.getvalue()


def illustrate(path: Path, cover: bytes | None = None) -> Path:
    return make_epub(path, entries={"OEBPS/cover.png": cover or picture()})


def analysed(source: Source) -> Source:
    job = actions.request_analysis(source, by=source.created_by)
    work.run(job.pk)
    source.refresh_from_db()
    return source


@pytest.fixture
def illustrated(operator: User) -> Source:
    source = make_source(owner=operator)
    illustrate(source.path)
    return analysed(source)


def test_an_analysis_keeps_a_small_cover(illustrated: Source) -> None:
    with Image.open(illustrated.cover_path, formats=["JPEG"]) as cover:
        assert cover.size == (480, 720)
    assert illustrated.analysis["cover"] is True
    assert list(settings.COVERS_DIR.iterdir()) == [illustrated.cover_path]


def test_a_cover_that_has_gone_is_forgotten(illustrated: Source) -> None:
    illustrate(illustrated.path, cover=picture()[:100])

    analysed(illustrated)

    assert not illustrated.cover_path.exists()
    assert illustrated.analysis["cover"] is False


def test_a_discarded_source_takes_its_cover_along(illustrated: Source) -> None:
    actions.discard_source(illustrated)

    assert list(settings.COVERS_DIR.iterdir()) == []


def test_a_cover_that_cannot_be_kept_is_no_reason_to_refuse_a_file(operator: User) -> None:
    settings.COVERS_DIR.touch()
    source = make_source(owner=operator)
    illustrate(source.path)

    analysed(source)

    assert source.analysis["valid"]


def test_what_commands_register_needs_no_picture(operator: User, tmp_path: Path) -> None:
    source = actions.register_source(illustrate(tmp_path / "book.epub"), by=operator)

    assert source.analysis["cover"] is True
    assert not source.cover_path.exists()


def test_a_cover_is_shown_to_who_may_see_the_source(client: Client, illustrated: Source) -> None:
    client.force_login(illustrated.created_by)

    answer = client.get(f"/releases/covers/{illustrated.handle}/")

    assert answer.content == illustrated.cover_path.read_bytes()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=86400"


def test_an_administrator_sees_every_cover(client: Client, illustrated: Source) -> None:
    client.force_login(make_admin())

    assert client.get(f"/releases/covers/{illustrated.handle}/").status_code == 200


def test_nobody_else_sees_a_cover(client: Client, illustrated: Source) -> None:
    path = f"/releases/covers/{illustrated.handle}/"

    assert client.get(path).status_code == 302
    client.force_login(make_operator())
    assert client.get(path).status_code == 404
    assert client.get(f"/releases/covers/{uuid4()}/").status_code == 404


def test_a_source_without_a_cover_has_none_to_show(client: Client, operator: User) -> None:
    client.force_login(operator)

    assert client.get(f"/releases/covers/{make_source(owner=operator).handle}/").status_code == 404
