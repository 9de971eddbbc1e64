"""What is asked of the library: its list, its tree, its search."""

from typing import Any

import pytest
from django.db import connection

from rules.models import Branch, Rule, RuleVersion

pytestmark = pytest.mark.django_db(transaction=True)
"""MariaDB finds words of texts once they are committed."""


def make_rule(name: str, content: str = "", **fields: Any) -> Rule:
    facts = {"scene": "English", "section": "eBOOK", "year": 2020, "content": content}
    return Rule.objects.create(**{"name": name} | facts | fields)


def found(text: str) -> set[str]:
    return set(Rule.objects.search(text).values_list("name", flat=True))


def test_every_change_of_a_text_is_found() -> None:
    """Fails where a migration that makes the table anew forgets the triggers of SQLite."""
    rule = make_rule("a", "Volumes are packed")
    make_rule("b", "Another one")
    assert found("packed") == {"a"}

    rule.content = "Names are in capitals"
    rule.save()
    assert found("packed") == set()
    assert found("capitals") == {"a"}

    rule.delete()
    assert found("capitals") == set()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO rules_rule_text (rules_rule_text) VALUES ('integrity-check')"
            )


def test_each_word_is_looked_for_in_names_sections_and_texts() -> None:
    make_rule("2022_EBOOK", "Releases are packed into volumes", section="eBOOK")
    make_rule("tvx264", "Releases have a sample", section="TV-720p-x264")

    assert found("releases") == {"2022_EBOOK", "tvx264"}
    assert found("RELEASES ebook volume") == {"2022_EBOOK"}
    assert found("ebook sample") == set()
    assert found("2022_EBOOK") == {"2022_EBOOK"}
    assert found("tv-720p") == {"tvx264"}
    assert found("the releases") == set()
    assert found("") == {"2022_EBOOK", "tvx264"}


def test_words_may_be_begun_and_have_wildcards() -> None:
    make_rule("2022_EBOOK", "Releases are packed")
    make_rule("2012_EBOOK", "The releasing")

    assert found("relea") == found("relea*") == {"2022_EBOOK", "2012_EBOOK"}
    assert found("eleases") == set()
    assert found("20*_EB*K") == {"2022_EBOOK", "2012_EBOOK"}
    assert found("*22") == {"2022_EBOOK"}
    assert found("*") == found("* **") == {"2022_EBOOK", "2012_EBOOK"}


def test_words_of_one_or_two_letters_are_looked_for_in_names_and_sections() -> None:
    make_rule("2011_FR_DVDR", "A text that says to")
    make_rule("2012_X", "Nothing at all", section="TV")

    assert found("fr") == {"2011_FR_DVDR"}
    assert found("tv") == {"2012_X"}
    assert found("to") == set()


def test_common_words_are_words() -> None:
    make_rule("a", "The rule for this and that")
    make_rule("b", "Something")

    assert found("the") == found("for this and") == {"a"}


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '"packed',
        "packed -volumes",
        "+packed >volumes",
        "(packed",
        "packed*)",
        "NEAR(packed volumes)",
        "name:packed",
        "packed AND OR NOT",
        "~packed @3",
        "____",
        "%",
        "'; DROP TABLE rules_rule; --",
        "\x00",
        "é" * 400,
        "e" * 60_000,
        "e*" * 2000,
        "ü*" * 300,
        "x " * 5_000,
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
)
def test_no_text_breaks_the_search(text: str) -> None:
    make_rule("a", "Volumes are packed")

    assert found(text) <= {"a"}


def test_signs_search_for_what_they_stand_between() -> None:
    make_rule("a", "Names like Some.Show.S01E01-GRP are cut")

    for text in ('"some show"', "some.show", "S01E01-GRP", "(names)"):
        assert found(text) == {"a"}


def test_filters_take_several_values_in_any_case() -> None:
    make_rule("a", scene="French", year=2010, release_type="TV", origin=Rule.Origin.PUBLISHED)
    make_rule("b", scene="German", year=None, release_type="EBOOK")
    make_rule("c", section="TV", year=2010)

    def names(**asked: list[str]) -> set[str]:
        return set(Rule.objects.filtered(**asked).values_list("name", flat=True))

    assert names(scene=["french,GERMAN"]) == {"a", "b"}
    assert names(scene=["French", "English"]) == {"a", "c"}
    assert names(section=["ebook"], type=["TV,EBOOK"]) == {"a", "b"}
    assert names(year=["2010"]) == {"a", "c"}
    assert names(year=["?"]) == {"b"}
    assert names(year=["2010,?"]) == {"a", "b", "c"}
    assert names(year=["x"]) == names(year=["99999999999999999999"]) == set()
    assert names(origin=["published"]) == {"a"}
    assert names(scene=[""], year=[" , "]) == {"a", "b", "c"}


def test_the_tree_has_scenes_sections_and_years() -> None:
    for name, year in (("a", 2010), ("b", 2012), ("c", 2012), ("d", None)):
        make_rule(name, year=year)
    make_rule("e", scene="French", section="TV", year=2011)

    years = [Branch("2012", 2), Branch("2010", 1), Branch("", 1)]
    assert Rule.objects.tree() == [
        Branch("English", 4, [Branch("eBOOK", 4, years)]),
        Branch("French", 1, [Branch("TV", 1, [Branch("2011", 1)])]),
    ]
    assert Rule.objects.filtered(scene=["French"]).tree()[0].count == 1
    assert Rule.objects.none().tree() == []


def test_names_that_differ_by_their_capitals_are_one_branch() -> None:
    for name, section in (("a", "eBOOK"), ("b", "EBOOK"), ("c", "ABOOK"), ("d", "zBOOK")):
        make_rule(name, section=section)

    (scene,) = Rule.objects.tree()
    sections = [(branch.name.casefold(), branch.branches) for branch in scene.branches]

    assert sections == [
        ("abook", [Branch("2020", 1)]),
        ("ebook", [Branch("2020", 2)]),
        ("zbook", [Branch("2020", 1)]),
    ]


def test_edited_and_vanished_rules_are_told() -> None:
    edited, plain = make_rule("a", version=2), make_rule("b", version=1)
    for number, origin in ((1, "published"), (2, "edited")):
        for rule in (edited, plain):
            RuleVersion.objects.create(rule=rule, number=number, origin=origin, content="x")
    gone = make_rule("c", vanished_at="2026-01-02T00:00:00Z")

    assert list(Rule.objects.edited()) == [edited]
    assert list(Rule.objects.vanished()) == [gone]


def test_the_tree_and_a_search_cost_one_query(django_assert_num_queries: Any) -> None:
    for number in range(5):
        make_rule(f"a{number}", "Volumes are packed", year=2000 + number)

    with django_assert_num_queries(1):
        Rule.objects.tree()
    with django_assert_num_queries(1):
        assert len(Rule.objects.search("volumes packed")) == 5


@pytest.mark.parametrize("name", ["scene", "section", "year", "type", "origin"])
def test_a_filter_of_very_many_values_breaks_nothing(name: str) -> None:
    many = ",".join(map(str, range(5000)))

    assert not Rule.objects.filtered(**{name: ["nothing", many]}).exists()
