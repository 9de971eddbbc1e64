import os
from pathlib import Path

import pytest

from delivery.endpoint import Endpoint, NotPermitted
from delivery.probe import probe
from network.addresses import NotAllowed
from network.deadline import Deadline


def try_folder(folder: str, *roots: Path) -> None:
    probe(Endpoint(type="LOCAL", folder=folder, roots=roots), Deadline(5))


def test_a_folder_is_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    try_folder("a/b", tmp_path / "root")
    try_folder(str(tmp_path / "other" / "c"), tmp_path / "root", tmp_path / "other")

    assert list((tmp_path / "root" / "a" / "b").iterdir()) == []
    assert (tmp_path / "other" / "c").is_dir()


@pytest.mark.parametrize("folder", ["..", "a/../../b", "/etc", "/", "//etc"])
def test_a_folder_outside_of_the_roots_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(NotAllowed, match="must lie in one of"):
        try_folder(folder, tmp_path / "root")

    assert not (tmp_path / "root").exists()


def test_a_folder_beside_the_root_of_a_longer_name_is_outside(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="must lie in one of"):
        try_folder(str(tmp_path / "root-and-more"), tmp_path / "root")


@pytest.mark.parametrize("folder", ["link", "link/deeper", "file"])
def test_no_link_leads_out(tmp_path: Path, folder: str) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "file").write_text("x")

    with pytest.raises(NotAllowed, match="through a link or a file"):
        try_folder(folder, tmp_path / "root")

    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_of_others_is_told(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir(mode=0o500)

    with pytest.raises(NotPermitted, match="may not be written to"):
        try_folder("", tmp_path / "root")
