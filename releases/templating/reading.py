"""From the text of a template to its parts, none of which a page of text has no need of."""

from typing import Any, NoReturn

from jinja2 import TemplateSyntaxError, meta, nodes

from releases.templating.functions import FUNCTIONS
from releases.templating.sandbox import Environment

MAX_TEMPLATE_CHARACTERS = 100_000
MAX_TEMPLATE_PARTS = 5_000
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


def gettext_noop(template: str) -> str:
    """Mark a sentence for translation at the door."""
    return template


def parsed(text: str, env: Environment) -> nodes.Template:
    """Parse `text`, refusing what a page of text has no need of."""
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        refuse(None, "the template is too long")
    try:
        tree = env.parse(text)
        check_shape(tree)
        check_names(tree, env)
        meta.find_undeclared_variables(tree)  # finds what was missed above
    except TemplateSyntaxError as error:
        refuse(error.lineno, (error.message or "").rstrip("."))
    except ValueError:  # from Python, of a number with thousands of digits
        refuse(None, "a number is too large")
    except RecursionError:
        refuse(None, "its parts stand too deep inside one another")
    return tree


def check_shape(tree: nodes.Template) -> None:
    """Refuse what is not on the list, and what is too much of it."""
    parts = list(tree.find_all(nodes.Node))
    if len(parts) > MAX_TEMPLATE_PARTS:
        refuse(None, "the template has too many placeholders")
    for node in parts:
        if not isinstance(node, ALLOWED):
            refuse(node.lineno, type(node).__name__.lower())
    if depth(tree, nodes.For) > MAX_LOOP_DEPTH:
        refuse(None, "loops inside loops inside loops")
    if depth(tree, nodes.Node) > MAX_TEMPLATE_DEPTH:
        refuse(None, "its parts stand too deep inside one another")


def check_names(tree: nodes.Template, env: Environment) -> None:
    """Refuse an unknown filter, and every call but of our own functions: texts have methods."""
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        if node.name not in (env.filters if isinstance(node, nodes.Filter) else env.tests):
            refuse(node.lineno, f"there is no {node.name}")
    for call in tree.find_all(nodes.Call):
        if getattr(call.node, "name", None) not in FUNCTIONS:
            refuse(call.lineno, "only functions can be called")
    for name in tree.find_all(nodes.Name):
        if name.ctx == "store" and name.name in FUNCTIONS:
            refuse(name.lineno, f"{name.name} is a function")


def depth(node: nodes.Node, kind: type[nodes.Node]) -> int:
    """Return how deep nodes of `kind` stand inside one another in `node`."""
    inner = max((depth(child, kind) for child in node.iter_child_nodes()), default=0)
    return inner + isinstance(node, kind)


def refuse(line: int | None, reason: str) -> NoReturn:
    raise TemplateError(
        gettext_noop("Line %(line)d of the template cannot be used: %(reason)s."),
        line=line or 1,
        reason=reason,
    )
