"""What a phrase says of NFO, DIZ, SFV, samples, proofs and folders."""

import re

from rules.parsing.limits import DIZ, NFO
from rules.parsing.words import LEAST, MOST, Phrase, capitals

MUST = (
    r"\b(?:must|mandatory|required|shall|need\w*|has to|have to"
    r"|obligatoires?|doi(?:t|vent)|requis\w*)\b"
)
TELLS = (
    r"\b(?:contain\w*|include\w*|state\w*|list\w*|mention\w*|give\w*|tell\w*"
    r"|indiquer?|contenir|mentionner)\b|:"
)
SFV_ELSEWHERE = r"\b(?:in|of|to|from|by|with|dans|du|au) (?:the |an? |any |le )?\.?sfv\b"
SECONDS = r"(?:s\b|secs?\b|seconds?|secondes?)"
SPAN = re.compile(
    rf"(?<![\w.,])(\d{{1,4}}) ?(?:s|sec|seconds)? ?(?:-|to|and|a|et) ?(\d{{1,4}}) ?{SECONDS}"
)
ENDS = re.compile(rf"({LEAST}|{MOST}) (?:of |de )?(\d{{1,4}}) ?{SECONDS}")
PIXELS = re.compile(r"(?<![\w.,])(\d{3,5}) ?x ?(\d{3,5})(?![\w.,])")
FOLDER = re.compile(r"\b(Sample|Proof|Subs|Covers?|Extras)\b")
OF_FOLDERS = (
    r"\b(?:sub-?)?(?:director(?:y|ies)|folders?|dirs?)\b|\b(?:sous-)?(?:dossiers?|repertoires?)\b"
)
ONLY = (
    r"\b(?:only|nothing (?:but|else)|no other files?|exclusively"
    r"|uniquement|seuls?|seulement|rien d'autre)\b"
)
LOOSE = re.compile(r"(?<![\w-])(?:file_id)?\.?(nfo|diz|sfv|jpe?g|png|txt|m3u|zip|rar)s?(?![\w-])")
ENCODING = re.compile(
    r"\b(cp ?437|code ?page 437|ascii|utf-?8|iso-?8859-1|latin-?1|cp1252|windows-1252)\b"
)
ENCODINGS = {"utf8": "utf-8", "cp 437": "cp437", "code page 437": "cp437", "codepage 437": "cp437"}
GENERIC = re.compile(r"(?<![\w.*-])([a-z0-9_-]{1,32}\.nfo)\b")
TELLABLE = {
    "author|publisher": r"\bauthors? (?:or|/) ?publishers?\b|\bauteurs? ou (?:l')?editeurs?\b",
    "issue|volume": r"\bissue (?:or|/) ?volume\b|\bnumero ou (?:le )?volume\b",
    "released_on": r"\breleased? dates?\b|\bdates? (?:of|de) (?:the )?(?:release|sortie)\b",
    "year": (
        r"\b(?:publish(?:ing|ed)?|publication) (?:dates?|years?)\b"
        r"|\b(?:date|annee|year) (?:of|de) publication\b|\byears?\b"
    ),
    "language": r"\blanguages?\b|\blangues?\b",
    "source": r"\bsources?\b(?! links?\b)",
    "author": r"\bauthors?\b|\bauteurs?\b",
    "publisher": r"\bpublishers?\b|\bediteurs?\b",
    "isbn": r"\bisbns?\b",
    "issue": r"\bissues?\b|\bnumeros?\b",
    "volume": r"\bvolume number\b",
    "title": r"\btitles?\b|\btitres?\b",
}
SOURCE_LINK = (
    r"\bsource links?\b|\blinks? to (?:the |its )?source\b|\blien vers (?:la |sa )?source\b"
)
SOURCES = re.compile(r"\b(retail|hybrid|scan)s?\b", re.IGNORECASE)
SPELLED = {"retail": "RETAiL", "hybrid": "HYBRiD", "scan": "SCAN"}
CATEGORY = re.compile(r"\b(MAGAZiNE|COMiC|MANGA|NEWSPAPER)s?\b", re.IGNORECASE)
CATEGORIES = {"magazine": "MAGAZiNE", "comic": "COMiC", "manga": "MANGA", "newspaper": "NEWSPAPER"}
FIX = re.compile(r"\b([A-Za-z]{2,10}F[Ii]X)(?:es|s)?\b")
TAGS = re.compile(r"\b[Tt]ags?\b[^:]{0,60}:(.*)")
HOLDS = r"\b(?:contains?|holds?|consists?|includes?|made of|contien(?:t|nent))\b"
CORRECTS = r"\b(?:proper|repack|rerip|\w*fix(?:es)?)\b"


def sfv(phrase: Phrase) -> bool | None:
    if not phrase.says(r"\bsfvs?\b") or phrase.says(SFV_ELSEWHERE):
        return None
    if phrase.is_negated:
        return False
    return True if phrase.says(rf"{MUST}|\b(?:one|un seul) (?:\.?sfv|fichier sfv)\b") else None


def sample_s(phrase: Phrase) -> list[int] | None:
    if not phrase.is_about(r"\bsamples?\b|\bechantillons?\b") or phrase.is_negated:
        return None
    if found := SPAN.search(phrase.text):
        least, most = int(found[1]), int(found[2])
    else:
        ends = dict(ENDS.findall(phrase.text))
        if set(ends) != {LEAST, MOST}:
            return None
        least, most = int(ends[LEAST]), int(ends[MOST])
    return [least, most] if 0 < least <= most else None


def proof_pixels(phrase: Phrase) -> list[int] | None:
    found = PIXELS.search(phrase.text)
    if not found or not phrase.is_about(r"\bproofs?\b|\bpreuves?\b"):
        return None
    return [int(found[1]), int(found[2])]


def folders(phrase: Phrase) -> list[str] | None:
    if phrase.is_negated or not phrase.is_about(OF_FOLDERS):
        return None
    return list(dict.fromkeys(FOLDER.findall(phrase.raw))) or None


def subtitles_in_video(phrase: Phrase) -> bool | None:
    if not phrase.is_about(r"\bsubs?\b|\bsubtitles?\b|\bsous-titres?\b"):
        return None
    if phrase.says(
        r"\bmuxed\b|\bin(?:to)? the (?:video|mkv)\b|\bdans (?:la video|le mkv)\b|\bmuxes\b"
    ):
        return not phrase.is_negated
    return True if phrase.is_negated and phrase.is_about(OF_FOLDERS) else None


def loose_formats(phrase: Phrase) -> list[str] | None:
    if not phrase.says(ONLY, OF_FOLDERS) or FIX.search(phrase.raw):
        return None
    found = ["jpg" if word == "jpeg" else word for word in LOOSE.findall(phrase.text)]
    return [word for word in dict.fromkeys(found) if word not in {"sfv", "zip", "rar"}] or None


def nfo_encodings(phrase: Phrase) -> list[str] | None:
    if phrase.is_negated or not phrase.is_about(NFO) or phrase.says(DIZ):
        return None
    found = ENCODING.findall(phrase.text)
    return list(dict.fromkeys(ENCODINGS.get(name, name) for name in found)) or None


def told(phrase: Phrase) -> list[str] | None:
    """Return the fields that an NFO tells, as `phrase` asks for them, in its order."""
    is_other = phrase.is_negated or phrase.says(CORRECTS) or phrase.says(SOURCE_LINK)
    if is_other or not phrase.is_about(NFO) or not phrase.says(MUST, TELLS) or phrase.says(DIZ):
        return None
    text, found = phrase.text, []
    for field, pattern in TELLABLE.items():
        if match := re.search(pattern, text):
            found.append((match.start(), field))
            text = re.sub(pattern, lambda taken: " " * len(taken[0]), text)
    return [field for _, field in sorted(found)] or None


def nfo_mandatory(phrase: Phrase) -> list[str] | None:
    return None if CATEGORY.search(phrase.raw) else told(phrase)


def nfo_mandatory_for(phrase: Phrase) -> dict[str, list[str]] | None:
    found = CATEGORY.search(phrase.raw)
    fields = told(phrase) if found else None
    return {CATEGORIES[found[1].lower()]: fields} if found and fields else None


def generic_nfos(phrase: Phrase) -> list[str] | None:
    return sorted(set(GENERIC.findall(phrase.text))) or None if phrase.is_negated else None


def source_link_for(phrase: Phrase) -> list[str] | None:
    if phrase.is_negated or not phrase.says(SOURCE_LINK):
        return None
    found = [SPELLED[word.lower()] for word in SOURCES.findall(phrase.raw)]
    return list(dict.fromkeys(found)) or None


def fixes(phrase: Phrase) -> dict[str, list[str]] | None:
    found = FIX.search(phrase.raw)
    if not found or phrase.is_negated or not phrase.says(HOLDS):
        return None
    text = FIX.sub("", phrase.raw).lower()
    held = [kind for kind in ("nfo", "sample", "proof") if re.search(rf"\b{kind}s?\b", text)]
    return {found[1]: held} if held else None


def refused_fixes(phrase: Phrase) -> list[str] | None:
    if not phrase.is_negated or phrase.says(HOLDS):
        return None
    return list(dict.fromkeys(word.upper() for word in FIX.findall(phrase.raw))) or None


def tags(phrase: Phrase) -> list[str] | None:
    found = None if phrase.is_negated else TAGS.search(phrase.raw)
    return list(dict.fromkeys(capitals(found[1]))) or None if found else None


def never_with_readnfo(phrase: Phrase) -> list[str] | None:
    if not phrase.is_negated or "READNFO" not in phrase.raw:
        return None
    if not phrase.says(r"\b(?:with|together|combined|alongside|avec)\b"):
        return None
    return [word for word in dict.fromkeys(capitals(phrase.raw)) if word != "READNFO"] or None
