"""Makers of office documents, by code alone."""

from collections.abc import Mapping
from pathlib import Path

from tests.books import write_zip

RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
PACKAGE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CORE = (
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
)
OPEN = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
ODT = b"application/vnd.oasis.opendocument.text"
THUMBNAIL = b"\xff\xd8\xff\xe0 of the first page"
PICTURE = b"\x89PNG\r\n\x1a\n of the first page"


def make_docx(
    path: Path,
    core: str = "",
    *,
    extended: str = "",
    custom: Mapping[str, str] | None = None,
    language: str = "",
    entries: Mapping[str, bytes | None] | None = None,
) -> Path:
    """Write a DOCX; `core` and `extended` are the elements of its properties.

    `entries` adds or replaces parts; `None` leaves one out.
    """
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "_rels/.rels": relations(
            {
                f"{RELATION}officeDocument": "word/document.xml",
                f"{PACKAGE_RELATION}core-properties": "docProps/core.xml",
                f"{PACKAGE_RELATION}thumbnail": "docProps/thumbnail.jpeg",
            }
        ),
        "word/document.xml": f"<w:document {WORD}/>".encode(),
        "docProps/core.xml": core_properties(core),
        "docProps/app.xml": f"<Properties>{extended}</Properties>".encode(),
        "docProps/custom.xml": _custom(custom or {}),
        "docProps/thumbnail.jpeg": THUMBNAIL,
        "word/styles.xml": (
            f"<w:styles {WORD}><w:docDefaults><w:rPrDefault><w:rPr>"
            f'<w:lang w:val="{language}" w:eastAsia="ja-JP"/>'
            "</w:rPr></w:rPrDefault></w:docDefaults></w:styles>"
        ).encode(),
    }
    return _write(path, parts, entries)


def relations(targets: Mapping[str, str]) -> bytes:
    listed = (f'<Relationship Type="{kind}" Target="{name}"/>' for kind, name in targets.items())
    return f"<Relationships>{''.join(listed)}</Relationships>".encode()


def core_properties(elements: str) -> bytes:
    return f"<cp:coreProperties {CORE}>{elements}</cp:coreProperties>".encode()


def make_odt(
    path: Path,
    meta: str = "",
    *,
    language: str = "none",
    country: str = "none",
    entries: Mapping[str, bytes | None] | None = None,
) -> Path:
    """Write an ODT; `meta` is the elements of its metadata."""
    parts = {
        "mimetype": ODT,
        "META-INF/manifest.xml": manifest("content.xml"),
        "meta.xml": (
            f'<office:document-meta {OPEN} office:version="1.3">'
            f"<office:meta>{meta}</office:meta></office:document-meta>"
        ).encode(),
        "styles.xml": (
            f"<office:document-styles {OPEN}><office:styles>"
            '<style:default-style style:family="graphic">'
            '<style:text-properties fo:language="zz" fo:country="ZZ"/></style:default-style>'
            '<style:default-style style:family="paragraph">'
            f'<style:text-properties fo:language="{language}" fo:country="{country}"/>'
            "</style:default-style></office:styles></office:document-styles>"
        ).encode(),
        "content.xml": f"<office:document-content {OPEN}/>".encode(),
        "Thumbnails/thumbnail.png": PICTURE,
    }
    return _write(path, parts, entries)


def manifest(*names: str, is_locked: bool = False) -> bytes:
    inside = "<manifest:encryption-data/>" if is_locked else ""
    listed = (
        f'<manifest:file-entry manifest:full-path="{name}">{inside}</manifest:file-entry>'
        for name in names
    )
    return f"<manifest:manifest {OPEN}>{''.join(listed)}</manifest:manifest>".encode()


def _custom(values: Mapping[str, str]) -> bytes:
    listed = (
        f'<property name="{name}"><vt:lpwstr>{value}</vt:lpwstr></property>'
        for name, value in values.items()
    )
    return f'<Properties xmlns:vt="vt">{"".join(listed)}</Properties>'.encode()


def _write(
    path: Path, parts: Mapping[str, bytes], entries: Mapping[str, bytes | None] | None
) -> Path:
    content = {**parts, **(entries or {})}
    return write_zip(path, {name: data for name, data in content.items() if data is not None})
