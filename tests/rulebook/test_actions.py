"""The actions of the library, by whom they may be done, and what they leave."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files import File

from accounts.models import User
from drafts.models import Draft
from releases.actions import Refused, WrongField, create_release
from rulebook import actions
from rules.models import Rule, RuleVersion
from rules.seeds import seed_rules
from rules.spec import Spec
from tests.factories import (
    make_admin,
    make_draft,
    make_new,
    make_operator,
    make_release,
    make_template,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
TEXT = "The 2024 eBook Releasing Standards\n\n1) Volumes are of 5,000,000 bytes.\n"
ART = "╔═╗ éè ☺\n"


@pytest.fixture
def admin() -> User:
    return make_admin()


def make_rule(by: User, text: str = TEXT, name: str = "2024_EBOOK") -> Rule:
    new = actions.NewRule(raw=text.encode(), source=f"{name}.nfo")
    return actions.import_rule(new, by=by)


def edit(rule: Rule, by: User, content: str) -> Rule:
    facts = {name: getattr(rule, name) for name in actions.RuleEdit.columns()}
    return actions.edit_rule(rule, actions.RuleEdit(**facts, content=content), by=by)


def publish(rule: Rule, text: str) -> RuleVersion | None:
    return actions.text_version(
        rule, text.encode(), origin="published", by=None, url="https://example.org/a.nfo"
    )


def test_a_text_becomes_a_rule_with_a_first_version() -> None:
    by = make_operator()
    raw = TEXT.replace("\n", "\r\n").encode("cp437")

    rule = actions.import_rule(actions.NewRule(raw=raw, source=r"C:\x\2024_EBOOK.nfo"), by=by)

    version = rule.versions.get()
    assert (rule.name, rule.scene, rule.section) == ("2024_EBOOK", "English", "EBOOK")
    assert (rule.year, rule.release_type, rule.origin) == (2024, "EBOOK", "local")
    assert (rule.version, rule.content, rule.created_by) == (1, TEXT, by)
    assert (bytes(version.raw), version.origin, version.by) == (raw, "uploaded", by)
    assert (version.source, version.number) == ("2024_EBOOK.nfo", 1)
    assert version.sha256 == hashlib.sha256(raw).hexdigest()


def test_what_cannot_be_read_of_a_text_is_not_made_up(admin: User) -> None:
    rule = make_rule(admin)

    assert not rule.is_complete
    assert rule.unread
    assert "max_volumes" not in rule.spec_data
    assert not Rule.objects.packable().filter(pk=rule.pk).exists()


def test_what_a_person_confirms_wins(admin: User) -> None:
    told: dict[str, Any] = {"name": "mine", "scene": "Other", "section": "Papers", "year": None}
    new = actions.NewRule(raw=TEXT.encode(), source="2024_EBOOK.nfo", is_confirmed=True, **told)

    rule = actions.import_rule(new, by=admin)

    assert {name: getattr(rule, name) for name in told} == told


@pytest.mark.parametrize("encoding", ["cp437", "utf-8", "cp1252", "utf-16"])
def test_a_text_is_read_in_the_encoding_that_is_chosen(encoding: str) -> None:
    text = ART if encoding != "cp1252" else "Öl für Ängste\n"
    raw = text.encode(encoding) if encoding != "cp437" else b"\xc9\xcd\xbb \x82\x8a \x01\r\n"

    read = actions.read_text(raw, encoding)

    assert (read.content, read.encoding, read.raw) == (text, encoding, raw)


def test_another_encoding_shows_another_text() -> None:
    assert actions.read_text("é".encode()).content == "é\n"
    assert actions.read_text("é".encode(), "cp437").content == "├⌐\n"
    with pytest.raises(Refused, match="not in ascii: choose another encoding"):
        actions.read_text("é".encode(), "ascii")
    with pytest.raises(Refused, match="Nothing is read in koi8-r"):
        actions.read_text(b"e", "koi8-r")


@pytest.mark.parametrize(
    "raw",
    [
        b"\0" * 100,
        b"%PDF-1.4 text",
        b"PK\x03\x04 text",
        b"  <html><body>Not found",
        b"\xef\xbb\xbf<!doctype html>",
        "<!DOCTYPE html>".encode("utf-16"),
        b"<?xml version='1.0'?>",
        b"<title>404",
        b"",
        b" \r\n \r\n",
        b"x" * ((1 << 20) + 1),
    ],
)
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        actions.read_text(raw)


def test_art_that_begins_with_an_angle_is_a_text() -> None:
    assert actions.read_text(b"<-- rules -->\r\n<<< >>>\r\n").content.startswith("<--")


def test_a_large_file_is_refused_unread() -> None:
    class Unreadable(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError

    file: File[bytes] = File(Unreadable(), name="a.nfo")
    file.size = 100_000_000
    with pytest.raises(Refused, match="has 100\xa0000\xa0000 bytes"):
        actions.sent_bytes(file)


def test_an_edit_is_a_version_and_the_first_comes_back(admin: User) -> None:
    rule = make_rule(admin)

    edit(rule, admin, TEXT.replace("\n", "\r\n"))
    assert (rule.version, rule.versions.count()) == (1, 1)
    edit(rule, admin, "Another text")
    assert (rule.version, rule.content) == (2, "Another text\n")
    assert rule.versions.get(number=2).origin == "edited"
    actions.restore_version(rule, 1, by=admin)
    assert (rule.version, rule.content, rule.versions.count()) == (1, TEXT, 2)
    with pytest.raises(Refused, match="2024_EBOOK has no version 9"):
        actions.restore_version(rule, 9, by=admin)


def test_an_edit_keeps_the_encoding_while_it_carries_the_text(admin: User) -> None:
    raw = b"\xc9\xcd\xbb rules of ours\r\n"
    rule = actions.import_rule(actions.NewRule(raw=raw, name="a", section="b"), by=admin)

    edit(rule, admin, "╔═╗ our rules")
    assert bytes(rule.versions.get(number=2).raw) == b"\xc9\xcd\xbb our rules\r\n"
    edit(rule, admin, "╔═╗ ЖЖЖ")
    assert rule.versions.get(number=3).encoding == "utf-8"
    assert rule.content == "╔═╗ ЖЖЖ\n"


def test_who_saw_another_text_changes_nothing(admin: User) -> None:
    rule = make_rule(admin)
    stale = Rule.objects.get(pk=rule.pk)
    edit(rule, admin, "Mine")

    with pytest.raises(actions.RuleConflict, match="was changed meanwhile"):
        actions.edit_rule(stale, actions.RuleEdit.of(stale), by=admin, seen_version=1)
    with pytest.raises(actions.RuleConflict):
        actions.restore_version(stale, 1, by=admin, seen_version=1)
    assert Rule.objects.get(pk=rule.pk).content == "Mine\n"


def test_a_published_text_comes_into_force_unless_a_person_gave_one(admin: User) -> None:
    rule = Rule.objects.create(name="2024_X", scene="English", section="X", origin="published")

    assert publish(rule, "One") is not None
    assert publish(rule, "One") is None
    assert publish(rule, "Two") is not None
    assert (rule.version, rule.content) == (2, "Two\n")
    edit(rule, admin, "Mine")
    assert publish(rule, "Three") is not None
    assert (rule.version, rule.content) == (3, "Mine\n")
    actions.restore_version(rule, 4, by=admin)
    assert publish(rule, "One") is not None
    assert (rule.version, rule.content) == (5, "One\n")


def test_what_ships_keeps_its_spec_when_its_text_comes(admin: User) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")
    before = rule.spec

    given = make_rule(admin, "The 2024 eBook Standards: 7 volumes at most", "2022_EBOOK")

    assert given.pk == rule.pk
    assert (given.origin, given.version, given.year) == ("shipped", 1, 2022)
    assert given.spec == before
    assert given.is_complete
    with pytest.raises(actions.RuleConflict, match="There is a rule 2022_EBOOK already"):
        make_rule(admin, TEXT, "2022_EBOOK")
    for change in ({"name": "other"}, {"release_type": "TV"}):
        facts = {name: getattr(rule, name) for name in actions.RuleEdit.columns()}
        with pytest.raises(WrongField, match="came with the program"):
            actions.edit_rule(rule, actions.RuleEdit(**facts | change), by=admin)


def test_what_ships_has_its_spec_when_it_is_brought_again(admin: User) -> None:
    Rule.objects.get(name="2020_WDX").delete()

    rule = make_rule(admin, "Our text", "2020_WDX")

    assert rule.is_complete
    assert isinstance(rule.spec, Spec)
    seed_rules()
    assert Rule.objects.get(name="2020_WDX").content == "Our text\n"


def test_what_ships_is_not_deleted(admin: User) -> None:
    shipped = Rule.objects.get(name="2020_WDX")
    formerly = Rule.objects.create(name="old", scene="English", section="X", origin="shipped")
    own = make_rule(admin)

    kept = actions.delete_rules([shipped, formerly, own], by=admin)

    assert ["2020_WDX came with the program" in kept[0], "old came with" in kept[1]] == [True] * 2
    assert Rule.objects.filter(name__in=["2020_WDX", "old", own.name]).count() == len(kept) == 2


@pytest.mark.parametrize("name", ["a/b", "a\\b", "..", "", "x" * 101, "a b", "é", "a\nb"])
def test_a_name_that_could_be_a_path_is_refused(admin: User, name: str) -> None:
    rule = make_rule(admin)

    with pytest.raises(WrongField, match="letters, digits"):
        actions.edit_rule(rule, actions.RuleEdit(name=name, scene="a", section="b"), by=admin)


def test_names_that_differ_by_case_alone_are_refused(admin: User) -> None:
    make_rule(admin)
    other = make_rule(admin, name="2023_EBOOK")

    with pytest.raises(actions.RuleConflict, match="There is a rule 2024_EBOOK already"):
        make_rule(admin, name="2024_ebook")
    with pytest.raises(actions.RuleConflict):
        actions.edit_rule(
            other, actions.RuleEdit(name="2024_eBOOK", scene="a", section="b"), by=admin
        )


@pytest.mark.parametrize(
    "do",
    [
        lambda rule, by: make_rule(by, name="b"),
        lambda rule, by: edit(rule, by, "x"),
        lambda rule, by: actions.restore_version(rule, 1, by=by),
        lambda rule, by: actions.delete_rule(rule, by=by),
        lambda rule, by: actions.delete_rules([rule], by=by),
    ],
    ids=["import", "edit", "restore", "delete", "delete several"],
)
def test_who_may_not_is_refused(admin: User, do: Callable[[Rule, User], object]) -> None:
    rule = make_rule(admin)

    with pytest.raises(PermissionDenied):
        do(rule, make_user())
    assert Rule.objects.get(name="2024_EBOOK").content == TEXT


def test_an_operator_adds_rules_and_changes_none(admin: User) -> None:
    operator = make_operator()
    rule = make_rule(operator)

    with pytest.raises(PermissionDenied):
        edit(rule, operator, "x")
    with pytest.raises(PermissionDenied):
        actions.delete_rule(rule, by=operator)


def test_by_what_a_rule_is_used_is_told(admin: User) -> None:
    rule = make_rule(admin)
    assert not actions.uses(rule)

    make_release(rule=rule)
    make_template(rule=rule)
    drafts = [make_draft(rule={"rule_id": rule.pk}) for _ in range(11)]
    make_draft(rule={"rule_id": rule.pk + 1})

    used = actions.uses(rule)
    assert (used.releases, used.templates) == (1, 1)
    assert used.drafts == tuple(draft.pk for draft in drafts)
    assert used.draft_names.startswith(f"Draft {drafts[0].pk}, ")
    assert used.draft_names.endswith("…")


def test_a_used_rule_stays_and_drafts_choose_again(admin: User) -> None:
    used, free = make_rule(admin, name="used"), make_rule(admin, name="free")
    make_release(rule=used)
    draft = make_draft(rule={"rule_id": free.pk})

    kept = actions.delete_rules([used, free], by=admin)

    assert kept == [
        "1 release was made by used: as long as there is such a release, the rule stays."
    ]
    assert Rule.objects.filter(name="used").exists()
    assert not RuleVersion.objects.filter(rule__name="free").exists()
    assert Draft.objects.get(pk=draft.pk).rule is None


def test_a_release_knows_the_version_of_its_rule(admin: User) -> None:
    textless = create_release(make_new(owner=admin), by=admin)
    assert textless.rule_version is None

    rule = make_rule(admin, TEXT, "2022_EBOOK")
    metadata = {**make_new(owner=admin).metadata, "title": "Another Book"}
    release = create_release(make_new(owner=admin, rule=rule, metadata=metadata), by=admin)

    assert release.rule_version == 1


def test_a_rule_deleted_meanwhile_is_told(admin: User) -> None:
    rule = make_rule(admin)
    seen = Rule.objects.get(pk=rule.pk)
    rule.delete()

    with pytest.raises(Refused, match="2024_EBOOK was deleted meanwhile"):
        actions.restore_version(seen, 1, by=admin)
    with pytest.raises(Refused, match="2024_EBOOK was deleted meanwhile"):
        publish(seen, ART)
