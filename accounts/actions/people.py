"""What administrators do with the accounts of people.

Nobody gives what they do not hold, and nobody changes somebody who may do more than they: see
`accounts.actions.guards`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.guards import (
    checked,
    hold,
    hold_role,
    refuse_loss,
    refuse_self,
    require_groups,
    require_role,
)
from accounts.actions.logins import end_all, end_logins
from accounts.actions.refusal import Refused, Taken, WrongFields
from accounts.models import ADMIN_ROLE, ReleaseGroup, Role, User
from accounts.permissions import cells_of, require, require_all, set_permissions
from accounts.scopes import require_login

ANSWERED = ("username", "email", "note", "first_name", "last_name")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewUser:
    """What an account is to be."""

    username: str
    password: str = field(repr=False)
    email: str = ""
    note: str = ""
    active: bool = True
    first_name: str = ""
    last_name: str = ""


@transaction.atomic
def create_user(new: NewUser, *, by: User) -> User:
    """Make an account without any role.

    Raises:
        PermissionDenied: `by` may not.
        Taken: somebody has the name, in whatever case.
        WrongFields: some of the answers cannot be taken.
    """
    require(by, "users", "write")
    user = User(is_active=new.active, created_by=by)
    assigned(user, **{name: getattr(new, name) for name in ANSWERED})
    check(user, ANSWERED, new.password)
    user.set_password(new.password)
    store(user)
    return user


@transaction.atomic
def update_user(  # noqa: PLR0913  # each of the answers that may be another
    user: User,
    *,
    by: User,
    email: str | None = None,
    note: str | None = None,
    password: str | None = None,
    active: bool | None = None,
    username: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
) -> User:
    """Change what is given; a new password, and being deactivated, end the person's logins.

    Raises:
        PermissionDenied: `by` may not, or the person may do more than they.
        Refused: the person is the last administrator, or `by`, and would be deactivated.
        Taken: somebody else has the name, in whatever case.
        WrongFields: some of the answers cannot be taken.
    """
    require(by, "users", "write")
    if password is not None:
        require(by, "users", "mod")
        require_login(by)
    hold(user, by=by)
    changed = assigned(
        user,
        username=username,
        email=email,
        note=note,
        first_name=first_name,
        last_name=last_name,
    )
    check(user, changed, password)
    changed += with_password(user, password) + turned(user, active=active, by=by)
    if changed:
        store(user, changed)
    if "password" in changed:
        end_logins(user)
    return user


@transaction.atomic
def deactivate_user(user: User, *, by: User) -> None:
    """Let the person log in no more; nothing of theirs is lost.

    Raises:
        PermissionDenied: `by` may not, or the person may do more than they.
        Refused: the person is the last administrator, or `by`.
    """
    require(by, "users", "delete")
    hold(user, by=by)
    if changed := turned(user, active=False, by=by):
        store(user, changed)


@transaction.atomic
def delete_user(user: User, *, by: User) -> None:
    """Delete the account for good, with its drafts and preferences.

    Raises:
        PermissionDenied: `by` may not, or the person may do more than they.
        Refused: the person is the last administrator, or `by`, or made what has to stay.
    """
    require(by, "users", "delete")
    hold(user, by=by)
    refuse_loss(user, by=by)
    try:
        with transaction.atomic():
            user.delete()
    except models.ProtectedError as error:
        raise Refused(staying(user)) from error


@transaction.atomic
def assign_groups(user: User, groups: Iterable[ReleaseGroup], *, by: User) -> None:
    """Put the person into release groups, besides those they are in.

    Raises:
        PermissionDenied: `by` may not, is not in a group themselves, or the person may do more.
    """
    require(by, "users", "mod")
    hold(user, by=by)
    known = set(user.release_groups.all())
    new = [group for group in groups if group not in known]
    require_groups(by, new)
    if new:
        user.release_groups.add(*new)
        store(user, [])


@transaction.atomic
def remove_group(user: User, group: ReleaseGroup, *, by: User) -> None:
    """Take the person out of a release group.

    Raises:
        PermissionDenied: `by` may not, or the person may do more than they.
    """
    require(by, "users", "mod")
    hold(user, by=by)
    if user.release_groups.filter(pk=group.pk).exists():
        user.release_groups.remove(group)
        store(user, [])


@transaction.atomic
def assign_role(user: User, role: Role, *, by: User) -> None:
    """Give the person a role; their programs have to log in again.

    Raises:
        PermissionDenied: `by` may not, holds not all of it, or the person may do more than they.
        Refused: the person is `by`.
    """
    require(by, "users", "mod")
    hold_role(role)
    require_role(by, role)
    hold(user, by=by)
    refuse_self(user, by=by)
    if user.groups.filter(pk=role.pk).exists():
        return
    user.groups.add(role)
    if role.name == ADMIN_ROLE:
        user.is_staff = True
    store(user, ["is_staff"])
    end_logins(user)


@transaction.atomic
def remove_role(user: User, role: Role, *, by: User) -> None:
    """Take a role from the person; their programs have to log in again.

    Raises:
        PermissionDenied: `by` may not, or the person may do more than they.
        Refused: the person is `by`, or the role makes them the last administrator.
    """
    require(by, "users", "mod")
    hold(user, by=by)
    refuse_self(user, by=by)
    if not user.groups.filter(pk=role.pk).exists():
        return
    if role.name == ADMIN_ROLE and not user.is_superuser:
        refuse_loss(user, by=by)
        user.is_staff = False
    user.groups.remove(role)
    store(user, ["is_staff"])
    end_logins(user)


@transaction.atomic
def set_custom_permissions(user: User, wished: Mapping[str, Iterable[str]], *, by: User) -> None:
    """Give the person what is `wished` besides their roles, what it implies, and nothing else.

    Raises:
        PermissionDenied: `by` may not, holds not all of it, or the person may do more than they.
        Refused: the person is `by`.
        WrongFields: there is no such resource or action.
    """
    require(by, "users", "mod")
    cells = checked(wished)
    require_all(by, cells)
    hold(user, by=by)
    refuse_self(user, by=by)
    if cells != cells_of(user.user_permissions.all()):
        set_permissions(user, wished)
        store(user, [])
        end_logins(user)


def assigned(user: User, **wished: str | None) -> list[str]:
    """Put what is `wished` on `user`, and return the names of what is another thing then."""
    said = {name: text for name, text in wished.items() if text is not None}
    if "username" in said:
        said["username"] = User.normalize_username(said["username"].strip())
    if "email" in said:
        said["email"] = User.objects.normalize_email(said["email"].strip())
    changed = [name for name, text in said.items() if getattr(user, name) != text]
    for name in changed:
        setattr(user, name, said[name])
    return changed


def with_password(user: User, password: str | None) -> list[str]:
    if password is None:
        return []
    user.set_password(password)
    return ["password"]


def turned(user: User, *, active: bool | None, by: User) -> list[str]:
    """Activate `user`, or deactivate them and all that speaks for them, if they are not so."""
    if active is None or active == user.is_active:
        return []
    require(by, "users", "delete")
    if user.is_active:
        refuse_loss(user, by=by)
        end_all(user)
    user.is_active = active
    return ["is_active"]


def check(user: User, names: Iterable[str], password: str | None) -> None:
    """Refuse fields that cannot be kept, all that are wrong at once.

    Raises:
        WrongFields: some are of the wrong form, or the password is too weak.
        Taken: somebody else has the name.
    """
    others = {each.name for each in User._meta.concrete_fields} - set(names)
    wrong: dict[str, list[str]] = {}
    try:
        user.clean_fields(exclude=others)
    except ValidationError as error:
        wrong |= error.message_dict
    try:
        if password is not None:
            validate_password(password, user)
    except ValidationError as error:
        wrong["password"] = error.messages
    if wrong:
        raise WrongFields(wrong)
    if "username" in names and User.objects.exclude(pk=user.pk).filter(called(user.username)):
        raise taken()


def called(username: str) -> Q:
    """Return what people fulfil of this name, in whatever case."""
    same = Q(username__iexact=username)
    if username.isascii():
        return same
    return same | Q(username__iregex=rf"^{re.escape(username)}$")  # SQLite's LIKE knows ASCII alone


def taken() -> Taken:
    return Taken({"username": [_("Username already exists")]})


def store(user: User, changed: Iterable[str] | None = None) -> None:
    """Save what changed of `user`, or all of somebody new.

    Raises:
        Taken: somebody was faster to take the name.
    """
    if changed is not None:
        user.modified_at = timezone.now()
        changed = [*changed, "modified_at"]
    try:
        with transaction.atomic():
            user.save(update_fields=changed)
    except IntegrityError as error:
        raise taken() from error


def staying(user: User) -> str:
    """Return the sentence that tells what keeps `user` from being deleted."""
    made = []
    for relation in User._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            rows = relation.related_model._default_manager.filter(**{relation.field.name: user})
            if count := rows.count():
                made.append(f"{relation.related_model._meta.verbose_name_plural}: {count}")
    return _(
        "%(username)s made what has to stay (%(made)s). Deactivate them instead of deleting them."
    ) % {"username": user.username, "made": ", ".join(made)}
