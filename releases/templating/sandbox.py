"""Where templates run: Jinja2's sandbox, with bounds on time, numbers, texts and loops."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, cast

from jinja2 import Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from releases.templating.functions import MAX_LOOP_ITEMS, join, plain, wide
from releases.templating.language import BUILT_IN, FILTERS, FUNCTIONS

MAX_NUMBER = 10**30
MAX_SECONDS = 0.8
"""Of work, not of waiting: a busy machine refuses no template."""

Carry = Callable[[str], str]
"""Makes of a text what the encoding of the page can carry, before anything measures it."""


def unchanged(text: str) -> str:
    return text


class Missing(Undefined):
    """What a fact lacks: it may be tested, repeated, and asked for more, but not be shown."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_exception is SecurityError:
            return f"{self._undefined_name} cannot be used"
        return f"there is no {self._undefined_name}"

    def __str__(self) -> str:
        return str(self._fail_with_undefined_error())

    def __bool__(self) -> bool:
        return self._undefined_exception is SecurityError and bool(str(self))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Any:
        return self


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2 with less: bounds on numbers, texts and loops. Each rendering has its own clock."""

    intercepted_binops = frozenset(["+", "*", "%"])

    def __init__(self, carry: Carry = unchanged, seconds: float | None = None) -> None:
        super().__init__(
            undefined=Missing,
            keep_trailing_newline=True,
            trim_blocks=True,
            finalize=plain,
        )
        self.carry = carry
        filters = {name: self.filters[name] for name in BUILT_IN} | FILTERS
        self.filters = {name: self.bounded(do) for name, do in filters.items()}
        self.filters["turns"] = self.turns
        self.globals = {name: self.bounded(do) for name, do in FUNCTIONS.items()}
        self.ends_at = time.thread_time() + (MAX_SECONDS if seconds is None else seconds)

    def is_late(self) -> bool:
        return time.thread_time() > self.ends_at

    def check_clock(self) -> None:
        if self.is_late():
            raise SecurityError("it takes too long")

    def bounded(self, do: Callable[..., Any]) -> Callable[..., Any]:
        """Return `do`, which begins in time, and whose words can be carried."""

        @wraps(do)
        def do_in_time(*args: Any, **options: Any) -> Any:
            self.check_clock()
            return self.carried(do(*args, **options))

        return do_in_time

    def carried(self, value: Any) -> Any:
        return self.carry(value) if isinstance(value, str) else value

    def turns(self, items: Iterable[Any]) -> Iterator[Any]:
        """Pass on the `items` of a loop, while there are few and there is time."""
        for number, item in enumerate(items):
            if number == MAX_LOOP_ITEMS:
                raise SecurityError("too many turns")
            self.check_clock()
            yield item

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return join([left, right])
        if operator == "*" and isinstance(left, str) and isinstance(right, int):
            return left * (wide(len(left) * right) and right)
        for number in (left, right):
            if not isinstance(number, int | float) or abs(number) > MAX_NUMBER:
                raise SecurityError(f"only numbers, and no huge ones, go with {operator}")
        return super().call_binop(context, operator, left, right)


def carried(value: Any, carry: Carry) -> Any:
    """Return `value` with every text in it as it can be carried."""
    if isinstance(value, str):
        return carry(value)
    if isinstance(value, Mapping):
        return {name: carried(inner, carry) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [carried(inner, carry) for inner in value]
    return value


class Bounded(NodeTransformer):
    """Puts bounds around what has none of its own in Jinja2."""

    def __init__(self, carry: Carry) -> None:
        self.carry = carry

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802  # Jinja2's name
        self.generic_visit(node)
        node.iter = filtered(cast(nodes.Expr, node.iter), "turns")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802  # Jinja2's name
        self.generic_visit(node)
        return filtered(nodes.List(node.nodes, lineno=node.lineno), "join")

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.TemplateData:  # noqa: N802
        node.data = self.carry(node.data)
        return node

    def visit_Const(self, node: nodes.Const) -> nodes.Const:  # noqa: N802  # Jinja2's name
        node.value = carried(node.value, self.carry)
        return node


def bounded(tree: nodes.Template, carry: Carry) -> nodes.Template:
    """Return `tree` with bounds around its parts, and its texts as `carry` says."""
    return cast(nodes.Template, Bounded(carry).visit(tree))


def filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
