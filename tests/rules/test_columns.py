import pytest

from rules.columns import cut, one_line, width


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("é█│", 3),
        ("世界", 4),
        ("ﾊﾟ", 2),
        ("e\u0301\u0323", 1),
        ("\u1112\u1161\u11ab", 2),  # one syllable of Hangul, in its three letters
        ("a\u200bb\ufe0f", 2),
        ("a\u00adb", 3),
        ("कु", 1),
    ],
)
def test_width_counts_what_a_terminal_shows(line: str, columns: int) -> None:
    assert width(line) == columns


@pytest.mark.parametrize(
    ("line", "columns", "begins"),
    [
        ("abc", 2, "ab"),
        ("abc", 9, "abc"),
        ("abc", -1, ""),
        ("世界", 3, "世"),
        ("世界", 0, ""),
        ("e\u0301e", 1, "e\u0301"),
    ],
)
def test_cut_neither_splits_a_wide_character_nor_leaves_out_its_accent(
    line: str, columns: int, begins: str
) -> None:
    assert cut(line, columns) == begins


def test_one_line_keeps_spaces_and_ends_no_line() -> None:
    assert one_line("  a\tb\r\nc\u2028d\x85e") == "  a b  c d e"
