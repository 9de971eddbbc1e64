"""A body is read while it arrives, in the thread of a view, from the loop of the server."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from api import streamed
from api.streamed import Body, Message, is_streamed
from releases.uploads import Cut
from tests.loops import run

SCOPE = {"type": "http", "method": "PATCH", "path": "/api/uploads/7"}
DISCONNECT = {"type": "http.disconnect"}


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def read(messages: Iterable[Message], *, stalls: bool = False) -> tuple[list[bytes], bool]:
    """Return the pieces that a view reads of a body, and whether it was cut."""

    async def arriving() -> AsyncIterator[Message]:
        for message in messages:
            yield message
        if stalls:
            await asyncio.sleep(3600)

    async def serve() -> tuple[list[bytes], bool]:
        return await asyncio.to_thread(collected, Body(arriving().__anext__))

    return run(serve())


def collected(body: Body) -> tuple[list[bytes], bool]:
    pieces: list[bytes] = []
    try:
        pieces.extend(body.pieces())
    except Cut:
        return pieces, True
    return pieces, False


def test_small_parts_are_gathered_to_one_piece() -> None:
    assert read([part(b"a"), part(b"b"), part(b"", more=False)]) == ([b"ab"], False)


def test_a_long_body_comes_in_pieces_of_bounded_size() -> None:
    parts = [part(bytes(100_000)) for _ in range(40)]

    pieces, is_cut = read([*parts, part(b"", more=False)])

    assert sum(map(len, pieces)) == 4_000_000
    assert max(map(len, pieces)) < streamed.PIECE_BYTES + 100_000
    assert not is_cut


def test_no_body_is_no_piece() -> None:
    assert read([part(b"", more=False)]) == ([], False)


def test_what_came_before_a_cut_is_read() -> None:
    parts = [part(bytes(1 << 20)), part(b"x"), DISCONNECT]

    assert read(parts) == ([bytes(1 << 20), b"x"], True)


def test_a_client_that_says_nothing_more_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed, "IDLE_S", 0.05)

    assert read([part(b"x")], stalls=True) == ([b"x"], True)


@pytest.mark.parametrize(
    ("other", "expected"),
    [({}, True), ({"method": "POST"}, False), ({"path": "/api/releases/7"}, False)],
)
def test_bytes_of_uploads_alone_are_streamed(other: dict[str, str], *, expected: bool) -> None:
    assert is_streamed(SCOPE | other) is expected


def test_django_hears_of_an_empty_body_and_of_no_end() -> None:
    async def serve() -> Message:
        receive = Body(asyncio.Future).withheld()  # never asked
        first = await receive()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.05)
        return first

    assert run(serve()) == part(b"", more=False)
