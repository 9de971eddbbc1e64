import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packing import PackingError, nfo

SAUCE = b"SAUCE00" + b"\0" * 121


@pytest.mark.parametrize(
    ("text", "encoding", "data"),
    [
        ("é│█", "cp437", b"\x82\xb3\xdb"),
        ("♥ ► ⌂", "cp437", b"\x03 \x10 \x7f"),
        ("€ Čapek", "cp437", b"EUR Capek"),
        ("é│", "utf-8", "é│".encode()),
        ("é \N{EN DASH} ß", "ascii", b"e - ss"),
        ("a\nb\r\nc\rd", "ascii", b"a\r\nb\r\nc\r\nd"),
        ("\ue000", "ascii", b"?"),
        ("e\u0301 Ж\u0301", "cp437", b"\x82 Zh"),
        ("a\x00\x1b[2Jb\x1a\x07\x7f\x9b", "utf-8", b"a[2Jb"),
        ("a\x00\x1b[2Jb\x1a\x07\x7f\x9b", "cp437", b"a[2Jb"),
        ("a\ud800\u200b", "utf-8", b"a?\xe2\x80\x8b"),
    ],
)
def test_encode_writes_crlf_and_transliterates_what_is_lost(
    text: str, encoding: str, data: bytes
) -> None:
    assert nfo.encode(text, encoding) == data


def test_encode_refuses_an_encoding_no_nfo_has() -> None:
    with pytest.raises(PackingError, match="utf-16: choose one of cp437, utf-8, ascii"):
        nfo.encode("text", "utf-16")


@pytest.mark.parametrize(
    ("encoding", "lost"), [("cp437", ("€", "Č")), ("utf-8", ()), ("ascii", ("é", "€", "Č", "♥"))]
)
def test_losses_names_each_character_once(encoding: str, lost: tuple[str, ...]) -> None:
    assert nfo.losses("é€Čé€♥\n", encoding) == lost


def test_too_wide_numbers_the_lines_and_counts_what_a_terminal_shows() -> None:
    text = "\n".join(["x" * 80, "x" * 81, "世" * 40, "世" * 41, "e\u0301" * 80])

    assert nfo.too_wide(text) == (2, 4)
    assert nfo.too_wide("abc\r\nab", columns=2) == (1,)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"plain\r\nASCII", "plain\nASCII", "ascii"),
        ("élan │".encode(), "élan │", "utf-8"),
        (b"\xef\xbb\xbf\xc3\xa9", "é", "utf-8"),
        (b"\xdb\xdb \x82lan \xb3", "██ élan │", "cp437"),
        (b"\x10\xfe\x11", "►■◄", "cp437"),
        ("é\r\n世".encode("utf-16"), "é\n世", "utf-16"),
        (b"\xfe\xff" + "é\n".encode("utf-16-be"), "é\n", "utf-16"),
        ("Sär skilt på svenska".encode("cp1252"), "Sär skilt på svenska", "cp1252"),
        ("Déjà rencontré".encode("cp1252"), "Déjà rencontré", "cp1252"),
    ],
)
def test_decode_finds_the_encoding(data: bytes, text: str, encoding: str) -> None:
    assert nfo.decode(data) == nfo.Decoded(text, encoding)


@pytest.mark.parametrize("encoding", nfo.ENCODINGS)
@given(st.text())
def test_what_is_carried_is_what_is_encoded(encoding: str, text: str) -> None:
    carried = nfo.carrier(encoding)(text)

    assert nfo.carrier(encoding)(carried) == carried
    assert nfo.losses(carried, encoding) == ()
    assert nfo.encode(carried, encoding) == nfo.encode(text, encoding)
    if encoding != "cp437":
        assert nfo.encode(text, encoding) == "\r\n".join(nfo.lines(carried)).encode(encoding)


@pytest.mark.parametrize("comment", [b"", b"COMNT" + b"x" * 64])
def test_decode_leaves_out_a_sauce_record(comment: bytes) -> None:
    assert nfo.decode(b"text\r\n\x1a" + comment + SAUCE).text == "text\n"


@pytest.mark.parametrize("encoding", ["cp437", "utf-8"])
def test_decode_reads_what_encode_wrote(encoding: str) -> None:
    text = "┌─ ♪ é ═╗\n"

    kept = "".join(char for char in text if char not in nfo.losses(text, encoding))
    assert nfo.decode(nfo.encode(kept, encoding)).text == kept
