import pickle
from pathlib import Path

from releases.packing import Package, PackedFile, PackingError


def test_a_packing_error_reads_as_a_sentence_and_keeps_its_parts() -> None:
    error = PackingError("%(need)s bytes are needed", need=5)

    assert str(error) == "5 bytes are needed"
    assert (error.template, error.values) == ("%(need)s bytes are needed", {"need": 5})


def test_a_packing_error_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(PackingError("%(need)s bytes are needed", need=5)))

    assert str(error) == "5 bytes are needed"


def test_a_package_is_as_large_as_its_files() -> None:
    files = tuple(
        PackedFile(path=str(size), size=size, crc32="0" * 8, sha256="0" * 64, kind="volume")
        for size in (2, 3)
    )

    assert Package(folder=Path("x"), files=files, volumes=2).bytes == 5
