"""The name of the release."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules.violation import Breach, Breaches, Check, gettext_noop

if TYPE_CHECKING:
    from rules.facts import Facts
    from rules.spec import Spec

DOUBLED = re.compile(r"[._-]{2,}|^[._-]|[._-]$")


def check_name(spec: Spec, facts: Facts) -> Breaches:
    is_explained = _forbidden(spec, facts) or DOUBLED.search(facts.name)
    if not is_explained and spec.name_parts(facts.name) is None:
        template = gettext_noop("The name %(name)s is not formed as the rule says.")
        yield Breach(template, {"name": facts.name})


def check_characters(spec: Spec, facts: Facts) -> Breaches:
    found = _forbidden(spec, facts)
    if found:
        template = gettext_noop("The name %(name)s holds what is not allowed: %(characters)s.")
        yield Breach(template, {"name": facts.name, "characters": " ".join(map(repr, found))})


def _forbidden(spec: Spec, facts: Facts) -> dict[str, None]:
    return dict.fromkeys(re.findall(f"[^{spec.name_characters}]", facts.name))


def check_punctuation(spec: Spec, facts: Facts) -> Breaches:
    found = DOUBLED.search(facts.name)
    if found:
        template = gettext_noop("The name %(name)s has %(signs)s where one between words may be.")
        yield Breach(template, {"name": facts.name, "signs": repr(found[0])})


def check_length(spec: Spec, facts: Facts) -> Breaches:
    if len(facts.name) > spec.max_name_length:
        template = gettext_noop("The name has %(length)d characters, at most %(most)d are allowed.")
        yield Breach(template, {"length": len(facts.name), "most": spec.max_name_length})


def check_repeated_tags(spec: Spec, facts: Facts) -> Breaches:
    tags = spec.tags_of(facts.name)
    for tag in dict.fromkeys(tags):
        if tags.count(tag) > 1:
            template = gettext_noop("The name says %(tag)s more than once.")
            yield Breach(template, {"tag": tag})


def check_conflicting_tags(spec: Spec, facts: Facts) -> Breaches:
    tags = dict.fromkeys(spec.tags_of(facts.name))
    others = [tag for tag in tags if tag in spec.never_with_readnfo]
    if "READNFO" in tags and others:
        template = gettext_noop("The name says READNFO together with %(tags)s.")
        yield Breach(template, {"tags": ", ".join(others)})


def check_refused_fix(spec: Spec, facts: Facts) -> Breaches:
    for word in re.split(r"[._-]", facts.name):
        if word.upper() in spec.refused_fixes:
            yield Breach(gettext_noop("No release may be a %(fix)s."), {"fix": word})


CHECKS = {
    "name": Check(
        check_name,
        gettext_noop("The directory name has the fields of the rule, in its order."),
        gettext_noop("Rename the release: let its name be built from the metadata."),
    ),
    "name-characters": Check(
        check_characters,
        gettext_noop("The directory name holds only the characters that the rule names."),
        gettext_noop("Write accented and foreign letters as plain ones, and dots for spaces."),
    ),
    "name-punctuation": Check(
        check_punctuation,
        gettext_noop("Single dots, dashes and underscores stand between the words of the name."),
        gettext_noop("Leave one sign between two words, and none at the ends."),
    ),
    "name-length": Check(
        check_length,
        gettext_noop("The directory name is no longer than allowed."),
        gettext_noop("Shorten the title."),
    ),
    "tag-repeated": Check(
        check_repeated_tags,
        gettext_noop("Each tag stands in the name once."),
        gettext_noop("Say the tag once."),
    ),
    "tag-conflict": Check(
        check_conflicting_tags,
        gettext_noop("READNFO stands with no tag that asks to read the NFO anyway."),
        gettext_noop("Leave READNFO out."),
    ),
    "fix-refused": Check(
        check_refused_fix,
        gettext_noop("Only what a fix may correct is corrected by one."),
        gettext_noop("Make a REPACK of the whole release instead."),
    ),
}
