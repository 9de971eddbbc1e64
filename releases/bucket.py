"""Files in an S3-compatible store, where one is set: the truth of which disks hold copies.

Source: https://django-storages.readthedocs.io/en/stable/backends/amazon-S3.html
"""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.utils.translation import gettext_noop

STORE, PROBE = "bucket", "probe"
PIECE_BYTES = 1 << 20
RETRY_AFTER_S = 60
"""A store that is away is asked for again so soon."""


class StoreAway(Exception):
    """The store does not answer, or not as it should; the message is for the user."""

    template = gettext_noop(
        "The store of files does not answer (%(reason)s). Nothing is lost: try again in a few "
        "minutes; if it lasts, tell an administrator."
    )

    def __init__(self, **values: object) -> None:
        super().__init__(self.template % values)
        self.values = values


class NotKept(StoreAway):
    """The store has no such file, or another one."""

    template = gettext_noop(
        "The store of files does not hold %(key)s as it should: tell an administrator."
    )


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a file; an empty sum is unknown, and a size that is None."""

    size: int | None
    crc32: str = ""
    sha256: str = ""

    def fits(self, found: "Content") -> bool:
        pairs = ((self.crc32.lower(), found.crc32), (self.sha256.lower(), found.sha256))
        is_long = self.size in {None, found.size}
        return is_long and all(not known or known == is_ for known, is_ in pairs)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store has as `key`."""

    key: str
    size: int
    put_at: datetime


def is_set() -> bool:
    return bool(settings.S3_BUCKET)


def put(path: Path, key: str, *, anew: bool = False) -> None:
    """Put the file at `path` into the store as `key`; what is whole there is not sent again.

    A key is never given to another content, but where it is put `anew`.

    Raises:
        StoreAway: it is not there afterwards, whole.
    """
    size = path.stat().st_size
    with answering(key):
        if not anew and stored_size(key) == size:
            return
        with path.open("rb") as file:
            storages[STORE].save(placed(key), File(file))
        if stored_size(key) != size:
            raise NotKept(key=key)


def fetch(key: str, path: Path, wanted: Content) -> None:
    """Bring `key` to `path`: aside, verified, renamed.

    Raises:
        NotKept: it is not there, or not what is wanted.
        StoreAway: the store does not answer.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{token_hex(8)}.fetched")
    try:
        with answering(key):
            found = written(key, aside)
        if not wanted.fits(found):
            raise NotKept(key=key)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def written(key: str, path: Path) -> Content:
    """Write what the store has as `key` to `path`, safely, and return what it is."""
    size, crc, sha = 0, 0, sha256()
    with path.open("xb") as file:
        for piece in the_bucket().Object(placed(key)).get()["Body"].iter_chunks(PIECE_BYTES):
            file.write(piece)
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            sha.update(piece)
        file.flush()
        os.fsync(file.fileno())
    return Content(size, f"{crc:08x}", sha.hexdigest())


def remove(key: str) -> None:
    """Remove `key`; what is not there is no fault."""
    with answering(key):
        storages[STORE].delete(placed(key))


def remove_all(prefix: str) -> None:
    """Remove all whose keys begin with `prefix`, which ends in a slash.

    Raises:
        StoreAway: it keeps some, or does not answer.
    """
    with answering(prefix):
        answers = the_bucket().objects.filter(Prefix=placed(prefix)).delete()
    for error in (error for answer in answers for error in answer.get("Errors", ())):
        raise StoreAway(reason=error.get("Code", "?"))


def look() -> None:
    """Make sure that the store answers at once, and knows us.

    Raises:
        StoreAway: it does not.
    """
    with answering(""):
        found = storages[PROBE].bucket  # type: ignore[attr-defined]  # of the S3 backend
        next(iter(found.objects.filter(Prefix=placed("")).limit(1)), None)


def placed(key: str) -> str:
    return f"{settings.S3_PREFIX}{key}"


def stored_size(key: str) -> int | None:
    """Return the size of what the store has as `key`; None where it has nothing."""
    try:
        return storages[STORE].size(placed(key))
    except FileNotFoundError:
        return None


def listed(prefix: str = "") -> Iterator[Stored]:
    """Yield all that the store has under `prefix`, in the order of the keys.

    Raises:
        StoreAway: it does not answer.
    """
    with answering(prefix):
        for one in the_bucket().objects.filter(Prefix=placed(prefix)):
            key = one.key.removeprefix(settings.S3_PREFIX)
            yield Stored(key, one.size, one.last_modified)


def the_bucket() -> Any:
    return storages[STORE].bucket  # type: ignore[attr-defined]  # of the S3 backend


@contextmanager
def answering(key: str) -> Iterator[None]:
    """Turn what libraries raise into a sentence that tells no secret."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415  # it takes long, and few need it
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "?"))
        if code in {"404", "NoSuchKey"}:
            raise NotKept(key=key) from error
        raise StoreAway(reason=code) from error
    except (BotoCoreError, Boto3Error) as error:
        raise StoreAway(reason=type(error).__name__) from error
