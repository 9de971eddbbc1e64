"""The templates of an instance on another machine."""

from typing import Any

from cli.doors import all_of
from cli.doors.remote import RemoteDoor


def templates_there() -> list[dict[str, Any]]:
    """Return the templates that the token may see."""
    return list(all_of(RemoteDoor.of_environment(), "/templates", "templates"))


def template_there(number: int) -> dict[str, Any]:
    return dict(RemoteDoor.of_environment().ask("GET", f"/templates/{number}"))
