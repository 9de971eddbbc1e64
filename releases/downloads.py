"""Files on their way out. Under ASGI a plain iterator would be read whole into memory."""

from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from zipstream import ZipStream

from releases.models import Artifact, Release

PIECE_BYTES = 1 << 18


def one_file(artifact: Artifact) -> StreamingHttpResponse:
    """Stream one file of a release."""
    path = artifact.release.into / artifact.path
    return attachment(pieces_of(path), artifact.name, artifact.size)


def whole_release(release: Release) -> StreamingHttpResponse:
    """Stream the folder of a release, and what lies beside it, as one stored ZIP."""
    archive = ZipStream(sized=True)
    for artifact in release.artifacts.all():
        archive.add_path(release.into / artifact.path, artifact.path)
    return attachment(archive, f"{release.name}.zip", len(archive))


def attachment(pieces: Iterable[bytes], name: str, size: int) -> StreamingHttpResponse:
    """Answer `pieces` as a file to keep: never as a page, whatever is in it."""
    return StreamingHttpResponse(
        in_a_thread(pieces),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name)
            or "attachment",
            "Content-Length": str(size),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        },
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
