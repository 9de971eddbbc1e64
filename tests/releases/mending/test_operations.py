"""Each operation: what it proposes, what it makes, and that it can be taken back."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from jobs.models import Job
from releases import actions
from releases.actions import mending
from releases.models import NfoTemplate, Release
from releases.packing import extraction
from tests.factories import METADATA, make_new, make_operator, make_release
from tests.packing.conftest import judge
from tests.packing.making import flipped
from tests.releases.mending.making import (
    make_episode,
    make_packed,
    mend,
    ran,
    row,
    sound,
    tree,
    undo,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
TEXT = {"text": "Some Book\n2026-01-02 Ann Author 2020 English RETAiL\n"}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("nfofix", TEXT),
    ("dirfix", {"name": "Ann.Author.Another.Book.2020.RETAiL.ePUB.eBook-GRP"}),
    ("repack", {}),
    ("repack", {"metadata": {"title": "Another Book"}}),
    ("repack", {"generate_sfv": False, "volume_bytes": 10_000_000}),
]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def release(operator: User) -> Release:
    return make_packed(operator)


@pytest.mark.parametrize(("operation", "options"), ASKED)
def test_a_proposal_changes_nothing(
    operator: User, release: Release, operation: str, options: dict[str, Any]
) -> None:
    before = tree(release.into), row(release)

    proposal = mending.propose(operation, release, by=operator, options=options)

    assert proposal.changes
    assert not proposal.refusal
    assert (tree(release.into), row(release)) == before
    assert not (release.into / ".revisions").exists()


@pytest.mark.parametrize(("operation", "options"), ASKED)
def test_what_is_applied_is_sound_and_can_be_taken_back(
    operator: User, release: Release, operation: str, options: dict[str, Any]
) -> None:
    before = tree(release.into), row(release)

    mend(operation, release, operator, **options)

    sound(release)
    (revision,) = release.revisions.all()
    assert revision.operation == operation
    assert revision.is_done
    after = tree(release.into), row(release)

    undo(release, operator)

    assert (tree(release.into), row(release)) == before

    undo(release, operator, 2)

    assert (tree(release.into), row(release)) == after


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "options"),
    [
        ("nfofix", {"text": "Some.Show S01E02, 2026-01-02\n"}),
        ("dirfix", {"name": "Some.Show.S01E03.WEB.H264-GRP"}),
        ("repack", {"generate_sfv": False}),
        ("repack", {"metadata": {"episode": "S01E03"}}),
    ],
)
def test_a_video_is_mended_with_its_sample(
    operator: User, operation: str, options: dict[str, Any]
) -> None:
    release = make_episode(operator)
    before = tree(release.into), row(release)

    mend(operation, release, operator, **options)

    sound(release)
    assert release.artifacts.filter(kind="sample").count() == 1
    undo(release, operator)
    assert (tree(release.into), row(release)) == before


def damaged(release: Release, change: Callable[[bytes], bytes]) -> Path:
    """Change the NFO in the folder of `release`, and return its path."""
    (path,) = release.folder.glob("*.nfo")
    path.write_bytes(change(path.read_bytes()))
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: b"\xef\xbb\xbf" + data.decode("cp437").encode(), "byte order mark"),
        (lambda data: data.replace(b"\r\n", b"\n"), "end in CR and LF"),
        (
            lambda data: "2026-01-02 D\xe9j\xe0 vu, English\r\n".encode("cp1252"),
            "cp1252 becomes cp437",
        ),
        (lambda data: data + b"long " * 30 + b"\r\n", "wider than 80 columns"),
        (lambda data: data + b"Title is {{ title }} {{ nothing }}\r\n", "{{ nothing }}"),
        (lambda data: data.replace(b"2026-01-02", b""), "missing: Released on"),
        (lambda data: b"\x00\x01binary\xff" * 99, "no text"),
        (lambda data: b"x" * (1 << 21), "missing, or too large"),
        (lambda data: b"", ""),
    ],
)
def test_nfofix_puts_right_what_is_wrong_with_the_file(
    operator: User, release: Release, change: Callable[[bytes], bytes], said: str
) -> None:
    path = damaged(release, change)

    proposal = mending.propose("nfofix", release, by=operator)

    assert said in " ".join(proposal.told())
    mend("nfofix", release, operator)
    sound(release)
    data = path.read_bytes()
    assert data == release.plan().nfo
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(len(line) for line in data.decode("cp437").splitlines()) <= 80
    assert mending.propose("nfofix", release, by=operator).is_empty


def test_nfofix_finds_nothing_in_what_is_just_packed(operator: User, release: Release) -> None:
    proposal = mending.propose("nfofix", release, by=operator)

    assert proposal.is_empty
    assert proposal.diff == ""
    with pytest.raises(actions.Refused, match="nothing to change"):
        mending.apply("nfofix", release, by=operator)


def test_every_zip_holds_the_nfo_that_was_mended(operator: User, release: Release) -> None:
    mend("nfofix", release, operator, text="Ann Author 2026-01-02, English\n")

    for path in release.folder.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".nfo"))
            assert archive.read(name) == b"Ann Author 2026-01-02, English\r\n"


def test_dirfix_tells_of_all_that_lies_there_otherwise(operator: User, release: Release) -> None:
    first = next(release.folder.glob("*.zip"))
    (release.folder / "Thumbs.db").write_bytes(b"stray")
    (release.folder / "empty").mkdir()
    (release.folder / "file_id.diz").unlink()
    first.write_bytes(first.read_bytes() + b"more")
    first.chmod(0o600)

    told = "\n".join(mending.propose("dirfix", release, by=operator).told())

    for said in (
        *("Thumbs.db is no part", "empty is no part", "file_id.diz is missing"),
        *(f"{first.name} was changed", f"{first.name} has the rights 0600: it gets 0644"),
    ):
        assert said in told
    mend("dirfix", release, operator)
    sound(release)
    assert mending.propose("dirfix", release, by=operator).is_empty
    undo(release, operator)
    assert (release.folder / "Thumbs.db").read_bytes() == b"stray"


def test_dirfix_gives_the_name_that_the_metadata_make(operator: User) -> None:
    name = "Ann.Author.Sum.Book.2020.RETAiL.ePUB.eBook-GRP"
    release = make_packed(operator, name=name)

    mend("dirfix", release, operator)

    assert release.name == "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"
    sound(release)
    assert not (release.into / name).exists()
    assert not (release.into / f"{name}.sfv").exists()


def test_dirfix_makes_a_folder_again_that_is_gone(operator: User, release: Release) -> None:
    shutil.rmtree(release.folder)

    mend("dirfix", release, operator)

    sound(release)
    with pytest.raises(actions.Refused, match="not kept any more"):
        mending.undo_revision(release, by=operator)


@pytest.mark.parametrize(
    ("operation", "options"), [("readnfo", {}), ("repack", {"metadata": {"genre": ""}})]
)
def test_a_field_that_stays_empty_is_no_difference(
    operator: User, release: Release, operation: str, options: dict[str, Any]
) -> None:
    release.metadata |= {"genre": "", "series": ""}
    release.save(update_fields=["metadata"])

    assert mending.propose(operation, release, by=operator, options=options).diff == ""


def test_readnfo_takes_what_the_nfo_tells_and_says_what_it_does_not(
    operator: User, release: Release
) -> None:
    def change(data: bytes) -> bytes:
        changed = data.replace(b"Ann Author", b"Bob Writer").replace(b"English", b"French ")
        return re.sub(rb"(?m)^.*Source \.+:.*\r\n", b"", changed)

    damaged(release, change)

    proposal = mending.propose("readnfo", release, by=operator)

    assert proposal.told() == [
        "The folder Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP becomes "
        "Bob.Writer.Some.Book.2020.FRENCH.RETAiL.ePUB.eBook-GRP.",
        "The field Author, Ann Author, becomes Bob Writer.",
        "The field Language, en, becomes fr.",
        "The text of the NFO is taken as it lies there.",
    ]
    assert "Source" in str(proposal.remarks[0])
    assert "+metadata.author: Bob Writer" in proposal.diff
    mend("readnfo", release, operator)
    sound(release)
    assert release.metadata["author"] == "Bob Writer"
    assert release.metadata_sources["author"] == "nfo"


def test_readnfo_reads_back_what_our_templates_write(operator: User) -> None:
    metadata = METADATA | {
        "title": "A Title so Long that No Line of a Box Could Ever Hold It, However Wide It Were",
        "publisher": "Éditions du Seuil",
        "isbn": "9782070368228",
        "series": "Some Series",
        "genre": "Satire",
        "url": "https://example.org/" + "a-very-long-address/" * 6,
        "language": "fr",
    }
    for template in NfoTemplate.objects.filter(name__in=["ebook", "minimal", "docs"]):
        new = make_new(owner=operator, metadata=metadata, template=template, root="")
        release = make_release(
            owner=operator, metadata=metadata, nfo=actions.rendered_nfo(new), status="completed"
        )
        release.folder.mkdir(parents=True)
        plan = release.plan()
        (release.folder / plan.nfo_name).write_bytes(plan.nfo)

        proposal = mending.propose("readnfo", release, by=operator)

        assert [str(c) for c in proposal.changes if "folder" not in str(c)] == [], template


def test_repack_makes_the_same_bytes_of_the_same_answers(operator: User, release: Release) -> None:
    before = tree(release.into)

    mend("repack", release, operator)

    assert tree(release.into) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "RAR"}, "packs as ZIP"),
        ({"format": "TAR"}, "no format"),
        ({"rar_version": 5}, "does not allow RAR 5"),
        ({"volume_bytes": 7}, "not allowed"),
        ({"volume_bytes": "many"}, "cannot be this"),
        ({"template": 4711}, "template is gone"),
        ({"text": "{{ nonsense }}"}, "nonsense"),
        ({"metadata": {"year": "soon"}}, "must be a number"),
        ({"metadata": {"isbn": "123"}}, "no ISBN"),
        ({"metadata": {"status": "draft"}}, "no such field: status"),
        ({"metadata": {"title": ""}}, "needs a title"),
        ({"status": "draft"}, "no such option"),
    ],
)
def test_what_cannot_be_packed_is_refused_and_says_why(
    operator: User, release: Release, options: dict[str, Any], said: str
) -> None:
    assert said in mending.propose("repack", release, by=operator, options=options).refusal
    with pytest.raises(actions.Refused, match=said):
        mending.apply("repack", release, by=operator, options=options)


@pytest.mark.parametrize("make", [make_packed, pytest.param(make_episode, marks=pytest.mark.slow)])
def test_what_it_was_made_of_is_taken_out_of_the_package(
    operator: User, make: Callable[[User], Release]
) -> None:
    release = make(operator)
    before = tree(release.into)
    data = release.source.path.read_bytes()
    release.source.path.unlink()

    job = mend("repack", release, operator)

    assert tree(release.into) == before
    assert "taken out of the package" in " ".join(job.lines.values_list("message", flat=True))
    assert extraction.extract(release.folder, release.into).read_bytes() == data


def test_a_damaged_package_whose_source_is_gone_is_left_as_it_is(
    operator: User, release: Release
) -> None:
    first = next(release.folder.glob("*.zip"))
    first.write_bytes(flipped(first.read_bytes(), 900))
    release.source.path.unlink()
    before = tree(release.into), row(release)

    job = ran(mending.apply("repack", release, by=operator))

    assert job.status == Job.Status.FAILED
    assert first.name in job.error
    assert (tree(release.into), row(release)) == before


def test_where_nothing_is_left_there_is_nothing_to_mend(operator: User, release: Release) -> None:
    shutil.rmtree(release.folder)
    release.source.path.unlink()

    proposal = mending.propose("repack", release, by=operator)

    assert "Neither the folder" in proposal.refusal


@pytest.mark.parametrize(
    ("operation", "options", "name", "holds"),
    [
        ("nfofix", {"text": "2026-01-02 English\n"}, ".NFOFiX.ePUB.", 1),
        ("dirfix", {"name": "Ann.Author.Book.2020.RETAiL.ePUB.eBook-GRP"}, ".DiRFiX.ePUB.", 1),
        ("repack", {}, ".REPACK.ePUB.", 3),
    ],
)
def test_the_fix_release_stands_beside_the_one_it_corrects(
    operator: User, release: Release, operation: str, options: dict[str, Any], name: str, holds: int
) -> None:
    old = release.name

    job = mending.apply(operation, release, by=operator, options=options, writes_fix=True)
    assert ran(job).status == Job.Status.COMPLETED, job.error

    fix = Release.objects.get(pk=job.result["fix"])
    assert name in fix.name
    assert fix.corrects == old
    assert fix.status == Release.Status.COMPLETED
    assert len(list(fix.folder.iterdir())) == holds
    sound(fix)
    assert old in "".join(fix.nfo.split())
    release.refresh_from_db()
    sound(release)
    assert not mending.propose(operation, fix, by=operator).refusal
    with pytest.raises(actions.Refused):
        mending.apply(operation, release, by=operator, options=options, writes_fix=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "options", "name"),
    [
        ("nfofix", {"text": "Some Show S01E02\n"}, "Some.Show.S01E02.NFOFIX.WEB.H264-GRP"),
        (
            "dirfix",
            {"name": "Some.Show.S01E03.WEB.H264-GRP"},
            "Some.Show.S01E03.DIRFIX.WEB.H264-GRP",
        ),
        ("repack", {}, "Some.Show.S01E02.REPACK.WEB.H264-GRP"),
        (
            "repack",
            {"metadata": {"tags": "EXTENDED"}},
            "Some.Show.S01E02.EXTENDED.REPACK.WEB.H264-GRP",
        ),
    ],
)
def test_a_video_gets_its_fix_release(
    operator: User, operation: str, options: dict[str, Any], name: str
) -> None:
    release = make_episode(operator)

    job = mending.apply(operation, release, by=operator, options=options, writes_fix=True)

    assert ran(job).status == Job.Status.COMPLETED, job.error
    fix = Release.objects.get(pk=job.result["fix"])
    assert fix.name == name
    sound(fix)
    assert mending.propose("dirfix", fix, by=operator).told() == []


@pytest.mark.slow
def test_other_programs_find_in_a_repacked_video_what_was_packed(
    operator: User, tmp_path: Path
) -> None:
    release = make_episode(operator)
    data = release.source.path.read_bytes()
    mend("repack", release, operator, metadata={"episode": "S01E03"})

    (first,) = release.folder.glob("*.rar")
    subprocess.run(
        [judge("7z"), "x", f"-o{tmp_path / 'out'}", str(first)], check=True, capture_output=True
    )

    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "some.show.s01e03.web.h264-grp.mkv"
    assert path.read_bytes() == data


def test_other_programs_find_in_a_mended_book_what_was_packed(
    operator: User, release: Release, tmp_path: Path
) -> None:
    mend("nfofix", release, operator, text="Ann Author 2026-01-02, English\n")
    out = tmp_path / "out"
    for path in sorted(release.folder.glob("*.zip")):
        subprocess.run([judge("unzip"), "-o", "-q", str(path), "-d", str(out)], check=True)
    (first,) = out.glob("*.rar")
    subprocess.run(
        [judge("7z"), "x", f"-o{out / 'book'}", str(first)], check=True, capture_output=True
    )

    (book,) = (out / "book").iterdir()
    assert book.read_bytes() == release.source.path.read_bytes()


def test_a_fix_release_can_be_mended_too(operator: User, release: Release) -> None:
    job = ran(mending.apply("nfofix", release, by=operator, options=TEXT, writes_fix=True))
    fix = Release.objects.get(pk=job.result["fix"])
    before = tree(fix.into), row(fix)

    refused = ran(mending.apply("nfofix", fix, by=operator, options=TEXT))
    mend("nfofix", fix, operator, text=f"{fix.nfo}And more\n")

    assert "does not name" in refused.error
    sound(fix)
    undo(fix, operator)
    assert (tree(fix.into), row(fix)) == before


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x" * (1 << 18), id="one line"),
        pytest.param(b"\n" * (1 << 18), id="empty lines"),
        pytest.param(b"a: b\n" * 40_000, id="labels"),
        pytest.param(b"{{ title }}" * 20_000, id="placeholders"),
        pytest.param(bytes(range(256)) * 1024, id="every byte"),
        pytest.param("\u202e<script>alert(1)</script>\u2066\n".encode() * 5000, id="markup"),
        pytest.param(b"x" * (1 << 20), id="a mebibyte"),
    ],
)
def test_hostile_texts_keep_nobody_waiting_and_break_nothing(
    operator: User, release: Release, data: bytes
) -> None:
    next(release.folder.glob("*.nfo")).write_bytes(data)

    for operation in ("nfofix", "readnfo", "dirfix"):
        proposal = mending.propose(operation, release, by=operator)
        assert len(proposal.diff) < 300_000
    mend("nfofix", release, operator)

    sound(release)
