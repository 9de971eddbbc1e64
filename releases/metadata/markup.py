"""XML read as hostile: no entity expanded, no file or host asked, no depth without end."""

import re
from collections.abc import Iterator

from lxml import etree

from releases.metadata.fields import clean

Element = etree._Element

ELEMENT_LIMIT = 200_000
"""Elements of one document: the largest real ones stay far below."""

LEGACY_ENCODINGS = {
    **dict.fromkeys(("be", "bg", "mk", "ru", "sr", "uk"), "cp1251"),
    **dict.fromkeys(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl"), "cp1250"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    "el": "cp1253",
    "he": "cp1255",
    "ja": "cp932",
    "ko": "cp949",
    "th": "cp874",
    "tr": "cp1254",
    "vi": "cp1258",
    "zh": "gb18030",
}
"""Where a document lies about its encoding, what its language was written in; else cp1252."""

_LANGUAGE = re.compile(rb"language[^<>]{0,200}>\s*([A-Za-z]{2})\b")


class MarkupError(Exception):
    """Nothing could be read; the message is a sentence for the user."""


def parse(data: bytes, name: str) -> tuple[Element, list[str]]:
    """Return the root of the document called `name`, and what is wrong with it.

    Raises:
        MarkupError: there is no root, or no end of elements.
    """
    problems: list[str] = []
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:  # type: ignore[attr-defined]  # not in the stubs
            raise MemoryError from error
        root, problem = _recovered(data, error.lineno)
        problems.append(f"{clean(name)} {problem}")
    if root is None:
        raise MarkupError(f"{clean(name)} is not XML.")
    if root.xpath(f"count(//*) > {ELEMENT_LIMIT}"):
        raise MarkupError(f"{clean(name)} has more than {ELEMENT_LIMIT:,} elements.")
    if any(True for _ in root.iter(etree.Entity)):
        problems.append(f"{clean(name)} refers to entities, which were left out.")
    etree.strip_elements(root, etree.Entity, etree.Comment, etree.PI, with_tail=False)
    return root, problems


def local(name: str) -> str:
    """`{uri}Title`, `dc:Title` and `title` are all `title`: prefixes in the wild go wrong."""
    return re.split("[}:]", name)[-1].lower()


def named(root: Element, name: str) -> Iterator[Element]:
    """Every element under `root` whose local name is `name`, in order."""
    return (element for element in root.iter(etree.Element) if local(element.tag) == name)


def text(element: Element) -> str:
    return "".join(map(str, element.itertext()))


def attribute(element: Element, name: str) -> str:
    """The attribute whose local name is `name`, in whatever namespace it was put."""
    values = (str(value) for key, value in element.items() if local(str(key)) == name)
    return next(values, "")


def _parser(*, recover: bool = False, encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        encoding=encoding,
    )


def _recovered(data: bytes, line: int | None) -> tuple[Element | None, str]:
    """Read what can be read of a document that is not well-formed, and say what it is."""
    if _is_utf8(data) or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _forgiven(data, None), f"is not well-formed XML (line {line})."
    recoded = data.decode(_legacy_encoding(data), "replace").encode()
    return _forgiven(recoded, "utf-8"), "is not in the encoding it declares."


def _forgiven(data: bytes, encoding: str | None) -> Element | None:
    try:
        return etree.fromstring(data, _parser(recover=True, encoding=encoding))
    except etree.XMLSyntaxError:  # not even a beginning
        return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _legacy_encoding(data: bytes) -> str:
    found = _LANGUAGE.search(data)
    return LEGACY_ENCODINGS.get(found[1].decode().lower() if found else "", "cp1252")
