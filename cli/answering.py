"""From the options of a command to a release that is to be packed, by the forms of the wizard."""

from argparse import Namespace
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from cli.exits import Exit, Stop
from cli.fields import with_option
from cli.options import METADATA
from drafts import actions as drafts
from drafts.answers import new_release
from drafts.forms import StepForm
from drafts.models import Draft
from drafts.steps import BY_KEY
from releases import actions
from releases.actions import NewRelease
from releases.description import SOURCES
from releases.models import NfoTemplate, Release, Source
from rules.models import Rule
from rules.spec import Severity


def created(options: Namespace, user: User) -> Release:
    """Return the release that the options describe; where it cannot be, nothing is kept."""
    if not options.file.is_file():
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not a file.") % {"path": options.file})
    draft = Draft(owner=user)
    answer(draft, "group", {"group": options.group})
    answer(draft, "type", {"release_type": options.type})
    rules = Rule.objects.all()
    if not rules.for_type(options.type).packable().exists():
        sentence = _("There is no rule to pack %(type)s by: run “packer setup”, or add one.")
        raise Stop(Exit.INVALID, sentence % {"type": options.type})
    answer(draft, "rule", {"rule_id": chosen(rules, options.profile)} if options.profile else {})
    source = actions.register_source(options.file, by=user)
    try:
        answer_about(draft, source, options)
        new = asked(draft, options)
        new = new if options.profile else by_fitting_rule(new)
        actions.settle_sum(new.source)
        return actions.create_release(new, by=user, confirms_duplicates=options.allow_duplicate)
    except BaseException:
        actions.discard_source(source)
        raise


def asked(draft: Draft, options: Namespace) -> NewRelease:
    """Return what the answers make, and what only commands ask."""
    new = replace(
        new_release(draft),
        name=options.release_name,
        generate_sfv=not options.no_sfv,
        proofs=tuple(options.proof or ()),
    )
    if options.output:
        make_output(options.output)
        new = replace(new, root=str(options.output.resolve()))
    return replace(new, released_on=options.released_on) if options.released_on else new


def answer_about(draft: Draft, source: Source, options: Namespace) -> None:
    """Put on `draft` what is asked once the file is known."""
    rights = {"rights": options.rights, "rights_note": options.rights_note}
    answer(draft, "source", rights | {"file_path": str(source.handle)})
    answer_metadata(draft, options)
    packing = {"format": options.format, "volumes": options.volume_size}
    packing["rar_version"] = options.rar_version
    answer(
        draft, "options", {name: "" if value is None else value for name, value in packing.items()}
    )
    seen = NfoTemplate.objects.visible_to(draft.owner)
    template = {"template_id": chosen(seen, options.template)} if options.template else {}
    answer(draft, "nfo", template)


def answer_metadata(draft: Draft, options: Namespace) -> None:
    """Put on `draft` what the work is: by the options, the file and, where asked for, others."""
    given = metadata(options)
    filled, sources = enriched(draft, given) if options.enrich else ({}, {})
    answer(draft, "enrichment", given | filled)
    draft.answers["enrichment"]["sources"] |= sources


def enriched(draft: Draft, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    from cli.enriching import gaps_filled  # noqa: PLC0415  # 0.1 s that few commands need

    return gaps_filled(draft, given, by=draft.owner)


def by_fitting_rule(new: NewRelease) -> NewRelease:
    """Return `new` by the newest rule of its type that it conforms to; by none, as it is."""
    rules = Rule.objects.for_type(new.type).packable().recommended_first()
    return next((one for rule in rules if conforms(one := replace(new, rule=rule))), new)


def conforms(new: NewRelease) -> bool:
    return not any(broken.severity == Severity.STRUCTURE for broken in actions.report(new))


def make_output(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = _("%(folder)s cannot be made (%(reason)s): choose another --output.")
        values = {"folder": folder, "reason": error.strerror}
        raise Stop(Exit.DESTINATION_FAILED, sentence % values) from error


def metadata(options: Namespace) -> dict[str, Any]:
    """Return the metadata that the options give; the rest comes from the file."""
    given = {name: getattr(options, name) for name in METADATA}
    source = next(name for name in SOURCES if name.lower() == options.source)
    return {name: value for name, value in given.items() if value is not None} | {"source": source}


def chosen(among: QuerySet[Rule] | QuerySet[NfoTemplate], name: str) -> int:
    found = among.filter(name=name).first()
    if found is None:
        names = ", ".join(among.values_list("name", flat=True))
        raise Stop(
            Exit.NOT_FOUND, _("%(name)s is none of: %(names)s.") % {"name": name, "names": names}
        )
    return int(found.pk)


def answer(draft: Draft, key: str, data: Mapping[str, Any]) -> None:
    """Put the answers to a step on `draft`, which is never saved."""
    form = drafts.completed_form(draft, BY_KEY[key], data)
    if not form.is_valid():
        raise Stop(Exit.INVALID, "\n".join(complaints(form)))
    draft.answers[key] = form.answers()


def complaints(form: StepForm) -> Iterable[str]:
    for name, errors in form.errors.items():
        for error in errors:
            yield with_option(name, str(error))
