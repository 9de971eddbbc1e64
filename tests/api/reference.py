"""Reads the operations, and their examples, out of the reference of the API."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

PATH: Path = settings.BASE_DIR.parent / "shared" / "seeds" / "packer-api-reference.md"
HEADING = re.compile(r"^### (GET|POST|PUT|DELETE) (/\S+)$", re.MULTILINE)
END = re.compile(r"^##", re.MULTILINE)
EXAMPLE = re.compile(
    r"\*\*(?:Requête|Réponse (?P<status>\d+))\b[^*]*\*\*[^\n]*\n```json\n(?P<text>.*?)\n```",
    re.DOTALL,
)
COMMENT = re.compile(r",?\s*// [^\n]*")


@dataclass(frozen=True, slots=True)
class Operation:
    """What the reference says of one method of one path."""

    method: str
    path: str
    sent: Any = None
    answers: list[tuple[int, Any]] = field(default_factory=list)
    """Status and body of each answer that is shown."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> Iterator[Operation]:
    text = PATH.read_text()
    for heading in HEADING.finditer(text):
        end = END.search(text, heading.end())
        told = text[heading.end() : end.start() if end else None]
        sent, answers = None, []
        for example in EXAMPLE.finditer(told):
            body = json.loads(COMMENT.sub("", example["text"]))
            if example["status"]:
                answers.append((int(example["status"]), body))
            else:
                sent = body
        yield Operation(heading[1], heading[2], sent, answers)


def breaches(documented: Any, answered: Any, free: frozenset[str], place: str = "") -> list[str]:
    """Return where `answered` has not the keys and types of `documented`.

    Below the keys in `free` lies what depends on the rows: of it types count alone. More keys than
    the documented ones are no breach, and null stands for what is not known.
    """
    if documented is None or (answered is None and place):
        return []
    if isinstance(documented, dict) and isinstance(answered, dict):
        is_free = place.rpartition(".")[2] in free
        missing = [] if is_free else sorted(documented.keys() - answered.keys())
        found = [f"{place}.{name} is missing" for name in missing]
        for name in documented.keys() & answered.keys():
            found += breaches(documented[name], answered[name], free, f"{place}.{name}")
        return found
    if isinstance(documented, list) and isinstance(answered, list):
        if documented and not answered:
            return [f"{place} is empty"]
        return [
            breach
            for one in answered
            for breach in breaches(documented[0], one, free, f"{place}[]")
            if documented
        ]
    if type(documented) is type(answered):
        return []
    return [f"{place} is {answered!r}, not such as {documented!r}"]
