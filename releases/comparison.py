"""What is different between two texts: rows to lay side by side, changed words marked.

No Django here. Lines that stand once in both texts are found first, which takes no longer than
sorting them; what lies between is compared closely while it is small enough, so that no text,
however it is made, keeps anybody waiting.
"""

import difflib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CONTEXT = 3
"""Unchanged lines shown around a change."""
MOST_ROWS = 2000
MOST_CELLS = 10_000
"""Pairs of lines, or of words, that one close comparison may look at."""
LEAST_CELLS = 100
"""What the shortest comparison counts as: beginning one takes time, too."""
ALL_CELLS = 500_000
"""What all close comparisons may look at together: once lines, once words."""
MOST_LETTERS = 500
"""Of a line whose words are compared."""
ALIKE = 0.3
"""How much two lines must share for their words to be told apart."""
WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Span = tuple[int, int, int, int]
"""From and to in the old text, from and to in the new one."""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    number: int
    """Of the line, from 1."""
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of each text, or of one of them, or how many are left out here."""

    old: Side | None = None
    new: Side | None = None
    is_same: bool = False
    skipped: int = 0


@dataclass(slots=True)
class Budget:
    cells: int = ALL_CELLS

    def allows(self, cells: int) -> bool:
        """Tell whether a comparison of so many cells may be made, and take them."""
        cells = max(cells, LEAST_CELLS)
        if cells > min(MOST_CELLS, self.cells):
            return False
        self.cells -= cells
        return True


@dataclass(frozen=True, slots=True)
class Comparison:
    rows: list[Row] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    """Lines; a changed one counts as both."""
    unshown: int = 0
    """Rows beyond MOST_ROWS."""


def compared(old: str, new: str) -> Comparison:
    """Return what is different between `old` and `new`."""
    before, after = lines(old), lines(new)
    spans = list(changed_spans(before, after))
    rows: list[Row] = []
    unshown = 0
    for row in rows_of(before, after, spans):
        if len(rows) < MOST_ROWS:
            rows.append(row)
        else:
            unshown += 1
    removed = sum(end - start for start, end, _, _ in spans)
    added = sum(end - start for _, _, start, end in spans)
    return Comparison(rows, added, removed, unshown)


def lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def changed_spans(before: Sequence[str], after: Sequence[str]) -> Iterator[Span]:
    """Yield what differs, in order, each with something the same before the next."""
    budget = Budget()
    pending: Span | None = None
    for span in raw_spans(before, after, budget):
        if pending and (pending[1], pending[3]) == (span[0], span[2]):
            pending = (pending[0], span[1], pending[2], span[3])
            continue
        if pending:
            yield pending
        pending = span
    if pending:
        yield pending


def raw_spans(before: Sequence[str], after: Sequence[str], budget: Budget) -> Iterator[Span]:
    at_old = at_new = 0
    for old, new in [*anchors(before, after), (len(before), len(after))]:
        yield from gap(before, after, (at_old, old, at_new, new), budget)
        at_old, at_new = old + 1, new + 1


def gap(before: Sequence[str], after: Sequence[str], span: Span, budget: Budget) -> Iterator[Span]:
    """Yield what differs within `span`, between two lines that are the same."""
    old, old_end, new, new_end = span
    while old < old_end and new < new_end and before[old] == after[new]:
        old, new = old + 1, new + 1
    while old < old_end and new < new_end and before[old_end - 1] == after[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
    if old == old_end and new == new_end:
        return
    if old == old_end or new == new_end or not budget.allows((old_end - old) * (new_end - new)):
        yield old, old_end, new, new_end
        return
    close = difflib.SequenceMatcher(None, before[old:old_end], after[new:new_end], autojunk=False)
    for kind, start, end, new_start, new_stop in close.get_opcodes():
        if kind != "equal":
            yield old + start, old + end, new + new_start, new + new_stop


def anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest chain of lines, in order, that stand once in each text."""
    counted, places = Counter(before), Counter(after)
    where = {line: index for index, line in enumerate(after) if places[line] == 1}
    shared = [
        (index, where[line])
        for index, line in enumerate(before)
        if line in where and counted[line] == 1
    ]
    return longest_rising(shared)


def longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of `pairs`, already rising in the first, rising in the second."""
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for index, (_, value) in enumerate(pairs):
        place = bisect_left(ends, value)
        previous.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [value]
        last[place : place + 1] = [index]
    chain = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]


def rows_of(before: Sequence[str], after: Sequence[str], spans: Sequence[Span]) -> Iterator[Row]:
    """Yield the changes, each with CONTEXT lines around it."""
    at_old = at_new = 0
    budget = Budget()
    for old, old_end, new, new_end in spans:
        yield from unchanged(before, (at_old, old), at_new, is_first=at_old == at_new == 0)
        yield from changed(before[old:old_end], after[new:new_end], (old, new), budget)
        at_old, at_new = old_end, new_end
    if spans:
        yield from unchanged(before, (at_old, len(before)), at_new, is_last=True)


def unchanged(
    texts: Sequence[str],
    between: tuple[int, int],
    new: int,
    *,
    is_first: bool = False,
    is_last: bool = False,
) -> Iterator[Row]:
    start, end = between
    head = 0 if is_first else min(CONTEXT, end - start)
    tail = 0 if is_last else min(CONTEXT, end - start - head)
    for index in range(start, start + head):
        yield same(texts[index], index, new + index - start)
    if skipped := end - start - head - tail:
        yield Row(skipped=skipped)
    for index in range(end - tail, end):
        yield same(texts[index], index, new + index - start)


def same(line: str, old: int, new: int) -> Row:
    pieces = (Piece(line),)
    return Row(Side(old + 1, pieces), Side(new + 1, pieces), is_same=True)


def changed(
    removed: Sequence[str], added: Sequence[str], at: tuple[int, int], budget: Budget
) -> Iterator[Row]:
    """Yield the lines that were replaced beside those that replace them."""
    old, new = at
    paired = min(len(removed), len(added))
    for index in range(paired):
        sides = words(removed[index], added[index], budget)
        yield Row(Side(old + index + 1, sides[0]), Side(new + index + 1, sides[1]))
    for index in range(paired, len(removed)):
        yield Row(old=Side(old + index + 1, (Piece(removed[index]),)))
    for index in range(paired, len(added)):
        yield Row(new=Side(new + index + 1, (Piece(added[index]),)))


def words(old: str, new: str, budget: Budget) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both lines in pieces, the words that differ marked where the lines are alike."""
    plain = (Piece(old),), (Piece(new),)
    if max(len(old), len(new)) > MOST_LETTERS:
        return plain
    before, after = WORDS.findall(old), WORDS.findall(new)
    if not budget.allows(len(before) * len(after)):
        return plain
    close = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if close.ratio() < ALIKE:
        return plain
    codes = close.get_opcodes()
    left = (Piece("".join(before[a:b]), kind != "equal") for kind, a, b, _, _ in codes)
    right = (Piece("".join(after[c:d]), kind != "equal") for kind, _, _, c, d in codes)
    return tuple(filter(has_text, left)), tuple(filter(has_text, right))


def has_text(piece: Piece) -> bool:
    return bool(piece.text)
