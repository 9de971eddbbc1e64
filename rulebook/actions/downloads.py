"""How the text of a rule comes from its site into the library."""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from releases.actions import Refused, told
from releases.metadata.http import Unreachable
from rulebook import detection, index
from rulebook.actions.library import name_free
from rulebook.actions.texts import Untaken, deleted_meanwhile, read_text, text_version
from rulebook.models import Listing
from rulebook.site import Access, Download, Known, NotGiven, Visit
from rules.models import Rule, RuleVersion
from rules.violation import gettext_noop

DOWNLOAD_S = 9.0
"""For one rule, since somebody waits for it."""
REQUEST_S = 20.0
NEAR = 3
OTHER_CAPITALS = gettext_noop(
    "There is a rule %(name)s already, which differs by its capitals alone."
)


class NotListed(Refused):
    """The site lists no rule of that name."""


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    rule: Rule
    outcome: Outcome
    is_in_force: bool
    """Whether what is published is what releases are packed by: no own text stands before it."""


def download_rule(name: str, *, by: User) -> Downloaded:
    """Bring one listed rule, or what is new of it, into the library.

    Raises:
        PermissionDenied: `by` may not write rules.
        NotListed: nobody lists it; tells which names are near.
        Refused: it cannot be had, or is no text.
    """
    require(by, "rules", "write")
    listing = listing_of(name)
    visit = Visit(site_access(), total_s=DOWNLOAD_S)
    try:
        download = asked(visit, listing)
    except Unreachable as error:
        note_trouble(listing, error)
        raise Refused(told(error)) from error
    if download is None:
        return settled(listing)
    return kept(listing, download, by=by)


def listing_of(name: str) -> Listing:
    name = name.strip()
    listed = {one.name: one for one in Listing.objects.all()}
    if name in listed:
        return listed[name]
    folded = {known.casefold(): known for known in listed}
    near = [folded[one] for one in get_close_matches(name.casefold(), folded, NEAR)]
    if not near:
        raise NotListed(_("No rule %(name)s is listed: synchronize the rules.") % {"name": name})
    sentence = _("No rule %(name)s is listed. Did you mean %(names)s?")
    raise NotListed(sentence % {"name": name, "names": ", ".join(near)})


def asked(visit: Visit, listing: Listing) -> Download | None:
    """Return what lies where the rule was listed, or else where the index leads to now."""
    try:
        return visit.download(addresses_of(listing), known_of(listing))
    except NotGiven:
        name = listing.name.casefold()
        found = [one for one in visit.entries() if one.name.casefold() == name]
        if not found:
            raise
        return visit.download(found[0].addresses)


def addresses_of(listing: Listing) -> dict[str, str]:
    found = index.address(listing.url)
    return {found[0] if found else index.RAW: listing.url}


def known_of(listing: Listing) -> Known:
    """Return what the site said of the text, if that is here still."""
    is_here = RuleVersion.objects.filter(
        rule__name=listing.name, origin=RuleVersion.Origin.PUBLISHED, sha256=listing.sha256
    )
    if listing.sha256 and is_here.exists():
        return Known(etag=listing.etag, last_modified=listing.last_modified)
    return Known()


def settled(listing: Listing) -> Downloaded:
    """Note that the text is as it was.

    Raises:
        Refused: its rule was deleted meanwhile.
    """
    rule = Rule.objects.filter(name=listing.name).first()
    if rule is None:
        raise deleted_meanwhile(listing.name)
    listed_again(listing, "")
    return Downloaded(rule=rule, outcome=Outcome.UNCHANGED, is_in_force=is_published(rule))


@transaction.atomic
def kept(listing: Listing, download: Download, *, by: User | None) -> Downloaded:
    """Keep what was downloaded, if it is new.

    Raises:
        Refused: it is no text, or another rule has the name in other letters.
    """
    text = read_text(download.raw, download.encoding)
    with name_free():
        rule = rule_of(listing, by=by)
    before = published(rule)
    version = None
    if not (download.is_page and before and before.content == text.content):
        version = text_version(
            rule,
            download.raw,
            origin=RuleVersion.Origin.PUBLISHED,
            by=by,
            url=download.url[:500],
            source=f"{listing.name}.nfo",
            encoding=download.encoding,
        )
    listed_again(listing, text.sha256, Known() if download.is_page else download.known)
    outcome = Outcome.UNCHANGED
    if version:
        outcome = Outcome.CHANGED if before else Outcome.NEW
    return Downloaded(rule=rule, outcome=outcome, is_in_force=is_published(rule))


def rule_of(listing: Listing, *, by: User | None) -> Rule:
    found = Rule.objects.filter(name__iexact=listing.name).first()
    if found is None:
        release_type = detection.type_of(listing.section)
        named = detection.from_name(listing.name).section
        return Rule.objects.create(
            name=listing.name,
            scene=listing.scene,
            section=listing.section,
            year=listing.year,
            release_type=release_type or detection.type_of(named),
            origin=Rule.Origin.PUBLISHED,
            created_by=by,
        )
    if found.name != listing.name:
        raise Untaken(OTHER_CAPITALS, name=found.name)
    return found


def published(rule: Rule) -> RuleVersion | None:
    """Return the newest text that was published, without its bytes."""
    return rule.versions.filter(origin=RuleVersion.Origin.PUBLISHED).defer("raw").first()


def is_published(rule: Rule) -> bool:
    in_force = rule.versions.filter(number=rule.version, origin=RuleVersion.Origin.PUBLISHED)
    return in_force.exists()


def listed_again(listing: Listing, sha256: str, known: Known | None = None) -> None:
    """Note what is known of a listed rule now; nothing is written where nothing changed."""
    now: dict[str, object] = {"fault": {}}
    if known is not None:
        now |= {"sha256": sha256, "etag": known.etag, "last_modified": known.last_modified}
    note(listing, **now)


def note_trouble(listing: Listing, error: Exception) -> None:
    """Keep why a rule was not had: the sentence as its engine said it, if one did."""
    said: Any = next((one for one in (error, error.__cause__) if hasattr(one, "template")), None)
    if said is None:
        note(listing, fault={"template": "%(reason)s", "values": {"reason": str(error)}})
        return
    values = {
        name: value if type(value) is int else str(value) for name, value in said.values.items()
    }
    note(listing, fault={"template": said.template, "values": values})


def note(listing: Listing, **facts: object) -> bool:
    """Write those of `facts` that are new, and tell whether any is."""
    changed = [name for name, value in facts.items() if getattr(listing, name) != value]
    for name in changed:
        setattr(listing, name, facts[name])
    if changed:
        listing.save(update_fields=changed)
    return bool(changed)


def site_access() -> Access:
    return Access(
        url=settings.RULES_URL,
        allowed_hosts=frozenset(settings.OUTBOUND_HOSTS),
        contact=settings.CONTACT_URL,
        pause_s=settings.RULES_PAUSE_S,
        request_s=REQUEST_S,
    )
