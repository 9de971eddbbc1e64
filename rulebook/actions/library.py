"""What a person can do to the rules of the library."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import require
from releases.actions import Refused, WrongField
from releases.models import ReleaseType
from releases.packing import foreign
from rulebook import detection
from rulebook.actions import texts
from rulebook.actions.texts import ReadText, hold, read_text
from rulebook.actions.uses import uses
from rules.models import NAME_LENGTH, Rule, RuleVersion

NAME = re.compile(rf"(?=.*[A-Za-z0-9])[A-Za-z0-9._-]{{1,{NAME_LENGTH}}}")
LENGTHS = {"scene": 32, "section": 64}
LAST_YEAR = 9999
SOURCE_LENGTH = 255
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What acts on a terminal or turns a text around."""


class RuleConflict(WrongField):
    """Another rule has the name, or somebody changed the rule meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """A text that somebody brings, and what they say of it."""

    raw: bytes
    source: str = ""
    """The name of its file."""
    encoding: str = ""
    """Empty: what is found."""
    name: str = ""
    scene: str = ""
    section: str = ""
    year: int | None = None
    release_type: str = ""
    is_confirmed: bool = False
    """Whether a person saw it all: what is empty is not known. Else it is detected."""

    def completed(self, content: str) -> "NewRule":
        """Return it with what name and `content` tell in place of what is empty."""
        if self.is_confirmed:
            return self
        found = detection.detected(self.name or self.source, content)
        told = replace(found, release_type=detection.type_of(self.section or found.section))
        empty = {
            field.name: getattr(told, field.name)
            for field in fields(told)
            if getattr(self, field.name) in {"", None}
        }
        return replace(self, **empty)

    def facts(self) -> "RuleEdit":
        about = {one.name: getattr(self, one.name) for one in fields(detection.Detected)}
        return RuleEdit(**about).tidied()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEdit:
    """What a rule is to be."""

    name: str
    scene: str
    section: str
    year: int | None = None
    release_type: str = ""
    content: str | None = None
    """None: its text stays as it is."""

    @classmethod
    def of(cls, rule: Rule) -> "RuleEdit":
        return cls(**{name: getattr(rule, name) for name in cls.columns()})

    @classmethod
    def columns(cls) -> list[str]:
        return [field.name for field in fields(cls) if field.name != "content"]

    def tidied(self) -> "RuleEdit":
        scene, section = (" ".join(text.split()) for text in (self.scene, self.section))
        return replace(self, name=self.name.strip(), scene=scene, section=section)


def import_rule(new: NewRule, *, by: User) -> Rule:
    """Add a rule from its text. A rule that came without one is given it.

    Raises:
        PermissionDenied: `by` may not write rules.
        Refused: it is no text, or something said of it cannot be taken.
        RuleConflict: another rule has its name.
    """
    require(by, "rules", "write")
    text = read_text(new.raw, new.encoding)
    facts = new.completed(text.content).facts()
    check(facts)
    with name_free(), transaction.atomic():
        waiting = textless(facts.name)
        if waiting is None:
            refuse_taken(facts.name)
            columns = {name: getattr(facts, name) for name in RuleEdit.columns()}
            waiting = Rule.objects.create(created_by=by, **columns)
        keep(waiting, text, RuleVersion.Origin.UPLOADED, by=by, source=file_name(new.source))
    return waiting


def textless(name: str) -> Rule | None:
    """Return the rule of this name, held, if it has no text yet."""
    for rule in Rule.objects.filter(name=name, version=0):
        hold(rule)
        if rule.name == name and not rule.version:  # MariaDB finds it in any case
            return rule
    return None


def keep(rule: Rule, text: ReadText, origin: str, *, by: User, source: str = "") -> None:
    """Put a text that a person gave in force, as a new version."""
    version = texts.add_version(rule, text, origin=origin, by=by, source=source)
    texts.put_in_force(rule, version)


def edit_rule(rule: Rule, edit: RuleEdit, *, by: User, seen_version: int | None = None) -> Rule:
    """Make `rule` what `edit` says; another text is a new version, and the old ones stay.

    Raises:
        PermissionDenied: `by` may not edit rules.
        Refused: something cannot be taken.
        RuleConflict: another rule has that name, or the text in force is not the one seen.
    """
    require(by, "rules", "mod", rule)
    edit = edit.tidied()
    check(edit)
    with name_free(), transaction.atomic():
        hold(rule)
        if seen_version not in {None, rule.version}:
            raise changed_meanwhile(rule)
        refuse_of_shipped(rule, edit)
        refuse_taken(edit.name, but=rule)
        is_other_type = edit.release_type != rule.release_type
        for name in RuleEdit.columns():
            setattr(rule, name, getattr(edit, name))
        if is_other_type:
            texts.read_spec(rule)
        rule.save()
        edit_text(rule, edit.content, by=by)
    return rule


def edit_text(rule: Rule, content: str | None, *, by: User) -> None:
    if content is None or foreign.tidied(content) == rule.content:
        return
    in_force = rule.versions.filter(number=rule.version).only("encoding").first()
    text = texts.written_text(content, in_force.encoding if in_force else "cp437")
    keep(rule, text, RuleVersion.Origin.EDITED, by=by)


def restore_version(rule: Rule, number: int, *, by: User, seen_version: int | None = None) -> Rule:
    """Put an earlier version, or the published one, in force again; the others stay.

    Raises:
        PermissionDenied: `by` may not edit rules.
        Refused: there is no version of that number.
        RuleConflict: the text in force is not the one seen.
    """
    require(by, "rules", "mod", rule)
    with transaction.atomic():
        hold(rule)
        if seen_version not in {None, rule.version}:
            raise changed_meanwhile(rule)
        version = rule.versions.filter(number=number).first()
        if version is None:
            sentence = _("%(name)s has no version %(number)s: choose one of its list.")
            raise Refused(sentence % {"name": rule.name, "number": number})
        if version.number != rule.version:
            texts.put_in_force(rule, version)
    return rule


def delete_rule(rule: Rule, *, by: User) -> None:
    """Take a rule, with its versions, out of the library.

    What was published comes back by a synchronization.

    Raises:
        PermissionDenied: `by` may not edit rules.
        Refused: it came with the program, or releases were made by it.
    """
    require(by, "rules", "mod", rule)
    if rule.is_shipped:
        sentence = _(
            "%(name)s came with the program and is needed to pack: it stays. To undo an edit, put "
            "an earlier version of its text in force again."
        )
        raise Refused(sentence % {"name": rule.name})
    try:
        with transaction.atomic():
            rule.delete()
    except ProtectedError as error:
        count = uses(rule).releases
        sentence = ngettext(
            "%(count)d release was made by %(name)s: as long as there is such a release, the rule "
            "stays.",
            "%(count)d releases were made by %(name)s: as long as there are such releases, the "
            "rule stays.",
            count,
        )
        raise Refused(sentence % {"count": count, "name": rule.name}) from error


def delete_rules(rules: Iterable[Rule], *, by: User) -> list[str]:
    """Delete each rule that can be, and return a sentence for each that stays.

    Raises:
        PermissionDenied: `by` may not edit rules.
    """
    require(by, "rules", "mod")
    kept = []
    for rule in rules:
        try:
            delete_rule(rule, by=by)
        except Refused as refusal:
            kept.append(str(refusal))
    return kept


def check(edit: RuleEdit) -> None:
    """Let pass what can be kept.

    Raises:
        WrongField: something cannot; says what.
    """
    if not NAME.fullmatch(edit.name):
        sentence = _(
            "A name has 1 to %(most)d letters, digits and the signs . _ -, no path: choose another."
        )
        raise WrongField("name", sentence % {"most": NAME_LENGTH})
    for field, most in LENGTHS.items():
        refuse_unfit(field, getattr(edit, field), most)
    if edit.year is not None and not 1 <= edit.year <= LAST_YEAR:
        raise WrongField("year", _("A year is a number like 2022: write it so, or leave it out."))
    if edit.release_type not in {"", *ReleaseType.values}:
        sentence = _("Choose one of: %(choices)s.") % {"choices": ", ".join(ReleaseType.values)}
        raise WrongField("release_type", sentence)


def refuse_unfit(field: str, text: str, most: int) -> None:
    if not text:
        raise WrongField(field, untold(field))
    if len(text) > most or UNSEEN.search(text):
        sentence = _("At most %(most)d characters are taken, without control characters.")
        raise WrongField(field, sentence % {"most": most})


def untold(field: str) -> str:
    if field == "scene":
        return _("The scene is told neither by the name nor by the text: give it.")
    return _("The section is told neither by the name nor by the text: give it.")


def refuse_of_shipped(rule: Rule, edit: RuleEdit) -> None:
    """Raise WrongField where a rule that ships would lose the spec that is known by its name."""
    if not rule.has_shipped_spec:
        return
    for field in ("name", "release_type"):
        if getattr(edit, field) != getattr(rule, field):
            sentence = _("%(name)s came with the program, and is known by that: it stays so.")
            raise WrongField(field, sentence % {"name": rule.name})


def refuse_taken(name: str, *, but: Rule | None = None) -> None:
    """Raise RuleConflict if another rule than `but` has this name, in any case."""
    others: Any = Rule.objects.exclude(pk=but.pk) if but else Rule.objects
    taken = others.filter(name__iexact=name).values_list("name", flat=True).first()
    if taken:
        sentence = _("There is a rule %(name)s already: edit that one, or choose another name.")
        raise RuleConflict("name", sentence % {"name": taken})


@contextmanager
def name_free() -> Iterator[None]:
    """Say that a name is taken where the database finds it so."""
    try:
        yield
    except IntegrityError as error:
        sentence = _("There is a rule of that name already: edit that one, or choose another name.")
        raise RuleConflict("name", sentence) from error


def changed_meanwhile(rule: Rule) -> RuleConflict:
    sentence = _("%(name)s was changed meanwhile: compare with its text, then save yours again.")
    return RuleConflict("content", sentence % {"name": rule.name})


def file_name(source: str) -> str:
    """Return the last part of what a browser calls a file, as long as is kept."""
    return UNSEEN.sub("", re.split(r"[/\\]", source)[-1])[-SOURCE_LENGTH:]
