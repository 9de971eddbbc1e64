"""What is sent as JSON, of which everything can be kept and said again."""

import json
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class PlainJSONParser(JSONParser):
    """Refuses lone surrogates, numbers without end, and nesting that no stack holds."""

    def parse(self, stream: IO[Any], *about: Any) -> Any:
        try:
            sent = super().parse(stream, *about)
            json.dumps(sent, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is no JSON that can be kept.") from error
        return sent
