import pytest

from releases.packing import PackingError, sfv


def test_render_writes_a_name_and_eight_digits_per_line() -> None:
    assert sfv.render([("a.rar", 0xCBF43926), ("a.r00", 1)]) == (
        b"a.rar cbf43926\r\na.r00 00000001\r\n"
    )


@pytest.mark.parametrize("name", ["two\nlines.rar", "", " a.rar", "a.rar ", ";a.rar", "é.rar"])
def test_render_refuses_a_name_the_format_cannot_carry(name: str) -> None:
    with pytest.raises(PackingError, match="rename it"):
        sfv.render([(name, 1)])


@pytest.mark.parametrize("name", ["a.rar", "with space.r00", "NAME/abc12301.zip", "a"])
def test_parse_gives_back_what_render_wrote(name: str) -> None:
    assert sfv.parse(sfv.render([(name, 0xFFFFFFFF)])) == [(name, 0xFFFFFFFF)]


@pytest.mark.parametrize(
    "data",
    [
        b"a.rar 00C0FFEE\na.r00 1234abcd",
        b"a.rar\t00c0ffee\r\n\r\na.r00   1234ABCD\r\n",
        b"; made by hand: \xe9t\xe9\r\na.rar 00c0ffee\r\n  ; more\r\na.r00 1234abcd\r\n",
        b"\xef\xbb\xbfa.rar 00c0ffee\r\na.r00 1234abcd\r\n",
    ],
)
def test_parse_takes_what_other_programs_write(data: bytes) -> None:
    assert sfv.parse(data) == [("a.rar", 0x00C0FFEE), ("a.r00", 0x1234ABCD)]


@pytest.mark.parametrize("line", [b"a.rar", b"00c0ffee", b"a.rar 00c0ffe", b"a.rar 00c0ffeg"])
def test_parse_names_the_line_it_cannot_read(line: bytes) -> None:
    with pytest.raises(PackingError, match="Line 2 of the SFV"):
        sfv.parse(b"good.rar 00000000\r\n" + line)


def test_mismatches_names_what_differs_and_what_only_one_side_knows() -> None:
    data = sfv.render([("same", 1), ("changed", 2), ("gone", 3)])

    assert sfv.mismatches(data, {"same": 1, "changed": 20, "new": 4}) == ["changed", "gone", "new"]
