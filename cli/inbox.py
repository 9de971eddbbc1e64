"""packer inbox list|scan: the files that wait in the server's folder."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from cli.exits import Exit, Stop
from cli.making import acting_user
from cli.output import say, say_json, tell
from releases.actions.inbox import look_into_inbox
from releases.models import InboxFile

EXAMPLE = "packer inbox list --state refused"
State = InboxFile.State


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "asked", choices=["list", "scan"], help=_("what was found, or look there now")
    )
    parser.add_argument(
        "--state", choices=State.values, action="append", help=_("only those; several times")
    )
    parser.add_argument(
        "--as", dest="username", metavar="USER", help=_("who asks (the first admin)")
    )


def run(options: Namespace) -> Exit:
    """Look into the inbox where that is asked for, and print what is there.

    Raises:
        Stop: it is not permitted.
    """
    user = acting_user(options.username)
    if options.asked == "scan":
        scan(user)
    found = InboxFile.objects.visible_to(user).select_related("owner").newest_first()
    files = list(found.filter(state__in=options.state or State.values))
    if options.json:
        document = {"folder": str(settings.INBOX_DIR), "files": [described(one) for one in files]}
        say_json(document)
        return Exit.DONE
    for one in files:
        say(line(one))
    if not files:
        tell(_("Nothing is in %(folder)s.") % {"folder": settings.INBOX_DIR})
    return Exit.DONE


def scan(user: User) -> None:
    """Note what lies there, and give what is whole to workers.

    Raises:
        Stop: `user` may not make releases.
    """
    try:
        look_into_inbox(by=user)
    except PermissionDenied as denied:
        raise Stop(Exit.NOT_PERMITTED, str(denied)) from denied
    if InboxFile.objects.filter(state=State.EXAMINED).exists():
        tell(_("Whole files are examined by a worker: packer serve or packer worker runs one."))
    if InboxFile.objects.filter(state=State.WAITING).exists():
        sentence = _("Files that changed within %(seconds)d seconds are left until they are whole.")
        tell(sentence % {"seconds": settings.INBOX_STABLE_S})


def described(one: InboxFile) -> dict[str, Any]:
    return {
        "id": one.pk,
        "path": one.path,
        "size": one.size,
        "state": one.state,
        "reason": one.reason,
        "owner": one.owner.username,
        "draft": one.draft_number,
        "found_at": one.seen_at.isoformat(),
    }


def line(one: InboxFile) -> str:
    facts = [one.path, str(one.get_state_display()), one.owner.username, one.reason]
    return "  ".join(filter(None, facts))
