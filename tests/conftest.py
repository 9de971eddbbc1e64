from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from hypothesis import settings as properties
from pytest_django import Settings

from accounts import system
from accounts.seeds import seed_roles
from jobs import lease
from releases.metadata.providers import PROVIDERS
from releases.seeds import seed_templates
from rules.seeds import seed_rules
from tests.loopback import LoopbackProviders, loopback_providers

# The same examples on every run, and no clock: a busy machine breaks no test.
properties.register_profile("house", derandomize=True, deadline=None, max_examples=100)
properties.load_profile("house")


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> Path:
    """Send every written file to the test's own folder."""
    settings.DATA_DIR = tmp_path
    settings.UPLOADS_DIR = tmp_path / "uploads"
    settings.COVERS_DIR = tmp_path / "covers"
    settings.TEMPLATE_ROOTS = [tmp_path / "templates"]
    settings.RELEASES_DIR = tmp_path / "releases"
    settings.INBOX_DIR = tmp_path / "inbox"
    settings.DELIVERY_ROOTS = [tmp_path / "delivered"]
    settings.STORAGE_ROOTS = [tmp_path]
    settings.UPLOADS_DIR.mkdir()
    return tmp_path


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Forget what another test's rows of the same numbers were counted to."""
    cache.clear()


@pytest.fixture(autouse=True)
def unsaid_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process that read that nothing is set for the site, not to count its query."""
    monkeypatch.setattr(system, "KEPT_S", 3600.0)
    system.MEMORY.keep({})


@pytest.fixture(autouse=True)
def still_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a lease's thread from looking for a job that the test's transaction hides from it."""
    monkeypatch.setattr(lease, "BEAT_S", 3600)


@pytest.fixture
def seeded(db: None) -> None:
    """Make what every instance starts with: roles, rules and templates."""
    seed_roles()
    seed_rules()
    seed_templates()


@pytest.fixture
def providers(settings: Settings) -> Iterator[LoopbackProviders]:
    """Providers of metadata on this machine, in place of the real ones."""
    with loopback_providers() as there:
        settings.PROVIDER_URLS = {name: there.url(name) for name in PROVIDERS}
        settings.OUTBOUND_HOSTS = [there.host]
        yield there
