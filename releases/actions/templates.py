"""What one can do to the templates of NFOs: everybody's, and one's own."""

from contextlib import suppress
from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from releases.actions import template_texts
from releases.actions.refusal import Refused
from releases.actions.template_texts import (
    NewTemplate,
    TemplateConflict,
    catch_up,
    check,
)
from releases.models import DefaultTemplate, NfoTemplate, TemplateVersion

ALIKE = 90
"""So many characters names have in common that may differ by a number at their end alone."""


def create_template(new: NewTemplate, *, by: User) -> NfoTemplate:
    """Add a template to the library, owned by its maker.

    Raises:
        PermissionDenied: `by` may not make templates, or none for everybody.
        Refused: the name or the text cannot be taken.
    """
    require(by, "releases", "write")
    if new.is_system:
        require(by, "config", "write")
    new = new.tidied()
    check(new)
    refuse_taken(new.name)
    template = NfoTemplate(created_by=by, **new.columns())
    template_texts.add(template, by=by)
    return template


def change_template(
    template: NfoTemplate, new: NewTemplate, *, by: User, seen_version: int | None = None
) -> NfoTemplate:
    """Make `template` what `new` says; another text or encoding is a new version.

    Raises:
        PermissionDenied: it is neither theirs nor may they configure the site.
        Refused: the name or the text cannot be taken, or the template is not at the version
            that was seen any more.
    """
    require_editor(template, by)
    if new.is_system != template.is_system:
        require(by, "config", "write")
    new = new.tidied()
    if seen_version not in {None, catch_up(template).version}:
        raise template_texts.changed_meanwhile(template)
    check(new)
    if template.is_default and (not new.is_system or new.type != template.type):
        raise Refused(
            _("%(name)s is everybody's default: make another one that first.") % {"name": template}
        )
    refuse_taken(new.name, but=template)
    return template_texts.record(template, new, by=by)


def require_editor(template: NfoTemplate, by: User, action: str = "write") -> None:
    """Let pass who made the template, and who may do `action` to what the site has."""
    if template.belongs_to(by):
        require(by, "releases", "write")
    else:
        require(by, "config", action)


def may_change(template: NfoTemplate, user: User) -> bool:
    """Tell whether `user` may change it; others look at it, and copy it."""
    try:
        require_editor(template, user)
    except PermissionDenied:
        return False
    return True


def refuse_taken(name: str, *, but: NfoTemplate | None = None) -> None:
    """Raise TemplateConflict if another template than `but` has this name, in any case."""
    others = NfoTemplate.objects.exclude(pk=but.pk) if but else NfoTemplate.objects.all()
    if others.filter(name__iexact=name).exists():
        raise TemplateConflict("name", _("Another template has this name already: choose another."))


def duplicate_template(template: NfoTemplate, *, by: User) -> NfoTemplate:
    """Add a copy that is one's own.

    Raises:
        PermissionDenied: `by` may not make templates.
    """
    name = _("copy of %(name)s") % {"name": catch_up(template)}
    copied = replace(NewTemplate.of(template), name=name, is_system=False)
    taken = NfoTemplate.objects.filter(name__istartswith=name[:ALIKE]).values_list(
        "name", flat=True
    )
    return create_template(copied.named_unlike([*taken]), by=by)


def restore_version(version: TemplateVersion, *, by: User) -> NfoTemplate:
    """Make a template again what it was at `version`; that is a new version.

    Raises:
        PermissionDenied: see `change_template`.
        Refused: what it was cannot be taken any more.
    """
    template = version.template
    new = replace(NewTemplate.of(template), content=version.content, encoding=version.encoding)
    return change_template(template, new, by=by)


def delete_template(template: NfoTemplate, *, by: User) -> None:
    """Take a template out of the library; drafts fall back, releases keep their text.

    Raises:
        PermissionDenied: it is not theirs, and they may not delete what the site has.
        Refused: it is the last one that everybody sees.
    """
    require_editor(template, by, "delete")
    others = NfoTemplate.objects.filter(is_system=True).exclude(pk=template.pk)
    if template.is_system and not others.exists():
        raise Refused(
            _("%(name)s is the last template that everybody sees: add another one first.")
            % {"name": template}
        )
    path = template_texts.path_of(template) if template.file else None
    template.delete()
    if path:
        with suppress(OSError):  # a text that stays is one more file in the folder
            path.unlink()


@transaction.atomic
def make_system_default(template: NfoTemplate, *, by: User) -> None:
    """Make `template` what releases of its type get unless told; everybody sees it then.

    Raises:
        PermissionDenied: `by` may not modify the configuration.
    """
    require(by, "config", "mod")
    alike = NfoTemplate.objects.filter(type=template.type)
    list(alike.select_for_update().order_by("pk"))  # so that two at once leave one default
    alike.filter(is_default=True).update(is_default=False)
    NfoTemplate.objects.filter(pk=template.pk).update(is_default=True, is_system=True)
    template.refresh_from_db(fields=["is_default", "is_system"])


def make_own_default(template: NfoTemplate, release_type: str, *, by: User) -> None:
    """Make `template` what the releases of this type that `by` makes get unless told.

    Raises:
        Refused: it is for another type, or not theirs to see.
    """
    is_seen = NfoTemplate.objects.visible_to(by).filter(pk=template.pk).exists()
    if not is_seen or template.type not in {"", release_type}:
        raise Refused(
            _("%(name)s is not a template for releases of type %(type)s: choose another.")
            % {"name": template, "type": release_type}
        )
    DefaultTemplate.objects.update_or_create(
        user=by, type=release_type, defaults={"template": template}
    )


def forget_own_default(release_type: str, *, by: User) -> None:
    """Go back to everybody's default."""
    DefaultTemplate.objects.filter(user=by, type=release_type).delete()
