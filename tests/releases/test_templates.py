from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import grant
from releases import actions
from releases.actions import NewTemplate, Refused, TemplateConflict, WrongField
from releases.models import DefaultTemplate, NfoTemplate, TemplateVersion
from releases.seeds import seed_templates
from rules.models import Rule
from tests.factories import METADATA, make_admin, make_new, make_operator, make_template, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin()


def new(**fields: Any) -> NewTemplate:
    return NewTemplate(**{"name": "mine", "content": "{{ title }}\n"} | fields)


def changed(template: NfoTemplate, **fields: Any) -> NewTemplate:
    return replace(NewTemplate.of(template), **fields)


def shipped(name: str = "ebook") -> NfoTemplate:
    return NfoTemplate.objects.get(name=name)


def history(template: NfoTemplate) -> list[tuple[int, str]]:
    return list(template.versions.order_by("number").values_list("number", "content"))


def test_a_new_template_is_its_makers_alone(operator: User) -> None:
    template = actions.create_template(new(), by=operator)

    assert history(template) == [(1, "{{ title }}\n")]
    assert template in NfoTemplate.objects.visible_to(operator)
    assert template not in NfoTemplate.objects.visible_to(make_operator())
    assert template in NfoTemplate.objects.visible_to(make_admin())


def test_the_shipped_templates_are_everybodys_and_have_a_first_version(operator: User) -> None:
    seen = NfoTemplate.objects.visible_to(operator)

    assert {template.name for template in seen} == {"ebook", "tv", "docs", "minimal"}
    assert [number for number, _text in history(shipped())] == [1]


def test_making_a_template_asks_for_the_permission() -> None:
    with pytest.raises(PermissionDenied, match="WRITE permission on releases"):
        actions.create_template(new(), by=make_user())


def test_making_one_for_everybody_takes_the_right_to_configure(operator: User) -> None:
    with pytest.raises(PermissionDenied, match="WRITE permission on config"):
        actions.create_template(new(is_system=True), by=operator)

    grant(operator, "config", "write")
    template = actions.create_template(new(is_system=True), by=User.objects.get(pk=operator.pk))

    assert template in NfoTemplate.objects.visible_to(make_operator())


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "1 to 100 characters"),
        ("name", "   ", "1 to 100 characters"),
        ("name", "a" * 101, "1 to 100 characters"),
        ("name", "../../etc/passwd", "without /"),
        ("name", "a\\b", "without /"),
        ("name", "a\u202eb", "1 to 100 characters"),
        ("name", "a\x1bb", "1 to 100 characters"),
        ("type", "MOVIE", "EBOOK, TV, DOCS"),
        ("encoding", "latin-1", "cp437, utf-8, ascii"),
        ("content", "", "empty"),
        ("content", " \n", "empty"),
        ("content", "{{ title", "Line 1"),
        ("content", "a\n{% if title %}", "Line 2"),
        ("content", "{{ nonsense }} {{ rubbish }}", "nonsense, rubbish"),
        ("content", "x" * 100_001, "too long"),
    ],
)
def test_what_cannot_be_kept_or_rendered_is_refused_at_its_field(
    operator: User, field: str, value: str, sentence: str
) -> None:
    with pytest.raises(WrongField, match=sentence) as refused:
        actions.create_template(new(**{field: value}), by=operator)

    assert refused.value.field == field
    assert not NfoTemplate.objects.filter(created_by=operator).exists()


def test_a_text_of_the_greatest_length_is_kept(operator: User) -> None:
    template = actions.create_template(new(name="n" * 100, content="x" * 100_000), by=operator)

    template.refresh_from_db()
    assert len(template.content) == 100_000


def test_a_name_is_given_once_in_any_case(operator: User) -> None:
    with pytest.raises(TemplateConflict, match="this name already"):
        actions.create_template(new(name="EBook"), by=operator)


def test_a_name_may_change_its_case(operator: User) -> None:
    template = actions.create_template(new(name="my lines"), by=operator)

    actions.change_template(template, new(name="My Lines"), by=operator)

    assert NfoTemplate.objects.get(pk=template.pk).name == "My Lines"


def test_a_rule_must_be_for_the_same_type(operator: User) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")

    with pytest.raises(WrongField, match="for releases of type EBOOK"):
        actions.create_template(new(type="TV", rule=rule), by=operator)

    assert actions.create_template(new(type="EBOOK", rule=rule), by=operator).rule == rule


def test_line_ends_are_those_of_unix(operator: User) -> None:
    assert actions.create_template(new(content="a\r\nb\rc"), by=operator).content == "a\nb\nc"


def test_another_text_or_encoding_is_a_new_version(operator: User) -> None:
    template = actions.create_template(new(), by=operator)

    actions.change_template(template, changed(template, content="second"), by=operator)
    actions.change_template(template, changed(template, encoding="utf-8"), by=operator)

    assert template.version == 3
    versions = TemplateVersion.objects.filter(template=template).order_by("number")
    assert [(one.content, one.encoding, one.by) for one in versions] == [
        ("{{ title }}\n", "cp437", operator),
        ("second", "cp437", operator),
        ("second", "utf-8", operator),
    ]


def test_another_name_or_type_is_no_new_version(operator: User) -> None:
    template = actions.create_template(new(), by=operator)

    actions.change_template(template, changed(template, name="other", type="TV"), by=operator)

    assert (template.name, template.type, template.version) == ("other", "TV", 1)
    assert len(history(template)) == 1


def test_who_saw_an_older_version_overwrites_nothing(operator: User) -> None:
    template = actions.create_template(new(), by=operator)
    seen_twice = NfoTemplate.objects.get(pk=template.pk)
    actions.change_template(template, changed(template, content="first"), by=operator)

    with pytest.raises(TemplateConflict, match="changed meanwhile"):
        actions.change_template(
            NfoTemplate.objects.get(pk=template.pk),
            changed(template, content="second"),
            by=operator,
            seen_version=1,
        )
    with pytest.raises(TemplateConflict, match="changed meanwhile"):
        actions.change_template(seen_twice, changed(template, content="third"), by=operator)

    assert [text for _number, text in history(template)] == ["{{ title }}\n", "first"]


def test_others_templates_take_the_right_to_configure(operator: User, admin: User) -> None:
    others = actions.create_template(new(), by=make_operator())

    for template in (shipped(), others):
        with pytest.raises(PermissionDenied, match="WRITE permission on config"):
            actions.change_template(template, changed(template, content="x"), by=operator)
        with pytest.raises(PermissionDenied, match="DELETE permission on config"):
            actions.delete_template(template, by=operator)
        assert not actions.may_change(template, operator)

        actions.change_template(template, changed(template, content="x"), by=admin)
        assert template.versions.get(number=template.version).by == admin


def test_giving_ones_own_to_everybody_takes_the_right_to_configure(
    operator: User, admin: User
) -> None:
    template = actions.create_template(new(), by=operator)

    with pytest.raises(PermissionDenied):
        actions.change_template(template, changed(template, is_system=True), by=operator)
    actions.change_template(template, changed(template, is_system=True), by=admin)

    assert not actions.may_change(template, operator)
    assert template in NfoTemplate.objects.visible_to(make_operator())


def test_a_copy_is_ones_own_and_has_a_name_of_its_own(operator: User) -> None:
    first = actions.duplicate_template(shipped(), by=operator)
    second = actions.duplicate_template(shipped(), by=operator)
    long = actions.create_template(new(name="n" * 100), by=operator)

    assert (first.name, second.name) == ("copy of ebook", "copy of ebook 2")
    assert first.content == shipped().content
    assert first.belongs_to(operator)
    assert not first.is_default
    copies = [actions.duplicate_template(long, by=operator) for _ in range(3)]
    assert len({copy.name for copy in copies}) == 3
    assert all(len(copy.name) == 100 for copy in copies)


def test_a_version_is_restored_as_a_new_one(operator: User) -> None:
    template = actions.create_template(new(encoding="ascii"), by=operator)
    actions.change_template(template, changed(template, content="2", encoding="utf-8"), by=operator)

    restored = actions.restore_version(template.versions.get(number=1), by=operator)

    assert (restored.content, restored.encoding, restored.version) == ("{{ title }}\n", "ascii", 3)
    with pytest.raises(PermissionDenied):
        actions.restore_version(template.versions.get(number=2), by=make_operator())


def test_a_release_keeps_its_text_and_says_what_it_was_rendered_from(operator: User) -> None:
    told = "{{ author }}, {{ language }}, {{ released_on }}"
    template = actions.create_template(new(content=f"By {told}", type="EBOOK"), by=operator)
    actions.change_template(template, changed(template, content=f"Of {told}"), by=operator)
    by_template = actions.create_release(make_new(owner=operator, template=template), by=operator)
    own = make_new(
        owner=operator,
        template=template,
        template_text="My own, in English, 2026-01-02",
        metadata=metadata("Another"),
    )
    by_hand = actions.create_release(own, by=operator)

    actions.delete_template(template, by=operator)

    by_template.refresh_from_db()
    assert (by_template.nfo, by_template.nfo_template) == ("Of Ann Author, en, 2026-01-02", None)
    assert (by_template.nfo_template_name, by_template.nfo_template_version) == ("mine", 2)
    assert (by_template.nfo_is_own, by_hand.nfo_is_own) == (False, True)


def metadata(title: str) -> dict[str, Any]:
    return METADATA | {"title": title}


def test_the_last_template_of_everybody_stays(admin: User) -> None:
    for name in ("ebook", "tv", "docs"):
        actions.delete_template(shipped(name), by=admin)

    with pytest.raises(Refused, match="last template"):
        actions.delete_template(shipped("minimal"), by=admin)


def test_a_shipped_template_that_was_deleted_or_renamed_does_not_come_back(admin: User) -> None:
    actions.delete_template(shipped("tv"), by=admin)
    ebook = shipped()
    actions.change_template(ebook, changed(ebook, name="books"), by=admin)

    seed_templates()

    names = set(NfoTemplate.objects.values_list("name", flat=True))
    assert names == {"books", "docs", "minimal"}


def test_everybodys_default_is_one_for_each_type(operator: User, admin: User) -> None:
    template = actions.create_template(new(type="EBOOK"), by=admin)

    with pytest.raises(PermissionDenied, match="MOD permission on config"):
        actions.make_system_default(template, by=operator)
    actions.make_system_default(template, by=admin)

    defaults = NfoTemplate.objects.filter(type="EBOOK", is_default=True)
    assert list(defaults) == [template]
    assert template in NfoTemplate.objects.visible_to(operator)
    with pytest.raises(Refused, match="everybody's default"):
        actions.change_template(template, changed(template, is_system=False), by=admin)
    with pytest.raises(Refused, match="everybody's default"):
        actions.change_template(template, changed(template, type="TV"), by=admin)


def test_ones_own_default_is_for_a_type_that_the_template_is_for(operator: User) -> None:
    hidden = actions.create_template(new(name="hidden"), by=make_operator())

    actions.make_own_default(shipped("minimal"), "EBOOK", by=operator)
    actions.make_own_default(shipped("ebook"), "EBOOK", by=operator)
    for template, release_type in ((shipped("tv"), "EBOOK"), (hidden, "EBOOK")):
        with pytest.raises(Refused, match="choose another"):
            actions.make_own_default(template, release_type, by=operator)

    assert [one.template for one in DefaultTemplate.objects.filter(user=operator)] == [shipped()]
    actions.forget_own_default("EBOOK", by=operator)
    assert not DefaultTemplate.objects.exists()


def test_the_best_is_the_chosen_then_the_rules_then_the_defaults(operator: User) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")
    chosen = make_template(created_by=operator)
    of_rule = make_template(created_by=operator, type="EBOOK", rule=rule)
    own = make_template(created_by=operator)
    actions.make_own_default(own, "EBOOK", by=operator)
    make_template(created_by=make_operator(), type="EBOOK", rule=rule)
    visible = NfoTemplate.objects.visible_to(operator)

    def best(rule_id: int | None = None, chosen_id: int | None = None) -> NfoTemplate | None:
        return visible.best_first(operator, "EBOOK", rule_id=rule_id, chosen_id=chosen_id).first()

    assert best(rule.pk, chosen.pk) == chosen
    assert best(rule.pk) == of_rule
    assert best() == own
    actions.forget_own_default("EBOOK", by=operator)
    assert best() == shipped()
    shipped().delete()
    of_rule.delete()
    assert best() in {own, chosen, shipped("minimal")}


def test_an_administrator_gets_no_template_that_another_keeps_unless_chosen(
    operator: User, admin: User
) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")
    others = make_template(created_by=operator, type="EBOOK", rule=rule, name="a")
    seen = NfoTemplate.objects.visible_to(admin)

    usual = seen.best_first(admin, "EBOOK", rule_id=rule.pk, chosen_id=None).first()
    chosen = seen.best_first(admin, "EBOOK", rule_id=rule.pk, chosen_id=others.pk).first()

    assert (usual, chosen) == (shipped(), others)


def test_a_file_is_read_and_its_old_conditions_are_translated() -> None:
    data = "┌─┐\r\n{{#if title}}{{title}}{{else}}none{{/if}}\r\n".encode("cp437")

    found = actions.read_template(data, "../My Own.nfo")

    assert found.new.name == "My Own"
    assert found.new.encoding == "cp437"
    assert found.new.content.startswith("┌─┐\n{% if title %}")
    assert any("translated" in note for note in found.notes)


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 10, b"x" * (1 << 20) + b"x", b"{{#if title}}"]
)
def test_a_file_that_is_no_template_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(Refused):
        actions.read_template(data, "a.nfo")
