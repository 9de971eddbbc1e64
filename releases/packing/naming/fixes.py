"""Names of the releases that correct another one."""

from dataclasses import replace

from releases.packing.naming.ebook import EbookName, parse_ebook
from releases.packing.naming.spelling import NamingError
from releases.packing.naming.tv import NEW_COPIES, TvName, parse_tv

EBOOK_FIXES = {"NFOFIX": "NFOFiX", "DIRFIX": "DiRFiX", "REPACK": "REPACK", "PROPER": "PROPER"}
TV_FIXES = {
    kind: kind
    for kind in ("NFOFIX", "DIRFIX", "SAMPLEFIX", "PROOFFIX", "REPACK", "RERIP", "PROPER")
}
WORKLESS = {*EBOOK_FIXES.values(), *TV_FIXES} - {*NEW_COPIES}
"""Releases that hold a correction, but not the work."""


def parse(name: str) -> EbookName | TvName:
    """Return the fields of a release name of any type.

    Raises:
        NamingError: it is not formed as one.
    """
    return parse_ebook(name) if ".eBook-" in name else parse_tv(name)


def is_workless(name: str) -> bool:
    """Tell whether the release `name` holds a correction, but not the work."""
    try:
        return bool(WORKLESS & {*parse(name).tags})
    except NamingError:
        return False


def fix_name(name: str, kind: str) -> str:
    """Return the name of the release that corrects `name`, by a fix such as ``NFOFIX``.

    A directory fix takes the corrected name.

    Raises:
        NamingError: the rules know no such fix, or none of this release.
    """
    parsed = parse(name)
    fixes = EBOOK_FIXES if isinstance(parsed, EbookName) else TV_FIXES
    if kind.upper() not in fixes:
        raise NamingError(
            "%(kind)s is no fix of such a release: choose among %(kinds)s",
            kind=kind,
            kinds=", ".join(fixes),
        )
    if WORKLESS & {*parsed.tags}:
        raise NamingError("%(name)s is a fix: name the release that it corrects", name=name)
    return replace(parsed, tags=tags_of_fix(parsed, fixes[kind.upper()])).build()


def tags_of_fix(name: EbookName | TvName, fix: str) -> tuple[str, ...]:
    """Return the tags of `name` and that of its `fix`; a second one of its kind is REAL.

    Raises:
        NamingError: there is no tag for one more.
    """
    is_tv = isinstance(name, TvName)
    if fix not in name.tags:
        implied = ("READNFO",) if is_tv and fix in NEW_COPIES else ()
        return (*(tag for tag in name.tags if tag not in implied), fix)
    if not is_tv or "REAL" in name.tags:
        raise NamingError(
            "There is no tag for one more %(fix)s of %(name)s: name the release that it corrects",
            fix=fix,
            name=name.build(),
        )
    place = name.tags.index(fix)
    return (*name.tags[:place], "REAL", *name.tags[place:])
