"""What a file really is, from its content; a name only settles what the content leaves open."""

import re
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from releases.metadata import archive, mobi
from releases.metadata.archive import XML_LIMIT, ArchiveError

HEAD_BYTES = 64 << 10
COMIC_SUFFIXES = {".cbz", ".cbr", ".cb7", ".cbt"}
COMIC_DOCUMENT = "comicinfo.xml"
CATALOGUE = "metadata.opf"
PAGES_TO_OTHERS = 3
NOTE_SUFFIXES = {".txt", ".nfo", ".diz", ".sfv", ".md5", ".url", ".xml", ".json", ".acbf"}
"""Of what groups and programs lay beside the pages of a comic."""
SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
IMAGE_SUFFIXES = {
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".avif",
    ".jxl",
}
PACKAGE_TYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.text-template": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
OFFICE_FOLDERS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
MP4_BRANDS = {b"qt  ": "mov", b"avif": "avif", b"avis": "avif", b"heic": "heic", b"mif1": "heic"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_PACKAGE = "EncryptedPackage".encode("utf-16-le")
OLE_WORD = "WordDocument".encode("utf-16-le")
KFX_LOCKED = b"\xeaDRMION\xee"

MAGIC = (
    (0, b"{\\rtf", "rtf"),
    (0, b"ITSF", "chm"),
    (0, b"ITOLITLS", "lit"),
    (0, KFX_LOCKED, "kfx"),
    (0, b"CONT\x01\x00", "kfx"),
    (0, b"CONT\x02\x00", "kfx"),
    (0, b"TPZ0", "topaz"),
    (0, b"\xff\xd8\xff", "jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (8, b"WEBP", "webp"),
    (8, b"AVI ", "avi"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (0, b"\x00\x00\x01\xba", "mpg"),
    (0, b"\x00\x00\x01\xb3", "mpg"),
    (0, b"OggS", "ogg"),
    (4, b"moov", "mov"),
    (4, b"mdat", "mov"),
)
"""Offset, bytes, format: what a few fixed bytes settle."""

_PDF = re.compile(rb"%PDF-\d")
_PDF_WITHIN = 1024
_OBJECT = b" obj"
_BLANK = b"\xef\xbb\xbf\0 \t\r\n"
_LOCAL_NAME = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)
_IMAGE_NAME = re.compile(rb"[^\x00-\x1f]\.(jpe?g|png|gif|webp|bmp|tiff?|avif|jxl)", re.IGNORECASE)
_FICTION_BOOK = re.compile(r"<(\w+:)?FictionBook[\s>]")
_HTML = re.compile(r"<(!doctype\s+)?html[\s>]", re.IGNORECASE)
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_NO_LETTER = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\ufffd]")
_WIDE_LETTERS = 8
_WIDE_SHARE = 0.7
_SECTOR_SHIFT_LIMIT = 12
_TS_PACKET = 188
_M2TS_PACKET = 192


def sniff(path: Path) -> str:
    """Name the format of `path`: `empty` and `unknown` are names too.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        return "empty"
    return _by_magic(head) or _by_container(path, head) or _by_text(head) or "unknown"


def _by_magic(head: bytes) -> str:
    kinds = (kind for at, magic, kind in MAGIC if head.startswith(magic, at))
    return next(kinds, "")


def _by_container(path: Path, head: bytes) -> str:
    """Ask the container that begins this way what it holds."""
    for at, magic, kind in CONTAINERS:
        if head.startswith(magic, at):
            return kind(path, head)
    return _pdf(head) or _transport_stream(head)


def _zip(path: Path, head: bytes) -> str:
    try:
        with archive.opened(path) as opened:
            names = opened.namelist()
            mimetype = _mimetype(opened)
    except ArchiveError:  # cut short: the local headers still tell
        names = _local_names(head)
        mimetype = next((kind for kind in PACKAGE_TYPES if b"mimetype" + kind in head), b"")
    return PACKAGE_TYPES.get(mimetype) or _zip_of(names, path.suffix.lower())


def _mimetype(opened: ZipFile) -> bytes:
    try:
        return archive.read(opened, "mimetype", XML_LIMIT).strip()
    except ArchiveError:
        return b""


def _zip_of(names: Iterable[str], suffix: str) -> str:
    listed = list(names)
    if "META-INF/container.xml" in listed or _is_package(listed, suffix):
        return "epub"
    for folder, kind in OFFICE_FOLDERS.items():
        if "[Content_Types].xml" in listed and any(name.startswith(folder) for name in listed):
            return kind
    if [PurePosixPath(name).suffix.lower() for name in listed] == [".fb2"]:
        return "fb2"
    return "cbz" if suffix in COMIC_SUFFIXES or _is_comic(listed) else "zip"


def _is_package(names: list[str], suffix: str) -> bool:
    """Whether a package document lies there; calibre puts one of a fixed name beside anything."""
    packages = {PurePosixPath(name.lower()).name for name in names if name.lower().endswith(".opf")}
    return bool(packages if suffix == ".epub" else packages - {CATALOGUE})


def _is_comic(names: Iterable[str]) -> bool:
    """Whether most of the files are images, or a document says what they are.

    Notes beside them count for nothing; a page of the web or a program among them does.
    """
    paths = [PurePosixPath(name) for name in names if not name.endswith("/")]
    files = [path for path in paths if not _is_hidden(path)]
    images = [path for path in files if path.suffix.lower() in IMAGE_SUFFIXES]
    others = [path for path in files if path.suffix.lower() not in IMAGE_SUFFIXES | NOTE_SUFFIXES]
    is_described = any(path.name.lower() == COMIC_DOCUMENT for path in files)
    return bool(images) and (is_described or len(images) > PAGES_TO_OTHERS * len(others))


def _is_hidden(path: PurePosixPath) -> bool:
    """Whether a system put it there, and not who made the archive."""
    is_dotted = any(part.startswith(".") for part in path.parts)
    return is_dotted or "__MACOSX" in path.parts or path.name.lower() in SYSTEM_FILES


def _local_names(head: bytes) -> list[str]:
    headers = (
        (found.end(), int.from_bytes(found[1], "little")) for found in _LOCAL_NAME.finditer(head)
    )
    return [head[start : start + length].decode("cp437") for start, length in headers]


def _rar(path: Path, head: bytes) -> str:
    is_comic = path.suffix.lower() in COMIC_SUFFIXES or _IMAGE_NAME.search(head)
    return "cbr" if is_comic else "rar"


def _7z(path: Path, head: bytes) -> str:
    """Its names lie compressed at its end: they are only asked where the extension is silent."""
    if path.suffix.lower() in COMIC_SUFFIXES:
        return "cb7"
    from releases.metadata.box import seven  # noqa: PLC0415  # what it needs takes time to load

    try:
        with seven.opened(path) as opened:
            return "cb7" if _is_comic(entry.name for entry in opened.entries) else "7z"
    except ArchiveError:
        return "7z"


def _tar(path: Path, head: bytes) -> str:
    try:
        with tarfile.open(path, "r:") as opened:
            names = [entry.name for entry, _ in zip(opened, range(100), strict=False)]
    except (tarfile.TarError, OSError, ValueError):
        names = []
    return "cbt" if _is_comic(names) or path.suffix.lower() in COMIC_SUFFIXES else "tar"


def _ebml(path: Path, head: bytes) -> str:
    return "webm" if b"\x42\x82\x84webm" in head[:256] else "mkv"


def _ole(path: Path, head: bytes) -> str:
    """Old Office files, and new ones that a password has wrapped in the old container."""
    names = ole_names(path)
    if OLE_PACKAGE in names:
        return "docx"
    return "doc" if OLE_WORD in names else "ole"


def ole_names(path: Path) -> bytes:
    """The start of an OLE file, and of its directory, wherever that lies."""
    with path.open("rb") as file:
        start = file.read(XML_LIMIT)
        sector_bytes = 1 << min(int.from_bytes(start[30:32], "little"), _SECTOR_SHIFT_LIMIT)
        file.seek((int.from_bytes(start[48:52], "little") + 1) * sector_bytes)
        return start + file.read(HEAD_BYTES)


def _djvu(path: Path, head: bytes) -> str:
    return "djvu" if head[12:15] == b"DJV" else ""


def _mobi(path: Path, head: bytes) -> str:
    return mobi.kind(path)


def _mp4(path: Path, head: bytes) -> str:
    return MP4_BRANDS.get(head[8:12], "mp4")


CONTAINERS: tuple[tuple[int, bytes, Callable[[Path, bytes], str]], ...] = (
    (0, b"PK\x03\x04", _zip),
    (0, b"PK\x05\x06", _zip),
    (0, b"Rar!\x1a\x07", _rar),
    (0, b"7z\xbc\xaf\x27\x1c", _7z),
    (0, b"\x1a\x45\xdf\xa3", _ebml),
    (0, b"AT&TFORM", _djvu),
    (0, OLE, _ole),
    (4, b"ftyp", _mp4),
    (60, b"BOOKMOBI", _mobi),
    (60, b"TEXtREAd", _mobi),
    (257, b"ustar", _tar),
)
"""Offset, bytes, and who tells what such a container holds."""


def _pdf(head: bytes) -> str:
    """Junk before the header is normal, within the first kilobyte; a text may only tell of it."""
    found = _PDF.search(head[:_PDF_WITHIN])
    is_pdf = found and (not head[: found.start()].strip(_BLANK) or _OBJECT in head)
    return "pdf" if is_pdf else ""


def _transport_stream(head: bytes) -> str:
    if head[:HEAD_BYTES:_TS_PACKET][:5] == b"\x47" * 5:
        return "ts"
    return "m2ts" if head[4::_M2TS_PACKET][:5] == b"\x47" * 5 else ""


def _by_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _text(head.decode("utf-16", "replace"))
    wide = _wide_text(head)
    if wide:
        return _text(wide)
    if _NOT_TEXT.search(head):
        return ""
    return _text(head.decode("latin-1").removeprefix("ï»¿"))


def _wide_text(head: bytes) -> str:
    """The text of letters that take two bytes each, without a mark; nothing where it is none."""
    even = head[: len(head) & ~1]
    for codec, halves in (("utf-16-le", even[1::2]), ("utf-16-be", even[::2])):
        if len(halves) >= _WIDE_LETTERS and halves.count(0) > _WIDE_SHARE * len(halves):
            text = even.decode(codec, "replace")
            return "" if _NO_LETTER.search(text) else text
    return ""


def _text(text: str) -> str:
    start = text.lstrip()[:4096]
    if _FICTION_BOOK.search(start):
        return "fb2"
    if _HTML.match(start) or (start.startswith("<?xml") and _HTML.search(start)):
        return "html"
    return "xml" if start.startswith("<?xml") else "txt"
