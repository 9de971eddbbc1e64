"""What naming builds is what the rules ask for, though neither knows the other."""

from dataclasses import replace

import pytest

from releases.packing import EbookName, TvName, fix_name
from releases.packing.naming import CATEGORIES, EBOOK_TAGS, RESOLUTIONS, TV_TAGS
from rules.shipped import NAMES, read_rule

BOOK = EbookName(title="Ann.Author.Some.Book", year=2020, source="SCAN", group="GRP")
SHOW = TvName(title="Some.Show", episode="S01E02", format="WEB.H264", group="GRP")


def rules_for(name: str) -> list[str]:
    return [rule for rule in NAMES if read_rule(rule).spec.name_parts(name) is not None]


@pytest.mark.parametrize("name", [BOOK, replace(BOOK, language="FRENCH", tags=EBOOK_TAGS)])
def test_a_book_and_a_document_are_named_by_their_rules(name: EbookName) -> None:
    assert rules_for(name.build()) == ["2022_EBOOK", "HOUSE_DOCS"]


@pytest.mark.parametrize("category", CATEGORIES)
def test_an_issue_is_named_by_its_rule(category: str) -> None:
    name = replace(BOOK, volume="2", issue="3", day=31, month=12, category=category, format="CBZ")

    assert rules_for(name.build()) == ["2022_EBOOK"]


@pytest.mark.parametrize(
    ("video", "resolution"),
    [(video, resolution) for video, fitting in RESOLUTIONS.items() for resolution in fitting],
)
def test_every_format_and_resolution_has_its_rule(video: str, resolution: str) -> None:
    name = replace(SHOW, format=video, resolution=resolution).build()

    broadcast = "tvx2642k16" if resolution else "sdtvx2642k16"
    assert rules_for(name)[0] == ("2020_WDX" if video.startswith("WEB") else broadcast)


@pytest.mark.parametrize(
    "name",
    [
        replace(SHOW, country="UK", year=2019, episode="S01E02A", episode_title="The.End"),
        *(replace(SHOW, episode=each) for each in ("S01E02-E03", "2024.05.31", "E05", "Part.1")),
        replace(SHOW, episode="", year=2019),
    ],
)
def test_every_kind_of_show_is_named_by_its_rule(name: TvName) -> None:
    assert rules_for(name.build()) == ["2020_WDX"]


def test_naming_knows_the_tags_of_the_rules() -> None:
    tags = {rule: set(read_rule(rule).spec.tags) for rule in NAMES}

    assert tags["2022_EBOOK"] <= {*EBOOK_TAGS}
    assert tags["2020_WDX"] | tags["tvx2642k16"] | tags["sdtvx2642k16"] == {*TV_TAGS}


@pytest.mark.parametrize("kind", ["NFOFIX", "DIRFIX", "SAMPLEFIX", "PROOFFIX"])
def test_the_rule_knows_a_fix_by_its_name(kind: str) -> None:
    spec = read_rule("2020_WDX").spec

    assert spec.fix_contents(SHOW.build()) == []
    assert spec.fix_contents(fix_name(SHOW.build(), kind))
