import json

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from cli.exits import Exit
from enrichment.models import ApiConfig
from packer_site import commands

pytestmark = pytest.mark.django_db


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_keys_are_rotated_and_counted(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = new_key(), new_key()
    settings.CREDENTIAL_KEYS = [old]
    config = ApiConfig.objects.create(name="OMDb", api_key="canary")
    settings.CREDENTIAL_KEYS = [new, old]

    codes = [commands.run(["rotate-keys"])]
    lines = capsys.readouterr().out.splitlines()
    codes.append(commands.run(["rotate-keys", "--json"]))

    settings.CREDENTIAL_KEYS = [new]
    config.refresh_from_db()
    kept_by_destinations = ("password", "private_key", "passphrase")
    none = {f"delivery.Destination.{name}": 0 for name in kept_by_destinations}
    none |= {f"notifications.Channel.{name}": 0 for name in ("address", "secret")}
    counts = {"enrichment.ApiConfig.api_key": 1} | none
    assert codes == [Exit.DONE, Exit.DONE]
    assert sorted(lines) == sorted(f"{name}: {n} encrypted anew" for name, n in counts.items())
    assert json.loads(capsys.readouterr().out) == {"rotated": counts}
    assert config.api_key.reveal() == "canary"


def test_a_row_that_cannot_be_read_is_named(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ApiConfig.objects.create(name="OMDb", api_key="canary")
    settings.CREDENTIAL_KEYS = [new_key()]

    assert commands.run(["rotate-keys"]) == Exit.FAILED
    assert f"{config.pk} (OMDb, api_key)" in capsys.readouterr().err
