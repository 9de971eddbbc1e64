"""packer templates list|get NAME: the library of NFO templates."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.output import say
from releases import actions
from releases.models import NfoTemplate
from releases.packing import nfo

EXAMPLE = "packer templates get ebook --output ebook.nfo"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("asked", choices=["list", "get"], help="all of them, or the text of one")
    parser.add_argument("name", metavar="NAME", nargs="?", help="of the template to get")
    parser.add_argument("-o", "--output", type=Path, help="a file to write, instead of printing")
    parser.add_argument("--encoded", action="store_true", help="in the template's own encoding")


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
    templates = NfoTemplate.objects.order_by("name")
    if options.json:
        document = {"templates": [described(template) for template in templates]}
        say(json.dumps(document, ensure_ascii=False, indent=2))
        return Exit.DONE
    for template in templates:
        default = _("default") if template.is_default else ""
        facts = [template.name, template.type, f"v{template.version}", template.encoding, default]
        say("  ".join(filter(None, facts)))
    return Exit.DONE


def described(template: NfoTemplate) -> dict[str, Any]:
    names = ("id", "name", "type", "encoding", "version", "is_default")
    return {name: getattr(template, name) for name in names}


def given(options: Namespace) -> Exit:
    found = NfoTemplate.objects.filter(name=options.name).first()
    if found is None:
        names = ", ".join(NfoTemplate.objects.order_by("name").values_list("name", flat=True))
        sentence = _("%(name)s is none of: %(names)s.")
        raise Stop(Exit.NOT_FOUND, sentence % {"name": options.name, "names": names})
    template = actions.catch_up(found)
    if options.output:
        write(options.output, content(template, encoded=options.encoded))
    elif options.json:
        document = described(template) | {"content": template.content}
        say(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        sys.stdout.buffer.write(content(template, encoded=options.encoded))
        sys.stdout.flush()
    return Exit.DONE


def content(template: NfoTemplate, *, encoded: bool) -> bytes:
    """Return the text, in UTF-8 unless it is wanted as its NFOs are written."""
    if encoded:
        return nfo.encode(template.content, template.encoding)
    return template.content.encode()


def write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        sentence = _("%(path)s cannot be written (%(reason)s).")
        values = {"path": path, "reason": error.strerror}
        raise Stop(Exit.DESTINATION_FAILED, sentence % values) from error
