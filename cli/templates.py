"""packer templates list|get NAME: the library of NFO templates."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli.doors import is_remote
from cli.exits import Exit, Stop
from cli.output import say, say_json
from releases import actions
from releases.models import NfoTemplate
from releases.packing import nfo

EXAMPLE = "packer templates get ebook --output ebook.nfo"
FACTS = ("id", "name", "type", "encoding", "version", "is_default")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("asked", choices=["list", "get"], help=_("all of them, or the text of one"))
    parser.add_argument("name", metavar="NAME", nargs="?", help=_("of the template to get"))
    parser.add_argument("-o", "--output", type=Path, help=_("a file to write, instead of printing"))
    parser.add_argument("--encoded", action="store_true", help=_("in the template's own encoding"))


def run(options: Namespace) -> Exit:
    """List the templates, or give one.

    Raises:
        Stop: there is no such template, or its text cannot be written.
    """
    if options.asked == "list":
        return listed(options)
    if not options.name:
        raise Stop(Exit.INVALID, _("Say which template: packer templates get NAME."))
    return given(options)


def listed(options: Namespace) -> Exit:
    templates = all_templates()
    if options.json:
        told = [{name: one[name] for name in FACTS} for one in templates]
        say_json({"templates": told})
        return Exit.DONE
    for one in templates:
        default = _("default") if one["is_default"] else ""
        facts = [one["name"], one["type"], f"v{one['version']}", one["encoding"], default]
        say("  ".join(filter(None, facts)))
    return Exit.DONE


def all_templates() -> list[dict[str, Any]]:
    """Return the facts of all templates, by name: databases do not agree on capitals."""
    if is_remote():
        from cli.remote.templates import templates_there  # noqa: PLC0415  # a client

        found = templates_there()
    else:
        found = [described(template) for template in NfoTemplate.objects.all()]
    return sorted(found, key=lambda one: str(one["name"]).casefold())


def described(template: NfoTemplate) -> dict[str, Any]:
    return {name: getattr(template, name) for name in FACTS}


def given(options: Namespace) -> Exit:
    templates = {one["name"]: one for one in all_templates()}
    if options.name not in templates:
        sentence = _("%(name)s is none of: %(names)s.")
        values = {"name": options.name, "names": ", ".join(templates)}
        raise Stop(Exit.NOT_FOUND, sentence % values)
    template = with_text(templates[options.name])
    text = content(template, encoded=options.encoded)
    if options.output:
        write(options.output, text)
    elif options.json:
        document = {name: template[name] for name in (*FACTS, "content")}
        say_json(document)
    else:
        sys.stdout.buffer.write(text)
        sys.stdout.flush()
    return Exit.DONE


def with_text(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template as it is now, with its text: a file may have changed it."""
    if is_remote():
        from cli.remote.templates import template_there  # noqa: PLC0415  # a client

        return template_there(template["id"])
    found = actions.catch_up(NfoTemplate.objects.get(pk=template["id"]))
    return described(found) | {"content": found.content}


def content(template: dict[str, Any], *, encoded: bool) -> bytes:
    """Return the text, in UTF-8 unless it is wanted as its NFOs are written."""
    text: str = template["content"]
    return nfo.encode(text, template["encoding"]) if encoded else text.encode()


def write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        sentence = _("%(path)s cannot be written (%(reason)s).")
        values = {"path": path, "reason": error.strerror}
        raise Stop(Exit.DESTINATION_FAILED, sentence % values) from error
