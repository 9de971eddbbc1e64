"""Templates of an earlier language, whose conditions were written ``{{#if name}}…{{/if}}``."""

import re
from typing import NamedTuple, NoReturn

from releases.templating.reading import TemplateError, gettext_noop

TAG = re.compile(
    r"\{\{[ \t]*(?:"
    r"#[ \t]*(?P<opening>if|ifnot)[ \t]+(?P<name>[A-Za-z_]\w*(?:\.\w+)*)"
    r"|/[ \t]*(?P<closing>if|ifnot)"
    r"|(?P<turning>else)"
    r")[ \t]*\}\}"
)
OPENINGS = {"if": "if", "ifnot": "if not"}


class Block(NamedTuple):
    word: str
    line: int
    has_turned: bool = False


def is_legacy(text: str) -> bool:
    """Say whether `text` holds a condition of the earlier language; `else` alone is no sign."""
    return any(not tag["turning"] for tag in TAG.finditer(text))


def translated(text: str) -> str:
    """Return `text` in the language of today; as it is, where it is in that already.

    A line of nothing but conditions gives no line, as ever; any other keeps its end.

    Raises:
        TemplateError: a condition is not closed, or closed without having been opened.
    """
    if not is_legacy(text):
        return text
    blocks: list[Block] = []
    lines = [line_of(line, number, blocks) for number, line in enumerate(text.split("\n"), 1)]
    if blocks:
        refuse(blocks[-1].line, f"{{{{#{blocks[-1].word}}}}}")
    return "\n".join(lines)


def line_of(line: str, number: int, blocks: list[Block]) -> str:
    new = TAG.sub(lambda tag: tag_of(tag, number, blocks), line)
    if new == line:
        return line
    if not TAG.sub("", line).strip():
        return "".join(re.findall(r"\{%.*?%\}", new))
    ends_in_tag = re.search(TAG.pattern + r"\r?\Z", line)
    return re.sub(r" %\}(\r?)\Z", r" +%}\1", new) if ends_in_tag else new


def tag_of(tag: re.Match[str], line: int, blocks: list[Block]) -> str:
    """Return what `tag` is today, keeping `blocks`, those that are open."""
    if tag["opening"]:
        blocks.append(Block(tag["opening"], line))
        return f"{{% {OPENINGS[tag['opening']]} {tag['name']} %}}"
    if not blocks or blocks[-1].word != (tag["closing"] or blocks[-1].word):
        refuse(line, tag[0])
    if tag["closing"]:
        blocks.pop()
        return "{% endif %}"
    if blocks[-1].has_turned:
        refuse(line, tag[0])
    blocks[-1] = blocks[-1]._replace(has_turned=True)
    return "{% else %}"


def refuse(line: int, tag: str) -> NoReturn:
    raise TemplateError(
        gettext_noop("Line %(line)d of the template cannot be read: %(tag)s has no counterpart."),
        line=line,
        tag=tag,
    )
