"""EPUB 2 and 3: the archive, its protection, its package document and its cover.

Source: docs/formats/epub.md.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from releases.metadata import archive, contents, markup, opf
from releases.metadata.archive import IMAGE_LIMIT, XML_LIMIT, ArchiveError, Locked
from releases.metadata.candidate import PROBLEM_LIMIT, Analysis
from releases.metadata.fields import clean
from releases.metadata.markup import Element, MarkupError, attribute, named
from releases.metadata.problem import Problem, flaw, problem

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
MIMETYPE = b"application/epub+zip"

OBFUSCATION = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
"""Fonts scrambled by these are open to every reader: not a protection."""
LICENCES = {
    "META-INF/license.lcpl": "Readium LCP",
    "META-INF/sinf.xml": "Apple FairPlay",
    "META-INF/rights.xml": "Adobe ADEPT",
}
"""Files that only a protected book carries."""
SCHEME_MARKS = {b"ns.adobe.com/adept": "Adobe ADEPT", b"readium.org/": "Readium LCP"}
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"RIFF")
COVER_TRIES = 10
"""Pictures looked at: a trap may name thousands."""
PAGE_SUFFIXES = (".xhtml", ".html", ".htm", ".xml")


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    try:
        with archive.opened(path) as book:
            return _read(book, size)
    except ArchiveError as error:
        return Analysis(format="epub", size=size, valid=False, problems=(error.problem,))


def _read(book: ZipFile, size: int) -> Analysis:
    problems = [*archive.problems(book)]
    drm = _drm(book, problems)
    name = _package_name(book, problems)
    package = _package(book, name, problems)
    problems += [*_mimetype_flaws(book), *(opf.flaws(package) if package else ())]
    metadata, sources = opf.metadata(package) if package else ({}, {})
    for field, (number, place) in contents.counts(book, package, name).items() if package else ():
        metadata.setdefault(field, number)
        sources.setdefault(field, place)
    return Analysis(
        format="epub",
        size=size,
        valid=not problems,
        problems=tuple(problems[:PROBLEM_LIMIT]),
        drm=drm,
        encrypted=bool(drm),
        metadata=metadata,
        sources=sources,
        mediainfo={"format": "EPUB", "version": package.version if package else "", "size": size},
        structure=archive.structure(book),
        cover=package is not None and bool(_cover(book, package, name)),
    )


def _mimetype_flaws(book: ZipFile) -> Iterator[Problem]:
    try:
        if archive.read(book, "mimetype", XML_LIMIT).strip() != MIMETYPE:
            yield flaw("The mimetype entry does not say that this is an EPUB.")
    except Locked:
        pass
    except ArchiveError as error:
        yield replace(error.problem, is_flaw=True)


def _drm(book: ZipFile, problems: list[Problem]) -> str:
    """Name the protection; encrypted fonts alone are none."""
    names = book.NameToInfo
    if "rights.xml" in names and b"kobobooks" in (_content(book, "rights.xml", problems) or b""):
        return "Kobo"
    for name, kind in LICENCES.items():
        if name in names:
            return kind
    if any(archive.is_locked(entry) for entry in archive.files(book)):
        return "encrypted entries"
    return _scheme(book, problems) if ENCRYPTION in names else ""


def _scheme(book: ZipFile, problems: list[Problem]) -> str:
    content = _content(book, ENCRYPTION, problems)
    root = _root(content, ENCRYPTION, problems)
    if content is None or root is None or _algorithms(root) <= OBFUSCATION:
        return ""
    marks = (kind for mark, kind in SCHEME_MARKS.items() if mark in content)
    return next(marks, "encrypted content")


def _algorithms(encryption: Element) -> set[str]:
    """How each file is encrypted; a file that does not say counts as by something else."""
    return {
        algorithm
        for file in named(encryption, "encrypteddata")
        for algorithm in [attribute(one, "algorithm") for one in named(file, "encryptionmethod")]
        or [""]
    }


def _package_name(book: ZipFile, problems: list[Problem]) -> str:
    """Where the package document lies: as the container says, else the likeliest entry."""
    root = _root(_content(book, CONTAINER, problems), CONTAINER, problems)
    for rootfile in named(root, "rootfile") if root is not None else ():
        name = archive.resolve(book, attribute(rootfile, "full-path"))
        if name:
            return name
    if root is not None:
        problems.append(
            problem("%(name)s names no package document of the archive.", name=CONTAINER)
        )
    found = [name for name in book.namelist() if name.lower().endswith(".opf")]
    return min(found, key=lambda name: (name.count("/"), name), default="")


def _package(book: ZipFile, name: str, problems: list[Problem]) -> opf.Package | None:
    if not name:
        problems.append(problem("The archive has no package document (.opf)."))
        return None
    root = _root(_content(book, name, problems), name, problems)
    if root is None:
        return None
    package = opf.Package(root)
    problems += _spine_problems(book, package, name)
    return package


def _spine_problems(book: ZipFile, package: opf.Package, base: str) -> Iterator[Problem]:
    if not package.spine:
        yield problem("The package document has no spine: there is nothing to read.")
    hrefs = [package.items[one].href for one in package.spine if one in package.items]
    missing = [href for href in hrefs if not archive.resolve(book, href, base)]
    if missing:
        yield problem(
            "%(count)s files to read are missing, the first is %(name)s.",
            count=len(missing),
            name=clean(missing[0]),
        )


def cover(path: Path) -> bytes:
    """Return the picture of the cover, as it stands in the archive, or nothing."""
    unheard: list[Problem] = []
    try:
        with archive.opened(path) as book:
            name = _package_name(book, unheard)
            package = _package(book, name, unheard)
            return _cover(book, package, name) if package else b""
    except ArchiveError:
        return b""


def _cover(book: ZipFile, package: opf.Package, base: str) -> bytes:
    for name in islice(_cover_names(book, package, base), COVER_TRIES):
        try:
            content = archive.read(book, name, IMAGE_LIMIT)
        except ArchiveError:
            continue
        if content.startswith(PICTURES) or b"<svg" in content[:4096]:
            return content
    return b""


def _cover_names(book: ZipFile, package: opf.Package, base: str) -> Iterator[str]:
    """Entries said to be the cover: by EPUB 3, by EPUB 2, by the page the guide names."""
    marked = [one.href for one in package.items.values() if "cover-image" in one.properties]
    named_by_meta = package.meta("cover")
    if named_by_meta in package.items:
        marked.append(package.items[named_by_meta].href)
    guide = named(package.root, "reference")
    pages = [attribute(one, "href") for one in guide if attribute(one, "type").lower() == "cover"]
    for href in [*marked, named_by_meta, *pages][:COVER_TRIES]:
        name = archive.resolve(book, href, base)
        if name.lower().endswith(PAGE_SUFFIXES):
            yield from _page_images(book, name)
        else:
            yield name


def _page_images(book: ZipFile, page: str) -> Iterator[str]:
    """The images shown by a cover page."""
    try:
        root, _ = markup.parse(archive.read(book, page, XML_LIMIT), page)
    except (ArchiveError, MarkupError):
        return
    for kind, link in (("img", "src"), ("image", "href")):
        for image in named(root, kind):
            yield archive.resolve(book, attribute(image, link), page)


def _content(book: ZipFile, name: str, problems: list[Problem]) -> bytes | None:
    """The entry `name`, or nothing and why. A lock is no damage: it is told as protection."""
    try:
        return archive.read(book, name, XML_LIMIT)
    except Locked:
        return None
    except ArchiveError as error:
        problems.append(error.problem)
        return None


def _root(data: bytes | None, name: str, problems: list[Problem]) -> Element | None:
    if data is None:
        return None
    try:
        root, wrong = markup.parse(data, name)
    except MarkupError as error:
        problems.append(error.problem)
        return None
    problems += wrong
    return root
