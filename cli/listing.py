"""The document of a batch: what it may say, and where it is wrong."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.options import add_release_options

PARTS = ("items", "defaults")
EXAMPLE = '{"file": "book.epub"}'
PATHS = ("file", "output", "proof")
"""What is meant from where the document lies."""
SEVERAL = "proof"
"""What may be a list."""


class Item(NamedTuple):
    file: str
    """As the document names it."""
    options: Namespace


class WordParser(ArgumentParser):
    """Reads the words of an item as the options of a command are read."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def word_parser() -> ArgumentParser:
    parser = WordParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--file", type=Path)
    add_release_options(parser)
    return parser


WORDS = vars(word_parser().parse_args([]))
"""What an item may say, each with what is meant where nothing says it."""
SHARED = WORDS.keys() - {"file"}
"""What can be said of all items at once."""


def read_items(document: bytes, folder: Path, given: Mapping[str, Any]) -> list[Item]:
    """Return the items of `document`, whose paths are meant from `folder`.

    `given` is what the command says of them all: it wins over the defaults of the document.

    Raises:
        Stop: the document cannot be used; says where it is wrong.
    """
    listed, defaults = parted(loaded(document))
    unsaid = dict.fromkeys(WORDS)
    meant = vars(read(defaults, _("defaults"), SHARED, folder, unsaid))
    meant = {name: value for name, value in meant.items() if value is not None} | dict(given)
    return [item(words, number, folder, meant) for number, words in enumerate(listed, 1)]


def loaded(document: bytes) -> Any:
    try:
        return json.loads(document.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        refuse(_("byte %(number)d") % {"number": error.start + 1}, _("this is not UTF-8."))
    except json.JSONDecodeError as error:
        place = _("line %(line)d, column %(column)d")
        refuse(place % {"line": error.lineno, "column": error.colno}, error.msg)
    except (ValueError, RecursionError) as error:
        refuse(_("document"), str(error))


def parted(content: Any) -> tuple[list[Any], Any]:
    """Return the items, and the defaults."""
    if isinstance(content, list):
        return content, {}
    place = _("document")
    if not isinstance(content, dict):
        refuse(place, _("write a list of items."))
    try:
        named(content, PARTS)
    except ValueError as error:
        refuse(place, str(error))
    if not isinstance(content.get("items"), list):
        refuse(place, _("items must be a list."))
    return content["items"], content.get("defaults", {})


def item(words: Any, number: int, folder: Path, meant: Mapping[str, Any]) -> Item:
    place = _("item %(number)d") % {"number": number}
    options = read(words, place, WORDS, folder, meant)
    for name in ("file", "group"):
        if not getattr(options, name):
            refuse(place, _("%(word)s is missing.") % {"word": name})
    return Item(words["file"], options)


def read(
    words: Any, place: str, allowed: Collection[str], folder: Path, meant: Mapping[str, Any]
) -> Namespace:
    """Return what `words` say, and what is `meant` where they say nothing."""
    if not isinstance(words, dict):
        refuse(place, _("write an object, such as %(example)s.") % {"example": EXAMPLE})
    try:
        said = named(words, allowed)
        still = {name: value for name, value in meant.items() if said.get(name) is not False}
        return word_parser().parse_args(list(arguments(said, folder)), Namespace(**still))
    except ValueError as error:
        refuse(place, str(error))


def named(words: Mapping[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    """Return `words` by the names of options; a dash may stand where those have a line.

    Raises:
        ValueError: one is not `allowed`.
    """
    said = {word.replace("-", "_"): value for word, value in words.items()}
    for word in sorted(said.keys() - set(allowed)):
        sentence = _("%(word)s says nothing here. Did you mean %(words)s?")
        if not (near := get_close_matches(word, allowed, n=1)):
            sentence = _("%(word)s says nothing here: an item says %(words)s.")
        values = {"word": word, "words": ", ".join(near or sorted(allowed))}
        raise ValueError(sentence % values)
    return said


def arguments(said: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Yield the options of a command that say the same."""
    for name, value in said.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(WORDS[name], bool):
            yield from [option] if truth(name, value) else []
        elif value is not None:
            several = value if name == SEVERAL and isinstance(value, list) else [value]
            for written in (text(name, one) for one in several):
                yield f"{option}={folder / written if name in PATHS else written}"


def truth(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(_("%(word)s must be true or false.") % {"word": name})


def text(name: str, value: object) -> str:
    written = str(value)
    is_text = isinstance(value, str | int) and not isinstance(value, bool)
    is_whole = written.encode(errors="ignore").decode() == written  # no half of a character
    if not (is_text and is_whole) or "\0" in written:
        raise ValueError(_("%(word)s must be a text or a whole number.") % {"word": name})
    return written


def refuse(place: str, sentence: str) -> NoReturn:
    raise Stop(Exit.INVALID, f"{place}: {sentence}")
