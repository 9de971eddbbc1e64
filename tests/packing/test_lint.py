import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from PIL import Image

from releases.packing import PackingError, Payload, diz, pack, sfv
from releases.packing.lint import fitting_rule, lint, observe
from rules.shipped import NAMES as RULES
from rules.shipped import read_rule
from rules.spec import CHECKS
from tests.packing.conforming import (
    EBOOK,
    FILE,
    MAIN,
    NAMES,
    NFO,
    SHOW,
    add_sample,
    encrypt_last_entry,
    make_conforming,
    make_uneven,
    redescribe,
    repatch,
    replace_volume,
    resum,
    rezip,
    small,
)
from tests.packing.making import make_payload, make_plan, noise
from tests.packing.videos import make_film

MILLION = 1_000_000
OTHER = "Some.Show.S01E02.1080p.WEB.H264-OLD"
Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mkv", 60)


@pytest.mark.parametrize("rule", RULES)
def test_what_the_engine_packs_conforms(rule: str, film: Path, tmp_path: Path) -> None:
    spec = read_rule(rule).spec
    size = spec.volume_sizes[0]
    name = f"{NAMES[rule].lower()}.mkv" if spec.scheme == "rar" else f"grp-title.{spec.formats[0]}"
    payload = make_payload(tmp_path, b"", name)
    with payload.path.open("r+b") as file:
        file.truncate(size + 1000)

    folder = make_conforming(tmp_path, rule, film, volume_bytes=size, payloads=(payload,))
    report = lint(folder, spec, rule=rule)

    assert report.violations == ()
    assert report.conforms
    assert (report.release, report.rule) == (NAMES[rule], rule)


@pytest.mark.parametrize("rule", RULES)
def test_small_volumes_conform_to_a_small_spec(rule: str, film: Path, tmp_path: Path) -> None:
    assert lint(make_conforming(tmp_path, rule, film), small(rule)).violations == ()


def renamed(name: str) -> Change:
    """Give the folder another name; ``{tail}``: the end of the one it has."""
    return lambda folder: folder.rename(folder.with_name(name.format(tail=tail(folder))))


def tail(folder: Path) -> str:
    return re.split(r"RETAiL\.|S01E02\.", folder.name)[-1]


def moved(old: str, new: str) -> Change:
    return lambda folder: (folder / named(old, folder.name)).rename(folder / new)


def named(name: str, release: str) -> str:
    return name.format(stem=release.lower())


def written(template: str, data: bytes) -> Change:
    def write(folder: Path) -> None:
        name = named(template, folder.name)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o644)

    return write


def removed(pattern: str) -> Change:
    def remove(folder: Path) -> None:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return remove


def patched(kind: int, at: int, bits: int) -> Change:
    def patch(folder: Path) -> None:
        for path in folder.glob("*.r[a0]*"):
            repatch(path, kind, at, bits)
        resum(folder)

    return patch


def renumbered(folder: Path) -> None:
    for disk in (3, 2, 1):
        (folder / f"grp1230{disk}.zip").rename(folder / f"grp1230{disk + 1}.zip")


def lengthened(folder: Path) -> None:
    for path in folder.glob("*.zip"):
        path.rename(path.with_name(path.name.replace("grp", "group")))


def unzipped(folder: Path) -> None:
    """Turn the directory of a show into that of a book, without its ZIPs."""
    next(folder.glob("*.sfv")).unlink()
    (folder / diz.NAME).write_bytes(diz.render([], 1, 3))
    (folder / diz.NAME).chmod(0o644)


def too_long(folder: Path) -> Path:
    end = f".S01E02.{tail(folder)}"
    return folder.rename(folder.with_name("A" * (244 - len(end)) + end))


def other_base(folder: Path) -> None:
    path = next(folder.glob("*.r01"))
    path.rename(path.with_name(f"other-{path.name}"))
    resum(folder)


def newly_named(folder: Path) -> None:
    for disk, path in enumerate(sorted(folder.glob("*.zip")), 1):
        replace_volume(path, b"", f".part{disk}.rar")


def packed_as_rar_5(folder: Path) -> None:
    (payload,) = folder.parents[1].glob("grp-title.*")
    (folder.parent / "aside").mkdir()
    payloads = (Payload(path=payload, name=payload.name),)
    plan = make_plan(
        folder, scheme="rar", rar_version=5, volume_bytes=5_000, volume_base="a", payloads=payloads
    )
    made = pack(plan, folder.parent / "aside").folder
    volumes = sorted(made.glob("*.rar"))
    for path, volume in zip(sorted(folder.glob("*.zip")), volumes, strict=True):
        replace_volume(path, volume.read_bytes())
    shutil.rmtree(folder.parent / "aside")


def undescribed(folder: Path) -> None:
    """Turn the directory of a book into that of a show, without an SFV."""
    (folder / diz.NAME).unlink()


def emptied(folder: Path) -> None:
    removed("*.r[a0]*")(folder)
    next(folder.glob("*.sfv")).write_bytes(b"; nothing\r\n")


def listed(folder: Path) -> None:
    """Put an SFV of the ZIPs in the directory."""
    sums = [(path.name, crc32(path.read_bytes())) for path in sorted(folder.glob("*.zip"))]
    written("grp123.sfv", sfv.render(sums))(folder)


def pictured(size: tuple[int, int], name: str = "proof-grp.jpg", **options: Any) -> Change:
    def save(folder: Path) -> None:
        (folder / "Proof").mkdir()
        Image.new("L", size).save(folder / "Proof" / name, **options)
        (folder / "Proof" / name).chmod(0o644)

    return save


def sampled(length_s: int) -> Change:
    def film(folder: Path) -> None:
        path = next((folder / "Sample").iterdir())
        path.unlink()
        make_film(path, length_s).chmod(0o644)

    return film


def exif() -> Image.Exif:
    made = Image.Exif()
    made[0x010F] = "Camera"
    return made


@dataclass(frozen=True, slots=True)
class Mutant:
    check: str
    rule: str
    change: Change = lambda folder: None
    plan: dict[str, Any] = field(default_factory=dict)
    payload: str = ""
    """The name of the payload, where it is another one."""
    limits: dict[str, Any] = field(default_factory=dict)
    """What the rule asks for instead, where no release of ours can be wrong enough."""
    also: tuple[str, ...] = ()
    """What breaks with it."""

    def __str__(self) -> str:
        return f"{self.check}-{self.rule}"

    def by_every_rule(self) -> list["Mutant"]:
        """Return it by each rule that packs alike and asks for the same."""
        scheme = read_rule(self.rule).spec.scheme
        specs = {rule: read_rule(rule).spec for rule in RULES}
        fitting = [rule for rule, spec in specs.items() if spec.scheme == scheme]
        asking = [rule for rule in fitting if self.check in {"damaged", *specs[rule].checks}]
        return [replace(self, rule=rule) for rule in asking]


BOOK, TV = "2022_EBOOK", "2020_WDX"
LONG = "A" * 222 + ".2020.RETAiL.eBook-GRP"
SHOW_NFO = "{stem}.nfo"
BREAKS = [
    Mutant("name", TV, renamed("Some.Show.{tail}")),
    Mutant("name-characters", TV, renamed("Some Show.S01E02.{tail}")),
    Mutant("name-punctuation", TV, renamed("Some..Show.S01E02.{tail}")),
    Mutant("name-length", TV, too_long),
    Mutant("volume-size", TV, plan={"volume_bytes": 60_000}),
    Mutant("volume-base", TV, other_base, also=("damaged",) * 3),
    Mutant("volume-none", TV, emptied),
    Mutant(
        "volume-nesting",
        TV,
        undescribed,
        {"scheme": "zip", "volume_base": "grp123"},
        also=("sfv-count",),
    ),
    Mutant("nfo-count", TV, removed("*.nfo")),
    Mutant("nfo-count", TV, written("other-grp.nfo", NFO)),
    Mutant("nfo-name", TV, moved(SHOW_NFO, "comment.nfo"), also=("file-name-group",)),
    Mutant("nfo-encoding", TV, plan={"nfo": NFO + b"Andr\xe9e\r\n"}),
    Mutant("nfo-width", TV, plan={"nfo": NFO + b"x" * 81}),
    Mutant("file-mode", TV, lambda folder: next(folder.glob("*.r00")).chmod(0o755)),
    Mutant("folder", TV, lambda folder: (folder / "Covers").mkdir()),
    Mutant("file-loose", TV, written("{stem}.pdf", b"%PDF")),
    Mutant(
        "volume-count",
        BOOK,
        limits={"max_volumes": 2},  # no engine of ours counts more than 99 disks
    ),
    Mutant("volume-equal", BOOK, lambda folder: make_uneven(folder.parents[1], folder)),
    Mutant("volume-naming", BOOK, newly_named, also=("volume-short-name",)),
    Mutant("rar-version", BOOK, packed_as_rar_5),
    Mutant("archive-encrypted", BOOK, lambda folder: encrypt_last_entry(folder / "grp12303.zip")),
    Mutant("file-empty", BOOK, written("note.txt", b""), also=("file-loose",)),
    Mutant("damaged", BOOK, removed("grp12302.zip")),
    Mutant("damaged", BOOK, removed("grp12303.zip")),
    Mutant("damaged", TV, removed("*.r00")),
    Mutant("name", BOOK, renamed("Author.Title.2020.eBook-GRP")),
    Mutant("name-characters", BOOK, renamed("Author Title.2020.RETAiL.{tail}")),
    Mutant("name-punctuation", BOOK, renamed("Author..Title.2020.RETAiL.{tail}")),
    Mutant("name-length", BOOK, renamed(LONG)),
    Mutant("tag-repeated", TV, renamed("Show.S01E02.INTERNAL.A.INTERNAL.{tail}")),
    Mutant(
        "tag-conflict",
        TV,
        renamed("Show.S01E02.PROPER.READNFO.{tail}"),
        {"nfo": OTHER.encode()},
    ),
    Mutant("fix-refused", TV, renamed("Show.S01E02.SUBFIX.{tail}")),
    Mutant("fix-refused", BOOK, renamed("Author.Title.SFVFIX.2020.RETAiL.{tail}")),
    Mutant("format", BOOK, payload="grp-title.lit"),
    Mutant("format", TV, payload="{stem}.mp4"),
    Mutant("payload-count", TV, payload="{stem}.mkv,extra-grp.mkv"),
    Mutant("file-name-length", BOOK, payload=f"grp-{'a' * 140}.pdf"),
    Mutant("file-name-case", TV, moved(SHOW_NFO, "Show-grp.nfo")),
    Mutant("file-name-group", TV, moved(SHOW_NFO, "show.nfo")),
    Mutant("volume-size", BOOK, plan={"volume_bytes": 6_000}),
    Mutant(
        "volume-count",
        TV,
        plan={"volume_bytes": 190, "max_volumes": 900},
        payload="{stem}.mkv",
        also=("volume-size",),
    ),
    Mutant("volume-minimum", TV, plan={"volume_bytes": 100_000}),
    Mutant("volume-none", BOOK, removed("*.zip")),
    Mutant("volume-equal", TV, lambda folder: make_uneven(folder.parents[1], folder)),
    Mutant(
        "volume-nesting",
        BOOK,
        unzipped,
        {"scheme": "rar", "volume_base": "grp123"},
    ),
    Mutant("volume-short-name", BOOK, lengthened),
    Mutant("zip-number", BOOK, renumbered),
    Mutant("volume-base", BOOK, moved("grp12303.zip", "xyz12303.zip")),
    Mutant("volume-naming", TV, plan={"rar_version": 5}, also=("rar-version",)),
    Mutant("rar-version", TV, plan={"rar_version": 5}, also=("volume-naming",)),
    Mutant("rar-stored", TV, patched(FILE, 25, 0x01)),
    Mutant("archive-encrypted", TV, patched(FILE, 3, 0x04)),
    Mutant("rar-recovery", TV, patched(MAIN, 3, 0x40)),
    Mutant(
        "zip-stored",
        BOOK,
        lambda folder: rezip(
            folder / "grp12303.zip", lambda entries: entries, compress_type=zipfile.ZIP_DEFLATED
        ),
    ),
    Mutant(
        "zip-contents",
        BOOK,
        lambda folder: rezip(folder / "grp12303.zip", lambda entries: entries | {"ad.txt": b"ad"}),
    ),
    Mutant("nfo-count", BOOK, removed("*.nfo")),
    Mutant("nfo-count", BOOK, written("grp-other.nfo", NFO)),
    Mutant("nfo-name", BOOK, moved("grp-title.nfo", "comment.nfo")),
    Mutant("nfo-group", BOOK, moved("grp-title.nfo", "title.nfo")),
    Mutant("nfo-encoding", BOOK, plan={"nfo": NFO + b"Andr\xe9e\r\n"}),
    Mutant("nfo-encoding", BOOK, plan={"nfo": b"\xef\xbb\xbf" + NFO}),
    Mutant("nfo-width", BOOK, plan={"nfo": NFO + b"x" * 81}),
    Mutant("nfo-fields", BOOK, plan={"nfo": NFO.replace(b"2024-05-01", b"yesterday")}),
    Mutant("nfo-fields", BOOK, plan={"nfo": NFO.replace(b"Language: English", b"")}),
    Mutant("nfo-corrects", TV, renamed("Show.S01E02.PROPER.{tail}")),
    Mutant("nfo-corrects", BOOK, renamed("Author.Title.2020.RETAiL.PROPER.{tail}")),
    Mutant("source-link", BOOK, plan={"nfo": NFO.replace(b"https://", b"")}),
    Mutant("diz-count", BOOK, removed(diz.NAME)),
    Mutant("diz-size", BOOK, lambda folder: redescribe(folder, lambda text: text + b"x" * 45)),
    Mutant("diz-size", BOOK, lambda folder: redescribe(folder, lambda text: text + b"x\n" * 30)),
    Mutant("diz-ascii", BOOK, lambda folder: redescribe(folder, lambda text: text + b"\xe9")),
    Mutant("diz-counter", BOOK, lambda folder: redescribe(folder, lambda text: b"Title\n" + text)),
    Mutant("sfv-none", BOOK, listed),
    Mutant("sfv-count", TV, removed("*.sfv")),
    Mutant("sfv-entries", TV, lambda folder: resum(folder, folder / named(SHOW_NFO, folder.name))),
    Mutant("file-loose", BOOK, written("grp-title.pdf", b"%PDF")),
    Mutant("folder", BOOK, lambda folder: (folder / "Covers").mkdir()),
    Mutant("folder", BOOK, lambda folder: (folder / "Subs").mkdir()),
    Mutant("folder-subtitles", TV, lambda folder: (folder / "Subs").mkdir()),
    Mutant("sample-count", TV, removed("Sample")),
    Mutant(
        "sample-count",
        TV,
        written("Sample/second-grp.mkv", b""),
        also=("sample-format", "file-empty"),
    ),
    Mutant("sample-format", TV, written("Sample/{stem}-sample.mkv", b"no video")),
    Mutant("sample-length", TV, sampled(40)),
    Mutant("proof-format", TV, pictured((640, 480), "proof-grp.gif")),
    Mutant("proof-size", TV, pictured((479, 640))),
    Mutant("proof-size", TV, pictured((639, 480))),
    Mutant("proof-metadata", TV, pictured((480, 640), exif=exif())),
    Mutant("file-mode", BOOK, lambda folder: (folder / "grp-title.nfo").chmod(0o600)),
    Mutant("file-empty", TV, written("note-grp.txt", b"")),
    Mutant(
        "fix-contents",
        TV,
        renamed("Show.S01E02.NFOFIX.{tail}"),
        {"nfo": OTHER.encode()},
    ),
    Mutant(
        "fix-contents",
        BOOK,
        renamed("Author.Title.2020.RETAiL.NFOFiX.{tail}"),
        {"nfo": NFO + OTHER.encode()},
    ),
]
MUTANTS = [mutant for each in BREAKS for mutant in each.by_every_rule()]


@pytest.mark.parametrize("rule", RULES)
def test_every_check_of_every_rule_has_its_mutant(rule: str) -> None:
    mutated = {mutant.check for mutant in MUTANTS if mutant.rule == rule}

    assert mutated == {"damaged", *read_rule(rule).spec.checks}


def test_every_check_has_its_mutant() -> None:
    assert {mutant.check for mutant in MUTANTS} == {"damaged", *CHECKS}


@pytest.mark.parametrize(
    "mutant", MUTANTS, ids=[f"{mutant}-{number}" for number, mutant in enumerate(MUTANTS)]
)
def test_a_mutant_is_reported_once(mutant: Mutant, film: Path, tmp_path: Path) -> None:
    folder = mutated(mutant, film, tmp_path)

    report = lint(folder, replace(small(mutant.rule), **mutant.limits))

    found = sorted(violation.id for violation in report.violations)
    assert found == sorted([mutant.check, *mutant.also]), list(map(str, report.violations))
    assert report.conforms == (mutant.check == "source-link")
    for violation in report.violations:
        assert violation.section
        assert violation.fix
        assert "%(" not in violation.message


def mutated(mutant: Mutant, film: Path, tmp_path: Path) -> Path:
    plan = dict(mutant.plan)
    if mutant.payload:
        names = named(mutant.payload, NAMES[mutant.rule]).split(",")
        plan["payloads"] = tuple(make_payload(tmp_path, noise(9000), name) for name in names)
    folder = make_conforming(tmp_path, mutant.rule, film, **plan)
    mutant.change(folder)
    return next(path for path in folder.parent.iterdir() if path.is_dir())


def test_a_missing_volume_is_told_once_and_clearly(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, BOOK, film)
    (folder / "grp12302.zip").unlink()

    (violation,) = lint(folder, small(BOOK)).violations

    assert violation.message == f"{EBOOK}/grp12302.zip is missing"
    assert (violation.id, violation.section) == ("damaged", "Integrity")
    assert violation.file == "grp12302.zip"


def test_damage_beside_the_directory_is_told_with_its_place(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, BOOK, film, manifest=True)
    (folder.parent / f"{EBOOK}.sha256").write_bytes(b"nonsense")

    report = lint(folder, small(BOOK))

    assert [violation.file for violation in report.violations] == [f"../{EBOOK}.sha256"]


def test_a_link_is_told_by_reading_back(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, BOOK, film)
    (folder / "grp-link.nfo").symlink_to("grp-title.nfo")

    (violation,) = lint(folder, small(BOOK)).violations

    assert "link" in violation.message


def test_an_sfv_of_nonsense_is_told_by_reading_back(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, TV, film)
    next(folder.glob("*.sfv")).write_bytes(b"nonsense")

    (violation,) = lint(folder, small(TV)).violations

    assert "cannot be read" in violation.message


def test_a_damaged_volume_is_no_reason_for_other_complaints(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, BOOK, film)
    for path in folder.glob("*.zip"):
        path.write_bytes(b"no ZIP")

    report = lint(folder, small(BOOK))

    assert [violation.id for violation in report.violations] == ["damaged"] * 3


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackingError, match="not there"):
        lint(tmp_path / "none", small(BOOK))


def test_an_extra_in_the_archives_of_a_book_is_allowed(film: Path, tmp_path: Path) -> None:
    names = ("grp-title.epub", "grp-title.jpg")
    payloads = tuple(make_payload(tmp_path, noise(4_990), name) for name in names)

    folder = make_conforming(tmp_path, BOOK, film, payloads=payloads)

    assert lint(folder, small(BOOK)).violations == ()


def test_a_volume_may_be_smaller_where_the_next_file_finds_no_room(
    film: Path, tmp_path: Path
) -> None:
    first = make_payload(tmp_path, noise(5_000 - 40 - 32 - 14 - 20), "grp-title.epub")
    second = make_payload(tmp_path, noise(6_000), "grp-title.jpg")

    folder = make_conforming(tmp_path, BOOK, film, payloads=(first, second))
    sizes = [volume.size for volume in observe(folder).directory.volumes]

    assert sizes[0] < sizes[1] == 5_000
    assert lint(folder, small(BOOK)).violations == ()


def test_an_uneven_volume_is_named(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, TV, film)
    make_uneven(tmp_path, folder)

    (violation,) = lint(folder, small(TV)).violations

    assert violation.file == f"{SHOW.lower()}.r00"
    assert violation.values == {"size": 49_991, "usual": 50_000}


def test_an_unlisted_volume_is_told_once(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, TV, film)
    path = next(folder.glob("*.sfv"))
    path.write_bytes(sfv.render(sfv.parse(path.read_bytes())[1:]))

    (violation,) = lint(folder, small(TV)).violations

    assert "not listed" in violation.message


@pytest.mark.parametrize(
    ("tag", "held"),
    [
        ("NFOFIX", ""),
        ("DIRFIX", ""),
        ("SAMPLEFIX", "Sample"),
        ("PROOFFIX", "Proof"),
    ],
)
def test_a_fix_holds_what_it_corrects(tag: str, held: str, film: Path, tmp_path: Path) -> None:
    folder = tmp_path / f"Some.Show.S01E02.{tag}.1080p.WEB.H264-GRP"
    folder.mkdir()
    written("some.show-grp.nfo", f"It corrects {OTHER}.\r\n".encode())(folder)
    if held == "Sample":
        add_sample(folder, film)
    if held == "Proof":
        pictured((640, 480))(folder)

    assert lint(folder, small(TV)).violations == ()

    written("note-grp.txt", b"note")(folder)
    assert [one.id for one in lint(folder, small(TV)).violations] == ["fix-contents"]


@pytest.mark.parametrize("tag", ["NFOFiX", "DiRFiX"])
def test_a_fix_of_a_book_holds_an_nfo_alone(tag: str, tmp_path: Path) -> None:
    folder = tmp_path / f"Author.Title.2020.RETAiL.{tag}.ePUB.eBook-GRP"
    folder.mkdir()
    written("grp-title.nfo", NFO + EBOOK.encode())(folder)

    assert lint(folder, small(BOOK)).violations == ()


def test_a_fix_without_what_it_corrects_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "Some.Show.S01E02.SAMPLEFIX.1080p.WEB.H264-GRP"
    folder.mkdir()

    found = [violation.id for violation in lint(folder, small(TV)).violations]

    assert found == ["nfo-count", "fix-contents"]


def test_the_name_of_the_faulty_release_may_be_broken_over_lines(
    film: Path, tmp_path: Path
) -> None:
    broken = OTHER.replace("1080p", "\r\n  1080p").encode()
    folder = make_conforming(tmp_path, TV, film, nfo=broken)

    folder = folder.rename(folder.with_name("Show.S01E02.PROPER.1080p.WEB.H264-GRP"))

    assert lint(folder, small(TV)).violations == ()


@pytest.mark.parametrize("nfo", [b" " * 1_000_000, b"a." * 500_000, b"a-" * 500_000])
def test_no_nfo_keeps_the_checks_busy(nfo: bytes, film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, TV, film, nfo=nfo)
    folder = folder.rename(folder.with_name("Show.S01E02.PROPER.1080p.WEB.H264-GRP"))

    found = [violation.id for violation in lint(folder, small(TV)).violations]

    assert found == ["nfo-width", "nfo-corrects"]


def test_its_own_name_is_not_that_of_the_faulty_release(film: Path, tmp_path: Path) -> None:
    name = "Show.S01E02.PROPER.1080p.WEB.H264-GRP"
    folder = make_conforming(tmp_path, TV, film, nfo=name.encode())

    report = lint(folder.rename(folder.with_name(name)), small(TV))

    assert [violation.id for violation in report.violations] == ["nfo-corrects"]


def test_without_ffmpeg_the_length_of_a_sample_is_not_judged(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_conforming(tmp_path, TV, film)
    written(f"Sample/{SHOW.lower()}-sample.mkv", b"no video")(folder)
    monkeypatch.setenv("PATH", str(tmp_path))

    report = lint(folder, small(TV))

    assert report.violations == ()
    assert [str(note) for note in report.notes] == [
        f"The length of Sample/{SHOW.lower()}-sample.mkv was not measured: ffmpeg is not installed"
    ]


def test_a_picture_that_is_a_trap_is_not_decoded(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, TV, film)
    pictured((640, 480), "proof-grp.png")(folder)
    path = folder / "Proof" / "proof-grp.png"
    data = bytearray(path.read_bytes())
    data[16:24] = (100_000).to_bytes(4) * 2
    data[29:33] = crc32(data[12:29]).to_bytes(4)
    path.write_bytes(data)

    report = lint(folder, small(TV))

    assert [violation.id for violation in report.violations] == ["proof-format"]


RULE_VALUES = [read_rule(rule) for rule in RULES]


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_that_fits_is_chosen(rule: str, film: Path, tmp_path: Path) -> None:
    observed = observe(make_conforming(tmp_path, rule, film))

    assert fitting_rule(observed, RULE_VALUES).name == rule


@pytest.mark.parametrize(
    ("rule", "name", "payload", "expected"),
    [
        (BOOK, "Press.Paper.2020.RETAiL.eBook-GRP", "grp-title.pdf", BOOK),
        (BOOK, "no name", "grp-title.epub", BOOK),
        (BOOK, "no name", "grp-title.rtf", "HOUSE_DOCS"),
        (TV, "no name", f"{SHOW.lower()}.mkv", TV),
    ],
)
def test_where_the_name_does_not_tell_the_files_do(
    rule: str, name: str, payload: str, expected: str, film: Path, tmp_path: Path
) -> None:
    payloads = (make_payload(tmp_path, noise(9000), payload),)
    folder = make_conforming(tmp_path, rule, film, payloads=payloads)

    observed = observe(folder.rename(folder.with_name(name)))

    assert fitting_rule(observed, RULE_VALUES).name == expected


def test_of_an_empty_directory_the_name_tells(tmp_path: Path) -> None:
    folder = tmp_path / NAMES["tvx2642k16"]
    folder.mkdir()

    assert fitting_rule(observe(folder), RULE_VALUES).name == "tvx2642k16"


def test_an_encrypted_zip_is_named(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, BOOK, film)
    encrypt_last_entry(folder / "grp12303.zip")

    (violation,) = lint(folder, small(BOOK)).violations

    assert (violation.id, violation.file) == ("archive-encrypted", "grp12303.zip")


def test_a_description_without_counter_is_told_by_reading_back(film: Path, tmp_path: Path) -> None:
    folder = make_conforming(tmp_path, BOOK, film)
    redescribe(folder, lambda text: b"Title\r\n")

    violations = lint(folder, small(BOOK)).violations

    assert {violation.id for violation in violations} == {"damaged"}
    assert "disk 3 of 3" in violations[0].message
