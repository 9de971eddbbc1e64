"""What an address says yes or no to."""

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

SAID = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def flag(request: Request, name: str) -> bool:
    """Return whether the query string says yes to `name`; left out, it does not.

    Raises:
        ValidationError: it says neither yes nor no.
    """
    said = request.query_params.get(name, "").strip().lower()
    if said not in SAID:
        raise ValidationError({name: ["true or false is expected."]})
    return SAID[said]
