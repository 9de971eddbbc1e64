"""Step 5: what the analysis found, in four tabs."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from drafts.models import Draft
from releases.labels import label
from releases.metadata.problem import flaw, problem
from tests.factories import make_draft, make_operator, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
TABS = ("summary", "metadata", "mediainfo", "structure")


@pytest.fixture
def owner() -> User:
    return make_operator()


def analysed(owner: User, name: str = "book.epub", **found: Any) -> Draft:
    """Return a draft at its fifth step, whose file was found to be so."""
    source = make_source(owner=owner)
    source.name = name
    source.analysis |= found
    source.save()
    return make_draft(
        owner=owner,
        group={"group": "GRP"},
        type={"release_type": "EBOOK"},
        rule={"rule_id": 1},
        source={"file_path": str(source.handle), "rights": "own_work", "rights_note": ""},
    )


def page(client: Client, draft: Draft, tab: str = "") -> str:
    client.force_login(draft.owner)
    answer = client.get(f"/wizard/{draft.uuid}/analysis/", {"tab": tab} if tab else {})
    assert answer.status_code == 200
    return answer.content.decode()


def text(html: str) -> str:
    """Return what is read of the tab shown, on one line."""
    shown = html.partition('id="analysis-panel"')[2].partition("Analyse again")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


@pytest.mark.parametrize("tab", TABS)
def test_the_tab_asked_for_is_the_one_shown(client: Client, owner: User, tab: str) -> None:
    html = page(client, analysed(owner), tab)

    assert re.findall(r'id="tab-(\w+)"[^>]*aria-selected="true"', html) == [tab]
    assert f'aria-labelledby="tab-{tab}"' in html


def test_a_tab_that_is_none_shows_the_first(client: Client, owner: User) -> None:
    assert 'aria-labelledby="tab-summary"' in page(client, analysed(owner), "<x>")


def test_the_summary_tells_type_size_sum_and_state(client: Client, owner: User) -> None:
    draft = analysed(owner)
    assert draft.source

    told = text(page(client, draft))

    assert "EPUB as its extension .epub says" in told
    assert draft.source.sha256 in told
    assert "State Whole Protection None" in told


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("book.cbr", "CBZ though its extension is .cbr: rename it so that it ends in .cbz."),
        ("book", "CBZ though its name has no extension: rename it so that it ends in .cbz."),
    ],
)
def test_a_name_that_says_another_type_is_told(
    client: Client, owner: User, name: str, sentence: str
) -> None:
    assert sentence in text(page(client, analysed(owner, name, format="cbz")))


def test_each_reason_of_damage_is_told_and_leads_to_another_file(
    client: Client, owner: User
) -> None:
    found = [problem("%(name)s is cut short.", name="a.xhtml"), flaw("The package lies.")]

    draft = analysed(owner, valid=False, problems=[one.as_json() for one in found])
    html = page(client, draft)

    assert "Damaged a.xhtml is cut short. A damaged file cannot be packed." in text(html)
    assert f'href="/wizard/{draft.uuid}/source/"' in html.partition("Damaged")[2]


def test_flaws_alone_do_not_keep_from_packing(client: Client, owner: User) -> None:
    draft = analysed(owner, valid=False, problems=[flaw("It has no dc:title.").as_json()])

    assert "Whole, with flaws It has no dc:title." in text(page(client, draft))


def test_a_protection_is_named(client: Client, owner: User) -> None:
    told = text(page(client, analysed(owner, drm="Adobe ADEPT", encrypted=True)))

    assert "Protection Adobe ADEPT A protected file cannot be packed" in told


def test_encryption_that_protects_nothing_is_no_protection(client: Client, owner: User) -> None:
    assert "nothing keeps it from being read" in text(page(client, analysed(owner, encrypted=True)))


def test_each_field_is_told_with_where_it_stood(client: Client, owner: User) -> None:
    draft = analysed(
        owner,
        metadata={"title": "Emma", "authors": ["Ann", "Bob"], "language": "fr", "series": ""},
        sources={"title": "PDF Info Title"},
    )

    told = text(page(client, draft, "metadata"))

    assert "Title Emma PDF Info Title" in told
    assert "Authors Ann &amp; Bob" in told
    assert "Language French (fr)" in told
    assert "Series" not in told


def test_a_description_is_shown_without_its_markup(client: Client, owner: User) -> None:
    draft = analysed(owner, metadata={"description": "<p>Tom &amp; <b>Jerry</b></p>" + "x" * 900})

    told = text(page(client, draft, "metadata"))

    assert "Description Tom &amp; Jerry" in told
    assert told.count("x") < 600


def test_the_container_and_every_track_are_told(client: Client, owner: User) -> None:
    draft = analysed(
        owner,
        mediainfo={
            "format": "Matroska",
            "size": 2_000_000,
            "duration": 3725.4,
            "video": {"codec": "h264", "width": 1280, "fps": 23.976023, "hdr": None},
            "audio": [
                {"codec": "aac", "language": "en", "default": True},
                {"codec": "ac3", "language": None, "default": False},
            ],
            "subtitles": [],
            "outline": ["Chapter <1>"],
        },
    )

    told = text(page(client, draft, "mediainfo"))

    assert "Format Matroska Size 1.9 MiB Duration 1:02:05" in told
    assert "Video Codec Width Frames per second h264 1280 23.976" in told
    assert "Audio Codec Language Default aac English (en) yes ac3 no" in told
    assert "Subtitles" not in told
    assert "Outline Chapter &lt;1&gt;" in told


def test_the_structure_is_a_tree_of_folders_with_their_sizes(client: Client, owner: User) -> None:
    entries = [("mimetype", 20), ("OEBPS/text/1.xhtml", 3000), ("OEBPS/style.css", 48)]

    told = text(
        page(
            client,
            analysed(owner, structure=[{"path": path, "size": size} for path, size in entries]),
            "structure",
        )
    )

    assert "3 files, 3.0 KiB unpacked" in told
    assert "OEBPS/ 2 files, 3.0 KiB" in told
    assert "text/ 1 file, 2.9 KiB 1.xhtml 2.9 KiB style.css 48 B" in told
    assert told.endswith("mimetype 20 B")


def test_a_long_structure_is_cut_and_says_so(client: Client, owner: User) -> None:
    structure = [{"path": f"{number}.jpg", "size": 1} for number in range(2_003)]

    told = text(page(client, analysed(owner, structure=structure), "structure"))

    assert "1999.jpg" in told
    assert "2000.jpg" not in told
    assert told.endswith("and 3 more")


@pytest.mark.parametrize("path", ["a/" * 3000 + "b", "/", "//a//b", "../../c", "/root"])
def test_no_path_is_too_odd_for_the_tree(client: Client, owner: User, path: str) -> None:
    told = text(page(client, analysed(owner, structure=[{"path": path, "size": 1}]), "structure"))

    assert "1 file, 1 B" in told


@pytest.mark.parametrize("tab", TABS)
def test_markup_in_a_file_stays_text(client: Client, owner: User, tab: str) -> None:
    attack = '<img src="x" onerror="alert(1)">'
    draft = analysed(
        owner,
        name=f"{attack}.epub",
        metadata={"title": attack, "authors": [attack], attack: attack, "series": "x"},
        sources={"title": attack},
        mediainfo={
            "format": attack,
            attack: attack,
            "video": {attack: attack},
            "outline": [attack],
        },
        structure=[{"path": attack + "/" + attack, "size": 1}],
        problems=[problem("%(name)s", name=attack).as_json()],
        drm=attack,
    )

    html = page(client, draft, tab)

    assert '<img src="x"' not in html
    assert escape(attack) in html


@pytest.mark.parametrize("tab", TABS)
def test_a_file_of_which_nothing_is_known_has_its_tabs(
    client: Client, owner: User, tab: str
) -> None:
    draft = analysed(owner, metadata={}, mediainfo={}, structure=[], problems=[])

    assert text(page(client, draft, tab))


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_costs_few_queries(
    client: Client, owner: User, tab: str, django_assert_max_num_queries: Any
) -> None:
    draft = analysed(owner)
    page(client, draft, tab)

    with django_assert_max_num_queries(10):
        client.get(f"/wizard/{draft.uuid}/analysis/", {"tab": tab})


def test_a_field_without_a_word_of_ours_has_its_own() -> None:
    assert label("scan_order_stored") == "Scan order stored"
