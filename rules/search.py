"""Finding rules by words in their texts, by what the database has for that.

SQLite has a table beside that of the rules, which triggers keep. MariaDB has an index over the
distinct words of each text: over the texts themselves, a word that is often in all of them takes
half a second among 5,000 rules. Both are made by the migration 0004. Where a later one makes
SQLite's table of the rules anew, as most changes of its columns do, the triggers are lost: it
must end with those of 0004.
"""

import re

from django.db import connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

LEAST = 3
"""Letters of a word that is looked for in texts; shorter ones are in names and sections alone."""
MOST_WORDS, MOST_LETTERS = 12, 500
"""Of what is sought; what follows is passed over."""
PART = re.compile(r"\w+")

BY_VENDOR = {
    "sqlite": "SELECT rowid FROM rules_rule_text WHERE rules_rule_text MATCH %s",
    "mysql": "SELECT id FROM rules_rule WHERE MATCH (words) AGAINST (%s IN BOOLEAN MODE)",
}


def distinct_words(text: str) -> str:
    """Return each word of `text` once, in lower case."""
    return " ".join(sorted({word for word in PART.findall(text.lower()) if len(word) >= LEAST}))


def words(text: str) -> list[str]:
    return [word for word in text[:MOST_LETTERS].split() if word.strip("*")][:MOST_WORDS]


def condition(word: str, using: str) -> Q:
    """Return what a rule must fulfil to have `word`; `*` in it stands for anything.

    Words of texts are found by their beginning. What begins with `*`, or has it in the middle,
    is looked for in names and sections, which need no index.
    """
    named = Q()
    for part in word.split("*"):
        named &= Q(name__icontains=part) | Q(section__icontains=part)
    asked = expression(word, connections[using].vendor)
    return named | Q(pk__in=asked) if asked is not None else named


def expression(word: str, vendor: str) -> RawSQL | None:
    """Return the numbers of the rules with `word` in their text; None: texts are not asked."""
    if "*" in word.rstrip("*"):
        return None
    parts = [part for part in PART.findall(word) if len(part.strip("_")) >= LEAST]
    if not parts:
        return None
    asked = " ".join(f'"{part}"*' if vendor == "sqlite" else f"+{part}*" for part in parts)
    return RawSQL(BY_VENDOR[vendor], [asked])  # noqa: S611  # what a person wrote is a parameter
