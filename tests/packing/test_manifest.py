import hashlib
import subprocess
from pathlib import Path

import pytest

from releases.packing import PackingError, manifest
from tests.packing.conftest import judge

SUM = hashlib.sha256(b"whole").hexdigest()


def test_sha256sum_accepts_what_render_writes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "book.zip").write_bytes(b"whole")
    (tmp_path / "a.sha256").write_bytes(manifest.render([("a/book.zip", SUM)]))

    done = subprocess.run(
        [judge("sha256sum"), "--check", "--strict", "a.sha256"], cwd=tmp_path, check=False
    )

    assert done.returncode == 0


def test_parse_reads_binary_marks_and_capitals() -> None:
    data = f"{SUM}  a/book.zip\n{SUM.upper()} *b.zip\n".encode()

    assert manifest.parse(data) == [("a/book.zip", SUM), ("b.zip", SUM)]


def test_parse_names_the_line_it_cannot_read() -> None:
    with pytest.raises(PackingError, match="Line 2 of the manifest"):
        manifest.parse(manifest.render([("a", SUM)]) + b"nonsense\n")


def test_mismatches_names_what_differs_and_what_only_one_side_knows() -> None:
    data = manifest.render([("same", SUM), ("changed", SUM), ("gone", SUM)])
    sums = {"same": SUM, "changed": "0" * 64, "new": SUM}

    assert manifest.mismatches(data, sums) == ["changed", "gone", "new"]
