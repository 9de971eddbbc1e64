import re
import time
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from releases.packing import naming
from rules.shipped import HOUSE_PROFILES, NAMES, read_data, read_rule
from rules.spec import CHECKS, Confidence, Facts, Severity, Spec
from rules.violation import CONFIDENCES, SECTIONS

TV_NAMES = ["2020_WDX", "sdtvx2642k16", "tvx2642k16"]
CONFORMING = {
    "2022_EBOOK": "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP",
    "HOUSE_DOCS": "Some.Press.Some.Paper.2020.FRENCH.SCAN.eBook-GRP",
    "2020_WDX": "Some.Show.S01E02.1080p.WEB.H264-GRP",
    "sdtvx2642k16": "Some.Show.S01E02.HDTV.x264-GRP",
    "tvx2642k16": "Some.Show.S01E02.720p.HDTV.x264-GRP",
}
FORMATS = {"2022_EBOOK": "epub", "HOUSE_DOCS": "pdf"}
KNOWN = frozenset({"released_on", "year", "language", "source", "author", "url"})


def read_spec(name: str) -> Spec:
    return read_rule(name).spec


def conforming(name: str) -> Facts:
    spec = read_spec(name)
    return Facts(
        name=CONFORMING[name],
        format=FORMATS.get(name, "mkv"),
        volume_bytes=spec.volume_sizes[-1],
        volumes=20,
        nfo="x" * 80 + "\r\nSome Book\r\n",
        known=KNOWN,
        source="RETAiL",
    )


SHOW = "Some.Show.S01E02.{}.1080p.WEB.H264-GRP"
MUTANTS: list[tuple[str, str, dict[str, Any]]] = [
    ("format", "2022_EBOOK", {"format": "docx"}),
    ("format", "2020_WDX", {"format": ""}),
    ("name", "2022_EBOOK", {"name": "Some.Book-GRP"}),
    ("name-characters", "2022_EBOOK", {"name": "Some Book.2020.RETAiL.eBook-GRP"}),
    ("name-punctuation", "2022_EBOOK", {"name": "Some..Book.2020.RETAiL.eBook-GRP"}),
    ("name-punctuation", "2020_WDX", {"name": ".Show.S01E02.WEB.H264-GRP"}),
    ("name-length", "2022_EBOOK", {"name": f"{'A' * 222}.2020.RETAiL.eBook-GRP"}),
    ("tag-repeated", "2020_WDX", {"name": SHOW.format("PROPER.Title.PROPER")}),
    ("tag-repeated", "2020_WDX", {"name": SHOW.format("SOURCE.SAMPLE.SOURCE.SAMPLE")}),
    ("tag-conflict", "2020_WDX", {"name": SHOW.format("PROPER.READNFO")}),
    ("fix-refused", "2020_WDX", {"name": SHOW.format("RARFIX")}),
    ("volume-size", "2022_EBOOK", {"volume_bytes": 4_999_999}),
    ("volume-count", "2022_EBOOK", {"volumes": 100}),
    ("volume-minimum", "2020_WDX", {"volume_bytes": 100_000_000, "volumes": 9}),
    ("nfo-width", "2022_EBOOK", {"nfo": "short\n" + "x" * 81 + "\nshort\n"}),
    ("nfo-fields", "2022_EBOOK", {"known": KNOWN - {"author"}}),
    ("source-link", "2022_EBOOK", {"known": KNOWN - {"url"}}),
]


@pytest.mark.parametrize(("check_id", "name", "change"), MUTANTS)
def test_a_mutant_is_reported_by_its_own_check_once(
    check_id: str, name: str, change: dict[str, Any]
) -> None:
    (violation,) = read_spec(name).violations(replace(conforming(name), **change))

    assert violation.id == check_id
    assert violation.section
    assert violation.fix
    assert "%(" not in violation.message


def test_words_of_a_title_are_no_tags() -> None:
    name = SHOW.format("Real.Love.REAL.HDR10Plus.HDR")

    assert list(read_spec("2020_WDX").violations(replace(conforming("2020_WDX"), name=name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_conforming_facts_break_nothing(name: str) -> None:
    assert list(read_spec(name).violations(conforming(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_spec_cites_a_section_for_each_check_that_can_fail(name: str) -> None:
    spec = read_spec(name)

    assert list(spec.checks) == [check for check in CHECKS if not is_idle(spec, check)]


@pytest.mark.parametrize("name", NAMES)
def test_each_check_has_all_that_a_report_says_of_it(name: str) -> None:
    for check_id, cited in read_spec(name).checks.items():
        check = CHECKS[check_id]
        assert cited.section in SECTIONS
        assert cited.severity == check.severity
        assert cited.confidence in CONFIDENCES
        assert check.demand.endswith(".")
        assert check.fix.endswith(".")


def test_only_numbers_that_could_not_be_compared_are_uncertain() -> None:
    doubted = {"volume-size", "volume-equal", "volume-naming", "rar-version"}

    assert set(read_spec("2022_EBOOK").uncertain) == doubted
    assert {read_spec(name).uncertain for name in TV_NAMES} == {("name-length",)}


def test_house_profiles_are_known_by_name() -> None:
    assert tuple(name for name in NAMES if read_spec(name).is_house_profile) == HOUSE_PROFILES


def test_the_house_profile_cites_no_text() -> None:
    checks = read_spec("HOUSE_DOCS").checks.values()

    ours = {cited.confidence for cited in checks if cited.section != "Zipscripts"}
    assert ours == {Confidence.HOUSE}


@pytest.mark.parametrize("name", NAMES)
def test_what_a_spec_does_not_cite_is_not_asked(name: str) -> None:
    spec = replace(read_spec(name), checks={})

    assert list(spec.violations(replace(conforming(name), name="?", volume_bytes=1))) == []


@pytest.mark.parametrize("title", ["Some.Paper", "Some.Paper.No.3"])
def test_a_magazine_tells_its_number_in_its_name_or_in_its_nfo(title: str) -> None:
    facts = replace(conforming("2022_EBOOK"), name=f"{title}.2012.RETAiL.MAGAZiNE.eBook-GRP")

    told = replace(facts, known=KNOWN | {"issue"})

    found = [one.values for one in read_spec("2022_EBOOK").violations(facts)]
    assert found == [{"field": "issue|volume"}] * ("3" not in title)
    assert list(read_spec("2022_EBOOK").violations(told)) == []


def is_idle(spec: Spec, check: str) -> bool:
    """Say whether nothing can break `check` by `spec`."""
    zipped = spec.scheme == "zip"
    idle = {
        "tag-repeated": not spec.tags,
        "tag-conflict": not spec.never_with_readnfo,
        "payload-count": spec.allows_extras,
        "file-name-length": spec.max_file_name_length == 255,  # no file system has longer ones
        "file-name-case": not spec.tagged_lower_case,
        "file-name-group": not spec.tagged_lower_case,
        "nfo-group": spec.tagged_lower_case,
        "volume-minimum": not spec.volume_step,
        "volume-short-name": not zipped,
        "rar-stored": spec.allows_compression,
        "rar-recovery": spec.allows_recovery,
        "nfo-fields": not spec.nfo_mandatory,
        "folder-subtitles": not spec.subtitles_in_video,
        "source-link": not spec.source_link_for,
        "sfv-none": spec.sfv,
    }
    by_group = {
        "zip-": zipped,
        "diz-": zipped,
        "sample-": spec.sample_s,
        "proof-": spec.proof_pixels,
    }
    by_group |= {"sfv-count": spec.sfv, "sfv-entries": spec.sfv}
    return idle.get(check, False) or any(
        check.startswith(group) and not is_due for group, is_due in by_group.items()
    )


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({"name": "Some.Book-GRP"}, Severity.STRUCTURE),
        ({"known": KNOWN - {"url"}}, Severity.ELIGIBILITY),
    ],
)
def test_only_where_content_came_from_is_no_obstacle(
    change: dict[str, Any], severity: Severity
) -> None:
    facts = replace(conforming("2022_EBOOK"), **change)

    (violation,) = read_spec("2022_EBOOK").violations(facts)

    assert violation.severity == severity


def test_each_wide_line_and_each_missing_field_is_told() -> None:
    facts = replace(conforming("2022_EBOOK"), nfo="x" * 81 + "\n" + "y" * 90, known=frozenset())

    violations = list(read_spec("2022_EBOOK").violations(facts))

    wide = [v.values for v in violations if v.id == "nfo-width"]
    assert wide == [
        {"number": 1, "length": 81, "most": 80},
        {"number": 2, "length": 90, "most": 80},
    ]
    missing = [v.values["field"] for v in violations if v.id == "nfo-fields"]
    assert missing == ["released_on", "year", "language", "source", "author|publisher"]


def test_a_publisher_stands_in_for_an_author() -> None:
    facts = replace(conforming("2022_EBOOK"), known=KNOWN - {"author"} | {"publisher"})

    assert list(read_spec("2022_EBOOK").violations(facts)) == []


def test_a_scan_needs_no_source_link() -> None:
    facts = replace(conforming("2022_EBOOK"), known=KNOWN - {"url"}, source="SCAN")

    assert list(read_spec("2022_EBOOK").violations(facts)) == []


MILLION = 1_000_000


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("2022_EBOOK", [5, 10, 50, 100, 150, 200, 250], [0, -5, 1, 4, 15, 20, 300, 500]),
        ("HOUSE_DOCS", [5, 250], [0, 15, 300]),
        ("2020_WDX", [50, 100, 150, 5_000], [0, -50, 15, 20, 25, 75]),
        ("tvx2642k16", [50, 100], [0, -50, 15, 20]),
        ("sdtvx2642k16", [15, 20, 50, 100], [0, -50, 30, 40, 45, 60]),
    ],
)
def test_allows_exactly_the_sizes_of_the_rule(
    name: str, allowed: list[int], refused: list[int]
) -> None:
    spec = read_spec(name)

    assert [size for size in allowed if not spec.allows_volume_bytes(size * MILLION)] == []
    assert [size for size in refused if spec.allows_volume_bytes(size * MILLION)] == []
    assert not spec.allows_volume_bytes(allowed[0] * MILLION + 1)


def count_of(size: int) -> Callable[[int], int]:
    """Return how a file of `size` bytes is cut, were there no headers."""
    return lambda volume_bytes: -(-size // volume_bytes)


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("2022_EBOOK", 1, 5),
        ("2022_EBOOK", 99 * 5 * MILLION, 5),
        ("2022_EBOOK", 99 * 5 * MILLION + 1, 10),
        ("2022_EBOOK", 99 * 10 * MILLION + 1, 50),
        ("2022_EBOOK", 99 * 50 * MILLION + 1, 100),
        ("2022_EBOOK", 99 * 200 * MILLION + 1, 250),
        ("2022_EBOOK", 99 * 250 * MILLION + 1, 250),
        ("2020_WDX", 1, 50),
        ("2020_WDX", 101 * 50 * MILLION, 50),
        ("2020_WDX", 101 * 50 * MILLION + 1, 100),
        ("2020_WDX", 101 * 100 * MILLION, 100),
        ("2020_WDX", 101 * 100 * MILLION + 1, 150),
        ("tvx2642k16", 101 * 150 * MILLION + 1, 200),
        ("sdtvx2642k16", 101 * 50 * MILLION + 1, 100),
    ],
)
def test_the_default_size_is_the_smallest_that_fits(name: str, size: int, expected: int) -> None:
    assert read_spec(name).default_volume_bytes(count_of(size)) == expected * MILLION


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 10**6, 10**8, 10**9, 5 * 10**9, 2 * 10**10])
def test_the_default_size_conforms(name: str, size: int) -> None:
    spec, count = read_spec(name), count_of(size)
    volume_bytes = spec.default_volume_bytes(count)

    facts = replace(conforming(name), volume_bytes=volume_bytes, volumes=count(volume_bytes))

    assert list(spec.violations(facts)) == []


def test_a_file_too_large_for_every_size_is_reported() -> None:
    spec, count = read_spec("2022_EBOOK"), count_of(99 * 250 * MILLION + 1)
    volume_bytes = spec.default_volume_bytes(count)

    facts = replace(
        conforming("2022_EBOOK"), volume_bytes=volume_bytes, volumes=count(volume_bytes)
    )

    assert [violation.id for violation in spec.violations(facts)] == ["volume-count"]


@pytest.mark.parametrize(
    ("volume_bytes", "volumes", "is_broken"),
    [
        (50 * MILLION, 1, False),  # the smallest needs no reason
        (100 * MILLION, 10, False),
        (100 * MILLION, 9, True),
        (5_000 * MILLION, 10, False),
    ],
)
def test_a_larger_size_still_gives_ten_volumes(
    volume_bytes: int, volumes: int, is_broken: bool
) -> None:
    facts = replace(conforming("2020_WDX"), volume_bytes=volume_bytes, volumes=volumes)

    violations = [violation.id for violation in read_spec("2020_WDX").violations(facts)]

    assert violations == ["volume-minimum"] * is_broken


@pytest.mark.parametrize(("volumes", "is_broken"), [(7, True), (8, False), (9, False), (10, False)])
def test_a_size_that_is_needed_may_give_fewer_volumes(volumes: int, *, is_broken: bool) -> None:
    spec = replace(read_spec("2020_WDX"), max_volumes=15)  # 750 MB fill fifteen of 50 MB
    facts = replace(conforming("2020_WDX"), volume_bytes=100 * MILLION, volumes=volumes)

    assert [one.id for one in spec.violations(facts)] == ["volume-minimum"] * is_broken


def test_of_a_size_that_is_not_allowed_no_number_of_volumes_is_asked() -> None:
    facts = replace(conforming("2020_WDX"), volume_bytes=60 * MILLION, volumes=3)

    assert [one.id for one in read_spec("2020_WDX").violations(facts)] == ["volume-size"]


@pytest.mark.parametrize(
    ("name", "sizes", "expected"),
    [
        ("2022_EBOOK", [], 0),
        ("2022_EBOOK", [1], 5 * MILLION),
        ("2022_EBOOK", [5 * MILLION], 5 * MILLION),
        ("2022_EBOOK", [5 * MILLION + 1], 10 * MILLION),
        ("2022_EBOOK", [251 * MILLION], 251 * MILLION),
        ("2022_EBOOK", [10 * MILLION, 10 * MILLION, 3], 10 * MILLION),
        ("2020_WDX", [60 * MILLION], 100 * MILLION),
        ("sdtvx2642k16", [16 * MILLION], 20 * MILLION),
        ("sdtvx2642k16", [15 * MILLION, 16], 15 * MILLION),
    ],
)
def test_the_size_volumes_are_cut_to_is_told_from_them(
    name: str, sizes: list[int], expected: int
) -> None:
    assert read_spec(name).volume_bytes_of(sizes) == expected


@pytest.mark.parametrize("change", [{"volume_size": [5]}, {"Formats": ["epub"]}, {"extra": 1}])
def test_from_dict_refuses_what_it_does_not_know(change: dict[str, Any]) -> None:
    data = read_data("2022_EBOOK")["spec"]

    with pytest.raises(TypeError, match="unexpected keyword"):
        Spec.from_dict(data | change)


def test_from_dict_refuses_what_is_not_whole() -> None:
    with pytest.raises(TypeError, match="missing"):
        Spec.from_dict({"release_type": "EBOOK"})


def test_from_dict_makes_what_can_be_compared_and_kept() -> None:
    spec = read_spec("2022_EBOOK")

    assert spec == read_spec("2022_EBOOK")
    assert [f.name for f in fields(Spec) if isinstance(getattr(spec, f.name), list)] == []


def forms(name: str, text: str) -> bool:
    return re.fullmatch(read_spec(name).name_pattern, text) is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *CONFORMING.items(),
        ("2022_EBOOK", "Author.Title.2020.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2020.RETAiL.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2nd.Edition.1999.FRENCH.HYBRiD.KF8.eBook-GRP_x"),
        ("2022_EBOOK", "Author.Title.2020.SCAN.iNTERNAL.READNFO.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Name.No.1.2012.RETAiL.MAGAZiNE.eBook-GRP"),
        ("2022_EBOOK", "Name.Vol.23.No.22.Dec.2007.RETAiL.COMiC.eBook-GRP"),
        ("2022_EBOOK", "Name.Vol.23.2007.RETAiL.MANGA.CBZ.eBook-GRP"),
        ("2022_EBOOK", "Name.23.December.2012.RETAiL.eBook-GRP"),
        ("2022_EBOOK", "A.Book.Called.1984.by.Year.2020.RETAiL.ePUB.eBook-GRP"),
        ("HOUSE_DOCS", "Publisher.Title.2020.GERMAN.RETAiL.eBook-GRP"),
        ("2020_WDX", "Show.S01E02.Episode.Title.PROPER.FRENCH.2160p.WEB.H265-GRP"),
        ("2020_WDX", "Show.2019.S01E02.WEB.H264-GRP"),
        ("2020_WDX", "Show.S01E02-E03.720p.WEBRip.x264-GRP"),
        ("2020_WDX", "Show.2024.05.01.Guest.1080p.WEBRip.x265-GRP"),
        ("2020_WDX", "Show.Part1.1080p.WEB.H264-GRP"),
        ("2020_WDX", "Film.Title.2020.1080p.WEB.H264-GRP"),
        ("sdtvx2642k16", "Show.S01E02.Title.PDTV.x264-GRP"),
        ("sdtvx2642k16", "Show.Special.S01E00.Title.AHDTV.x264-GRP"),
        ("sdtvx2642k16", "Show.S01E02.HR.PDTV.x264-GRP"),
        ("tvx2642k16", "Show.S10E02E03.REPACK.720p.HDTV.x264-GRP"),
    ],
)
def test_a_name_of_the_rule_is_taken(name: str, text: str) -> None:
    assert forms(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2022_EBOOK", ""),
        ("2022_EBOOK", "Author.Title.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2020.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2020.Retail.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2020.RETAiL.EPUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2020.RETAiL.ePUB.eBook"),
        ("2022_EBOOK", "Author.Title.2020.RETAiL.ePUB.eBook-G"),
        ("2022_EBOOK", "Author.Title.2020.RETAiL.ePUB.ebook-GRP"),
        ("2022_EBOOK", "Author..Title.2020.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.-Title.2020.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2020.RETAiL.ePUB.eBook-GRP\n"),
        ("2022_EBOOK", "Author Title.2020.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Éric.Titre.2020.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author/Title.2020.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.0999.RETAiL.ePUB.eBook-GRP"),
        ("2022_EBOOK", "Author.Title.2020.ENGLISH.RETAiL.ePUB.eBook-GRP"),
        ("HOUSE_DOCS", "Press.Paper.2020.ENGLISH.SCAN.eBook-GRP"),
        ("HOUSE_DOCS", "Publisher.Title.2020.RETAiL.ePUB.eBook-GRP"),
        ("2020_WDX", "Show.S01E02.1080p.HDTV.x264-GRP"),
        ("2020_WDX", "Show.S1E2.1080p.WEB.H264-GRP"),
        ("2020_WDX", "Show.S01E02.576p.WEB.h264-GRP"),
        ("2020_WDX", "S01E02.1080p.WEB.H264-GRP"),
        ("tvx2642k16", "Show.S01E02.HDTV.x264-GRP"),
        ("tvx2642k16", "Show.S01E02.1080p.HDTV.x264-GRP"),
        ("sdtvx2642k16", "Show.S01E02.WEB.H264-GRP"),
        ("sdtvx2642k16", "Show.S01E02.720p.HDTV.x264-GRP"),
        ("sdtvx2642k16", "Show.S01E02.1080p.PDTV.x264-GRP"),
        ("sdtvx2642k16", "Show.S01E02.576p.Title.HDTV.x264-GRP"),
        ("sdtvx2642k16", "Show.S01E02.Title.ENGLISH.HDTV.x264-GRP"),
        ("tvx2642k16", "Show.S01E02.1080p.720p.HDTV.x264-GRP"),
        ("tvx2642k16", "Show.S01E02.720p.720p.HDTV.x264-GRP"),
        ("tvx2642k16", "Show.S01E02.ENGLISH.720p.HDTV.x264-GRP"),
        ("2020_WDX", "Show.S01E02.720p.1080p.WEB.H264-GRP"),
        ("2020_WDX", "Show.S01E02.ENGLISH.WEB.H264-GRP"),
    ],
)
def test_another_name_is_refused(name: str, text: str) -> None:
    assert not forms(name, text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", CONFORMING.values())
def test_a_rule_takes_what_the_product_reads_and_nothing_else(name: str, text: str) -> None:
    is_tv = name in TV_NAMES
    parse: Callable[[str], object] = naming.parse_tv if is_tv else naming.parse_ebook

    if forms(name, text):
        parse(text)
    else:
        assert CONFORMING[name] != text


HOSTILE = [
    "A." * 121,
    "S01E01." * 34 + "WEB.H264",
    "a.S01E01" + "E01" * 78,
    "a.S01E01" + "-E01" * 58,
    "2020." * 48,
    "a" + ".2020" * 46 + ".RETAiL",
    "a.2020.RETAiL" + ".iNTERNAL" * 25,
    "a.2020.RETAiL.eBook-GRP" + "_G" * 110 + "_",
    "a.S01E01.720p.WEB.H264-GRP" + "_G" * 108 + "_",
    "1.1.1." * 40,
    "E01.Part1.2020.01.01." * 11,
    "a" * 243,
    "." * 243,
    "a.2020." + "A" * 230,
    "0" * 243,
    "S" + "0" * 120 + "E" + "0" * 121,
]


def test_a_name_as_long_as_the_rule_allows_is_no_mutant() -> None:
    facts = replace(conforming("2022_EBOOK"), name=f"{'A' * 221}.2020.RETAiL.eBook-GRP")

    assert len(facts.name) == 243
    assert list(read_spec("2022_EBOOK").violations(facts)) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_name_keeps_a_pattern_busy(name: str) -> None:
    pattern = re.compile(read_spec(name).name_pattern)
    began = time.perf_counter()

    assert not any(pattern.fullmatch(text[:241] + "x_") for text in HOSTILE)

    assert time.perf_counter() - began < 10
