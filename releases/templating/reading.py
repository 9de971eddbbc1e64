"""From the text of a template to its parts, none of which a page of text has no need of."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from jinja2 import TemplateSyntaxError, nodes

from releases.templating.language import FUNCTIONS
from releases.templating.sandbox import Environment

MAX_TEMPLATE_CHARACTERS = 100_000
MAX_TEMPLATE_PARTS = 3_000
MAX_TEMPLATE_DEPTH = 40
MAX_LOOP_DEPTH = 2
ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For),
    *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Keyword),
    *(nodes.Call, nodes.CondExpr, nodes.Concat, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod),
)


class TemplateError(Exception):
    """The template cannot be rendered; the message is for its author. See `PackingError`."""

    def __init__(self, template: str, **values: Any) -> None:
        self.template, self.values = template, values
        super().__init__(template % values)

    @property
    def line(self) -> int:
        """Return where in the template, from 1."""
        return int(self.values.get("line", 1))


def gettext_noop(template: str) -> str:
    """Mark a sentence for translation at the door."""
    return template


def parsed(text: str, env: Environment) -> nodes.Template:
    """Parse `text`, refusing what a page of text has no need of."""
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        refuse(None, "the template is too long")
    with told_to_its_author():
        tree = env.parse(text)
        parts = list(tree.find_all(nodes.Node))
        check_shape(tree, parts)
        for part in parts:
            check_name(part, env)
    return tree


@contextmanager
def told_to_its_author() -> Iterator[None]:
    """Raise TemplateError for what parsing and compiling may raise."""
    try:
        yield
    except TemplateSyntaxError as error:
        refuse(error.lineno, (error.message or "").rstrip("."))
    except ValueError:  # from Python, of a number with thousands of digits
        refuse(None, "a number is too large")
    except RecursionError:
        refuse(None, "its parts stand too deep inside one another")


def check_shape(tree: nodes.Template, parts: list[nodes.Node]) -> None:
    """Refuse what is not on the list, and what is too much of it."""
    if len(parts) > MAX_TEMPLATE_PARTS:
        refuse(None, "the template has too many placeholders")
    for node in parts:
        if not isinstance(node, ALLOWED):
            refuse(node.lineno, type(node).__name__.lower())
    if depth(tree, nodes.For) > MAX_LOOP_DEPTH:
        refuse(None, "loops inside loops inside loops")
    if depth(tree, nodes.Node) > MAX_TEMPLATE_DEPTH:
        refuse(None, "its parts stand too deep inside one another")


def check_name(node: nodes.Node, env: Environment) -> None:
    """Refuse an unknown filter, and every call but of our own functions: texts have methods."""
    match node:
        case nodes.Filter() | nodes.Test():
            if node.name not in (env.filters if isinstance(node, nodes.Filter) else env.tests):
                refuse(node.lineno, f"there is no {node.name}")
        case nodes.Call():
            if getattr(node.node, "name", None) not in FUNCTIONS:
                refuse(node.lineno, "only functions can be called")
        case nodes.Name(ctx="store"):
            if node.name in FUNCTIONS:
                refuse(node.lineno, f"{node.name} is a function")


def depth(node: nodes.Node, kind: type[nodes.Node]) -> int:
    """Return how deep nodes of `kind` stand inside one another in `node`."""
    inner = max((depth(child, kind) for child in node.iter_child_nodes()), default=0)
    return inner + isinstance(node, kind)


def unknown(node: nodes.Node, known: frozenset[str]) -> Iterator[nodes.Name]:
    """Yield each name in `node` that stands for nothing, as often as it is asked for."""
    if isinstance(node, nodes.For):
        yield from unknown(node.iter, known)
        for otherwise in node.else_:
            yield from unknown(otherwise, known)
        inside = known | {"loop", *names_of(node.target)}
        for part in (*node.body, *([node.test] if node.test else [])):
            yield from unknown(part, inside)
    elif isinstance(node, nodes.Name):
        if node.name not in known:
            yield node
    else:
        for child in node.iter_child_nodes():
            yield from unknown(child, known)


def names_of(target: nodes.Node) -> set[str]:
    """Return the names that the items of a loop get."""
    return (
        {target.name}
        if isinstance(target, nodes.Name)
        else {name.name for name in target.find_all(nodes.Name)}
    )


def refuse(line: int | None, reason: str) -> NoReturn:
    raise TemplateError(
        gettext_noop("Line %(line)d of the template cannot be used: %(reason)s."),
        line=line or 1,
        reason=reason,
    )
