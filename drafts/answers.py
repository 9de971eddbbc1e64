"""From a draft's answers to the `NewRelease` they make."""

from django.utils.translation import gettext as _

from drafts.models import Draft
from releases.actions import NewRelease, Refused, catch_up
from releases.models import MILLION, Release


class Stuck(Refused):
    """Nothing can be said of the release yet; the step of this key mends that."""

    def __init__(self, refusal: Refused, step: str) -> None:
        super().__init__(str(refusal), refusal.violations)
        self.step = step


def new_release(draft: Draft) -> NewRelease:
    """Return the release that the answers so far make; what is not asked yet has its default.

    Raises:
        Stuck: the rule that was chosen is gone, or its spec is not complete any more.
        Refused: the type, the rule or the file is missing.
    """
    if draft.answer("rule", "rule_id") and draft.rule is None:
        sentence = _(
            "The rule that was chosen is gone, or releases cannot be packed by it any more:"
            " choose another."
        )
        raise Stuck(Refused(sentence), "rule")
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
