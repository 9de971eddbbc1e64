"""packer rules: the library of rules, from list and show to synchronizing it."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli import rule_work
from cli.doors import is_remote
from cli.exits import Exit, Stop
from cli.output import say
from cli.templates import write
from cli.verbs import printed
from releases.models import ReleaseType
from releases.unified import unified
from rulebook.models import Listing
from rules.models import UNKNOWN_YEAR, Rule, RuleQuerySet, RuleVersion, separate

EXAMPLE = "packer rules list --scene English --type EBOOK"
NAMELESS = ("list", "sync", "schedule")
FILTERS = ("scene", "section", "year", "type")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "asked",
        choices=[*ANSWERS, *rule_work.WORK],
        help=_("all, the text of one, what changed in it; or what is done with them"),
    )
    parser.add_argument("what", metavar="NAME", nargs="*", help=_("of rules; the FILE to import"))
    listing = parser.add_argument_group("list")
    listing.add_argument("--scene", action="append", default=[], help=_("E.g. English"))
    listing.add_argument("--section", action="append", default=[], help=_("E.g. eBOOK"))
    listing.add_argument("--year", action="append", default=[])
    listing.add_argument("--type", action="append", default=[], choices=ReleaseType.values)
    listing.add_argument(
        "--search", default="", metavar="WORDS", help=_("in name, section and text")
    )
    listing.add_argument(
        "--listed", action="store_true", help=_("what the site lists, here or not")
    )
    texts = parser.add_argument_group("show, diff, restore")
    texts.add_argument("--number", type=int, metavar="N", help=_("of a version (the one in force)"))
    texts.add_argument("--from", dest="old", type=int, metavar="N", help=_("the one before"))
    texts.add_argument("-o", "--output", type=Path, help=_("a file to write, instead of printing"))
    texts.add_argument("--raw", action="store_true", help=_("the bytes as they were published"))
    rule_work.add_arguments(parser)


def run(options: Namespace) -> Exit:
    """Do what is asked of the rules.

    Raises:
        Stop: it cannot be done; says why.
    """
    if options.what and options.asked in NAMELESS:
        sentence = _("packer rules %(verb)s takes no name: leave %(names)s out.")
        names = " ".join(options.what)
        raise Stop(Exit.INVALID, sentence % {"verb": options.asked, "names": names})
    if is_remote():
        from cli.remote.rules import run_there  # noqa: PLC0415  # a client

        return run_there(options)
    answer = ANSWERS.get(options.asked)
    return answer(options) if answer else rule_work.run(options)


def listed(options: Namespace) -> Exit:
    wanted = {name: getattr(options, name) for name in FILTERS}
    for year in separate(options.year):
        if year != UNKNOWN_YEAR:
            rule_work.year_in(year)
    if options.listed:
        return listed_by_site(options, wanted)
    found: RuleQuerySet = Rule.objects.filtered(**wanted).search(options.search)
    return told(options, [rule_work.described(rule) for rule in found.without_texts()])


def place(rule: dict[str, Any]) -> tuple[str, str, int, str]:
    """Return what a rule stands by in a list: databases do not agree on capitals."""
    scene, section, name = (str(rule[key]).casefold() for key in ("scene", "section", "name"))
    return scene, section, -(rule["year"] or 0), name


def told(options: Namespace, rules: Sequence[dict[str, Any]]) -> Exit:
    """Print the facts of each rule, as a document or a line."""
    rules = sorted(rules, key=place)
    if options.json:
        return printed({"rules": rules})
    for rule in rules:
        version = f"v{rule['version']}" if rule["version"] else _("no text")
        state = "" if rule["is_complete"] else _("not complete")
        gone = _("vanished") if rule["vanished"] else ""
        names = ("name", "scene", "section")
        facts = [*(rule[name] for name in names), str(rule["year"] or "?"), rule["release_type"]]
        say("  ".join(filter(None, [*facts, version, state, gone])))
    return Exit.DONE


def listed_by_site(options: Namespace, wanted: dict[str, Any]) -> Exit:
    found = Listing.objects.filter(vanished_at=None).filtered(**wanted).search(options.search)
    rules = found.with_downloaded()
    names = ("name", "scene", "section", "year", "url", "downloaded")
    return told_of_site(options, [{name: getattr(one, name) for name in names} for one in rules])


def told_of_site(options: Namespace, rules: Sequence[dict[str, Any]]) -> Exit:
    if options.json:
        return printed({"rules": list(rules)})
    for one in rules:
        here = _("downloaded") if one["downloaded"] else ""
        facts = [one["name"], one["scene"], one["section"], str(one["year"] or "?"), here]
        say("  ".join(filter(None, facts)))
    return Exit.DONE


def shown(options: Namespace) -> Exit:
    rule = rule_work.rule_of(options)
    version = version_of(rule, rule.version if options.number is None else options.number)
    if options.json:
        facts = {name: getattr(version, name) for name in ("encoding", "sha256", "source", "url")}
        about = {"number": version.number, "content": version.content}
        return printed(rule_work.described(rule) | facts | about)
    return handed_out(options, bytes(version.raw) if options.raw else version.content.encode())


def handed_out(options: Namespace, data: bytes) -> Exit:
    if options.output:
        write(options.output, data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    return Exit.DONE


def compared(options: Namespace) -> Exit:
    rule = rule_work.rule_of(options)
    new = version_of(rule, rule.version if options.number is None else options.number)
    old = version_of(rule, max(new.number - 1, 1) if options.old is None else options.old)
    names = (f"{rule.name} {old.number}", f"{rule.name} {new.number}")
    diff = unified(old.content, new.content, names=names)
    found = {"name": rule.name, "from": old.number, "to": new.number, "diff": diff}
    return told_difference(options, found)


def told_difference(options: Namespace, told: dict[str, Any]) -> Exit:
    if options.json:
        return printed(told)
    if told["diff"]:
        say(told["diff"].rstrip("\n"))
    return Exit.DONE


def version_of(rule: Rule, number: int) -> RuleVersion:
    version = rule.versions.filter(number=number).first()
    if version is not None:
        return version
    if not rule.version:
        sentence = _("%(name)s has no text yet: packer rules download %(name)s.")
        raise Stop(Exit.NOT_FOUND, sentence % {"name": rule.name})
    sentence = _("%(name)s has no version %(number)d.")
    raise Stop(Exit.NOT_FOUND, sentence % {"name": rule.name, "number": number})


ANSWERS = {"list": listed, "show": shown, "diff": compared}
