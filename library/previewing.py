"""What a template is shown with: a made-up release, or a draft of the user's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from drafts.answers import new_release
from drafts.models import Draft
from releases import actions
from releases.actions import Refused
from releases.models import NfoTemplate, ReleaseType

DRAFTS_OFFERED = 20
LINES_OF_MINIATURE = 60
SAMPLE, DRAFT = "sample", "draft"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


def choices(user: User) -> Iterator[Choice]:
    """Yield what a template can be shown with."""
    for release_type in ReleaseType:
        label = _("Sample: %(type)s") % {"type": release_type.label}
        yield Choice(f"{SAMPLE}:{release_type}", label)
    for draft in Draft.objects.visible_to(user).unfinished().newest_first()[:DRAFTS_OFFERED]:
        yield Choice(f"{DRAFT}:{draft.uuid}", _("Draft: %(title)s") % {"title": draft.title})


def previewed(user: User, content: str, encoding: str, chosen: str) -> dict[str, Any]:
    """Return what the preview shows of `content` with what was chosen, e.g. ``sample:TV``."""
    facts, diz, error = told_of(user, chosen)
    return {
        "shown": actions.shown(content, facts, encoding),
        "diz": diz,
        "preview_error": error,
    }


def told_of(user: User, chosen: str) -> tuple[Mapping[str, Any], str, str]:
    """Return what the template is told, the DIZ, and why there is not all of it."""
    kind, _colon, key = chosen.partition(":")
    draft = draft_of(user, key) if kind == DRAFT else None
    if draft is None:
        new = actions.sample(key)
        return actions.sample_facts(new.type), actions.diz_of(new), ""
    try:
        release = new_release(draft)
        return actions.nfo_facts(release), actions.diz_of(release), ""
    except Refused as refusal:
        known = {**draft.metadata, "group": str(draft.answer("group", "group", ""))}
        return actions.given_facts(known, draft.release_type), "", str(refusal)


def draft_of(user: User, key: str) -> Draft | None:
    try:
        return Draft.objects.visible_to(user).filter(uuid=UUID(key)).first()
    except ValueError:
        return None


def miniature(template: NfoTemplate) -> str:
    """Return the first lines of what `template` gives of a made-up release."""
    return drawn_small(template.content, template.encoding, template.type)


@lru_cache(maxsize=256)
def drawn_small(content: str, encoding: str, release_type: str) -> str:
    facts = actions.sample_facts(actions.sample(release_type).type)
    text = actions.shown(content, facts, encoding).text
    return "\n".join(text.split("\n")[:LINES_OF_MINIATURE])
