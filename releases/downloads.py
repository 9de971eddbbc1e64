"""Files on their way out. Under ASGI a plain iterator would be read whole into memory."""

from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from zipstream import ZipStream

from releases import copies
from releases.models import Artifact, Source
from releases.packing import nfo

PIECE_BYTES = 1 << 18
COVER_AGE_S = 86_400
"""How long a browser may show the cover it has."""


def one_file(artifact: Artifact) -> StreamingHttpResponse:
    """Stream one file of a release."""
    return attachment(pieces_of(artifact.file), artifact.name, artifact.size)


def zipped(artifacts: Iterable[Artifact], name: str) -> StreamingHttpResponse:
    """Stream files of a release, in its folder and beside it, as one stored ZIP."""
    archive = ZipStream(sized=True)
    for artifact in artifacts:
        archive.add_path(artifact.file, artifact.path)
    return attachment(archive, name, len(archive))


def cover(source: Source) -> HttpResponse:
    """Answer the small cover of a source.

    Raises:
        Http404: there is none.
    """
    if not copies.have_cover(source):
        raise Http404
    response = HttpResponse(source.cover_path.read_bytes(), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, max_age=COVER_AGE_S)
    return response


def nfo_as(kind: str, text: str, encoding: str, stem: str) -> HttpResponse:
    """Answer an NFO as a file in its encoding, or as a picture: ``png``, ``png-light``, ``svg``.

    Raises:
        PackingError: it is too large to be drawn.
    """
    from releases.packing import picture  # noqa: PLC0415  # it takes long, and few ask for it

    colours = {"png": picture.DARK, "png-light": picture.LIGHT}
    if kind == "svg":
        content, ending = picture.svg(text, title=stem).encode(), ".svg"
    elif kind in colours:
        content, ending = picture.png_apart(text, colours[kind]), ".png"
    else:
        content, ending = nfo.encode(text, encoding), ".nfo"
    return whole(content, f"{stem}{ending}")


def whole(content: bytes, name: str) -> HttpResponse:
    """Answer `content` as a file to keep."""
    return HttpResponse(content, content_type="application/octet-stream", headers=kept(name))


def kept(name: str) -> dict[str, str]:
    """Return what makes of an answer a file to keep: never a page, whatever is in it."""
    return {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name)
        or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }


def attachment(pieces: Iterable[bytes], name: str, size: int) -> StreamingHttpResponse:
    """Answer `pieces` as a file to keep."""
    return StreamingHttpResponse(
        in_a_thread(pieces),
        content_type="application/octet-stream",
        headers=kept(name) | {"Content-Length": str(size)},
    )


def pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


async def in_a_thread(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield `pieces`, each fetched in a worker thread so that others are served meanwhile."""
    iterator = iter(pieces)
    fetch = sync_to_async(lambda: next(iterator, b""), thread_sensitive=False)
    while piece := await fetch():
        yield piece
