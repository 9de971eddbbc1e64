"""How much room is left, and how much the database takes."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.cache import cache
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.system import system

LOW_SHARE = 0.10
LOW_BYTES = 5 << 30
SIZE_KEPT_S = 600


@dataclass(frozen=True, slots=True)
class Disk:
    holds: tuple[str | Promise, ...]
    """What lies on it; where that is, is nobody's business."""
    free: int
    total: int

    @property
    def used(self) -> int:
        return self.total - self.free

    @property
    def is_low(self) -> bool:
        return self.free < max(LOW_BYTES, self.total * LOW_SHARE)


def disks_reached() -> list[Disk]:
    """Return the disks that the site fills; none where a folder is away, as readiness tells."""
    try:
        return disks()
    except OSError:
        return []


def disks() -> list[Disk]:
    """Return the disks that the site fills.

    Raises:
        OSError: a folder cannot be reached.
    """
    found: dict[int, list[str | Promise]] = {}
    paths: dict[int, Path] = {}
    for name, path in places():
        device = path.stat().st_dev
        found.setdefault(device, []).append(name)
        paths.setdefault(device, path)
    return [disk(tuple(found[device]), paths[device]) for device in found]


def places() -> Iterable[tuple[str | Promise, Path]]:
    yield _("uploads"), there(system().uploads)
    yield _("releases"), there(system().releases)
    if connection.vendor == "sqlite":
        yield _("database"), there(Path(str(connection.settings_dict["NAME"])).parent)


def there(path: Path) -> Path:
    """Return `path`, or what of it there is already."""
    return path if path.exists() else there(path.parent)


def disk(holds: tuple[str | Promise, ...], path: Path) -> Disk:
    usage = shutil.disk_usage(path)
    return Disk(holds, usage.free, usage.total)


def database_bytes() -> int:
    """Return how large the database is, as of some minutes ago."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        return sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*"))
    return cache.get_or_set("database_bytes", server_bytes, SIZE_KEPT_S) or 0


def server_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables "
            "WHERE table_schema = DATABASE()"
        )
        return int(cursor.fetchone()[0])
