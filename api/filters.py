"""Filters of lists, whose values are among few."""

from collections.abc import Sequence

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from rules.models import separate


def refuse_unknown(request: Request, name: str, choices: Sequence[str]) -> None:
    """Let pass what the filter `name` may ask for, in any case, repeated or comma-separated.

    Raises:
        ValidationError: a value is none of `choices`.
    """
    known = {choice.casefold() for choice in choices}
    asked = separate(request.query_params.getlist(name))
    if any(value.casefold() not in known for value in asked):
        raise ValidationError({name: [f"One of {', '.join(choices)}."]})
