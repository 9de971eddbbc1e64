"""XML that reaches for other files and hosts, or grows: in every format that holds XML."""

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from releases.metadata import read_apart
from tests.books import PACKAGE, make_epub, package_around, write_zip
from tests.metadata.offices import CORE, OPEN, make_docx, make_odt
from tests.metadata.pdfs import make_pdf, packet

SECRET = "hunter2"
PEAK_BYTES = 150 << 20
"""More than reading takes, and far less than what entities could grow to."""


def docx(path: Path, head: str, title: str) -> Path:
    core = f"{head}<cp:coreProperties {CORE}><dc:title>{title}</dc:title></cp:coreProperties>"
    return make_docx(path, entries={"docProps/core.xml": core.encode()})


def odt(path: Path, head: str, title: str) -> Path:
    meta = f"<office:meta><dc:title>{title}</dc:title></office:meta>"
    document = f"{head}<office:document-meta {OPEN}>{meta}</office:document-meta>"
    return make_odt(path, entries={"meta.xml": document.encode()})


def fb2(path: Path, head: str, title: str) -> Path:
    path.write_text(
        f'<?xml version="1.0"?>{head}<FictionBook><description><title-info>'
        f"<book-title>{title}</book-title></title-info></description><body/></FictionBook>"
    )
    return path


def cbz(path: Path, head: str, title: str) -> Path:
    info = f"{head}<ComicInfo><Title>{title}</Title></ComicInfo>"
    return write_zip(path, {"ComicInfo.xml": info.encode(), "1.jpg": b"\xff\xd8\xff"})


def epub(path: Path, head: str, title: str) -> Path:
    statements = f"<dc:title>{title}</dc:title><dc:language>en</dc:language>"
    return make_epub(path, entries={PACKAGE: package_around(statements, head=head).encode()})


def contents(path: Path, head: str, title: str) -> Path:
    """An EPUB whose table of contents, container and cover are hostile, too."""
    page = f"{head}<html><body><nav><ol><li><a href='c1.xhtml'>{title}</a></li></ol></nav></body>"
    picture = f'{head}<svg xmlns="http://www.w3.org/2000/svg"><text>{title}</text></svg>'
    entries = {"OEBPS/nav.xhtml": page.encode(), "OEBPS/cover.png": picture.encode()}
    return make_epub(path, entries=entries)


def pdf(path: Path, head: str, title: str) -> Path:
    return make_pdf(path, xmp=head + packet(f"<dc:title>{title}</dc:title>"))


MAKERS = (docx, odt, fb2, cbz, epub, contents, pdf)
Maker = Callable[[Path, str, str], Path]


@pytest.fixture
def sentinel() -> Iterator[socket.socket]:
    """Listens for whoever follows an address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


def heard(sentinel: socket.socket) -> bool:
    try:
        sentinel.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def told(paths: Iterable[Path]) -> str:
    """Return all that is said of `paths`, and check what reading them took."""
    readings = list(read_apart(paths, wants_covers=True))
    assert max(reading.rss_bytes for reading in readings) < PEAK_BYTES
    return json.dumps([reading.analysis().as_json() for reading in readings])


def hostile_heads(secret: str, address: str) -> dict[str, str]:
    return {
        "file": f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret}">]>',
        "host": f'<!DOCTYPE x [<!ENTITY a SYSTEM "{address}">]>',
        "parameter": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{address}"> %p; <!ENTITY a "x">]>',
        "parameter of a file": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{secret}"> %p;]>',
        "document type": f'<!DOCTYPE x SYSTEM "{address}">',
        "public document type": f'<!DOCTYPE x PUBLIC "-//X//Y" "{address}">',
        "style sheet": f'<?xml-stylesheet type="text/xsl" href="{address}"?>',
    }


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_reaches_for_another_file_or_host(
    tmp_path: Path, sentinel: socket.socket, make: Maker
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f'<!ENTITY a "{SECRET}">')
    address = f"http://127.0.0.1:{sentinel.getsockname()[1]}/x"
    included = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{address}"/>'
    included += included.replace(address, secret.as_uri()).replace("href", 'parse="text" href')

    said = told(
        make(tmp_path / f"{kind}.{make.__name__}", head, f"A &a; Title{included}")
        for kind, head in hostile_heads(secret.as_uri(), address).items()
    )

    assert SECRET not in said
    assert not heard(sentinel)


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11))
BOMBS = {
    "laughs": (f'<!DOCTYPE x [<!ENTITY a0 "{SECRET}">{LAUGHS}]>', "&a10;"),
    "one long entity, often": (f'<!DOCTYPE x [<!ENTITY a "{SECRET * 10_000}">]>', "&a;" * 10_000),
    "itself": ('<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"),
    "parameters": (
        f'<!DOCTYPE x [<!ENTITY % a "{SECRET * 100}"><!ENTITY % b "{"%a;" * 100}">'
        f'<!ENTITY % c "{"%b;" * 100}"><!ENTITY d "%c;">]>',
        "&d;",
    ),
}


@pytest.mark.parametrize("make", MAKERS)
def test_entities_do_not_grow(tmp_path: Path, make: Maker) -> None:
    said = told(
        make(tmp_path / f"{bomb}.{make.__name__}", head, title)
        for bomb, (head, title) in BOMBS.items()
    )

    assert SECRET * 2 not in said


def test_the_title_is_read_where_nothing_is_hostile(tmp_path: Path) -> None:
    """What the tests above put there is looked at."""
    makers = [make for make in MAKERS if make is not contents]

    said = told(make(tmp_path / f"file.{make.__name__}", "", "A Title") for make in makers)

    assert said.count('"title": "A Title"') == len(makers)
