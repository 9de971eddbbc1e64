"""The actions of the library, by whom they may be done, and what they leave."""

import pytest

from rulebook import actions
from tests.factories import make_admin, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
TEXT = "The 2024 eBook Releasing Standards\n\n1) Volumes are of 5,000,000 bytes.\n"


def test_a_text_becomes_a_rule_with_a_first_version() -> None:
    by = make_operator()
    raw = TEXT.replace("\n", "\r\n").encode("cp437")

    rule = actions.import_rule(actions.NewRule(raw=raw, source="2024_EBOOK.nfo"), by=by)

    version = rule.versions.get()
    assert (rule.name, rule.scene, rule.section, rule.year) == (
        "2024_EBOOK",
        "English",
        "EBOOK",
        2024,
    )
    assert (rule.release_type, rule.origin, rule.version) == ("EBOOK", "local", 1)
    assert rule.content == TEXT
    assert (bytes(version.raw), version.origin, version.by) == (raw, "uploaded", by)
    assert (version.source, version.number) == ("2024_EBOOK.nfo", 1)


def test_an_edit_is_a_version_and_the_first_comes_back() -> None:
    admin = make_admin()
    rule = actions.import_rule(actions.NewRule(raw=TEXT.encode(), source="a.nfo"), by=admin)
    edit = actions.RuleEdit.of(rule)

    actions.edit_rule(rule, edit, by=admin)
    assert rule.version == 1
    actions.edit_rule(
        rule,
        actions.RuleEdit(name="b", scene="French", section="BD", content="Another text"),
        by=admin,
        seen_version=1,
    )
    assert (rule.name, rule.version, rule.content) == ("b", 2, "Another text\n")
    actions.restore_version(rule, 1, by=admin)
    assert (rule.version, rule.content, rule.versions.count()) == (1, TEXT, 2)
