import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from vault.fields import Secret
from vault.sealing import Undecryptable, resealed, seal, unseal

CANARY = "canary-4711"


def test_what_is_sealed_shows_nothing_and_opens_again() -> None:
    token = seal(CANARY)

    assert CANARY not in token
    assert unseal(token) == CANARY


def test_an_empty_text_stays_empty() -> None:
    assert (seal(""), unseal("")) == ("", "")


def test_the_first_key_encrypts_and_all_decrypt(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [old]
    token = seal(CANARY)
    settings.CREDENTIAL_KEYS = [new, old]

    assert unseal(token) == CANARY
    renewed = resealed(token)

    settings.CREDENTIAL_KEYS = [new]
    assert unseal(renewed) == CANARY
    with pytest.raises(Undecryptable, match="CREDENTIAL_KEYS"):
        unseal(token)


def test_a_changed_token_does_not_open() -> None:
    token = seal(CANARY)

    with pytest.raises(Undecryptable):
        unseal(token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"))


def test_a_secret_tells_nothing_but_whether_there_is_one() -> None:
    secret = Secret(seal(CANARY))

    for told in (str(secret), repr(secret), f"{secret}", f"{[secret]}"):
        assert CANARY not in told
        assert secret.token not in told
    assert bool(secret)
    assert not Secret("")
    assert secret.reveal() == CANARY
