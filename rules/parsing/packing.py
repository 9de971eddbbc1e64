"""What a phrase says of the payload and of its archives."""

import re

from rules.parsing.limits import DIZ, NFO
from rules.parsing.words import LEAST, MOST, WORDS, Phrase, number, plainly

FORMATS = {
    **{name: name for name in ("pdf", "epub", "cbz", "cbr", "azw", "azw3", "prc", "mobi", "lit")},
    **{name: name for name in ("chm", "djvu", "fb2", "docx", "odt", "rtf", "txt", "doc")},
    **{name: name for name in ("mkv", "mp4", "avi", "ts", "m4v", "webm")},
    "kf8": "azw3",
    "matroska": "mkv",
}
FORMAT_WORD = re.compile(rf"(?<![\w])\.?({'|'.join(FORMATS)})(?![\w])")
OF_FORMATS = r"\b(?:formats?|containers?|file types?|extensions?|conteneurs?)\b"
OF_SIZES = r"\b(?:sizes?|sized|split|volumes?|multiples?|tailles?|decoupes?)\b"
OF_VOLUMES = r"\b(?:volumes?|archives?|rars?|rar[2-5]|disks?|discs?|disques?|zips?|parts?)\b"
NOT_OF_VOLUMES = r"\b(?:samples?|proofs?|bitrate|covers?|runtime)\b"
STEP = re.compile(r"\bmultiples? (?:of|de) |\bn ?[x*] ?(?=\d)")
RAR = r"\brars?\b|\brar[2-5]\b"
LIMIT_REACH = 14
"""How far before a size the word stands that makes it a limit."""
SMALLEST = 100_000
"""No volume is smaller, in bytes."""
UNIT = r"(?: (?:bytes?|octets?|[kmg]i?[bo]))?"
STEP_BEHIND = re.compile(
    rf"{UNIT} ?(?:and|or|et|ou) (?:any |all )?(?:its |their |whole )?multiples?(?! of)\b"
    rf"|{UNIT} ?[x*] ?n\b"
)
PACKED = r"\b(?:with|in|into|as|using|be|en) \.?(?:rar\b|rar[2-5]\b)"
EACH = r"\b(?:each|every|own|individually|separately|chaque|chacun)\b"
VERSION = re.compile(
    r"\brar ?v?(?:ersion )?(2\.9|[345])(?:\.\d)?(?![\d,]|\.\d)"
    r"(?: ?(?:/|or|and|ou|et) ?(?:rar ?v?)?([345])(?![\d.,x]))?"
    r"|\bversion (2\.9|[345])(?:\.\d)?\b"
)
OLD, NEW = 4, 5
"""The formats of RAR: those of the programs 2.9 to 4 are one."""
UNPACKED = (
    r"\b(?:stored?|storing|uncompressed|stocke[es]*|m0)\b|-m0\b"
    r"|\b(?:no|without|sans) compression\b|\bnot be compressed\b|\bpas etre compresse"
    r"|\bcompression (?:is |level )?(?:not allowed|forbidden|banned|0|none|interdite)\b"
)
MAY = r"\b(?:may|can|optional|allowed|permitted|facultati\w*|autorise\w*|permis\w*|peu(?:t|vent))\b"
PACKABLE = r"\bcompress\w*\b"
RECOVERY = r"\brecovery\b|\brecuperation\b"
ONE = (
    r"\b(?:exactly|only|just|a single|un seul|une seule) (?:one )?(?:single )?"
    r"\.?(?:mkv|video|payload|file|fichier|pdf|epub)\b"
)
EXTRAS = (
    r"\bextras?\b|\b(?:additional|other|bonus) files?\b|\bfichiers? (?:supplementaires?|annexes?)\b"
)
NEW_NAMES = r"\.r00\b|\bold(?:[- ]style)? (?:volume )?nam|\.rar,? \.r0"
SHORT = re.compile(r"(?<![\w.])(\d{1,2})\.(\d)(?![\w.])")
DIGITS = re.compile(r"\b(one|two|three|four|un|deux|trois|quatre|[1-4])[- ](?:digits?|chiffres?)\b")
TITLE = r"\b(?:standards?|rules?|rule-?sets?|guidelines?|regles?|releas\w*)\b"
MODE = re.compile(r"\b(?:mode|chmod|permissions?)\b[^\d]{0,20}0?([0-7]{3})(?!\d)")


def formats(phrase: Phrase) -> list[str] | None:
    if phrase.is_negated or not phrase.is_about(OF_FORMATS) or phrase.says(NOT_OF_VOLUMES):
        return None
    if phrase.says(rf"{NFO}|{DIZ}"):
        return None
    return [FORMATS[word] for word in FORMAT_WORD.findall(phrase.text)] or None


def scheme(phrase: Phrase) -> str | None:
    if phrase.is_negated or not phrase.is_about(OF_VOLUMES) or phrase.says(NOT_OF_VOLUMES):
        return None
    if phrase.says(r"\bzip\w*\b", EACH, r"\bvolumes?\b|\brars?\b"):
        return "zip" if not phrase.says(NFO) or phrase.says(RAR) else None
    is_packed = phrase.says(PACKED) and not phrase.says(r"\bzip")
    return "rar" if is_packed and not phrase.says(r"\bsfv\b|\bcontain|\bnam") else None


def volume_sizes(phrase: Phrase) -> list[int] | None:
    is_about = phrase.is_about(OF_SIZES, OF_VOLUMES) or phrase.says(r"\bmultiples? (?:of|de)\b")
    is_other = phrase.is_negated or phrase.says(NOT_OF_VOLUMES)
    found = sorted({size for place, size in phrase.sizes if _is_of_volume(phrase, place, size)})
    return found if found and is_about and not is_other else None


def _is_of_volume(phrase: Phrase, place: int, size: int) -> bool:
    limit = phrase.text[max(0, place - LIMIT_REACH) : place]
    return size >= SMALLEST and MOST not in limit and LEAST not in limit


def volume_step(phrase: Phrase) -> int | None:
    if phrase.is_negated or volume_sizes(phrase) is None:
        return None
    for step in STEP.finditer(phrase.text):
        following = [size for place, size in phrase.sizes if place >= step.end()]
        if following:
            return following[0]
    for step in STEP_BEHIND.finditer(phrase.text):
        before = [size for place, size in phrase.sizes if place < step.start()]
        if before:
            return before[-1]
    return None


def rar_versions(phrase: Phrase) -> list[int] | None:
    found = [word for words in VERSION.findall(phrase.text) for word in words if word]
    if not found or not phrase.is_about(r"\brar"):
        return None
    versions = {NEW if word == "5" else OLD for word in found}
    if phrase.is_negated:
        return [OLD] if NEW in versions else [NEW]
    return sorted(versions)


def allows_compression(phrase: Phrase) -> bool | None:
    is_of_zips = phrase.is_about(r"\bzip") and not phrase.is_about(r"\brar")
    if is_of_zips or phrase.says(NOT_OF_VOLUMES) or phrase.says(r"\b(?:video|audio)\b"):
        return None
    if phrase.says(PACKABLE, MAY) and not phrase.is_negated:
        return True
    return False if phrase.says(UNPACKED) else None


def allows_recovery(phrase: Phrase) -> bool | None:
    if not phrase.says(RECOVERY):
        return None
    if phrase.is_negated:
        return False
    return True if phrase.says(MAY) else None


def allows_extras(phrase: Phrase) -> bool | None:
    if phrase.says(ONE) and not phrase.says(rf"{NFO}|{DIZ}|\bsfv\b|\bsample"):
        return False
    if phrase.says(EXTRAS, r"\b(?:pack\w*|archiv\w*|rar|include\w*|ajoute\w*)\b"):
        return False if phrase.is_negated else True if phrase.says(MAY) else None
    return None


def short_name(phrase: Phrase) -> list[int] | None:
    found = SHORT.search(phrase.text)
    is_about = phrase.is_about(r"\bnames?\b|\bnoms?\b|\bformat\b|\bfilenames?\b")
    is_negated = phrase.is_negated and not phrase.says(r"\b(?:no|without) spaces?\b")
    return [int(found[1]), int(found[2])] if found and is_about and not is_negated else None


def disk_digits(phrase: Phrase) -> int | None:
    found = DIGITS.search(phrase.text)
    if not found or not phrase.is_about(r"\bzips?\b|\bdis[ck]s?\b|\bdisques?\b"):
        return None
    return WORDS.get(found[1]) or int(number(found[1]))


def file_mode(phrase: Phrase) -> int | None:
    found = MODE.search(phrase.text)
    return int(found[1], 8) if found else None


def release_type(phrase: Phrase) -> str | None:
    """Tell the type from the title of the text."""
    text = plainly(phrase.raw)
    is_title = re.search(TITLE, text)
    kinds = {
        "EBOOK": r"\be-?books?\b|\blivres? numeriques?\b",
        "TV": r"\btv\b|\btelevision\b|\bseries\b",
        "DOCS": r"\b(?:technical )?documents?\b",
    }
    found = [kind for kind, pattern in kinds.items() if re.search(pattern, text)]
    return found[0] if is_title and len(found) == 1 else None
