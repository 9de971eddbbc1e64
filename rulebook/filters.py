"""What the pages ask of the library: a narrowed list, and where the words that were sought are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from releases.comparison import Piece
from rulebook.models import Listing, ListingQuerySet
from rules import search
from rules.models import Branch, Rule, RuleQuerySet, RuleVersion

COLUMNS = ("scene", "section", "year", "type", "origin")
MOST_HITS = 3
"""Lines with a hit that a list shows of one rule."""
HIT_LETTERS = 100


class State(models.TextChoices):
    COMPLETE = "complete", _("Releases can be packed by it")
    INCOMPLETE = "incomplete", _("Its spec is not complete")
    EDITED = "edited", _("Edited here")
    VANISHED = "vanished", _("No longer published")
    LISTED = "listed", _("Not downloaded")


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    pieces: Sequence[Piece]


def rules_asked(asked: QueryDict) -> RuleQuerySet:
    """Return the rules of the library that a page's address asks for."""
    wanted = {name: asked.getlist(name) for name in COLUMNS}
    found = Rule.objects.filtered(**wanted).search(asked.get("search", ""))
    return told_if_edited(in_state(found, asked.get("state", "")))


def told_if_edited(rules: RuleQuerySet) -> RuleQuerySet:
    """Tell of each rule, as `is_edited`, whether a text written here is in force.

    And as `is_behind`, whether a newer published one waits behind the text given here.
    """
    published = RuleVersion.Origin.PUBLISHED
    texts = RuleVersion.objects.filter(rule=OuterRef("pk"))
    newer = texts.filter(origin=published, number__gt=OuterRef("version"))
    in_force = texts.filter(number=OuterRef("version"))
    is_edited = Exists(in_force.filter(origin=RuleVersion.Origin.EDITED))
    is_behind = Q(Exists(newer)) & Q(Exists(in_force.exclude(origin=published)))
    return rules.annotate(is_edited=is_edited, is_behind=is_behind)


def in_state(found: RuleQuerySet, state: str) -> RuleQuerySet:
    if state == State.COMPLETE:
        return found.packable()
    if state == State.INCOMPLETE:
        return found.filter(is_complete=False)
    if state == State.EDITED:
        return found.edited()
    return found.vanished() if state == State.VANISHED else found


def not_downloaded() -> ListingQuerySet:
    """Return what the site lists and has no text here."""
    here = Rule.objects.filter(name=OuterRef("name"), version__gt=0)
    return Listing.objects.filter(~Exists(here), vanished_at=None)


def listings_asked(asked: QueryDict) -> ListingQuerySet:
    """Return those of them that a page's address asks for."""
    wanted = {name: asked.getlist(name) for name in COLUMNS if name != "origin"}
    return not_downloaded().filtered(**wanted).search(asked.get("search", ""))


def hits(text: str, sought: str) -> list[Line]:
    """Return the first lines of `text` that have a word of `sought`, the words marked."""
    parts = [part for word in search.words(sought) for part in search.PART.findall(word)]
    wanted = [re.escape(part) for part in parts if len(part) >= search.LEAST]
    if not wanted:
        return []
    pattern = re.compile(rf"\b(?:{'|'.join(wanted)})", re.IGNORECASE)
    found: list[Line] = []
    for number, line in enumerate(text.split("\n"), 1):
        if (hit := pattern.search(line)) is None:
            continue
        found.append(Line(number, marked(around(line, hit.start()), pattern)))
        if len(found) == MOST_HITS:
            break
    return found


def around(line: str, place: int) -> str:
    """Return what stands around `place` in a line that may be long."""
    start = max(0, min(place - HIT_LETTERS // 3, len(line) - HIT_LETTERS))
    return line[start : start + HIT_LETTERS].strip()


def marked(line: str, pattern: re.Pattern[str]) -> list[Piece]:
    pieces, at = [], 0
    for hit in pattern.finditer(line):
        pieces += [Piece(line[at : hit.start()]), Piece(hit[0], is_marked=True)]
        at = hit.end()
    return [piece for piece in (*pieces, Piece(line[at:])) if piece.text]


def choices(tree: Sequence[Branch], scene: str) -> dict[str, list[str]]:
    """Return the scenes there are, and the sections and years of `scene`, or of all."""
    asked = scene.casefold()
    sections = [
        section
        for one in tree
        if not asked or one.name.casefold() == asked
        for section in one.branches
    ]
    years = {year.name for section in sections for year in section.branches}
    return {
        "scenes": [one.name for one in tree],
        "sections": sorted({section.name for section in sections}, key=str.casefold),
        "years": sorted(years - {""}, reverse=True),
    }
