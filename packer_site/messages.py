"""`python -m packer_site.messages`: collect the texts to translate, compile the translations.

For who changes texts: it needs gettext and polib. The site itself only reads the .mo files.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import django
import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import makemessages

SOURCE_LANGUAGE = "en"
IGNORED = ["locale", "node_modules", "tests", "var", "build"]
ENGINES = ("releases/packing", "releases/metadata", "network", "delivery")
"""They know no gettext, so that nothing marks their sentences."""
CARRIERS = {
    *("PackingError", "NamingError", "AnalysisError", "Unreadable", "ArchiveError", "MarkupError"),
    *("Damaged", "damaged", "Note", "problem", "flaw", "ChmError", "Locked", "ProviderError"),
    *("Outage", "Unreachable", "NotAllowed"),
}
"""What the engines build errors and notes with; each takes a sentence first, then its values."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


class Collection(makemessages.Command):
    """Collects as Django does and adds the engines' sentences, but never guesses a translation."""

    def write_po_file(self, potfile: str, locale: str) -> None:
        path = Path(potfile).parent / locale / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        collected = polib.pofile(potfile)
        add_engines(collected)
        updated(path, locale, collected).save(str(path))


def add_engines(catalog: polib.POFile) -> None:
    """Add what engines say; of a text that a page says too, only where, for it may stand once."""
    known = {entry.msgid: entry for entry in catalog if not entry.msgctxt}
    for entry in engine_entries():
        if (same := known.get(entry.msgid)) is None:
            catalog.append(entry)
        else:
            same.occurrences = sorted({*same.occurrences, *entry.occurrences})


def engine_entries() -> Iterator[polib.POEntry]:
    files: defaultdict[str, list[str]] = defaultdict(list)
    for engine in ENGINES:
        for path in sorted(Path(engine).rglob("*.py")):
            for sentence in set(sentences(path.read_text("utf-8"))):
                files[sentence].append(str(path))
    for sentence, found_in in files.items():
        occurrences = [(path, "") for path in found_in]
        yield polib.POEntry(msgid=sentence, occurrences=occurrences, flags=["python-format"])


def sentences(code: str) -> Iterator[str]:
    """Yield what the errors in `code` say, be it in the call itself or kept in a table."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name),
                args=[ast.Constant(value=str(text)), *_],
            ) if name in CARRIERS:
                yield text
            case ast.Constant(value=str(text)) if PLACEHOLDER.search(text):
                yield text


def updated(path: Path, locale: str, collected: polib.POFile) -> polib.POFile:
    """Return the catalog at `path` with the texts of `collected`, and no others.

    That of the source's own language holds only those that are written in another one.
    """
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    old.merge(collected)
    new = polib.POFile(wrapwidth=100)
    new.metadata = old.metadata | {"Language": locale, "Content-Type": "text/plain; charset=UTF-8"}
    for entry in sorted(old, key=lambda entry: entry.msgid):
        if not entry.obsolete and (locale != SOURCE_LANGUAGE or entry.translated()):
            new.append(entry)
    return new


def collect() -> None:
    """Bring the catalogs of LOCALE_PATHS up to date with the source."""
    with chdir(settings.BASE_DIR):
        call_command(
            Collection(),
            locale=[code for code, _ in settings.LANGUAGES],
            ignore_patterns=[*IGNORED],
            add_location="file",
            verbosity=0,
        )


def compile_catalogs() -> None:
    for folder in settings.LOCALE_PATHS:
        for path in Path(folder).glob("*/LC_MESSAGES/django.po"):
            polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


if __name__ == "__main__":
    django.setup()
    collect()
    compile_catalogs()
