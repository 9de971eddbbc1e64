import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.books import make_epub

ROOT = Path(__file__).parents[2]
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
GOOD = {
    "PATH": os.environ["PATH"],
    "PACKER_ENV_FILE": os.devnull,
    "SECRET_KEY": "x" * 40,
    "JWT_SECRET_KEY": "y" * 40,
    "CREDENTIAL_KEYS": KEY,
}


def started(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the program with this environment alone."""
    return subprocess.run(
        [sys.executable, "-m", "packer_site", "setup"],
        env=GOOD | {"DATA_DIR": str(tmp_path)} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY"])
@pytest.mark.parametrize(
    "weak",
    [
        "",
        "short",
        "x" * 31,
        " " * 40,
        "change-me" * 10,
        "changeme" * 10,
        "CHANGE_ME_" * 10,
        "your-secret-key-here, and more of it",
        "your-jwt-secret-key, and more of it",
        "your_jwt_secret_key_0123456789_0123456789",
        "django-insecure-0123456789-0123456789-0123456789",
        "SECRET_KEY, good enough while DEBUG is on and nowhere else",
        "JWT_SECRET_KEY, good enough while DEBUG is on and nowhere else",
    ],
)
def test_a_weak_secret_ends_the_start_and_is_named(tmp_path: Path, name: str, weak: str) -> None:
    refused = started(tmp_path, **{name: weak})

    assert refused.returncode == 2
    assert name in refused.stderr
    assert "make install" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_one_secret_for_two_purposes_ends_the_start(tmp_path: Path) -> None:
    refused = started(tmp_path, SECRET_KEY="z" * 40, JWT_SECRET_KEY="z" * 40)

    assert refused.returncode == 2
    assert "each needs its own" in refused.stderr
    assert "zzz" not in refused.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "CREDENTIAL_KEYS"])
def test_no_value_of_the_shipped_example_is_taken_for_a_secret(tmp_path: Path, name: str) -> None:
    example = (ROOT / ".env.example").read_text()
    shipped = re.findall(rf"^#?{name}=(.*)$", example, re.M)

    assert shipped
    for value in shipped:
        assert started(tmp_path, **{name: value}).returncode == 2


@pytest.mark.parametrize("name", ["PUBLIC", "USER", "ADMIN", "UPLOAD", "LOGIN"])
def test_a_limit_that_is_none_ends_the_start_with_examples(tmp_path: Path, name: str) -> None:
    refused = started(tmp_path, **{f"RATE_LIMIT_{name}": "5/fortnight"})

    assert refused.returncode == 2
    assert "'5/fortnight' is no rate: write it as 100/min, 5/15min" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("EMAIL_URL", "mail.example.org:secret"),
        ("EMAIL_URL", "imap://ann:secret@example.org"),
        ("EMAIL_URL", "smtp://ann:secret/2@example.org"),
        ("EMAIL_URL", "smtp:example.org"),
        ("REDIS_URL", "cache.example.org:secret"),
        ("REDIS_URL", "http://:secret@example.org"),
        ("REDIS_URL", "redis://:secret/2@example.org"),
    ],
)
def test_an_address_that_is_none_ends_the_start_and_is_not_shown(
    tmp_path: Path, name: str, wrong: str
) -> None:
    refused = started(tmp_path, **{name: wrong})

    assert refused.returncode == 2
    assert f"{name} names no" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("EMAIL_URL", "smtp://ann:pass%2Fword@example.org:587/?tls=True"),
        ("EMAIL_URL", "submission://example.org"),
        ("REDIS_URL", "redis://:pass%2Fword@127.0.0.1:9/0"),
        ("REDIS_URL", "rediss://127.0.0.1:9"),
        ("REDIS_URL", "unix:///run/redis.sock?db=1"),
    ],
)
def test_an_address_of_a_service_that_is_away_is_taken(
    tmp_path: Path, name: str, good: str
) -> None:
    assert started(tmp_path, **{name: good}).returncode == 0


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        (
            "DATABASE_URL",
            "secret",
            "DATABASE_URL names no database that is known here: write mysql:",
        ),
        ("DATABASE_URL", "postgres://ann:secret@host/packer", "DATABASE_URL names no database"),
        ("MAX_FILE_SIZE", "10G", "MAX_FILE_SIZE cannot be used: Not a valid integer."),
        ("INBOX_STABLE_S", "soon", "INBOX_STABLE_S cannot be used: Not a valid number."),
        ("DEBUG", "maybe", "DEBUG cannot be used: Not a valid boolean."),
        ("WORKERS", "0", "WORKERS is 0: write a number of at least 1."),
        ("RETENTION_JOBS_DAYS", "-1", "RETENTION_JOBS_DAYS is -1: write a number of at least 0."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is 'LOUD': write one of WARNING, DEBUG, INFO,"),
        ("LANGUAGE_CODE", "de", "LANGUAGE_CODE is 'de': write one of fr, en."),
        ("APP_URL", "packer.example.org", "APP_URL is 'packer.example.org': write the address"),
        ("DATA_DIR", "/proc/nowhere", "DATA_DIR: /proc/nowhere cannot be made or written ("),
        ("DATA_DIR", __file__, "test_settings.py cannot be made or written (File exists)"),
        ("RELEASES_DIR", "/proc/nowhere", "RELEASES_DIR: /proc/nowhere cannot be made or written"),
    ],
)
def test_a_value_that_cannot_be_used_ends_the_start_and_names_the_variable(
    tmp_path: Path, name: str, wrong: str, sentence: str
) -> None:
    refused = started(tmp_path, **{name: wrong})

    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr


@pytest.mark.parametrize("name", ["DELIVERY_HOSTS", "OUTBOUND_HOSTS"])
@pytest.mark.parametrize("wrong", ["nonsense", "ftp://example.org:21", "example.org:", ":21"])
def test_a_place_that_is_none_ends_the_start(tmp_path: Path, name: str, wrong: str) -> None:
    refused = started(tmp_path, **{name: f"[::1]:22, example.org:21,{wrong}"})

    assert refused.returncode == 2
    assert f"{name}: '{wrong}' is no host and port" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "wrong", ["", "change-me", "not base64!", KEY[:20], f"{KEY},short", f"{KEY},,{KEY}"]
)
def test_a_wrong_credential_key_ends_the_start_and_is_not_shown(tmp_path: Path, wrong: str) -> None:
    refused = started(tmp_path, CREDENTIAL_KEYS=wrong)

    assert refused.returncode == 2
    assert "CREDENTIAL_KEYS" in refused.stderr
    assert "make install" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert KEY[:20] not in refused.stderr


def test_the_credential_key_of_debug_is_refused_without_it(tmp_path: Path) -> None:
    known = base64.urlsafe_b64encode(b"while DEBUG is on, nowhere else.").decode()

    assert started(tmp_path, CREDENTIAL_KEYS=known).returncode == 2


def test_several_credential_keys_are_taken(tmp_path: Path) -> None:
    assert started(tmp_path, CREDENTIAL_KEYS=f"{KEY}, {KEY}").returncode == 0


def test_debug_starts_without_secrets(tmp_path: Path) -> None:
    none = {"SECRET_KEY": "", "JWT_SECRET_KEY": "", "CREDENTIAL_KEYS": ""}

    assert started(tmp_path, DEBUG="1", **none).returncode == 0


def test_a_mysql_url_without_its_driver_names_the_packages(tmp_path: Path) -> None:
    """The driver is hidden by a folder of that name which is no package."""
    hiding = tmp_path / "sitecustomize.py"
    hiding.write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'MySQLdb' else find(name, *a)\n"
    )

    refused = started(tmp_path, DATABASE_URL="mysql://root@127.0.0.1/x", PYTHONPATH=str(tmp_path))

    assert refused.returncode == 2
    assert "default-libmysqlclient-dev pkg-config build-essential" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_generated_password_is_printed_once(tmp_path: Path) -> None:
    first, second = started(tmp_path), started(tmp_path)

    assert "user admin, password " in first.stderr
    assert "password" not in second.stderr


def test_setting_up_tells_what_became_of_a_chosen_password(tmp_path: Path) -> None:
    first = started(tmp_path, PACKER_ADMIN_PASSWORD="Secret-12345")
    second = started(tmp_path, PACKER_ADMIN_PASSWORD="Another-12345")

    assert "The administrator is made, with the password of PACKER_ADMIN_PASSWORD." in first.stderr
    assert "PACKER_ADMIN_PASSWORD changes no password." in second.stderr
    assert "12345" not in first.stderr + second.stderr


def test_a_file_of_variables_that_is_not_there_ends_the_start(tmp_path: Path) -> None:
    refused = started(tmp_path, PACKER_ENV_FILE=str(tmp_path / "none"))

    assert refused.returncode == 2
    assert f"PACKER_ENV_FILE: {tmp_path / 'none'} is not there." in refused.stderr


@pytest.mark.parametrize(("options", "is_told"), [((), False), (("--verbose",), True)])
def test_what_the_log_of_the_site_takes_is_no_answer_of_a_command(
    tmp_path: Path, options: tuple[str, ...], *, is_told: bool
) -> None:
    book = make_epub(tmp_path / "book.epub", title="A Book", authors=["Ann"], year=2020)
    pack = [sys.executable, "-m", "packer_site", "pack", str(book), "-g", "GRP", *options]
    given = GOOD | {"DATA_DIR": str(tmp_path / "data"), "LOG_LEVEL": "INFO"}

    packed = subprocess.run(pack, env=given, cwd=ROOT, capture_output=True, text=True, check=True)

    assert ("begins: pack" in packed.stderr) == is_told


def test_setting_up_answers_with_a_document(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "packer_site", "setup", "--json"],
        env=GOOD | {"DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {"ready": True, "data_dir": str(tmp_path)}


def test_a_chosen_password_is_not_printed(tmp_path: Path) -> None:
    chosen = started(tmp_path, PACKER_ADMIN_PASSWORD="Correct-Horse-7")

    assert chosen.returncode == 0
    assert "Horse" not in chosen.stderr + chosen.stdout


def test_a_weak_admin_password_is_refused_with_the_reason(tmp_path: Path) -> None:
    refused = started(tmp_path, PACKER_ADMIN_PASSWORD="weak")

    assert refused.returncode == 2
    assert "PACKER_ADMIN_PASSWORD" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_make_install_adds_a_credential_key_to_an_env_file_that_has_none(tmp_path: Path) -> None:
    recipe = re.search(r"^install: .*?\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    assert recipe
    (tmp_path / ".env").write_text("SECRET_KEY=kept")  # and no line end
    (tmp_path / "Makefile").write_text(
        f"BIN := {Path(sys.executable).parent}\n"
        + "".join(re.findall(r"^CREDENTIAL_KEY := .*\n", (ROOT / "Makefile").read_text(), re.M))
        + f"install:\n{recipe[1]}"
    )

    for _ in range(2):
        subprocess.run(["make", "install"], cwd=tmp_path, check=True, capture_output=True)

    kept, key = (tmp_path / ".env").read_text().splitlines()
    assert kept == "SECRET_KEY=kept"
    assert started(tmp_path, CREDENTIAL_KEYS=key.removeprefix("CREDENTIAL_KEYS=")).returncode == 0
