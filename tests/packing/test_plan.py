import pickle
from pathlib import Path

from releases.packing import Package, PackedFile, PackingError
from releases.packing.plan import Note


def test_a_packing_error_reads_as_a_sentence_and_keeps_its_parts() -> None:
    error = PackingError("%(need)s bytes are needed", need=5)

    assert str(error) == "5 bytes are needed"
    assert (error.template, error.values) == ("%(need)s bytes are needed", {"need": 5})


def test_a_packing_error_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(PackingError("%(need)s bytes are needed", need=5)))

    assert str(error) == "5 bytes are needed"


def test_a_note_reads_as_a_sentence_and_keeps_its_parts() -> None:
    note = Note("No sample of %(name)s", name="a.mkv")

    assert str(note) == "No sample of a.mkv"
    assert (note.template, note.values) == ("No sample of %(name)s", {"name": "a.mkv"})


def test_a_package_is_as_large_as_its_files() -> None:
    files = tuple(
        PackedFile(path=str(size), size=size, crc32="0" * 8, sha256="0" * 64, kind="volume")
        for size in (2, 3)
    )

    assert Package(folder=Path("x"), files=files, volumes=2).bytes == 5
