"""RAR archives as boxes: names and stored files through rarfile, the rest through a program.

Source: docs/formats/comics.md.
"""

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

import rarfile

from releases.metadata.archive import ENTRY_LIMIT, VERIFY_LIMIT, ArchiveError, Locked
from releases.metadata.box import Entry, Findings, Limits, damaged, oversized, unpacker, unsafe
from releases.metadata.problem import Problem, flaw, problem

_PIECE = 256 << 10
_SPLIT = rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER
_UNREADABLE = (
    rarfile.Error,
    ArithmeticError,
    AttributeError,  # of a password that is not there
    LookupError,
    OSError,
    struct.error,
    TypeError,
    ValueError,
)


class Rar:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.deadline = unpacker.deadline()
        self.blocks = Blocks()
        self.parser = _parser(path, self.blocks)
        self.is_broken = False
        try:
            self.parser.parse()
        except Enough:
            pass
        except _UNREADABLE:
            self.is_broken = True
        self.members = [one for one in self.parser.infolist() if one.is_file()]
        self.entries = [
            Entry(one.filename, one.file_size, one.compress_size, one.needs_password())
            for one in self.members
        ]

    @property
    def version(self) -> str:
        return "4" if isinstance(self.parser, Rar4) else "5"

    @property
    def comment(self) -> str:
        return self.parser.comment or ""

    def contents(self, limits: Limits) -> dict[str, bytes]:
        asked = [one for one in self.members if one.filename in limits]
        return self._read(asked, limits).contents

    def examined(self, limits: Limits) -> Findings:
        found = self._read(self.members, limits)
        return Findings(found.contents, [*self._problems(), *unsafe(self.entries), *found.problems])

    def _problems(self) -> Iterator[Problem]:
        size = self.path.stat().st_size
        if self.blocks.is_volume:
            yield problem("The archive is one volume of several: they belong together.")
        elif self.is_broken:
            yield problem("The archive is damaged or cut short: a header cannot be read.")
        elif self.blocks.end > size or not (self.blocks.is_ended or self._may_lack_end(size)):
            yield problem("The archive is damaged or cut short: its end is missing.")

    def _may_lack_end(self, size: int) -> bool:
        """Archives older than RAR 3 just end, and nobody looks at a 20,000th entry."""
        is_old = self.version == "4" and self.blocks.end == size
        return is_old or len(self.members) >= ENTRY_LIMIT

    def _read(self, members: list[Any], limits: Limits) -> Findings:
        """Read `members` as far as that is possible, and keep what is asked for."""
        readable = [one for one in members if _is_plain(one)]
        stored = [one for one in readable if one.compress_type == rarfile.RAR_M0]
        if len(stored) == len(readable) or not all(map(_is_plain, self.members)):
            return self._read_stored(stored, limits)
        return self._read_packed(limits)

    def _read_stored(self, members: list[Any], limits: Limits) -> Findings:
        found = Findings()
        left = VERIFY_LIMIT
        with self.path.open("rb") as file:
            for member in members:
                left -= member.file_size
                if left >= 0 or member.filename in limits:
                    file.seek(member.data_offset)
                    _take(member, _pieces(file, member.compress_size), limits, found)
        return found

    def _read_packed(self, limits: Limits) -> Findings:
        """Let programs unpack all, one after the other, until one finds nothing wrong."""
        found = Findings(
            problems=[flaw("Its files are compressed: install unar or bsdtar to read them.")]
        )
        for program in unpacker.programs():
            found = self._unpacked_by(program, limits)
            if not found.problems:
                break
        return found

    def _unpacked_by(self, program: str, limits: Limits) -> Findings:
        found = Findings()
        left = VERIFY_LIMIT
        with unpacker.unpacked(self.path, program, self.deadline) as output, suppress(TimeoutError):
            for member in self.members:
                left -= member.file_size
                if left < 0 and found.contents.keys() == limits.keys():
                    break
                _take(member, output.take(member.file_size), limits, found)
                if found.problems:
                    break  # what follows a damaged file cannot be told from it
        return found


class Blocks:
    """What the blocks of an archive say of it as a whole."""

    def __init__(self) -> None:
        self.files = 0
        self.end = 0
        """Where the data of the last block ends."""
        self.is_ended = False
        self.is_volume = False

    def __call__(self, block: Any) -> None:
        self.end = max(self.end, block.data_offset + block.add_size)
        if block.type == rarfile.RAR_BLOCK_ENDARC:
            self.is_ended = True
            self.is_volume |= bool(block.flags & rarfile.RAR_ENDARC_NEXT_VOLUME)
        if block.type == rarfile.RAR_BLOCK_FILE:
            self.is_volume |= bool(block.flags & _SPLIT)
            self.files += 1
            if self.files >= ENTRY_LIMIT:
                raise Enough


class Enough(Exception):
    """The archive has more files than are looked at."""


class Rar4(rarfile.RAR3Parser):  # type: ignore[misc]  # untyped
    """The parser of RAR 1.5 to 4, without the comments it would unpack by way of the disk."""

    def _read_comment_v3(self, inf: Any, pwd: str | None = None) -> str | None:
        if inf.flags & (rarfile.RAR_FILE_PASSWORD | rarfile.RAR_FILE_SOLID):
            return None
        if inf.compress_type == rarfile.RAR_M0:
            return super()._read_comment_v3(inf, pwd)  # type: ignore[no-any-return]
        if max(inf.compress_size, inf.file_size) > rarfile.RAR_MAX_COMMENT:
            return None
        return self._decode_comment(_unpacked_comment(self._rarfile, inf)) or None

    def _parse_subblocks(self, h: Any, hdata: bytes, pos: int) -> int:
        return len(hdata)


class Rar5(rarfile.RAR5Parser):  # type: ignore[misc]  # untyped
    """The parser of RAR 5 and later, which a bad comment does not stop."""

    def _load_comment(self, fd: Any, item: Any) -> None:
        if not item.flags & rarfile.RAR_FILE_PASSWORD:
            with suppress(*_UNREADABLE):
                super()._load_comment(fd, item)


PARSERS = {rarfile.RAR_V3: Rar4, rarfile.RAR_V5: Rar5}


def _parser(path: Path, blocks: Blocks) -> Any:
    version = rarfile.get_rar_version(path)
    if version not in PARSERS:
        raise ArchiveError("The archive is of a version of RAR that is not read.")
    return PARSERS[version](
        str(path),
        password=None,
        crc_check=True,
        charset=rarfile.DEFAULT_CHARSET,
        strict=True,
        info_cb=blocks,
        sfx_offset=0,
        part_only=True,
    )


def _is_plain(member: Any) -> bool:
    """Whether its content lies in this file, whole and open."""
    is_split, is_linked = member.flags & _SPLIT, member.file_redir is not None
    return not (is_split or is_linked or member.needs_password())


def _take(member: Any, pieces: Iterable[bytes], limits: Limits, found: Findings) -> None:
    """Read the content of `member`, check its sum, and keep it if it is asked for."""
    name = member.filename
    limit = limits.get(name, -1)
    content, size, summed = bytearray(), 0, 0
    for piece in pieces:
        size += len(piece)
        summed = crc32(piece, summed)
        content += piece[: limit + 1 - len(content)]
    if size != member.file_size or member.CRC not in (None, summed):
        found.problems.append(damaged(name))
    elif size > limit >= 0:
        found.problems.append(oversized(name, limit))
    elif limit >= 0:
        found.contents[name] = bytes(content)


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(size, _PIECE))
        if not piece:
            return
        size -= len(piece)
        yield piece


def _unpacked_comment(path: str, block: Any) -> bytes:
    """Unpack the comment in an archive made for it, where it is the only file."""
    with Path(path).open("rb") as file:
        file.seek(block.data_offset)
        data = file.read(block.compress_size)
    name = b"comment"
    head = struct.pack(
        "<BHHIIBIIBBHI",
        *(rarfile.RAR_BLOCK_FILE, rarfile.RAR_LONG_BLOCK, 32 + len(name)),
        *(len(data), block.file_size, rarfile.RAR_OS_UNIX, block.CRC, 0),
        *(block.extract_version, block.compress_type, len(name), 0),
    )
    summed = struct.pack("<H", crc32(head + name) & 0xFFFF)
    archive = rarfile.RAR_ID + EMPTY_MAIN + summed + head + name + data
    content = unpacker.unpacked_from_pipe(archive, block.file_size)
    return content if crc32(content) == block.CRC else b""


EMPTY_MAIN = b"\xcf\x90\x73\x00\x00\x0d\x00" + bytes(6)
"""The block that begins an archive of version 4, without any of its flags."""


@contextmanager
def opened(path: Path) -> Iterator[Rar]:
    box = Rar(path)
    if box.parser.has_header_encryption() and not box.members:
        raise Locked("The archive needs a password, even for its names.")
    yield box
