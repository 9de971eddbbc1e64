"""The options that describe a release, and those that say how it is packed."""

from argparse import ArgumentParser, ArgumentTypeError
from argparse import _ArgumentGroup as Group
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from releases.description import SOURCES
from releases.models import Release, ReleaseType

METADATA = {
    "title": gettext_noop("the title of the work"),
    "author": gettext_noop("who wrote it; several with commas"),
    "publisher": gettext_noop("who published it"),
    "year": gettext_noop("the year of publication"),
    "language": gettext_noop("a code, such as fr or en"),
    "isbn": gettext_noop("of ten or thirteen digits"),
    "edition": gettext_noop("e.g. 2nd"),
    "url": gettext_noop("where the work is described"),
    "category": gettext_noop("technical, magazine, comic, manga or newspaper (a book)"),
    "volume": gettext_noop("of a periodical: 23"),
    "issue": gettext_noop("of a periodical: 22, 22-23 or 22b"),
    "issue_date": gettext_noop("of a periodical: 2007-12-31, 2007-12 or 2007"),
    "tags": gettext_noop("such as INTERNAL or REPACK, with spaces between them"),
    "episode": gettext_noop("of TV: S01E02, or the year of a film"),
    "episode_title": gettext_noop("of TV"),
    "tv_format": gettext_noop("of TV: what it was made from, e.g. WEB"),
    "resolution": gettext_noop("of TV: 720p, 1080p or 2160p"),
}
"""What can be said of the work, and what each option means."""
FIRST_YEAR, LAST_YEAR = 1980, 2107


def add_release_options(parser: ArgumentParser) -> None:
    """Add what describes one release, but for its file."""
    release = parser.add_argument_group(_("the release"))
    release.add_argument("-g", "--group", help=_("release group, e.g. GRP"))
    release.add_argument(
        "-t", "--type", default="EBOOK", choices=ReleaseType.values, help=_("what it is (EBOOK)")
    )
    release.add_argument(
        "-s",
        "--source",
        default="retail",
        choices=[name.lower() for name in SOURCES],
        help=_("where the work comes from (retail)"),
    )
    release.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help=_("where to put it (the releases folder)"),
    )
    release.add_argument(
        "--rights",
        default="own_work",
        choices=Release.Rights.values,
        help=_("what gives the right to distribute it (own_work)"),
    )
    release.add_argument(
        "--rights-note", default="", metavar="TEXT", help=_("needed where the rights are other")
    )
    works = parser.add_argument_group(_("the work, instead of what the file says"))
    for name, explained in METADATA.items():
        option = f"--{name.replace('_', '-')}"
        works.add_argument(option, metavar=name.rpartition("_")[2].upper(), help=_(explained))
    add_form_options(parser)


def add_form_options(parser: ArgumentParser) -> None:
    """Add what says which form the release takes, where that is not left to the rules."""
    form = parser.add_argument_group(_("its form"))
    form.add_argument(
        "--profile",
        metavar="RULE",
        help=_("name of the rule, e.g. 2022_EBOOK (the newest that fits)"),
    )
    form.add_argument(
        "--template", metavar="NAME", help=_("of the NFO template (the one that suits best)")
    )
    form.add_argument(
        "--release-name", default="", metavar="NAME", help=_("the name, instead of the usual one")
    )
    add_volume_options(form)
    add_extra_options(form)


def add_volume_options(form: Group) -> None:
    form.add_argument("--format", choices=Release.Format.values, help=_("as the rule says"))
    form.add_argument(
        "--rar-version",
        type=int,
        choices=Release.RarVersion.values,
        help=_("5 where the rule allows it (4)"),
    )
    form.add_argument(
        "--volume-size",
        type=int,
        metavar="N",
        help=_("in millions of bytes (the smallest that the rule allows)"),
    )


def add_extra_options(form: Group) -> None:
    form.add_argument(
        "--released-on",
        type=release_date,
        metavar="YYYY-MM-DD",
        help=_("the release date (today)"),
    )
    form.add_argument(
        "--proof",
        type=Path,
        action="append",
        default=[],
        metavar="IMAGE",
        help=_("photograph of the medium, JPG or PNG, for TV; several times for several"),
    )
    form.add_argument(
        "--no-sfv", action="store_true", help=_("no SFV and SHA-256 list beside the release")
    )


def add_packing_options(parser: ArgumentParser) -> None:
    how = parser.add_argument_group(_("how it is made"))
    providers = how.add_mutually_exclusive_group()
    providers.add_argument(
        "--enrich",
        action="store_true",
        help=_("let providers of metadata fill what neither the options nor the file say"),
    )
    providers.add_argument(
        "--no-api", action="store_true", help=_("ask no provider of metadata (as without --enrich)")
    )
    how.add_argument(
        "--allow-duplicate",
        action="store_true",
        help=_(
            "pack it though releases like it stand; of a true duplicate an administrator says so"
        ),
    )
    how.add_argument("--with-job", action="store_true", help=_("let a worker pack, and wait"))
    how.add_argument("--as", dest="username", metavar="USER", help=_("who asks (the first admin)"))


def release_date(text: str) -> date:
    """Return the date; archives cannot carry one before 1980 or after 2107."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no date: write YYYY-MM-DD") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ArgumentTypeError(f"{text} does not lie between {FIRST_YEAR} and {LAST_YEAR}")
    return day
