from collections.abc import Iterator

import pytest

from releases.metadata.http import Unreachable
from rulebook.index import NUMBERED, OLD_TEXT, RAW, TEXT
from rulebook.site import Access, Download, Known, NotGiven, Visit
from tests.metadata.service import bomb, dripping, dropped, moved, raw, silent
from tests.rulebook.site import PAGE, RulesSite, drawn, page_of, rules_site, text_of

NAME = "2001_TEST"
FILE = {RAW: f"/nfo/{NAME}.nfo"}
PAGE_TOO = FILE | {TEXT: f"/html/{NAME}.html"}


@pytest.fixture
def site() -> Iterator[RulesSite]:
    with rules_site() as there:
        yield there


def visit(site: RulesSite, **about: float) -> Visit:
    hosts = frozenset({site.service.authority})
    request_s = about.get("request_s", 10)
    access = Access(url=site.url, allowed_hosts=hosts, contact="mailto:a@b.c", request_s=request_s)
    return Visit(access, total_s=about.get("total_s", 60))


def given(site: RulesSite, addresses: dict[str, str] = FILE) -> Download:
    found = visit(site).download(addresses)
    assert found
    return found


def test_the_site_is_told_who_asks(site: RulesSite) -> None:
    assert len(visit(site).entries()) == 22

    assert site.service.asked[0].headers["user-agent"] == "ReleasePacker/0.1 (mailto:a@b.c)"


def test_a_file_comes_as_its_bytes(site: RulesSite) -> None:
    found = given(site)

    assert found.raw == drawn(text_of("1"))
    assert (found.encoding, found.is_page) == ("", False)
    assert found.url == f"{site.url}nfo/{NAME}.nfo"
    assert found.known.etag.startswith('"')


def test_what_is_known_is_not_sent_again(site: RulesSite) -> None:
    known = given(site).known

    assert visit(site).download(FILE, known) is None
    site.texts[NAME] += "changed\n"
    changed = visit(site).download(FILE, known)

    assert changed
    assert changed.known != known


def test_a_time_is_asked_with_where_there_is_no_tag(site: RulesSite) -> None:
    time = "Sat, 01 Jan 2022 00:00:00 GMT"
    site.answers[FILE[RAW]] = raw(b"text\n", Last_Modified=time, Content_Type="text/plain")

    known = given(site).known
    visit(site).download(FILE, known)

    assert known == Known(last_modified=time)
    assert site.service.asked[-1].headers["if-modified-since"] == time


@pytest.mark.parametrize("tag", [f'"{"a" * 300}"', '"\xe9"'], ids=["long", "not ASCII"])
def test_a_tag_that_cannot_be_sent_back_is_forgotten(site: RulesSite, tag: str) -> None:
    site.answers[FILE[RAW]] = raw(b"text\n", ETag=tag, Last_Modified="x" * 65)

    known = given(site).known

    assert known == Known()
    assert visit(site).download(FILE, known)


@pytest.mark.parametrize("form", [TEXT, OLD_TEXT, NUMBERED])
def test_a_page_gives_the_text_where_the_file_is_missing(site: RulesSite, form: str) -> None:
    site.without_file.add(NAME)
    address = f"/t.html?id={NAME}.nfo" if form == OLD_TEXT else f"/{form}/{NAME}.html"
    lines = text_of("1").rstrip("\n").split("\n")
    if form == NUMBERED:
        numbered = "".join(f"{number} {line}\n" for number, line in enumerate(lines, 1))
        site.answers[address] = raw(page_of(numbered, ""), Content_Type=PAGE)

    found = given(site, FILE | {form: address})

    assert found.raw == drawn(text_of("1"))
    assert (found.encoding, found.is_page, found.known) == ("cp437", True, Known())


def test_a_page_in_place_of_the_file_is_read_if_it_shows_the_rule(site: RulesSite) -> None:
    site.answers[FILE[RAW]] = raw(page_of(text_of("1")), Content_Type=PAGE)

    assert given(site).raw == drawn(text_of("1"))


def test_a_page_that_shows_no_rule_leads_to_the_next_address(site: RulesSite) -> None:
    site.answers[FILE[RAW]] = raw(b"<html><body>Site maintenance</body></html>")

    assert given(site, PAGE_TOO).is_page
    with pytest.raises(NotGiven, match="sent a web page in place of the rule"):
        given(site)


def test_case_matters(site: RulesSite) -> None:
    with pytest.raises(NotGiven, match=r"has nothing at that address \(HTTP 404\)"):
        given(site, {RAW: f"/nfo/{NAME.lower()}.nfo", TEXT: f"/html/{NAME.lower()}.html"})


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (raw(b"<title>Just a moment...</title>", 403), r"refuses the question \(HTTP 403\)"),
        (raw(b"", 503), r"out of order \(HTTP 503\)"),
        (raw(b"", 429), r"out of order \(HTTP 429\)"),
        (moved("http://10.0.0.1/nfo/x.nfo"), "redirects to another host"),
        (moved("http://127.0.0.1:1/x"), "redirects to another host"),
        (moved("file:///etc/passwd"), "not with “file”"),
        (bomb, "sent more than 2 MiB"),
        (dropped, "broke off the connection"),
        (raw(bytes(3 << 20)), "sent more than 2 MiB"),
    ],
    ids=["challenge", "down", "busy", "private", "port", "scheme", "bomb", "dropped", "large"],
)
def test_what_goes_wrong_is_a_sentence(site: RulesSite, answer: object, sentence: str) -> None:
    site.answers[FILE[RAW]] = answer  # type: ignore[assignment]

    with pytest.raises(Unreachable, match=sentence):
        given(site, PAGE_TOO)
    assert "/html/" not in "".join(site.asked)


@pytest.mark.parametrize("answer", [silent, dripping(b"HTTP/1.1 200 OK\r\n\r\n")], ids=["a", "b"])
def test_a_site_that_hangs_is_left(site: RulesSite, answer: object) -> None:
    site.answers[FILE[RAW]] = answer  # type: ignore[assignment]

    with pytest.raises(Unreachable, match="did not answer in time"):
        visit(site, request_s=0.3).download(PAGE_TOO)


def test_nothing_is_asked_after_the_time_for_all(site: RulesSite) -> None:
    with pytest.raises(Unreachable, match="in time"):
        visit(site, total_s=0).download(FILE)
    assert site.asked == []


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/nfo/x.nfo", "https://example.org/nfo/x.nfo", "//[::1]/nfo/x.nfo"]
)
def test_no_other_host_is_asked(site: RulesSite, address: str) -> None:
    with pytest.raises(Unreachable, match="leads to another host"):
        given(site, {RAW: address})


def test_a_private_site_is_not_asked_unless_it_is_allowed(site: RulesSite) -> None:
    with pytest.raises(Unreachable, match="OUTBOUND_HOSTS"):
        Visit(Access(url=site.url), total_s=10).entries()
    assert site.asked == []


def test_a_public_site_is_left_in_peace_between_two_questions(
    site: RulesSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("rulebook.site.is_loopback", lambda _there: False)
    monkeypatch.setattr("rulebook.site.time.sleep", waits.append)

    one = visit(site)
    one.download(FILE)
    one.download(FILE)

    assert len(waits) == 1
    assert 0 < waits[0] <= 1
    assert len(site.asked) == 2


def test_there_is_no_pause_on_loopback(site: RulesSite, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("rulebook.site.time.sleep", waits.append)

    one = visit(site)
    one.download(FILE)
    one.download(FILE)

    assert waits == [0]
