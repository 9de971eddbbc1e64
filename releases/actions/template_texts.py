"""The text of a template: what it may be, its versions, and its file where texts lie on disk.

The row is the truth. A file that is gone or was not written in time is written again from it; one
that says what the row never put there was edited, which makes a version.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from releases import template_files, templating
from releases.actions.refusal import Refused, told
from releases.actions.sampling import sample_facts
from releases.models import NfoTemplate, ReleaseType, TemplateStorage, TemplateVersion
from rules.models import Rule

NAME_CHARACTERS = 100
BAD_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Separators of paths, and what acts on a terminal or turns a text around."""


class WrongField(Refused):
    """One of the answers cannot be taken; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TemplateConflict(WrongField):
    """Somebody else has the name, or changed the template meanwhile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTemplate:
    """What a template is to be."""

    name: str
    content: str
    type: str = ""
    """Empty: for releases of any type."""
    encoding: str = NfoTemplate.Encoding.CP437
    rule: Rule | None = None
    """The rule that it is made for, if it is made for one."""
    is_system: bool = False
    """Whether everybody sees it."""

    @classmethod
    def of(cls, template: NfoTemplate) -> "NewTemplate":
        return cls(**{field.name: getattr(template, field.name) for field in fields(cls)})

    def tidied(self) -> "NewTemplate":
        content = re.sub(r"\r\n?", "\n", self.content)
        return replace(self, name=" ".join(self.name.split()), content=content)

    def columns(self) -> dict[str, Any]:
        """Return the columns of the row."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def named_unlike(self, taken: Collection[str]) -> "NewTemplate":
        """Return it with a number behind its name where that is `taken`, in any case."""
        used = {name.casefold() for name in taken}
        number, name = 1, self.name[:NAME_CHARACTERS]
        while name.casefold() in used:
            number += 1
            name = f"{self.name[: NAME_CHARACTERS - len(str(number)) - 1]} {number}"
        return replace(self, name=name)


def check(new: NewTemplate) -> None:
    """Make sure that `new` can be kept, and rendered.

    Raises:
        WrongField: it cannot; says why.
    """
    if not 1 <= len(new.name) <= NAME_CHARACTERS or BAD_IN_NAMES.search(new.name):
        raise WrongField(
            "name", _("A name has 1 to 100 characters, without / and \\: choose another.")
        )
    for field, known in (("type", ReleaseType.values), ("encoding", NfoTemplate.Encoding.values)):
        if getattr(new, field) not in {*known, *([""] if field == "type" else [])}:
            sentence = _("Choose one of: %(choices)s.") % {"choices": ", ".join(known)}
            raise WrongField(field, sentence)
    if new.rule and new.type not in {"", new.rule.release_type}:
        sentence = _("%(rule)s is a rule for releases of type %(type)s: choose that type.")
        raise WrongField("rule", sentence % {"rule": new.rule, "type": new.rule.release_type})
    check_content(new.content)


def check_content(content: str) -> None:
    """Make sure that `content` can be rendered.

    Raises:
        WrongField: it cannot; says why.
    """
    if not content.strip():
        raise WrongField("content", _("The template is empty: write its text."))
    try:
        unknown = templating.unknown_names(content, sample_facts("EBOOK"))
    except templating.TemplateError as error:
        raise WrongField("content", told(error)) from error
    if unknown:
        sentence = _("The template asks for what does not exist: %(names)s.")
        raise WrongField("content", sentence % {"names": ", ".join(unknown)})


def add(template: NfoTemplate, *, by: User | None) -> None:
    """Keep a new template, its first version and, where texts lie on disk, its file.

    Raises:
        Refused: the name is taken, or the file cannot be written.
    """
    template.file = free_file(template.name)
    with in_file(template, template.content), name_free(template):
        template.save(force_insert=True)
        note_version(template, by=by)


def record(template: NfoTemplate, new: NewTemplate, *, by: User | None) -> NfoTemplate:
    """Keep what `new` says of `template`, and a version where its text or encoding is another.

    Raises:
        Refused: somebody else was faster, the name is taken, or the file cannot be written.
    """
    is_other = (new.content, new.encoding) != (template.content, template.encoding)
    changed = {"version": template.version + is_other, "updated_at": timezone.now()}
    held = NfoTemplate.objects.filter(pk=template.pk, version=template.version, file=template.file)
    with in_file(template, new.content), name_free(template):
        if not held.update(**changed | new.columns()):
            raise changed_meanwhile(template)
        template.refresh_from_db()
        if is_other:
            note_version(template, by=by)
    return template


def note_version(template: NfoTemplate, *, by: User | None) -> None:
    TemplateVersion.objects.create(
        template=template,
        number=template.version,
        content=template.content,
        encoding=template.encoding,
        by=by,
    )


@contextmanager
def name_free(template: NfoTemplate) -> Iterator[None]:
    """Change rows in one transaction; say which name it was where two have the same."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise TemplateConflict(
            "name", _("Another template has this name already: choose another.")
        ) from error


def changed_meanwhile(template: NfoTemplate) -> TemplateConflict:
    sentence = _(
        "%(name)s was changed meanwhile: compare with its newest version, then save yours again."
    )
    return TemplateConflict("content", sentence % {"name": template})


@contextmanager
def in_file(template: NfoTemplate, content: str) -> Iterator[None]:
    """Have the file of `template`, if it has one, say `content` as soon as its row does.

    Raises:
        Refused: it cannot be written; then the row is not changed either.
    """
    if not template.file or (template.pk and content == template.content):
        yield
        return
    path = path_of(template)
    try:
        with template_files.prepared(path.parent, path.name, content) as put:
            yield
            put()
    except OSError as error:
        raise unwritable(path, error) from error
    note_sum(template, content)


def path_of(template: NfoTemplate) -> Path:
    return TemplateStorage.current().folder / template.file


def unwritable(path: Path, error: OSError) -> Refused:
    sentence = _("%(path)s cannot be written (%(reason)s): mend that, then try again.")
    return Refused(sentence % {"path": path, "reason": error.strerror})


def note_sum(template: NfoTemplate, content: str) -> None:
    template.file_sum = sum_of(content)
    NfoTemplate.objects.filter(pk=template.pk, version=template.version).update(
        file_sum=template.file_sum
    )


def sum_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def free_file(name: str) -> str:
    """Return the name of a new file for a template `name`; nothing where there are no files."""
    storage = TemplateStorage.current()
    if not storage.is_disk:
        return ""
    used = NfoTemplate.objects.exclude(file="").values_list("file", flat=True)
    return template_files.file_name(name, {*used, *template_files.names(storage.folder)})


def catch_up(template: NfoTemplate) -> NfoTemplate:
    """Return `template` with what was made of its file meanwhile, if it has one.

    A file whose text cannot be taken changes nothing: `template.trouble` says why.
    """
    if not template.file:
        return template
    path = path_of(template)
    try:
        take_over(template, text_at(path))
    except (Refused, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        template.trouble = _("The file %(path)s is not used: %(reason)s") % {
            "path": path,
            "reason": reason,
        }
    return template


def text_at(path: Path) -> str | None:
    """Return the text of a file, None where there is none though there is its folder.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return template_files.read_text(path)
    except FileNotFoundError:
        if path.parent.is_dir():
            return None
        raise


def take_over(template: NfoTemplate, found: str | None) -> None:
    """Make what was `found` in the file the template's text, or the other way round.

    Raises:
        Refused: it cannot be rendered.
    """
    if found == template.content:
        if template.file_sum != sum_of(found):
            note_sum(template, found)
    elif found is None or sum_of(found) == template.file_sum:
        path = path_of(template)
        with template_files.prepared(path.parent, path.name, template.content) as put:
            put()
        note_sum(template, template.content)
    else:
        check_content(found)
        edited(template, found)


def edited(template: NfoTemplate, found: str) -> None:
    """Record what somebody made of the file: it says so already, so only the row changes."""
    is_ours = NfoTemplate.objects.filter(pk=template.pk, version=template.version)
    with transaction.atomic():
        changed = is_ours.update(
            content=found,
            version=template.version + 1,
            file_sum=sum_of(found),
            updated_at=timezone.now(),
        )
        template.refresh_from_db()
        if changed:  # else somebody has just done the same
            note_version(template, by=None)
