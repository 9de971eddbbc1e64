"""From a draft's answers to the `NewRelease` they make."""

from django.utils.translation import gettext as _

from drafts.models import Draft
from releases.actions import NewRelease, Refused, catch_up
from releases.models import MILLION, Release


def new_release(draft: Draft) -> NewRelease:
    """Return the release that the answers so far make; what is not asked yet has its default.

    Raises:
        Refused: the type, the rule or the file is missing.
    """
    rule, source, template = draft.rule, draft.source, draft.template and catch_up(draft.template)
    if not (draft.release_type and rule and source and template):
        raise Refused(_("Choose a type, a rule and a file first."))
    return NewRelease(
        type=draft.release_type,
        group=str(draft.answer("group", "group", "")),
        rule=rule,
        source=source,
        metadata=draft.metadata,
        metadata_sources=draft.answer("enrichment", "sources", {}),
        rights=str(draft.answer("source", "rights", Release.Rights.OTHER)),
        rights_note=str(draft.answer("source", "rights_note", "")),
        template=template,
        template_text=str(draft.answer("nfo", "template_text", "")),
        format=str(draft.answer("options", "format") or ""),
        volume_bytes=int(draft.answer("options", "volumes") or 0) * MILLION,
        rar_version=int(draft.answer("options", "rar_version") or 0),
        generate_sfv=draft.answer("options", "generate_sfv") is not False,
    )
