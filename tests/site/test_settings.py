import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = {
    "PATH": os.environ["PATH"],
    "PACKER_ENV_FILE": os.devnull,
    "SECRET_KEY": "x" * 40,
    "JWT_SECRET_KEY": "y" * 40,
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
@pytest.mark.parametrize("weak", ["", "short", "change-me" * 10, "your-secret-key-here, and more"])
def test_a_weak_secret_ends_the_start_and_is_named(tmp_path: Path, name: str, weak: str) -> None:
    refused = started(tmp_path, **{name: weak})

    assert refused.returncode == 2
    assert name in refused.stderr
    assert "make install" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_debug_starts_without_secrets(tmp_path: Path) -> None:
    assert started(tmp_path, SECRET_KEY="", JWT_SECRET_KEY="", DEBUG="1").returncode == 0


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


def test_every_variable_of_the_settings_is_documented() -> None:
    documented = (ROOT / ".env.example").read_text()
    code = "".join(
        (ROOT / "packer_site" / name).read_text() for name in ("settings.py", "setup.py")
    )
    for name in re.findall(r'(?:env\.\w+|secret)\(\s*"([A-Z_]+)"', code):
        assert name in documented, name
