"""A template at work."""

from collections.abc import Iterator, Mapping
from traceback import walk_tb
from types import CodeType
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError, UndefinedError

from releases.templating.functions import MAX_CHARACTERS
from releases.templating.reading import TemplateError, gettext_noop, told_to_its_author
from releases.templating.sandbox import Environment

FILE = "<template>"
"""What Jinja2 calls the program of a template."""


class MissingPart(TemplateError):
    """A fact has no such part."""


def compiled(tree: nodes.Template, env: Environment) -> CodeType:
    with told_to_its_author():
        return env.compile(tree)


def run(code: CodeType, env: Environment, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pieces of what a template gives.

    Raises:
        TemplateError: it asks for what there is not, or for too much.
    """
    template = env.template_class.from_code(env, code, env.make_globals(None))
    try:
        yield from within_limits(template.root_render_func(template.new_context(dict(facts))))
    except Exception as error:  # a template is a program of its author: so are its faults
        raise fault_of(error, template) from error


def within_limits(pieces: Iterator[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_CHARACTERS:
            raise SecurityError("it gives too much text")
        yield piece


def fault_of(error: Exception, template: Template) -> TemplateError:
    kind = MissingPart if isinstance(error, UndefinedError) else TemplateError
    return kind(
        gettext_noop("Line %(line)d of the template cannot be rendered: %(reason)s."),
        line=line_of(error, template),
        reason=str(error).rstrip(".") or type(error).__name__,
    )


def line_of(error: Exception, template: Template) -> int:
    """Return the line of the template that raised `error`; 1 where none did by itself."""
    frames = walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == FILE]
    return template.get_corresponding_lineno(lines[-1]) if lines else 1
