"""XML read as hostile: no entity expanded, no file or host asked, no depth without end."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html.entities import name2codepoint

from lxml import etree

from releases.metadata.fields import clean
from releases.metadata.problem import Problem, Unreadable, flaw, problem

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

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_AMPERSAND = re.compile(rb"&(?:(?P<name>[A-Za-z]\w{1,31});|(?!#?\w{1,32};))")
_LANGUAGE = re.compile(rb"language[^<>]{0,200}>\s*([A-Za-z]{2})\b")


class MarkupError(Unreadable):
    """Nothing could be read of a document."""


def parse(data: bytes, name: str) -> tuple[Element, list[Problem]]:
    """Return the root of the document called `name`, and what is wrong with it.

    Raises:
        MarkupError: there is no root, or no end of elements.
    """
    problems: list[Problem] = []
    parser = _parser()
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:  # type: ignore[attr-defined]  # not in the stubs
            raise MemoryError from error
        root, found = _recovered(data, clean(name), parser)
        problems.append(found)
    if root is None:
        raise MarkupError("%(name)s is not XML.", name=clean(name))
    if root.xpath(f"count(//*) > {ELEMENT_LIMIT}"):
        raise MarkupError(
            "%(name)s has more than %(limit)s elements.",
            name=clean(name),
            limit=f"{ELEMENT_LIMIT:,}",
        )
    if any(True for _ in root.iter(etree.Entity)):
        problems.append(
            problem("%(name)s refers to entities, which were left out.", name=clean(name))
        )
    etree.strip_elements(root, etree.Entity, etree.Comment, etree.PI, with_tail=False)
    return root, problems


@lru_cache(maxsize=1024)
def local(name: str) -> str:
    """`{uri}Title`, `dc:Title` and `title` are all `title`: prefixes in the wild go wrong."""
    return name.rpartition("}")[2].rpartition(":")[2].lower()


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


def _recovered(data: bytes, name: str, parser: etree.XMLParser) -> tuple[Element | None, Problem]:
    """Read what can be read of a document that `parser` refused, and say what is wrong with it."""
    log = list(parser.error_log)  # that of the exception tells of earlier documents, too
    facts = {"name": name, "line": log[0].line if log else 1}
    if log and all(one.domain == etree.ErrorDomains.NAMESPACE for one in log):
        found = flaw("%(name)s uses a prefix that it does not declare (line %(line)s).", **facts)
        return _forgiven(data, None), found
    if _is_utf8(data) or data.startswith(_WIDE_MARKS):
        return _forgiven(_spelled(data), None), problem(
            "%(name)s is not well-formed XML (line %(line)s).", **facts
        )
    recoded = data.decode(_legacy_encoding(data), "replace").encode()
    found = problem("%(name)s is not in the encoding it declares.", name=name)
    return _forgiven(_spelled(recoded), "utf-8"), found


def _spelled(data: bytes) -> bytes:
    """Write letters that HTML has names for, and XML has not, by number; `&` alone as itself."""
    return data if data.startswith(_WIDE_MARKS) else _AMPERSAND.sub(_by_number, data)


def _by_number(found: re.Match[bytes]) -> bytes:
    if not found["name"]:
        return b"&amp;"
    code = name2codepoint.get(found["name"].decode())
    return b"&#%d;" % code if code else found[0]


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
