"""Static files: compressed once, and kept by browsers until what is in them changes."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

COMPRESSIBLE = (".css", ".js", ".svg", ".json", ".map", ".txt")
KEPT = "max-age=31536000, public, immutable"
VERSION_LENGTH = 10


class VersionedFiles(StaticFilesStorage):
    """Gives each file an address that changes with it; nothing is collected before a start."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        path = found(name or "")
        return f"{address}?v={version(path, Path(path).stat().st_mtime_ns)}" if path else address


@cache
def found(name: str) -> str:
    """Return where the file lies; nothing for a folder, or where there is none."""
    path = finders.find(name)
    return path if path and Path(path).is_file() else ""


@cache
def version(path: str, changed_ns: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:VERSION_LENGTH]


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped
    def serve(self, static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = super().serve(static_file, request)
        if "v" in request.GET:
            response["Cache-Control"] = KEPT
        path = str(getattr(getattr(response, "file_to_stream", None), "name", ""))
        if is_whole(response) and path.endswith(COMPRESSIBLE) and takes_gzip(request):
            return compressed(response, path)
        return response


def is_whole(response: HttpResponseBase) -> bool:
    return response.status_code == HttpResponse.status_code and "Content-Encoding" not in response


def takes_gzip(request: HttpRequest) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def compressed(response: HttpResponseBase, path: str) -> HttpResponse:
    """Return `response` with the file at `path` as gzip, which is made once a start."""
    headers = dict(response.items()) | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    response.close()
    body = squeezed(path, Path(path).stat().st_mtime_ns)
    return HttpResponse(body, headers=headers | {"Content-Length": str(len(body))})


@cache
def squeezed(path: str, changed_ns: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)
