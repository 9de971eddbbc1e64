"""NFO templates: text with ``{{ title }}``, ``{% if %}`` and ``{% for %}``. No Django here.

A template is written by a user, so it runs in Jinja2's sandbox, may only show, test and repeat,
and can neither run long nor grow large.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from babel.dates import format_date as babel_format_date
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_TEMPLATE_CHARACTERS = 100_000
MAX_OUTPUT_CHARACTERS = 200_000
MAX_LOOP_ITEMS = 1_000
MAX_LOOP_DEPTH = 2
FORBIDDEN = (
    *(nodes.Macro, nodes.CallBlock, nodes.Block, nodes.Extends, nodes.Include, nodes.Import),
    *(nodes.FromImport, nodes.FilterBlock, nodes.Pow),
)
FILTERS = (
    *("center", "default", "first", "join", "last", "length", "lower", "replace"),
    *("title", "trim", "truncate", "upper", "int", "list", "sort"),
)
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class TemplateError(Exception):
    """The template cannot be rendered; the message is for its author. See `PackingError`."""

    def __init__(self, template: str, **values: Any) -> None:
        self.template, self.values = template, values
        super().__init__(template % values)


def gettext_noop(template: str) -> str:
    """Mark a sentence for translation at the door."""
    return template


def format_size(size: int) -> str:
    """Return `size` bytes in binary units, e.g. ``1.5 MiB``."""
    power = min(max(0, size.bit_length() - 1) // 10, len(UNITS) - 1)
    return f"{size / 1024**power:.1f} {UNITS[power]}" if power else f"{size} B"


def format_date(date: dt.date | str, pattern: str = "yyyy-MM-dd", locale: str = "en") -> str:
    """Return `date` by a CLDR pattern, e.g. ``d MMMM yyyy``."""
    day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    return babel_format_date(day, pattern, locale=locale)


def uppercase(text: Any) -> str:
    return str(text).upper()


def few(*bounds: int) -> list[int]:
    """Stand in for `range`, which could ask for more turns than a page has lines."""
    numbers = range(*bounds)
    if len(numbers) > MAX_LOOP_ITEMS:
        raise SecurityError("too many turns")
    return list(numbers)


def pad(text: Any, width: int) -> str:
    """Return `text` exactly `width` columns wide, cut or filled, so that a box keeps its edge."""
    return str(text)[:width].ljust(width)


def columns(text: Any, width: int) -> list[str]:
    """Return `text` wrapped into lines of at most `width` columns."""
    lines, line = [], ""
    for word in str(text).split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()[: max(width, 1)]
    return [*lines, line] if line else lines


def row(label: str, value: Any, width: int = 78) -> str:
    """Return the lines of a box that tell `value`, wrapped; none where there is none."""
    room = width - 17
    lines = columns(value, room) if value else []
    labels = [label, *[""] * len(lines)]
    return "".join(
        f"│ {pad(left, 12)} {pad(right, room)} │\n"
        for left, right in zip(labels, lines, strict=False)
    )


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2 with less: no multiplication of texts, no long loops, no code of its own."""

    intercepted_binops = frozenset(["*", "%"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(value, int | float) for value in (left, right)):
            if isinstance(right, int) and isinstance(left, str) and right <= MAX_LOOP_ITEMS:
                return (left * right)[:MAX_OUTPUT_CHARACTERS]
            raise SecurityError("only numbers can be multiplied")
        return super().call_binop(context, operator, left, right)


def environment() -> Environment:
    env = Environment(undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True)
    env.filters = {name: env.filters[name] for name in FILTERS} | {
        "pad": pad,
        "columns": columns,
        "format_size": format_size,
        "format_date": format_date,
    }
    env.filters["uppercase"] = uppercase
    env.globals = {
        "range": few,
        "format_date": format_date,
        "format_size": format_size,
        "row": row,
        "uppercase": uppercase,
    }
    return env


ENVIRONMENT = environment()


def unknown_names(text: str, known: Mapping[str, Any]) -> list[str]:
    """Return the placeholders of `text` that stand for nothing, sorted."""
    asked = meta.find_undeclared_variables(parsed(text))
    return sorted(asked - set(known) - set(ENVIRONMENT.globals))


def render(text: str, facts: Mapping[str, Any]) -> str:
    """Return the template `text` filled with `facts`.

    Raises:
        TemplateError: it is malformed, names something unknown, or asks for too much.
    """
    if unknown := unknown_names(text, facts):
        raise TemplateError(
            gettext_noop("The template asks for what does not exist: %(names)s."),
            names=", ".join(unknown),
        )
    try:
        pieces = ENVIRONMENT.from_string(text).generate(**facts)
        return "".join(within_limits(pieces))
    except (UndefinedError, TemplateRuntimeError, SecurityError, TypeError, ValueError) as error:
        raise TemplateError(
            gettext_noop("The template cannot be rendered: %(reason)s."),
            reason=str(error).rstrip("."),
        ) from error


def within_limits(pieces: Iterator[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_OUTPUT_CHARACTERS:
            raise TemplateRuntimeError("it gives too much text")
        yield piece


def parsed(text: str) -> nodes.Template:
    """Parse `text`, refusing what a page of text has no need of."""
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        refuse(0, "the template is too long")
    try:
        tree = ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        refuse(error.lineno, error.message or "")
    for node in tree.find_all(FORBIDDEN):
        refuse(node.lineno, type(node).__name__.lower())
    if depth(tree) > MAX_LOOP_DEPTH:
        refuse(tree.lineno, "loops inside loops inside loops")
    return tree


def depth(node: nodes.Node) -> int:
    """Return how deep loops stand inside one another in `node`."""
    inner = max((depth(child) for child in node.iter_child_nodes()), default=0)
    return inner + isinstance(node, nodes.For)


def refuse(line: int, reason: str) -> NoReturn:
    raise TemplateError(
        gettext_noop("Line %(line)d of the template cannot be used: %(reason)s."),
        line=line,
        reason=reason,
    )
