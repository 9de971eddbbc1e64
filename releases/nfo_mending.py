"""Putting right what is wrong with the text of an NFO, and saying what it was. No Django here."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from releases.nfo_reading import EDGES, LABELLED, unframed
from releases.packing import nfo
from releases.templating.boxes import dotted
from releases.templating.functions import fitted
from releases.templating.reading import gettext_noop
from rules.columns import cut
from rules.columns import width as columns_of

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
INVISIBLE = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
PLACEHOLDER = re.compile(r"\{\{-?\s*(?P<name>[#^/]?[^{}\n]{0,200}?)\s*-?\}\}|\{%[^{}\n]{0,200}?%\}")
BOX_COLUMNS = 78
LABEL_COLUMNS = 15
MOST_PLACEHOLDERS = 500
"""That are filled in: of more, none is, since short names may stand for long texts."""
MOST_TOLD = 10
"""Lines that are told by their number."""

Change = tuple[str, dict[str, Any]]
"""An English sentence, and its values."""


@dataclass(frozen=True, slots=True)
class Mended:
    text: str
    changes: tuple[Change, ...]


def mended(text: str, *, columns: int, encoding: str, facts: Mapping[str, Any]) -> Mended:
    """Return `text` as it should be: `facts` are what placeholders in it stand for."""
    changes: list[Change] = []
    steps: tuple[Callable[[list[str]], tuple[list[str], Change | None]], ...] = (
        without_controls,
        lambda lines: resolved(lines, facts),
        lambda lines: carried(lines, encoding),
        lambda lines: narrowed(lines, columns),
    )
    lines = nfo.lines(text)
    for step in steps:
        lines, change = step(lines)
        changes += [change] if change else []
    whole = "\n".join(lines).rstrip("\n") + "\n"
    return Mended(whole, tuple(changes))


def without_controls(lines: list[str]) -> tuple[list[str], Change | None]:
    """Leave out what a screen would obey, and what hides or turns the letters around it."""
    bare = [INVISIBLE.sub("", CONTROLS.sub("", line)) for line in lines]
    count = sum(map(len, lines)) - sum(map(len, bare))
    said = gettext_noop("%(count)d control characters are left out.")
    return bare, (said, {"count": count}) if count else None


def resolved(lines: list[str], facts: Mapping[str, Any]) -> tuple[list[str], Change | None]:
    """Fill in the placeholders that were left; lines of which nothing remains go."""
    places = [one[0] for line in lines for one in PLACEHOLDER.finditer(line)]
    if not places:
        return lines, None
    found = sorted({*places})
    known = facts if len(places) <= MOST_PLACEHOLDERS else {}
    kept = [filled(line, known) for line in lines]
    said = gettext_noop("Placeholders that were left are resolved: %(names)s")
    names = ", ".join(found[:MOST_TOLD])
    return [line for line in kept if line is not None], (said, {"names": names})


def filled(line: str, facts: Mapping[str, Any]) -> str | None:
    """Return `line` with the values of its placeholders; None where it told nothing else."""
    if not PLACEHOLDER.search(line):
        return line
    filled = PLACEHOLDER.sub(lambda one: value_of(one["name"] or "", facts), line)
    told = LABELLED.fullmatch(unframed(filled).strip() + " ")
    is_bare = not unframed(filled).strip(" .:·_-") or (told and not (told["value"] or "").strip())
    if is_bare or unframed(filled).rstrip().endswith((":", "=")):
        return None
    box = framed(line)
    return in_box(filled.rstrip()[1:-1].strip(), box) if box else filled


def value_of(name: str, facts: Mapping[str, Any]) -> str:
    value = facts.get(name.partition("|")[0].strip(), "")
    return str(value) if isinstance(value, str | int | float) else ""


def carried(lines: list[str], encoding: str) -> tuple[list[str], Change | None]:
    """Write what `encoding` cannot carry in letters that it can."""
    lost = nfo.losses("\n".join(lines), encoding)
    if not lost:
        return lines, None
    said = gettext_noop("Letters that %(encoding)s cannot carry are written otherwise: %(letters)s")
    letters = " ".join(lost[:MOST_TOLD])
    carry = nfo.carrier(encoding)
    return [carry(line) for line in lines], (said, {"encoding": encoding, "letters": letters})


def narrowed(lines: list[str], columns: int) -> tuple[list[str], Change | None]:
    """Break the lines that are too long; boxes keep their right edge."""
    wide = [number for number, line in enumerate(lines, 1) if columns_of(line) > columns]
    if not wide:
        return lines, None
    box = box_width(lines, columns)
    whole = [
        row
        for line in lines
        for row in ([line] if columns_of(line) <= columns else broken(line, columns, box))
    ]
    said = gettext_noop("Lines wider than %(columns)d columns are broken: %(lines)s")
    numbers = ", ".join(map(str, wide[:MOST_TOLD])) + (" …" if len(wide) > MOST_TOLD else "")
    return whole, (said, {"columns": columns, "lines": numbers})


def box_width(lines: Sequence[str], columns: int) -> int:
    """Return how wide the boxes of `lines` are that fit into `columns`."""
    widths = [columns_of(line.rstrip()) for line in lines if framed(line)]
    fitting = [one for one in widths if one <= columns]
    return max(fitting, key=fitting.count) if fitting else min(BOX_COLUMNS, columns)


def broken(line: str, columns: int, box: int) -> Iterator[str]:
    bare = line.rstrip()
    if not any(map(str.isalnum, bare)):
        yield shortened(bare, columns)
        return
    frame = framed(bare)
    room = (box - 4) if frame else columns
    inner = bare[1:-1].strip() if frame else bare
    for row in rows(inner, room):
        yield in_box(row, (frame[0], frame[1], box)) if frame else row


def shortened(line: str, columns: int) -> str:
    """Return a rule, or a line of art, with its end where it may be."""
    return cut(line, columns - columns_of(line[-1])) + line[-1] if line else ""


def framed(line: str) -> tuple[str, str, int] | None:
    """Return the edges of the box that `line` is a row of, and its width; None where it is not."""
    bare = line.rstrip()
    is_row = len(bare) > len("| |") and bare[0] in EDGES and bare[-1] in EDGES
    return (bare[0], bare[-1], columns_of(bare)) if is_row else None


def in_box(text: str, box: tuple[str, str, int]) -> str:
    left, right, width = box
    return f"{left} {fitted(text, width - 4)} {right}"


def rows(text: str, room: int) -> Iterator[str]:
    """Yield `text` in lines of `room` columns; those below a label begin where its value does."""
    found = LABELLED.match(text) if len(text) <= nfo.COLUMNS * 10 else None
    lead = text[: len(text) - len(text.lstrip())]
    hang = found.start("value") if found and found["value"] else len(lead)
    hang = hang if hang < room // 2 else 0
    line = " " * min(len(lead), room // 2)
    is_empty = True
    for word in pieces(text.split(), room - max(hang, len(line))):
        gap = "" if is_empty else " "
        if not is_empty and columns_of(line) + 1 + columns_of(word) > room:
            yield line
            line, gap = " " * hang, ""
        line, is_empty = f"{line}{gap}{word}", False
    yield line


def pieces(words: Sequence[str], room: int) -> Iterator[str]:
    """Yield `words`, those that are longer than a line in pieces."""
    for word in words:
        start = 0
        while start < len(word):
            piece = cut(word[start : start + 2 * room], room) or word[start]
            yield piece
            start += len(piece)


def with_field(text: str, label: str, value: str) -> str:
    """Return `text` with one more line that tells `value`, like the last one that has a label."""
    lines = text.rstrip("\n").split("\n")
    at = next((n for n in reversed(range(len(lines))) if is_labelled(lines[n])), None)
    if at is None:
        return "\n".join([*lines, *told_like("", label, value)]) + "\n"
    return (
        "\n".join([*lines[: at + 1], *told_like(lines[at], label, value), *lines[at + 1 :]]) + "\n"
    )


def is_labelled(line: str) -> bool:
    found = LABELLED.fullmatch(unframed(line).strip()) if len(line) <= nfo.COLUMNS else None
    return bool(found and found["value"] and found["dots"].strip())


def told_like(model: str, label: str, value: str) -> Iterator[str]:
    """Yield the lines that tell `value` as the line `model` tells another one."""
    box = framed(model)
    colon = unframed(model).find(":")
    start = len(unframed(model)) - len(unframed(model).lstrip())
    columns = max(colon - start + 1 if colon > start else LABEL_COLUMNS, len(label) + 1)
    total = box[2] if box else BOX_COLUMNS
    room = max(total - columns - 5, 1)
    for number, piece in enumerate(rows(value, room)):
        head = (
            dotted(label, columns, ".")
            if columns > len(label) + 2
            else fitted(f"{label}:", columns)
        )
        said = " " * columns if number else head
        line = f"{said} {piece}"
        yield in_box(line, box) if box else f"{' ' * start}{line}".rstrip()
