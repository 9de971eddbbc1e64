"""NFO templates: text with ``{{ title }}``, ``{% if %}`` and ``{% for %}``. No Django here.

A template is written by a user, so it runs in Jinja2's sandbox, may only show, test and repeat,
and can neither run long nor grow large: no value of it is kept under a new name, its methods
cannot be called, each of its values is bounded, and a clock stops it.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import meta, nodes
from jinja2.exceptions import SecurityError

from releases.templating.functions import (
    FUNCTIONS,
    MAX_CHARACTERS,
    columns,
    format_date,
    format_size,
    row,
)
from releases.templating.reading import (
    MAX_TEMPLATE_CHARACTERS,
    TemplateError,
    gettext_noop,
    parsed,
)
from releases.templating.sandbox import Bounded, Environment

__all__ = [
    "MAX_TEMPLATE_CHARACTERS",
    "TemplateError",
    "columns",
    "format_date",
    "format_size",
    "render",
    "row",
    "unknown_names",
]


def unknown_names(text: str, known: Mapping[str, Any]) -> list[str]:
    """Return the placeholders of `text` that stand for nothing, sorted.

    Raises:
        TemplateError: `text` is malformed, or does what no template may do.
    """
    return asked_in_vain(parsed(text, Environment()), known)


def asked_in_vain(tree: nodes.Template, known: Iterable[str]) -> list[str]:
    return sorted(meta.find_undeclared_variables(tree) - set(known) - set(FUNCTIONS))


def render(text: str, facts: Mapping[str, Any]) -> str:
    """Return the template `text` filled with `facts`.

    Raises:
        TemplateError: it is malformed, names something unknown, or asks for too much.
    """
    env = Environment()
    try:
        code = compiled(text, frozenset(facts))
        template = env.template_class.from_code(env, code, env.make_globals(None))
        return "".join(within_limits(template.generate(**facts)))
    except TemplateError:
        raise
    except Exception as error:  # a template is a program of its author: so are its faults
        raise TemplateError(
            gettext_noop("The template cannot be rendered: %(reason)s."),
            reason=str(error).rstrip(".") or type(error).__name__,
        ) from error


@lru_cache(maxsize=8)  # one release is rendered for its name, its report and its row
def compiled(text: str, known: frozenset[str]) -> CodeType:
    """Return the program that `text` is, after making sure that it asks for `known` facts alone."""
    env = Environment()
    tree = parsed(text, env)
    if unknown := asked_in_vain(tree, known):
        raise TemplateError(
            gettext_noop("The template asks for what does not exist: %(names)s."),
            names=", ".join(unknown),
        )
    return env.compile(Bounded().visit(tree))


def within_limits(pieces: Iterator[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_CHARACTERS:
            raise SecurityError("it gives too much text")
        yield piece
