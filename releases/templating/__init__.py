"""NFO templates: text with ``{{ title }}``, ``{% if %}`` and ``{% for %}``. No Django here.

A template is written by a user, so it runs in Jinja2's sandbox, may only show, test and repeat,
and can neither run long nor grow large: no value of it is kept under a new name, its methods
cannot be called, each of its values is bounded, and a clock stops it.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from releases.templating.attempt import MARKS, Attempt, Fault, attempt
from releases.templating.boxes import row
from releases.templating.functions import columns, format_date, format_duration, format_size
from releases.templating.language import FUNCTIONS
from releases.templating.legacy import is_legacy, translated
from releases.templating.reading import (
    MAX_TEMPLATE_CHARACTERS,
    TemplateError,
    gettext_noop,
    parsed,
    unknown,
)
from releases.templating.running import compiled, run
from releases.templating.sandbox import Carry, Environment, bounded, carried, unchanged

__all__ = [
    "MARKS",
    "MAX_TEMPLATE_CHARACTERS",
    "Attempt",
    "Fault",
    "TemplateError",
    "attempt",
    "columns",
    "format_date",
    "format_duration",
    "format_size",
    "is_legacy",
    "render",
    "row",
    "translated",
    "unknown_names",
]


def unknown_names(text: str, known: Mapping[str, Any]) -> list[str]:
    """Return the placeholders of `text` that stand for nothing, sorted.

    Raises:
        TemplateError: `text` is malformed, or does what no template may do.
    """
    tree = parsed(text, Environment())
    return sorted({name.name for name in unknown(tree, frozenset([*known, *FUNCTIONS]))})


def render(text: str, facts: Mapping[str, Any], carry: Carry = unchanged) -> str:
    """Return the template `text` filled with `facts`, all of it as `carry` says.

    Raises:
        TemplateError: it is malformed, names something unknown, or asks for too much.
    """
    env = Environment(carry)
    code = program(text, frozenset(facts), carry)
    return "".join(run(code, env, carried(facts, carry)))


@lru_cache(maxsize=8)  # one release is rendered for its name, its report and its row
def program(text: str, known: frozenset[str], carry: Carry) -> CodeType:
    """Return the program that `text` is, after making sure that it asks for `known` facts alone."""
    env = Environment(carry)
    tree = parsed(text, env)
    strange = {name.name for name in unknown(tree, known | FUNCTIONS.keys())}
    if strange:
        raise TemplateError(
            gettext_noop("The template asks for what does not exist: %(names)s."),
            names=", ".join(sorted(strange)),
        )
    return compiled(bounded(tree, carry), env)
