"""A difference between two texts as programs read it. No Django here.

Source: POSIX.1-2017, diff, "Diff -u Output Format".
"""

from collections.abc import Iterator, Sequence

from releases.comparison import CONTEXT, Span, changed_spans, lines


def unified(old: str, new: str, *, names: tuple[str, str]) -> str:
    """Return what is different between `old` and `new`; nothing where they are the same."""
    before, after = lines(old), lines(new)
    hunks = list(hunks_of(changed_spans(before, after)))
    if not hunks:
        return ""
    told = [f"--- {names[0]}", f"+++ {names[1]}"]
    for spans in hunks:
        told += hunk(before, after, spans)
    return "\n".join(told) + "\n"


def hunks_of(spans: Iterator[Span]) -> Iterator[list[Span]]:
    """Yield the changes that are so near each other that their contexts meet."""
    together: list[Span] = []
    for span in spans:
        if together and span[0] - together[-1][1] > 2 * CONTEXT:
            yield together
            together = []
        together.append(span)
    if together:
        yield together


def hunk(before: Sequence[str], after: Sequence[str], spans: Sequence[Span]) -> list[str]:
    first, last = spans[0], spans[-1]
    start = max(first[0] - CONTEXT, 0)
    end = min(last[1] + CONTEXT, len(before))
    new_start, new_end = first[2] - (first[0] - start), last[3] + (end - last[1])
    told = [f"@@ -{extent(start, end)} +{extent(new_start, new_end)} @@"]
    at = start
    for old, old_end, new, new_stop in spans:
        told += [f" {line}" for line in before[at:old]]
        told += [f"-{line}" for line in before[old:old_end]]
        told += [f"+{line}" for line in after[new:new_stop]]
        at = old_end
    return told + [f" {line}" for line in before[at:end]]


def extent(start: int, end: int) -> str:
    """Return where lines begin, from 1, and how many they are; of none, what stands before."""
    count = end - start
    return f"{start + 1 if count else start},{count}"
