"""Where templates run: Jinja2's sandbox, with bounds on time, numbers, texts and loops."""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, cast

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from releases.templating.functions import (
    FUNCTIONS,
    MAX_LOOP_ITEMS,
    TEXT_FILTERS,
    join,
    plain,
    wide,
)

MAX_NUMBER = 10**30
MAX_SECONDS = 1.0
BUILT_IN = ("default", "first", "int", "items", "last", "length", "list", "sort", "truncate")


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2 with less: bounds on numbers, texts and loops. Each rendering has its own clock."""

    intercepted_binops = frozenset(["+", "*", "%"])

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            finalize=plain,
        )
        filters = {name: self.filters[name] for name in BUILT_IN} | TEXT_FILTERS
        self.filters = {name: self.timed(do) for name, do in filters.items()}
        self.filters["turns"] = self.turns
        self.globals = {name: self.timed(do) for name, do in FUNCTIONS.items()}
        self.ends_at = time.monotonic() + MAX_SECONDS

    def check_clock(self) -> None:
        if time.monotonic() > self.ends_at:
            raise SecurityError("it takes too long")

    def timed(self, do: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(do)
        def do_in_time(*args: Any, **options: Any) -> Any:
            self.check_clock()
            return do(*args, **options)

        return do_in_time

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


class Bounded(NodeTransformer):
    """Puts bounds around what has none of its own in Jinja2."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802  # Jinja2's name
        self.generic_visit(node)
        node.iter = filtered(cast(nodes.Expr, node.iter), "turns")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802  # Jinja2's name
        self.generic_visit(node)
        return filtered(nodes.List(node.nodes, lineno=node.lineno), "join")


def filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
