import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_every_variable_of_the_settings_is_documented() -> None:
    documented = (ROOT / ".env.example").read_text()
    code = "".join(
        (ROOT / "packer_site" / name).read_text() for name in ("settings.py", "setup.py")
    )
    for name in re.findall(r'(?:env\.\w+|secret)\(\s*"([A-Z_]+)"', code):
        assert name in documented, name
