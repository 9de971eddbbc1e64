"""A site of our own on loopback that lists rules, with texts of our own."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from tests.metadata.service import Handler, Respond, Service, raw, running

PAGE = "text/html; charset=utf-8"


def text_of(name: str) -> str:
    """Return a text that looks like a rule, drawn in CP437."""
    title = f"The FICTIONAL Test Standards of {name}"
    bar = "═" * 60
    return f"╔{bar}╗\n║{title:^60}║\n╚{bar}╝\n\n[ 1 ] GENERAL\n  1.1) Names use A-Z a-z 0-9 only.\n"


def drawn(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("cp437")


def page_of(text: str, kind: str = ' class="nfo"') -> bytes:
    """Return the page that shows `text`, every letter that is not ASCII by its number."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;").encode("ascii", "xmlcharrefreplace")
    return b"<html><body><pre" + kind.encode() + b">" + shown + b"</pre></body></html>"


class RulesSite:
    """Serves `texts` by name as the real one does; `answers` by path win."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.url = f"{service.url}/"
        self.texts = {f"20{number:02}_TEST": text_of(f"{number}") for number in range(1, 23)}
        self.headings = dict.fromkeys(self.texts, "Current English Rules")
        self.answers: dict[str, Respond] = {}
        self.without_file: set[str] = set()
        """Those given by their page alone."""
        self.has_tags = True
        service.on("*", self.respond)

    def add(self, name: str, heading: str = "Current English Rules", text: str = "") -> None:
        self.texts[name] = text or text_of(name)
        self.headings[name] = heading

    def remove(self, name: str) -> None:
        del self.texts[name], self.headings[name]

    @property
    def asked(self) -> list[str]:
        return [one.path for one in self.service.asked]

    def forget(self) -> None:
        self.service.asked.clear()

    def index(self) -> bytes:
        lines, last = ["<html><head><title>rules</title></head><body>"], ""
        for name, heading in self.headings.items():
            lines += [f"<h2>{heading}</h2>"] if heading != last else []
            last = heading
            links = "/".join(
                f'<a href="/{path}">{letter}</a>'
                for letter, path in zip("ptnd", self.paths(name), strict=True)
            )
            lines.append(f"<ul><li>[{name[:4]}] Test [{links}]</li></ul>")
        return "\n".join(lines).encode()

    def paths(self, name: str) -> list[str]:
        forms = ("pics/{}.png", "html/{}.html", "numbered_html/{}.html", "nfo/{}.nfo")
        return [form.format(name) for form in forms]

    def respond(self, handler: Handler) -> None:
        parts = urlsplit(handler.path)
        respond = self.answers.get(parts.path) or self.answer(parts.path, parts.query)
        respond(handler)

    def answer(self, path: str, query: str) -> Respond:
        if path == "/":
            return raw(self.index(), Content_Type=PAGE)
        folder, _slash, file = path[1:].partition("/")
        name = (file or parse_qs(query).get("id", [""])[0]).rpartition(".")[0]
        if name not in self.texts or (folder == "nfo" and name in self.without_file):
            return raw(b"<html>404</html>", 404, Content_Type=PAGE)
        if folder == "nfo":
            return self.tagged(drawn(self.texts[name]))
        return raw(page_of(self.texts[name]), Content_Type=PAGE)

    def tagged(self, body: bytes) -> Respond:
        """Return the file, or that it is known, by its ETag."""
        if not self.has_tags:
            return raw(body, Content_Type="application/octet-stream")
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'

        def respond(handler: Handler) -> None:
            if handler.headers.get("If-None-Match") == tag:
                raw(b"", 304, ETag=tag)(handler)
            else:
                raw(body, Content_Type="application/octet-stream", ETag=tag)(handler)

        return respond


@contextmanager
def rules_site() -> Iterator[RulesSite]:
    with running() as service:
        yield RulesSite(service)
