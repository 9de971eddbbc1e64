"""The order in which providers are asked, as it is shown: each with the orders it can move to."""

from collections.abc import Sequence
from dataclasses import dataclass

from releases.metadata.providers import PROVIDERS


@dataclass(frozen=True, slots=True)
class Ordered:
    name: str
    title: str
    up: str
    """The order with this one a place higher, by commas."""
    down: str


def providers_in_order(preferred: Sequence[str]) -> list[Ordered]:
    named = [name for name in preferred if name in PROVIDERS]
    names = [*named, *(name for name in PROVIDERS if name not in named)]
    return [
        Ordered(name, PROVIDERS[name].title, swapped(names, at - 1), swapped(names, at))
        for at, name in enumerate(names)
    ]


def swapped(names: Sequence[str], at: int) -> str:
    """Return `names` with the two at `at` changed for each other, where there are two."""
    order = list(names)
    if 0 <= at < len(order) - 1:
        order[at], order[at + 1] = order[at + 1], order[at]
    return ",".join(order)
