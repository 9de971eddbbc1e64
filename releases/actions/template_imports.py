"""From a file that others wrote, or drew, to a template that can be saved."""

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from releases import templating
from releases.actions.refusal import Refused, told
from releases.actions.template_texts import BAD_IN_NAMES, NAME_CHARACTERS, NewTemplate
from releases.packing import PackingError, foreign


@dataclass(frozen=True, slots=True)
class ReadTemplate:
    new: NewTemplate
    notes: list[str]
    """What was done to the text, for whoever looks at it before it is kept."""


def read_template(data: bytes, file_name: str) -> ReadTemplate:
    """Return the template that a file makes; nothing is kept.

    Raises:
        Refused: it is no text, too large, or not whole.
    """
    try:
        found = foreign.imported(data)
        content = templating.translated(found.text)
    except (PackingError, templating.TemplateError) as error:
        raise Refused(told(error)) from error
    notes = [told(note) for note in found.notes]
    if content != found.text:
        notes.append(_("Its conditions were in an earlier language: they are translated."))
    name = BAD_IN_NAMES.sub(" ", Path(file_name).stem).strip()[:NAME_CHARACTERS]
    new = NewTemplate(name=name, content=content, encoding=found.fitting_encoding)
    return ReadTemplate(new.tidied(), notes)
