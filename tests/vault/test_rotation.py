import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from enrichment.models import ApiConfig
from vault.rotation import Lost, rotate_keys
from vault.sealing import Undecryptable

pytestmark = pytest.mark.django_db
NAMES = ("OpenLibrary", "GoogleBooks", "OMDb")


def new_key() -> str:
    return Fernet.generate_key().decode()


def make_configs() -> None:
    for name in NAMES:
        key = "" if name == "OpenLibrary" else f"canary of {name}"
        ApiConfig.objects.create(name=name, api_key=key)


def revealed() -> dict[str, str]:
    return {config.name: config.api_key.reveal() for config in ApiConfig.objects.all()}


def test_after_a_rotation_the_old_key_is_not_needed(settings: Settings) -> None:
    old, new = new_key(), new_key()
    settings.CREDENTIAL_KEYS = [old]
    make_configs()
    before = revealed()
    settings.CREDENTIAL_KEYS = [new, old]

    counts = rotate_keys()

    settings.CREDENTIAL_KEYS = [new]
    assert {name: count for name, count in counts.items() if count} == {
        "enrichment.ApiConfig.api_key": 2
    }
    assert revealed() == before


def test_what_no_key_opens_is_named_and_nothing_changes(settings: Settings) -> None:
    old, new = new_key(), new_key()
    settings.CREDENTIAL_KEYS = [old]
    make_configs()
    settings.CREDENTIAL_KEYS = [new_key()]
    ApiConfig.objects.get(name="OMDb").delete()
    lost = ApiConfig.objects.create(name="OMDb", api_key="canary")
    settings.CREDENTIAL_KEYS = [new, old]

    with pytest.raises(Lost, match=f"API key {lost.pk} \\(OMDb, api_key\\)"):
        rotate_keys()

    settings.CREDENTIAL_KEYS = [new]
    with pytest.raises(Undecryptable):
        ApiConfig.objects.get(name="GoogleBooks").api_key.reveal()
    settings.CREDENTIAL_KEYS = [old]
    assert ApiConfig.objects.get(name="GoogleBooks").api_key.reveal() == "canary of GoogleBooks"
