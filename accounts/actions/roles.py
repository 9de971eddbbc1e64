"""What administrators do with roles.

Nobody puts into a role what they do not hold, and nobody changes one of people who may do more.
"""

from collections.abc import Iterable, Mapping
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.guards import checked, hold_role, refuse_token, require_role
from accounts.actions.logins import end_logins
from accounts.actions.refusal import Refused, Taken, WrongFields
from accounts.models import ADMIN_ROLE, Role, User
from accounts.permissions import cells_of, require, require_all, require_rank, set_permissions

SEEDED = (ADMIN_ROLE, "Operator")
ANSWERED = ("name", "description")


@transaction.atomic
def create_role(name: str, description: str, *, by: User) -> Role:
    """Make a role that gives nothing yet.

    Raises:
        PermissionDenied: `by` may not.
        Taken: another has the name, in whatever case.
        WrongFields: some of the answers cannot be taken.
    """
    require(by, "roles", "write")
    role = Role(name=name.strip(), description=description.strip())
    store(role)
    return role


@transaction.atomic
def update_role(
    role: Role, *, by: User, name: str | None = None, description: str | None = None
) -> Role:
    """Change what is given.

    Raises:
        PermissionDenied: `by` may not.
        Refused: it is a role that every instance has, which keeps its name.
        Taken: another has the name, in whatever case.
        WrongFields: some of the answers cannot be taken.
    """
    require(by, "roles", "write")
    hold_role(role)
    if name is not None and name.strip() != role.name:
        refuse_seeded(role)
        role.name = name.strip()
    if description is not None:
        role.description = description.strip()
    store(role)
    return role


@transaction.atomic
def delete_role(role: Role, *, by: User, reassign_to: Role | None = None) -> int:
    """Delete a role; whoever has it gets the role `reassign_to`. Return how many that are.

    Raises:
        PermissionDenied: `by` may not, holds not all that the other role gives, or somebody who
            has it may do more than they.
        Refused: it is a role that every instance has, or of `by` themselves.
        WrongFields: people have it, and no other role is named.
    """
    require(by, "roles", "delete")
    for each in sorted(filter(None, [role, reassign_to]), key=attrgetter("pk")):
        hold_role(each)
    refuse_seeded(role)
    people = User.objects.filter(groups=role)
    require_rank(by, people)
    refuse_own(role, by=by)
    count = people.count()
    if count:
        give_instead(people, heir(role, reassign_to, count), by=by)
    role.delete()
    return count


@transaction.atomic
def set_role_permissions(role: Role, wished: Mapping[str, Iterable[str]], *, by: User) -> int:
    """Let a role give what is `wished`, what it implies, and nothing else.

    Returns how many people have the role; their programs have to log in again.

    Raises:
        PermissionDenied: `by` may not, holds not all of it, or somebody who has the role may do
            more than they.
        Refused: it is Admin and would give less, or it is of `by` themselves and would.
        WrongFields: there is no such resource or action.
    """
    require(by, "roles", "mod")
    cells = checked(wished)
    hold_role(role)
    before = cells_of(role.permissions.all())
    require_all(by, cells)
    require_all(by, before)
    people = User.objects.filter(groups=role)
    refuse_token(people, by=by)
    require_rank(by, people)
    if before - cells:
        refuse_reduction(role, by=by)
    if cells != before:
        set_permissions(role, wished)
        end_logins_of(people)
    return people.count()


def store(role: Role) -> None:
    """Save what has been checked.

    Raises:
        Taken: another has the name.
        WrongFields: some of the answers cannot be taken.
    """
    try:
        role.clean_fields(exclude={each.name for each in Role._meta.fields} - set(ANSWERED))
    except ValidationError as error:
        raise WrongFields(error.message_dict) from error
    if Role.objects.exclude(pk=role.pk).filter(name__iexact=role.name):
        raise taken()
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        raise taken() from error


def taken() -> Taken:
    return Taken({"name": [_("Role name already exists")]})


def refuse_seeded(role: Role) -> None:
    if role.name in SEEDED:
        sentence = _("Every instance has the role %(name)s: it keeps its name and is not deleted.")
        raise Refused(sentence % {"name": role.name})


def refuse_own(role: Role, *, by: User) -> None:
    if not by.is_admin and by.groups.filter(pk=role.pk).exists():
        raise Refused(_("You have this role yourself: ask another administrator."))


def refuse_reduction(role: Role, *, by: User) -> None:
    if role.name == ADMIN_ROLE:
        raise Refused(_("The role Admin gives everything, and goes on to."))
    refuse_own(role, by=by)


def heir(role: Role, reassign_to: Role | None, count: int) -> Role:
    """Return the role that those get who have `role`.

    Raises:
        WrongFields: none is named, or the same.
    """
    if reassign_to is None:
        sentence = ngettext(
            "Cannot delete role: %(count)d user has this role",
            "Cannot delete role: %(count)d users have this role",
            count,
        )
        raise WrongFields({"reassign_to": [sentence % {"count": count}]})
    if reassign_to.pk == role.pk:
        raise WrongFields({"reassign_to": [_("Name another role than the one to delete.")]})
    return reassign_to


def give_instead(people: QuerySet[User], role: Role, *, by: User) -> None:
    """Give `role` to `people` too; their programs have to log in again."""
    require_role(by, role)
    role.user_set.add(*people)
    end_logins_of(people)
    facts = {"is_staff": True} if role.name == ADMIN_ROLE else {}
    people.update(modified_at=timezone.now(), **facts)


def end_logins_of(people: QuerySet[User]) -> None:
    for user in people.filter(logins__ended_at=None).distinct():
        end_logins(user)
