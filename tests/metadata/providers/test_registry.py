"""What every provider has."""

from pathlib import Path

import pytest

from releases.metadata.http import target
from releases.metadata.providers import PROVIDERS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "providers.md").read_text()


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_is_documented_with_its_key_and_its_notice(name: str) -> None:
    provider = PROVIDERS[name]

    assert f"| `{name}` |" in DOCUMENT
    assert f"{name.upper()}_URL" in DOCUMENT
    assert provider.attribution in DOCUMENT
    assert provider.home in DOCUMENT or not provider.needs_key


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_is_called_over_tls(name: str) -> None:
    assert target(PROVIDERS[name].base_url).scheme == "https"
    assert target(PROVIDERS[name].home).scheme == "https"


def test_every_type_of_release_has_providers() -> None:
    types = [kind for provider in PROVIDERS.values() for kind in provider.types]

    assert {kind: types.count(kind) for kind in set(types)} == {"EBOOK": 2, "DOCS": 2, "TV": 3}
