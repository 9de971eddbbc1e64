import random
from time import monotonic

from hypothesis import given
from hypothesis import strategies as st

from releases.comparison import CONTEXT, MOST_ROWS, Comparison, Side, compared

OLD = "".join(f"{number}) Clause {number}.\n" for number in range(1, 31))
HANGS_S = 60
"""Far beyond what the slowest machine needs; a quadratic comparison takes hours."""


def shown(comparison: Comparison) -> list[str]:
    """Return the rows in one letter each, with their lines."""
    return [
        "..." if row.skipped else f"{'=' if row.is_same else '~'} {text(row.old)} | {text(row.new)}"
        for row in comparison.rows
    ]


def text(side: Side | None) -> str:
    return f"{side.number} {side.text}" if side else "-"


def marked(side: Side | None) -> list[str]:
    return [piece.text for piece in side.pieces if piece.is_marked] if side else []


def test_texts_that_say_the_same_have_no_rows() -> None:
    assert compared(OLD, OLD) == Comparison()
    assert compared("", "") == Comparison()


def test_a_changed_line_stands_beside_its_old_one_with_the_lines_around_it() -> None:
    new = OLD.replace("15) Clause 15.", "15) Clause 51.")

    comparison = compared(OLD, new)

    assert shown(comparison) == [
        "...",
        "= 12 12) Clause 12. | 12 12) Clause 12.",
        "= 13 13) Clause 13. | 13 13) Clause 13.",
        "= 14 14) Clause 14. | 14 14) Clause 14.",
        "~ 15 15) Clause 15. | 15 15) Clause 51.",
        "= 16 16) Clause 16. | 16 16) Clause 16.",
        "= 17 17) Clause 17. | 17 17) Clause 17.",
        "= 18 18) Clause 18. | 18 18) Clause 18.",
        "...",
    ]
    changed = comparison.rows[1 + CONTEXT]
    assert (marked(changed.old), marked(changed.new)) == (["15"], ["51"])
    assert (comparison.added, comparison.removed) == (1, 1)
    assert [comparison.rows[0].skipped, comparison.rows[-1].skipped] == [11, 12]


def test_lines_of_one_text_alone_stand_beside_nothing() -> None:
    added = compared("a\nc\n", "a\nb\nc\n")
    removed = compared("a\nb\nc\n", "a\nc\n")

    assert shown(added) == ["= 1 a | 1 a", "~ - | 2 b", "= 2 c | 3 c"]
    assert shown(removed) == ["= 1 a | 1 a", "~ 2 b | -", "= 3 c | 2 c"]
    assert shown(compared("", "a\n")) == ["~ - | 1 a"]


def test_words_are_not_told_apart_where_lines_share_nothing() -> None:
    row = compared("must be packed\n", "0123456789\n").rows[0]

    assert marked(row.old) == marked(row.new) == []


def test_a_moved_paragraph_costs_no_other_line() -> None:
    moved = "\n".join(["x y z", *OLD.splitlines()[:10], *OLD.splitlines()[10:]])

    assert compared(OLD, moved).removed == 0


LINES = st.lists(st.sampled_from("abcd"), min_size=1, max_size=30)


@given(LINES, LINES)
def test_rows_lead_from_the_old_text_to_the_new(before: list[str], after: list[str]) -> None:
    rows = compared("\n".join(before), "\n".join(after)).rows

    changes = [row for row in rows if not row.is_same and not row.skipped]
    gone = {row.old.number for row in changes if row.old}
    come = {row.new.number: row.new.text for row in changes if row.new}
    kept = iter(line for number, line in enumerate(before, 1) if number not in gone)
    assert after == [come.get(number) or next(kept) for number in range(1, len(after) + 1)]


def test_a_megabyte_of_anything_is_compared_without_keeping_anybody_waiting() -> None:
    dice = random.Random(5)
    few = "".join(f"{dice.choice('ab')}\n" for _ in range(500_000))
    others = "".join(f"{dice.choice('ab')}\n" for _ in range(500_000))
    words = "".join(" ".join(dice.choices("abc", k=40)) + "\n" for _ in range(12_000))
    shuffled = "".join(" ".join(dice.choices("abc", k=40)) + "\n" for _ in range(12_000))
    began = monotonic()

    for old, new in (
        (few, others),
        (words, shuffled),
        ("\n" * 1_000_000, few),
        ("x" * 1_000_000, few),
    ):
        comparison = compared(old, new)
        assert len(comparison.rows) <= MOST_ROWS
        assert comparison.unshown + len(comparison.rows) > 1

    assert monotonic() - began < HANGS_S
