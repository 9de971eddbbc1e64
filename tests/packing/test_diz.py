import pytest

from releases.packing import diz


def test_the_counter_comes_before_a_title_that_looks_like_one() -> None:
    data = diz.render(["Win [50/50]"], 1, 3)

    assert data == b"DISK: [01/03]\r\nWin [50/50]\r\n"
    assert diz.counter(data) == (1, 3)


def test_render_transliterates_wraps_and_drops_control_characters() -> None:
    lines = (
        diz.render(["Čapek\a \N{EN DASH} Straße", "", "word " * 20], 9, 99)
        .decode("ascii")
        .split("\r\n")
    )

    assert lines[:3] == ["DISK: [09/99]", "Capek - Strasse", ""]
    assert lines[3] == "word word word word word word word word word"


def test_render_keeps_to_ten_lines_of_44_columns() -> None:
    lines = diz.render(["x" * 100] * 20, 1, 1).decode("ascii").splitlines()

    assert len(lines) == 10
    assert max(map(len, lines)) == 44


@pytest.mark.parametrize(
    ("data", "counted"),
    [
        (b"[01/05]", (1, 5)),
        (b"title\r\nDISK: [ 7 / 12 ]\r\n[1/1]", (7, 12)),
        (b"[xx/??]", None),
        (b"01/05", None),
        (b"1 of 5", None),
        (b"", None),
    ],
)
def test_counter_reads_what_zipscripts_read(data: bytes, counted: tuple[int, int] | None) -> None:
    assert diz.counter(data) == counted
