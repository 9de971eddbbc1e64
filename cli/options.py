"""The options that describe a release, and those that say how it is packed."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path

from releases.description import SOURCES
from releases.models import Release, ReleaseType

METADATA = (
    *("title", "author", "publisher", "year", "language", "isbn", "edition", "url"),
    *("category", "volume", "issue", "issue_date", "tags"),
    *("episode", "episode_title", "tv_format", "resolution"),
)
FIRST_YEAR, LAST_YEAR = 1980, 2107


def add_release_options(parser: ArgumentParser, *, needs_group: bool = True) -> None:
    """Add what describes one release, but for its file."""
    parser.add_argument("-g", "--group", required=needs_group, help="release group, e.g. GRP")
    parser.add_argument("-t", "--type", default="EBOOK", choices=ReleaseType.values)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="where to put it (the releases folder)"
    )
    parser.add_argument(
        "-s", "--source", default="retail", choices=[name.lower() for name in SOURCES]
    )
    for name in METADATA:
        words = name.replace("_", " ")
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"{words}, instead of the file's")
    parser.add_argument(
        "--rights", default="own_work", choices=Release.Rights.values, help="to distribute it"
    )
    parser.add_argument("--rights-note", default="", help="needed where the rights are other")
    add_form_options(parser)


def add_form_options(parser: ArgumentParser) -> None:
    """Add what says which form the release takes, where that is not left to the rules."""
    parser.add_argument(
        "--profile", metavar="RULE", help="name of the rule, e.g. 2022_EBOOK (the newest that fits)"
    )
    parser.add_argument("--template", help="name of the NFO template")
    parser.add_argument("--release-name", default="", help="the name, instead of the usual one")
    parser.add_argument("--format", choices=Release.Format.values)
    parser.add_argument(
        "--rar-version", type=int, choices=Release.RarVersion.values, help="where the rule allows 5"
    )
    parser.add_argument("--volume-size", type=int, metavar="N", help="in millions of bytes")
    parser.add_argument(
        "--released-on", type=release_date, metavar="YYYY-MM-DD", help="the release date (today)"
    )
    parser.add_argument(
        "--proof",
        type=Path,
        action="append",
        default=[],
        metavar="IMAGE",
        help="photograph of the medium, JPG or PNG, for TV; several times for several",
    )
    parser.add_argument("--no-sfv", action="store_true", help="no SFV and SHA-256 list beside it")


def add_packing_options(parser: ArgumentParser) -> None:
    providers = parser.add_mutually_exclusive_group()
    providers.add_argument(
        "--enrich",
        action="store_true",
        help="let providers of metadata fill what neither the options nor the file say",
    )
    providers.add_argument(
        "--no-api", action="store_true", help="ask no provider of metadata (as without --enrich)"
    )
    parser.add_argument(
        "--allow-duplicate",
        action="store_true",
        help="pack it though releases like it stand; of a true duplicate an administrator says so",
    )
    parser.add_argument("--with-job", action="store_true", help="let a worker pack, and wait")
    parser.add_argument("--as", dest="username", metavar="USER", help="who asks (the first admin)")


def release_date(text: str) -> date:
    """Return the date; archives cannot carry one before 1980 or after 2107."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no date: write YYYY-MM-DD") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ArgumentTypeError(f"{text} does not lie between {FIRST_YEAR} and {LAST_YEAR}")
    return day
