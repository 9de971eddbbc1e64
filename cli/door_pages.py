"""The pages of the manual on commands that ask an instance, here or elsewhere."""

from django.utils.translation.trans_null import gettext_noop as _

from cli.exits import Exit
from cli.manual import DOORS, Example, Page

ACTED = (Exit.NOT_FOUND, Exit.NOT_PERMITTED)
DELIVERED = (*ACTED, Exit.DESTINATION_FAILED)
NAME = "Author.Title.2020.RETAiL.ePUB.eBook-GRP"

DOOR_PAGES = {
    "jobs": Page(
        text=(
            _(
                "Lists what runs behind: one's own, and for administrators everybody's. Shows one, "
                "what it did line by line, repeats what failed, stops what waits or runs."
            ),
        ),
        examples=(
            Example(_("See what failed of late:"), "packer jobs list --status failed"),
            Example(_("Watch one until it is over:"), "packer jobs logs 124 --follow"),
            Example(_("Do it again:"), "packer jobs rerun 124"),
        ),
        exits=ACTED,
        variables=DOORS,
        also=("worker", "deliver"),
    ),
    "deliver": Page(
        text=(
            _(
                "Brings a release to a destination and waits until it is there; both are named by "
                "name or number. Ctrl-C cancels the delivery. The release stays as it is."
            ),
        ),
        examples=(
            Example(_("Deliver, and watch:"), f"packer deliver {NAME} Shelf"),
            Example(_("Leave it to a worker:"), "packer deliver 17 3 --no-wait --json"),
        ),
        exits=DELIVERED,
        variables=DOORS,
        also=("destinations", "jobs"),
    ),
    "destinations": Page(
        text=(_("Lists where releases are delivered to, and tries whether that works."),),
        examples=(
            Example(_("List them:"), "packer destinations list"),
            Example(_("Log in, write a file and remove it:"), "packer destinations test Shelf"),
            Example(
                _("Accept the key of a server of SFTP, once it is compared:"),
                "packer destinations accept Box SHA256:uNiVztksCsDhcc0u9e8BrrvBXv8ZQmL5/8nGgUSB1WQ",
            ),
        ),
        exits=DELIVERED,
        variables=DOORS,
        also=("deliver",),
    ),
    "prefs": Page(
        text=(_("Tells what you prefer, and keeps what you say. A value is a word, or JSON."),),
        examples=(
            Example(_("List all:"), "packer prefs get"),
            Example(_("Prefer something:"), "packer prefs set view_mode cards"),
            Example(_("What all prefer who say nothing:"), "packer prefs get --global"),
        ),
        exits=ACTED,
        variables=DOORS,
        also=("config",),
    ),
    "config": Page(
        text=(
            _(
                "Tells what counts for the whole site, and sets it while it runs. What is not set "
                "is as the environment says."
            ),
        ),
        examples=(
            Example(_("See a section:"), "packer config get limits"),
            Example(_("Set something:"), "packer config set limits.api_timeout 20"),
            Example(_("Have the environment count again:"), "packer config unset logs.level"),
        ),
        exits=ACTED,
        variables=DOORS,
        also=("prefs",),
    ),
    "users": Page(
        text=(
            _(
                "Lists people, adds and changes them, gives and takes roles and groups. A password "
                "is typed at the terminal or read from a file: it is never an argument."
            ),
        ),
        examples=(
            Example(_("Add somebody:"), "packer users add ann --role Operator --group GRP"),
            Example(_("Keep somebody out:"), "packer users deactivate ann"),
            Example(_("List those who may come in:"), "packer users list --status active"),
        ),
        exits=ACTED,
        variables=DOORS,
        also=("config",),
    ),
}
