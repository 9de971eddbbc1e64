"""What a command prints: its answer on standard output, all else on standard error."""

import json
import re
import sys
from typing import Any

ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What acts on a terminal, and what nothing can print: file names of others may hold both."""


def say(text: str) -> None:
    sys.stdout.write(f"{harmless(text)}\n")


def say_json(document: Any) -> None:
    say(json.dumps(document, ensure_ascii=False, indent=2))


def tell(text: str) -> None:
    sys.stderr.write(f"{harmless(text)}\n")
    sys.stderr.flush()


def harmless(text: str) -> str:
    """Return `text` with escapes for what acts on a terminal; a JSON document says the same."""
    return ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
