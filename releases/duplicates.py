"""When two releases are the same, and when both may stand. No Django here.

Source: docs/duplicates.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from releases.identity import FIXES, INTERNAL, MENDS, SOURCES, Identity
from releases.templating.reading import gettext_noop


class Kind(StrEnum):
    FILE = "file"
    """The same bytes."""
    ISBN = "isbn"
    WORK = "work"
    """The same title by the same people; of a periodical the same issue, of a show the episode."""


class Verdict(StrEnum):
    DUPLICATE = "duplicate"
    """One of the two is too many."""
    DOUBTFUL = "doubtful"
    """What is known does not tell."""
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a release is like another one, and what follows from it."""

    kind: Kind
    verdict: Verdict
    template: str
    values: dict[str, Any] = field(default_factory=dict)
    fix: str = ""
    """What to do about it: an English sentence without values."""


Finding = tuple[Verdict, str, str]
"""Verdict, sentence, and what to do about it."""
OTHERWISE = gettext_noop(
    "Leave it out, or say what makes it another release: edition, language, a tag such as PROPER."
)
SENTENCES = {
    Kind.FILE: gettext_noop("%(other)s is made of the same file."),
    Kind.ISBN: gettext_noop("%(other)s has the same ISBN, %(isbn)s."),
    Kind.WORK: gettext_noop("%(other)s is of the same work."),
}


def likeness(new: Identity, other: Identity) -> Likeness | None:
    """Return how `new` is like `other`, which stands already; None where it is not.

    The sentence says what forbids or allows that both stand.
    """
    kind = kind_of(new, other)
    if kind is None:
        return None
    found = (reason(new, other) for reason in REASONS[kind])
    duplicate = (Verdict.DUPLICATE, SENTENCES[kind], OTHERWISE)
    verdict, template, fix = next(filter(None, found), duplicate)
    values = {
        "other": other.name,
        "isbn": other.isbn,
        "year": other.year,
        "form": other.form,
        "source": other.source,
        "own": new.source,
    }
    told = {name: value for name, value in values.items() if f"%({name})s" in template}
    return Likeness(kind, verdict, template, told, fix)


def kind_of(new: Identity, other: Identity) -> Kind | None:
    """Return the surest way in which the two are alike."""
    compared = (
        (Kind.FILE, new.sha256, other.sha256),
        (Kind.ISBN, new.isbn, other.isbn),
        (Kind.WORK, new.work, other.work),
    )
    return next((kind for kind, own, its in compared if own and own == its), None)


def by_version(new: Identity, other: Identity) -> Finding | None:
    """Let another language, format or edition stand."""
    if new.language != other.language:
        return allowed(gettext_noop("%(other)s is in another language."))
    if new.form != other.form:
        return allowed(gettext_noop("%(other)s is in another format, %(form)s."))
    if new.edition != other.edition:
        return allowed(gettext_noop("%(other)s is another edition or version."))
    return None


def by_fix(new: Identity, other: Identity) -> Finding | None:
    """Let what corrects a release stand beside it."""
    own, its = (one.tags & set(FIXES) for one in (new, other))
    if own - its:
        return allowed(gettext_noop("A fix stands beside what it corrects, %(other)s."))
    if its - own:
        return allowed(gettext_noop("%(other)s only corrects another release."))
    return None


def by_internal(new: Identity, other: Identity) -> Finding | None:
    """Let internal releases stand, but not two of one group."""
    if new.group == other.group and INTERNAL in new.tags & other.tags:
        return None
    if INTERNAL in new.tags:
        return allowed(gettext_noop("An internal release may stand beside %(other)s."))
    if INTERNAL in other.tags:
        return allowed(gettext_noop("%(other)s is internal: it stands in nobody's way."))
    return None


def by_mend(new: Identity, other: Identity) -> Finding | None:
    """Let stand what takes the place of a faulty release, and says so."""
    added = (new.tags - other.tags) & set(MENDS)
    if not added:
        return None
    is_proper = "PROPER" in new.tags
    if not is_proper and new.group != other.group:
        return (
            Verdict.DUPLICATE,
            gettext_noop("%(other)s is of another group: no other group can repack it."),
            gettext_noop("Make it a PROPER, and give the reason in its NFO."),
        )
    due = (
        gettext_noop("The NFO must name that release, and give the reason.")
        if is_proper
        else gettext_noop("The NFO must name that release.")
    )
    is_named = other.name in new.nfo
    return allowed(gettext_noop("It takes the place of %(other)s."), "" if is_named else due)


def by_better_source(new: Identity, other: Identity) -> Finding | None:
    """Let a better source follow a worse one."""
    if rank(new) >= rank(other):
        return None
    return allowed(gettext_noop("%(own)s goes before %(source)s: it may follow %(other)s."))


def by_worse_source(new: Identity, other: Identity) -> Finding | None:
    if rank(new) <= rank(other):
        return None
    return (
        Verdict.DUPLICATE,
        gettext_noop("%(other)s is %(source)s, which goes before %(own)s."),
        gettext_noop("Only a better source may follow: leave this one out."),
    )


def rank(one: Identity) -> int:
    """Return the place of its source, the best first; all are alike where none is told."""
    return SOURCES.index(one.source) if one.source in SOURCES else 0


def by_title(new: Identity, other: Identity) -> Finding | None:
    """Doubt an ISBN that two works have; a subtitle makes no other work."""
    short, long = sorted((new.title, other.title), key=len)
    if long.startswith(short):
        return None
    return (
        Verdict.DOUBTFUL,
        gettext_noop("%(other)s has the same ISBN, %(isbn)s, and another title."),
        gettext_noop("Check the ISBN of both."),
    )


def by_publication(new: Identity, other: Identity) -> Finding | None:
    """Doubt that what was published in another year, or has another ISBN, is the same."""
    fix = gettext_noop("If it is another edition, say which one; else leave it out.")
    if new.isbn and other.isbn:
        template = gettext_noop("%(other)s is of the same work, with another ISBN, %(isbn)s.")
        return Verdict.DOUBTFUL, template, fix
    if new.year and other.year and new.year != other.year:
        template = gettext_noop("%(other)s is of the same work, published in %(year)s.")
        return Verdict.DOUBTFUL, template, fix
    return None


def allowed(template: str, fix: str = "") -> Finding:
    return Verdict.ALLOWED, template, fix


BY_TAGS = (by_fix, by_internal, by_mend)
REASONS: dict[Kind, tuple[Callable[[Identity, Identity], Finding | None], ...]] = {
    Kind.FILE: BY_TAGS,
    Kind.ISBN: (by_version, *BY_TAGS, by_title, by_better_source, by_worse_source),
    Kind.WORK: (by_version, *BY_TAGS, by_better_source, by_publication, by_worse_source),
}
"""What is asked of each kind, in this order; where nothing answers, it is a duplicate."""
