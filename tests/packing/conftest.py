import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

PACKAGES = {
    "7z": "7zip",
    "bsdtar": "libarchive-tools",
    "cksfv": "cksfv",
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "lsar": "unar",
    "node": "nodejs",
    "rhash": "rhash",
    "sha256sum": "coreutils",
    "unar": "unar",
    "unzip": "unzip",
}


def judge(program: str) -> str:
    """Return the path of an outside program; on CI a missing one is a failure."""
    path = shutil.which(program)
    if path is None:
        missing(f"{program} is missing: apt-get install {PACKAGES[program]}")
    return path


def missing(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """Where releases go; what is packed lies elsewhere."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
