"""The files of a release for programs: what was packed, and what became of it since."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.pagination import PaginationSerializer, number
from api.releases import readable
from api.schema import ERRORS, SignedInRequest, example
from releases import copies
from releases.actions import ReleaseConflict
from releases.listing import last_written, trouble
from releases.models import Release

MOST_FILES = 1000
"""Of one answer."""
INTACT = "intact"
FILES_TELL = f"""What was packed, by path from the folder that holds releases, with what can be seen
of it without reading it. Folders come first, with the size of all that they hold.

All come at once, as far as there are not more than {MOST_FILES}. A release that is not packed has
none; where the folder of a packed one is gone, the answer is 409.
"""


@example(
    {
        "files": [
            {
                "path": "testgroup-example-book",
                "size": 5_243_904,
                "type": "directory",
                "kind": None,
                "state": None,
                "crc32": None,
                "sha256": None,
            },
            {
                "path": "testgroup-example-book/testgroup-example-book.nfo",
                "size": 1024,
                "type": "file",
                "kind": "nfo",
                "state": "intact",
                "crc32": "9ae0daaf",
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            },
        ],
        "pagination": {"page": 1, "per_page": MOST_FILES, "total": 2, "pages": 1},
    }
)
class FilesSerializer(serializers.Serializer[Any]):
    class EntrySerializer(serializers.Serializer[Any]):
        path = serializers.CharField()
        size = serializers.IntegerField(help_text="In bytes.")
        type = serializers.ChoiceField(choices=["file", "directory"])
        kind = serializers.CharField(
            allow_null=True, help_text="volume, nfo, sfv, manifest, sample, proof or other."
        )
        state = serializers.CharField(
            allow_null=True, help_text="intact, missing, changed (another size) or newer."
        )
        crc32 = serializers.CharField(allow_null=True, help_text="As it was packed.")
        sha256 = serializers.CharField(allow_null=True, help_text="As it was packed, if known.")

    files = EntrySerializer(many=True)
    pagination = PaginationSerializer()


class ReleaseFilesView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="releases_files_list",
        summary="List the files of a release",
        description=FILES_TELL,
        parameters=[
            OpenApiParameter("page", int, description="Page, from 1."),
            OpenApiParameter(
                "per_page", int, description=f"At most {MOST_FILES}, and so many unless told."
            ),
        ],
        responses={200: FilesSerializer, **ERRORS(400, 401, 403, 404, 409)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        release = readable(request, pk)
        page = number(request, "page", 1)
        per_page = number(request, "per_page", MOST_FILES, most=MOST_FILES)
        refuse_gone(release)
        folders, count = folders_of(release)
        total, start = len(folders) + count, (page - 1) * per_page
        shown = [*folders.items()][start : start + per_page]
        files = files_of(release, start - len(folders), start + per_page - len(folders))
        answer = {
            "files": [*(folder(path, size) for path, size in shown), *files],
            "pagination": {
                "page": page,
                "per_page": per_page,
                "total": total,
                "pages": max(1, -(-total // per_page)),
            },
        }
        return Response(answer)


def refuse_gone(release: Release) -> None:
    """Raise ReleaseConflict if the folder of a release that is packed is not there any more."""
    if release.status == Release.Status.COMPLETED and copies.is_gone(release):
        raise ReleaseConflict(
            f"The folder of {release} is gone: put it back, or repack the release."
        )


def folders_of(release: Release) -> tuple[dict[str, int], int]:
    """Return the size of each folder, by path, and the number of files."""
    sizes: dict[str, int] = {}
    count = 0
    for path, size in release.artifacts.values_list("path", "size").iterator():
        count += 1
        for parent in PurePosixPath(path).parents:
            if parent.name:
                sizes[str(parent)] = sizes.get(str(parent), 0) + size
    return dict(sorted(sizes.items())), count


def folder(path: str, size: int) -> dict[str, Any]:
    none = dict.fromkeys(("kind", "state", "crc32", "sha256"))
    return {"path": path, "size": size, "type": "directory", **none}


def files_of(release: Release, start: int, stop: int) -> Iterator[dict[str, Any]]:
    """Yield the files from `start` to `stop`, by path; of what is on the disk its state alone."""
    if stop <= 0:
        return
    since = last_written(release)
    for artifact in release.artifacts.order_by("path")[max(start, 0) : stop]:
        artifact.release = release  # else each asks for it
        yield {
            "path": artifact.path,
            "size": artifact.size,
            "type": "file",
            "kind": artifact.kind,
            "state": trouble(artifact, since) or INTACT,
            "crc32": artifact.crc32 or None,
            "sha256": artifact.sha256 or None,
        }
