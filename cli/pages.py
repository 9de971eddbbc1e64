"""The pages of the manual, by command: what --help says beside the options."""

from django.utils.translation.trans_null import gettext_noop as _

from cli.door_pages import DOOR_PAGES
from cli.exits import Exit
from cli.manual import DOORS, INSTANCE, Example, Page
from cli.upkeep_pages import UPKEEP_PAGES

NAME = "Author.Title.2020.RETAiL.ePUB.eBook-GRP"
FOUND = (Exit.NOT_FOUND,)
ACTED = (Exit.NOT_FOUND, Exit.NOT_PERMITTED)
MADE = (*ACTED, Exit.NOT_CONFORMING, Exit.DESTINATION_FAILED)

WHOLE = Page(exits=MADE, variables=DOORS)
"""That of `packer` itself: what any of its commands may end with, and go by."""

PAGES = DOOR_PAGES | {
    **UPKEEP_PAGES,
    "pack": Page(
        text=(
            _(
                "Packs a file of this machine as its rule asks, reads the release back, and "
                "prints where it lies. What no option says is taken from the file."
            ),
            _(
                "With --interactive every question of the wizard is asked at the terminal, with "
                "what is known as its default; nothing is made before the last one is answered."
            ),
            _("Ctrl-C leaves nothing behind."),
        ),
        examples=(
            Example(_("Make a release in the folder out:"), "packer pack book.epub -g GRP -o out"),
            Example(_("Be asked for everything:"), "packer pack --interactive"),
            Example(
                _("Say more than the file does, and read the answer by a program:"),
                'packer pack book.epub -g GRP --title "The Time Machine" --year 1895 --json',
            ),
        ),
        exits=MADE,
        variables=DOORS,
        also=("batch", "analyze", "lint", "verify"),
    ),
    "batch": Page(
        text=(
            _(
                "Reads a list of items in JSON: each has its file, and the options of packer "
                "pack without their dashes. Every item is tried; one that fails stops no other."
            ),
            _(
                "What is done is kept in a journal beside the list. A batch that was cut off is "
                "run again by the same command, and makes what is missing."
            ),
        ),
        examples=(
            Example(_("Make the releases of a list:"), "packer batch releases.json -g GRP -o out"),
            Example(_("Pack four at once:"), "packer batch releases.json --jobs 4"),
            Example(
                _("Read the list from a program:"), "packer batch - --journal done.jsonl --json"
            ),
        ),
        exits=ACTED,
        variables=DOORS,
        also=("pack", "inbox"),
    ),
    "inbox": Page(
        text=(
            _(
                "Files that appear in the folder INBOX_DIR of the server become drafts by "
                "themselves. This lists them, and looks there at once."
            ),
        ),
        examples=(
            Example(_("See what was found:"), "packer inbox list"),
            Example(_("See what was refused, and why:"), "packer inbox list --state refused"),
            Example(_("Look now:"), "packer inbox scan"),
        ),
        exits=ACTED,
        variables=INSTANCE,
        also=("pack", "worker"),
    ),
    "analyze": Page(
        text=(
            _(
                "Tells the real type of each file, what it says of the work, and what is wrong "
                "with it. Needs no database. A folder stands for all files below it."
            ),
        ),
        examples=(
            Example(_("Look at two files:"), "packer analyze book.epub film.mkv"),
            Example(_("Look at a folder, for a program:"), "packer analyze books --json"),
        ),
        exits=FOUND,
        also=("pack", "lint"),
    ),
    "verify": Page(
        text=(
            _(
                "Reads every archive, checksum and counter of a release, ours or not, and names "
                "each file that is wrong, and how. Needs no database."
            ),
        ),
        examples=(
            Example(_("Read a release back:"), f"packer verify out/{NAME}"),
            Example(_("The same for a program:"), f"packer verify out/{NAME} --json"),
        ),
        exits=FOUND,
        also=("lint", "pack"),
    ),
    "lint": Page(
        text=(
            _(
                "Names each clause of the rule that a release, ours or not, breaks, with its "
                "section and what to do about it. Needs no database."
            ),
        ),
        examples=(
            Example(_("Look at a release:"), f"packer lint out/{NAME}"),
            Example(_("By a rule of your choice:"), f"packer lint out/{NAME} --profile 2022_EBOOK"),
            Example(_("As code scanners read it:"), "packer lint out --format sarif"),
        ),
        exits=(Exit.NOT_FOUND, Exit.NOT_CONFORMING),
        also=("verify", "rules"),
    ),
    "templates": Page(
        text=(_("Lists the templates that NFOs are made of, and gives the text of one."),),
        examples=(
            Example(_("List them:"), "packer templates list"),
            Example(_("Get one as a file:"), "packer templates get ebook --output ebook.nfo"),
        ),
        exits=(*ACTED, Exit.DESTINATION_FAILED),
        variables=DOORS,
        also=("pack", "rules"),
    ),
    "rules": Page(
        text=(
            _(
                "Lists, shows and compares the rules that releases are packed by, fetches them "
                "from their site, imports and deletes them."
            ),
        ),
        examples=(
            Example(_("List those for books:"), "packer rules list --scene English --type EBOOK"),
            Example(_("Read one:"), "packer rules show 2022_EBOOK"),
            Example(_("Fetch what is new:"), "packer rules sync"),
        ),
        exits=(*ACTED, Exit.DESTINATION_FAILED),
        variables=DOORS,
        also=("lint", "pack"),
    ),
    "serve": Page(
        text=(
            _(
                "Brings the database up to date, then runs the site and a worker until Ctrl-C. "
                "A new instance gets its administrator on its first page."
            ),
        ),
        examples=(
            Example(_("Serve this machine:"), "packer serve"),
            Example(_("Serve all, without a worker:"), "packer serve --host 0.0.0.0 --no-worker"),
        ),
        variables=INSTANCE,
        also=("worker", "setup"),
    ),
    "web": Page(
        text=(
            _(
                "Serves pages and API by several processes, which gunicorn keeps running. It runs "
                "no jobs, and sets nothing up: see packer worker and packer setup."
            ),
            _(
                "At SIGTERM it takes no more requests, and ends once those that run are answered; "
                "at SIGHUP new processes take the place of the old ones."
            ),
        ),
        examples=(
            Example(_("Serve behind a proxy of this machine:"), "packer web --workers 4"),
            Example(_("Serve in a container:"), "packer web --host 0.0.0.0 --grace 60"),
        ),
        variables=INSTANCE,
        also=("worker", "setup", "serve"),
    ),
    "worker": Page(
        text=(
            _(
                "Runs jobs until Ctrl-C. Any number may run, on machines that share database and "
                "storage."
            ),
        ),
        examples=(
            Example(_("Run jobs:"), "packer worker"),
            Example(_("Let a running job have a minute at the end:"), "packer worker --grace 60"),
        ),
        variables=INSTANCE,
        also=("serve",),
    ),
    "setup": Page(
        text=(
            _(
                "Brings the database up to date and seeds roles, rules, templates and the first "
                "administrator. May be run at any time, as often as one likes."
            ),
        ),
        examples=(
            Example(_("After a new version was installed:"), "packer setup"),
            Example(_("The same for a program:"), "packer setup --json"),
            Example(_("Leave the administrator to the first page:"), "packer setup --no-admin"),
        ),
        variables=INSTANCE,
        also=("serve",),
    ),
    "completion": Page(
        text=(
            _(
                "Prints what makes a shell complete commands, verbs, options, their choices and "
                "files at the Tab key. It is asked once: no program runs at Tab."
            ),
        ),
        examples=(
            Example(
                _("For bash, of this user:"),
                "packer completion bash >~/.local/share/bash-completion/completions/packer",
            ),
            Example(_("For zsh, in a folder of fpath:"), "packer completion zsh >~/.zfunc/_packer"),
            Example(
                _("For fish:"),
                "packer completion fish >~/.config/fish/completions/packer.fish",
            ),
        ),
        also=("help",),
    ),
    "help": Page(
        text=(_("Prints the page of the manual on a command, or lists all commands."),),
        examples=(
            Example(_("List the commands:"), "packer help"),
            Example(_("Read about one:"), "packer help pack"),
        ),
        also=("completion",),
    ),
}
