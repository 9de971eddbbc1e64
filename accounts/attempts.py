"""What becomes of what an action refuses: a sentence at the form, or on top of the next page."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.actions import Refused, WrongFields
from accounts.actions.guards import Stranger

FIELDS = {"password": "password1"}
"""How forms call what actions call otherwise."""


class Attempt(AbstractContextManager[None]):
    """Puts what an action refuses into the form that asked for it."""

    def __init__(self, form: forms.Form) -> None:
        self.form = form

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, WrongFields):
            for name, sentences in error.fields.items():
                field = FIELDS.get(name, name)
                self.form.add_error(field if field in self.form.fields else None, list(sentences))
        elif isinstance(error, Refused | Stranger):
            self.form.add_error(None, told(error))
        return isinstance(error, Refused | Stranger)


@contextmanager
def attempted(request: HttpRequest, sentence: str) -> Iterator[None]:
    """Tell on the next page that it is done, or why not."""
    try:
        yield
    except Refused as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, sentence)


def told(refusal: Refused | Stranger) -> str:
    if isinstance(refusal, Stranger):
        return _(refusal.template) % refusal.values
    return str(refusal)
