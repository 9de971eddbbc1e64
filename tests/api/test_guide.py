"""The examples of docs/api.md, sent as they stand."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).parents[2] / "docs/api.md"
BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)
ANYTHING = "…"


def parted(block: str) -> tuple[str, dict[str, str], str]:
    """Return the first line of a message, its headers, and its body."""
    head, _empty, body = block.strip().partition("\n\n")
    first, *lines = head.split("\n")
    return first, dict(line.split(": ", 1) for line in lines), body


def fits(told: Any, documented: Any) -> bool:
    if documented == ANYTHING:
        return True
    if isinstance(documented, dict) and isinstance(told, dict):
        same = documented.keys() == told.keys()
        return same and all(fits(told[key], value) for key, value in documented.items())
    return bool(told == documented)


@pytest.mark.usefixtures("operator")
def test_every_example_gets_its_answer() -> None:
    blocks = [parted(block) for block in BLOCK.findall(GUIDE.read_text("utf-8"))]
    known: dict[str, str] = {}

    for asked, answered in zip(blocks[::2], blocks[1::2], strict=True):
        first, headers, body = asked
        method, path = first.split(" ")
        shown = {name: value.format_map(known) for name, value in headers.items()}
        kind = shown.pop("Content-Type", "application/json")
        answer = APIClient().generic(method, path, body, kind, headers=shown)

        status, told, documented = answered
        assert answer.status_code == int(status), (first, answer.content)
        for name, value in told.items():
            assert answer[name], (first, name)
            assert value in {ANYTHING, answer[name]}
        if documented:
            got = answer.json()
            assert fits(got, json.loads(documented)), (first, got)
            known |= {name: value for name, value in got.items() if "token" in name}

    assert len(blocks) > 20
    assert User.objects.get().username == "operator"
