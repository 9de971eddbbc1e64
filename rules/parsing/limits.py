"""Numbers that a phrase sets as a limit, and of what."""

import re
from collections.abc import Iterator

from rules.parsing.words import LEAST, MOST, Phrase

DIRECTORY = r"dir ?names?|director(?:y|ies)|release names?|folder names?|dossiers?|repertoires?"
FILE = r"file ?names?|names? of (?:the |all )?files?|noms? (?:de |des )fichiers?"
NFO = r"\.?\bnfos?\b"
DIZ = r"\bfile_id\.diz\b|\bdiz\b"
SUBJECTS = re.compile(rf"(?P<file>{FILE})|(?P<directory>{DIRECTORY})|(?P<diz>{DIZ})|(?P<nfo>{NFO})")
UNITS = re.compile(
    r"(?<![\w.,])(\d{1,5})[ -]?(?:(?P<lines>lines?|lignes?|rows?)"
    r"|(?P<columns>columns?|cols?\b|colonnes?)|(?P<signs>characters?|chars?\b|caracteres?|signes?|letters?))"
)
CROSSED = re.compile(r"(?<![\w.,])(\d{2,3}) ?x ?(\d{2,3})(?![\w.,])")
VOLUMES = (
    r"(?:rar |zip |archive |de )?"
    r"(?:volumes?|disks?|discs?|disques?|archives?|rars|zips|parts?|parties?)\b"
)
MANY = re.compile(rf"{MOST}:? (?:of |de |is )?(\d{{1,5}}) (?:\w+ ){{0,2}}?{VOLUMES}")
MANY_BEHIND = re.compile(rf"(?<![\w.,])(\d{{1,5}}) {VOLUMES},? {MOST}")
COUNTED = re.compile(
    rf"(?:number of|count of|nombre de) {VOLUMES}"
    rf"[^\d]{{0,40}}(?:{MOST})[^\d]{{0,12}}(\d{{1,5}})(?![\d.,])"
)
RANGED = re.compile(
    rf"(?<![\w.,])0{{0,2}}1 ?(?:-|\.\.|to|and|a|et) ?(\d{{1,5}}) (?:\w+ ){{0,2}}?{VOLUMES}"
)
LABELLED = re.compile(rf"{VOLUMES} ?(?:\( ?{MOST} ?\)|{MOST}) ?:? ?(\d{{1,5}})(?![\d.,\w])")
FEW = re.compile(rf"{LEAST} (?:of |de )?(\d{{1,5}}) (?:\w+ ){{0,2}}?{VOLUMES}")
FEW_BEHIND = re.compile(rf"(?<![\w.,])(\d{{1,5}}) {VOLUMES},? {LEAST}")
NO_VOLUMES = r"\b(?:samples?|proofs?)\b"


def lengths(phrase: Phrase) -> Iterator[tuple[str, str, int]]:
    """Yield what is limited, in which unit, and how many of them it may have."""
    text = phrase.whole
    is_limit = MOST in text or re.search(
        r"\bwide\b|\bwidth\b|\blong\b|\blarge(?:ur)?\b|:", phrase.text
    )
    subjects = [(found.start(), str(found.lastgroup)) for found in SUBJECTS.finditer(text)]
    for found in UNITS.finditer(text) if is_limit and LEAST not in text else ():
        about = [subject for start, subject in subjects if start < found.start()]
        about += [subject for _, subject in subjects]
        if about:
            nearest = about[sum(start < found.start() for start, _ in subjects) - 1]
            yield nearest, str(found.lastgroup), int(found[1])


def length(phrase: Phrase, subject: str, *units: str) -> int | None:
    found = [n for about, unit, n in lengths(phrase) if about == subject and unit in units]
    return found[0] if found else None


def max_name_length(phrase: Phrase) -> int | None:
    return length(phrase, "directory", "signs")


def max_file_name_length(phrase: Phrase) -> int | None:
    return length(phrase, "file", "signs")


def nfo_columns(phrase: Phrase) -> int | None:
    return length(phrase, "nfo", "columns", "signs")


def diz_columns(phrase: Phrase) -> int | None:
    crossed = CROSSED.search(phrase.text) if phrase.is_about(DIZ) else None
    return int(crossed[1]) if crossed else length(phrase, "diz", "columns", "signs")


def diz_lines(phrase: Phrase) -> int | None:
    crossed = CROSSED.search(phrase.text) if phrase.is_about(DIZ) else None
    return int(crossed[2]) if crossed else length(phrase, "diz", "lines")


def max_volumes(phrase: Phrase) -> int | None:
    if phrase.says(NO_VOLUMES):
        return None
    return first(phrase, MANY, MANY_BEHIND, COUNTED, RANGED, LABELLED)


def min_volumes_when_larger(phrase: Phrase) -> int | None:
    return None if phrase.says(NO_VOLUMES) else first(phrase, FEW, FEW_BEHIND)


def first(phrase: Phrase, *patterns: re.Pattern[str]) -> int | None:
    for pattern in patterns:
        if found := pattern.search(phrase.text):
            return int(found[1]) or None
    return None
