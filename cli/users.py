"""packer users: the people of an instance, and what they are given."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cli.doors import Door
from cli.exits import Exit, Stop
from cli.naming import group_number, role_number, user_number
from cli.output import say
from cli.passwords import add_password_option, password_given
from cli.tables import facts, listed
from cli.verbs import Verb, add_paging, add_verbs, asked_for, printed, run_verb

EXAMPLE = "packer users add ann --email ann@example.org --role Operator"
FILTERS = ("status", "role", "group", "search", "sort", "order", "page", "per_page")
TOLD = ("id", "username", "email", "active", "roles", "groups", "note", "created_at")


def add_arguments(parser: ArgumentParser) -> None:
    add_verbs(parser, VERBS)


def run(options: Namespace) -> Exit:
    """Do what is asked of the people.

    Raises:
        Stop: it cannot be done; says why.
    """
    return run_verb(options, VERBS)


def add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--status", choices=["active", "inactive"])
    parser.add_argument("--role", action="append", default=[], help=_("who have it"))
    parser.add_argument("--group", action="append", default=[], help=_("who are in it"))
    parser.add_argument("--search", metavar="WORDS", help=_("in names and e-mail addresses"))
    parser.add_argument("--sort", help=_("username unless told, id, email, active, created_at, …"))
    parser.add_argument("--order", choices=["asc", "desc"])
    add_paging(parser)


def list_users(options: Namespace, door: Door) -> Exit:
    document = door.ask("GET", "/users", query=asked_for(options, *FILTERS))
    if options.json:
        return printed(document)
    titles = ("", _("Name"), _("E-mail"), _("Active"), _("Roles"), _("Groups"))
    names = ("id", "username", "email", "active", "roles", "groups")
    listed(titles, ([user[name] for name in names] for user in document["users"]))
    return Exit.DONE


def add_user_name(parser: ArgumentParser) -> None:
    parser.add_argument("user", metavar="USER", help=_("the name, or the number"))


def show_user(options: Namespace, door: Door) -> Exit:
    document = door.ask("GET", f"/users/{user_number(door, options.user)}")
    if options.json:
        return printed(document)
    facts((name, document[name]) for name in TOLD)
    facts((f"permissions.{name}", held) for name, held in document["permissions"].items())
    return Exit.DONE


def add_new_user(parser: ArgumentParser) -> None:
    parser.add_argument("user", metavar="NAME", help=_("the new name"))
    add_fields(parser)
    add_gifts(parser)


def add_fields(parser: ArgumentParser) -> None:
    parser.add_argument("--email")
    parser.add_argument("--note", help=_("for administrators"))
    add_password_option(parser)


def add_gifts(parser: ArgumentParser) -> None:
    parser.add_argument("--role", action="append", default=[], metavar="NAME")
    parser.add_argument("--group", action="append", default=[], metavar="NAME")


def add_user(options: Namespace, door: Door) -> Exit:
    """Add a person, with roles and groups: all of them are looked up before."""
    gifts = found_gifts(options, door)
    fields = asked_for(options, "email", "note")
    body = {"username": options.user, "password": password_given(options, needed=True), **fields}
    made = door.ask("POST", "/users", body=body)
    try:
        give(door, made["id"], *gifts)
    except Stop as stop:
        sentence = _(
            "%(name)s is added, but not all of the roles and groups are given: packer users grant"
            " %(name)s gives the rest. %(reason)s"
        )
        values = {"name": made["username"], "reason": stop}
        raise Stop(stop.code, sentence % values) from stop
    if options.json:
        return printed(made)
    say(_("%(name)s is added.") % {"name": made["username"]})
    return Exit.DONE


def found_gifts(options: Namespace, door: Door) -> tuple[list[int], list[int]]:
    """Return the numbers of the roles and of the groups that were said."""
    roles = [role_number(door, name) for name in options.role]
    return roles, [group_number(door, name) for name in options.group]


def give(door: Door, user: int, roles: list[int], groups: list[int]) -> None:
    for role in roles:
        door.ask("POST", f"/users/{user}/roles", body={"role_id": role})
    if groups:
        door.ask("POST", f"/users/{user}/groups", body={"group_ids": groups})


def add_changes(parser: ArgumentParser) -> None:
    add_user_name(parser)
    add_fields(parser)


def change_user(options: Namespace, door: Door) -> Exit:
    said = {name: getattr(options, name) for name in ("email", "note")}
    said["password"] = password_given(options)
    body = {name: value for name, value in said.items() if value is not None}
    if not body:
        raise Stop(Exit.INVALID, _("Say what to change: --email, --note or --password-file."))
    return changed(options, door, body)


def changed(options: Namespace, door: Door, body: dict[str, Any]) -> Exit:
    number = user_number(door, options.user)
    answer = door.ask("PUT", f"/users/{number}", body=body)
    return printed(answer) if options.json else Exit.DONE


def activate_user(options: Namespace, door: Door) -> Exit:
    return changed(options, door, {"active": True})


def deactivate_user(options: Namespace, door: Door) -> Exit:
    return removed(options, door, {})


def delete_user(options: Namespace, door: Door) -> Exit:
    return removed(options, door, {"permanent": "true"})


def removed(options: Namespace, door: Door, query: dict[str, str]) -> Exit:
    number = user_number(door, options.user)
    answer = door.ask("DELETE", f"/users/{number}", query=query)
    return printed(answer) if options.json else Exit.DONE


def add_gifts_of(parser: ArgumentParser) -> None:
    add_user_name(parser)
    add_gifts(parser)


def grant(options: Namespace, door: Door) -> Exit:
    number, (roles, groups) = gifts_said(options, door)
    give(door, number, roles, groups)
    return shown_again(options, door, number)


def revoke(options: Namespace, door: Door) -> Exit:
    number, (roles, groups) = gifts_said(options, door)
    for role in roles:
        door.ask("DELETE", f"/users/{number}/roles/{role}")
    for group in groups:
        door.ask("DELETE", f"/users/{number}/groups/{group}")
    return shown_again(options, door, number)


def gifts_said(options: Namespace, door: Door) -> tuple[int, tuple[list[int], list[int]]]:
    if not options.role and not options.group:
        raise Stop(Exit.INVALID, _("Say what: --role NAME or --group NAME."))
    return user_number(door, options.user), found_gifts(options, door)


def shown_again(options: Namespace, door: Door, number: int) -> Exit:
    return printed(door.ask("GET", f"/users/{number}")) if options.json else Exit.DONE


VERBS = {
    "list": Verb(gettext_noop("all of them, or those sought"), add_filters, list_users),
    "show": Verb(gettext_noop("one, and what they may do"), add_user_name, show_user),
    "add": Verb(gettext_noop("add somebody"), add_new_user, add_user),
    "change": Verb(gettext_noop("change e-mail, note or password"), add_changes, change_user),
    "grant": Verb(gettext_noop("give roles and groups"), add_gifts_of, grant),
    "revoke": Verb(gettext_noop("take roles and groups away"), add_gifts_of, revoke),
    "activate": Verb(gettext_noop("let them in again"), add_user_name, activate_user),
    "deactivate": Verb(
        gettext_noop("keep them out; what they made stays"), add_user_name, deactivate_user
    ),
    "delete": Verb(gettext_noop("delete the account for good"), add_user_name, delete_user),
}
