import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker, Settings

from accounts.seeds import seed_roles
from accounts.system import MEMORY
from releases.seeds import seed_templates
from rules.seeds import seed_rules
from tests.fresh import fresh_database
from tests.store import server, shared, store
from tests.upkeep.world import World, make_world

__all__ = ["server", "shared", "store"]


@pytest.fixture(scope="package")
def seeded_file(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Path:
    """A SQLite database as every instance begins with it: it takes seconds to be made."""
    file = tmp_path_factory.mktemp("seeded") / "seeded.sqlite3"
    with django_db_blocker.unblock(), fresh_database(file, is_sqlite=True):
        call_command("migrate", verbosity=0, interactive=False)
        seed_roles()
        seed_rules()
        seed_templates()
    return file


@pytest.fixture
def world(
    tmp_path: Path, settings: Settings, seeded_file: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    """An instance with something of everything, in a SQLite database of its own."""
    place(settings, tmp_path / "one")
    shutil.copy(seeded_file, tmp_path / "one.sqlite3")
    with django_db_blocker.unblock(), fresh_database(tmp_path / "one.sqlite3", is_sqlite=True):
        yield make_world(tmp_path / "one")


def place(settings: Settings, data_dir: Path) -> None:
    """Have the instance live in `data_dir`."""
    settings.DATA_DIR = data_dir
    settings.UPLOADS_DIR = data_dir / "uploads"
    settings.COVERS_DIR = data_dir / "covers"
    settings.TEMPLATE_ROOTS = [data_dir / "templates"]
    settings.RELEASES_DIR = data_dir / "releases"
    settings.STORAGE_ROOTS = [data_dir]
    settings.UPLOADS_DIR.mkdir(parents=True, exist_ok=True)
    MEMORY.keep({})
