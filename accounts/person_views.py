"""The page of one person, and all that is changed there."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, matrix
from accounts.attempts import Attempt, attempted
from accounts.http import Request
from accounts.models import ReleaseGroup, Role, User
from accounts.people_forms import (
    AccountForm,
    GiveRoleForm,
    KnownTagForm,
    MatrixForm,
    PasswordForm,
)
from accounts.people_views import reads, visible_person
from accounts.permissions import custom_permissions, holds, stronger_than

PAGE = "accounts:people:person"


@never_cache
@login_required
@require_GET
def person(request: Request, pk: int) -> HttpResponse:
    return page(request, visible_person(request, pk))


def page(request: Request, who: User, sent: Mapping[str, Form] | None = None) -> HttpResponse:
    """Show the page, with the forms that were `sent` in place of new ones."""
    roles = list(all_roles(who))
    own = matrix.ticks(custom_permissions(who))
    forms = forms_of(who, own, [role for role in roles if not role.is_theirs]) | dict(sent or {})
    if is_proposed := "propose" in request.GET:
        forms["password"].propose()
    of_roles = matrix.given_by_roles(who)
    context = {
        "person": who,
        "forms": forms,
        "is_proposed": is_proposed,
        "roles": [role for role in roles if role.is_theirs],
        "groups": who.release_groups.order_by("tag"),
        "rows": matrix.matrix(forms["permissions"].ticked, by=request.user, of_roles=of_roles),
        "reads": reads(request.user),
    }
    return TemplateResponse(request, "accounts/people/person.html", context | allowed(request, who))


def allowed(request: Request, who: User) -> dict[str, Any]:
    """Return what the page offers to do: the actions ask again."""
    is_above = User.objects.filter(stronger_than(request.user), pk=who.pk).exists()
    is_self = who == request.user
    may = {
        action: not is_above and holds(request.user, "users", action)
        for action in ("write", "mod", "delete")
    }
    return {
        "is_above": is_above,
        "is_self": is_self,
        "may": may,
        "may_give": may["mod"] and not is_self,
        "may_end": may["delete"] and not is_self,
    }


def all_roles(who: User) -> Any:
    """Return every role, and whether it is one of `who`, as `is_theirs`."""
    theirs = User.groups.through.objects.filter(group=OuterRef("pk"), user=who)
    return Role.objects.annotate(is_theirs=Exists(theirs)).order_by("name")


def forms_of(who: User, own: set[str], others: list[Role]) -> dict[str, Any]:
    return {
        "account": AccountForm.of(AccountForm.state(who)),
        "password": PasswordForm(),
        "role": GiveRoleForm(roles=others),
        "group": KnownTagForm(),
        "permissions": MatrixForm.of({"permissions": sorted(own)}),
    }


def locked(request: Request, pk: int, to: str) -> User:
    """Return the person as they are now, whom nobody else changes before we are done."""
    visible_person(request, pk, to)
    return get_object_or_404(User.objects.select_for_update(), pk=pk)


@login_required
@require_POST
@transaction.atomic
def save(request: Request, pk: int) -> HttpResponse:
    who = locked(request, pk, "write")
    form = AccountForm(request.POST)
    if form.is_valid() and not form.is_overtaken(AccountForm.state(who)):
        with Attempt(form):
            wanted = form.cleaned_data
            actions.update_user(
                who,
                by=request.user,
                username=wanted["username"],
                email=wanted["email"],
                note=wanted["note"],
            )
            messages.success(request, _("The account is saved."))
            return redirect(PAGE, pk)
    return page(request, visible_person(request, pk), {"account": form})


@sensitive_post_parameters()
@login_required
@require_POST
def password(request: Request, pk: int) -> HttpResponse:
    who = visible_person(request, pk, "mod")
    form = PasswordForm(request.POST, person=who)
    if form.is_valid():
        with Attempt(form):
            actions.update_user(who, by=request.user, password=form.cleaned_data["password1"])
            messages.success(request, _("The password is set: tell it to the person."))
            return redirect(PAGE, pk)
    return page(request, who, {"password": form})


@login_required
@require_POST
def give_role(request: Request, pk: int) -> HttpResponse:
    who = visible_person(request, pk, "mod")
    form = GiveRoleForm(request.POST, roles=all_roles(who))
    if form.is_valid():
        with Attempt(form):
            role = get_object_or_404(Role, pk=form.cleaned_data["role"])
            actions.assign_role(who, role, by=request.user)
            messages.success(request, _("The role is given."))
            return redirect(PAGE, pk)
    return page(request, who, {"role": form})


@login_required
@require_POST
def remove_role(request: Request, pk: int, role: int) -> HttpResponse:
    who = visible_person(request, pk, "mod")
    taken = get_object_or_404(Role, pk=role)
    with attempted(request, _("The role is taken away.")):
        actions.remove_role(who, taken, by=request.user)
    return redirect(PAGE, pk)


@login_required
@require_POST
def join_group(request: Request, pk: int) -> HttpResponse:
    who = visible_person(request, pk, "mod")
    form = KnownTagForm(request.POST)
    if form.is_valid():
        with Attempt(form):
            actions.assign_groups(who, [form.group], by=request.user)
            messages.success(request, _("The person is in the group now."))
            return redirect(PAGE, pk)
    return page(request, who, {"group": form})


@login_required
@require_POST
def leave_group(request: Request, pk: int, group: int) -> HttpResponse:
    who = visible_person(request, pk, "mod")
    left = get_object_or_404(ReleaseGroup, pk=group)
    with attempted(request, _("The person is no longer in the group.")):
        actions.remove_group(who, left, by=request.user)
    return redirect(PAGE, pk)


@login_required
@require_POST
@transaction.atomic
def permissions(request: Request, pk: int) -> HttpResponse:
    who = locked(request, pk, "mod")
    form = MatrixForm(request.POST)
    now = {"permissions": sorted(matrix.ticks(custom_permissions(who)))}
    if form.is_valid() and not form.is_overtaken(now):
        with Attempt(form):
            wished = matrix.wished(form.ticked)
            actions.set_custom_permissions(who, wished, by=request.user)
            messages.success(request, saved(form))
            return redirect(PAGE, pk)
    return page(request, visible_person(request, pk), {"permissions": form})


def saved(form: MatrixForm) -> str:
    """Say that permissions are saved, and which of them were not ticked by hand."""
    implied = matrix.with_implied(form.ticked) - form.ticked
    if not implied:
        return _("The permissions are saved.")
    sentence = _("The permissions are saved, with what they imply: %(permissions)s.")
    return sentence % {"permissions": matrix.told(implied)}


@login_required
@require_POST
def activate(request: Request, pk: int) -> HttpResponse:
    who = visible_person(request, pk, "delete")
    with attempted(request, _("The person may log in again.")):
        actions.update_user(who, by=request.user, active=True)
    return redirect(PAGE, pk)


@login_required
@require_http_methods(["GET", "POST"])
def deactivate(request: Request, pk: int) -> HttpResponse:
    """Ask, then deactivate."""
    who = visible_person(request, pk, "delete")
    if request.method == "POST":
        with attempted(request, _("The person may no longer log in.")):
            actions.deactivate_user(who, by=request.user)
        return redirect(PAGE, pk)
    context = {
        "person": who,
        "question": _("Deactivate %(name)s?") % {"name": who.username},
        "consequence": _(
            "All sessions and API logins end, and nobody logs in with this account until it is"
            " activated again. What the person made stays."
        ),
        "deed": _("Deactivate"),
    }
    return TemplateResponse(request, "accounts/people/confirm.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: Request, pk: int) -> HttpResponse:
    """Ask, then delete for good."""
    who = visible_person(request, pk, "delete")
    if request.method == "POST":
        try:
            actions.delete_user(who, by=request.user)
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(PAGE, pk)
        messages.success(request, _("The person is deleted."))
        return redirect("accounts:people:index")
    context = {
        "person": who,
        "question": _("Delete %(name)s for good?") % {"name": who.username},
        "consequence": _(
            "The account goes with its preferences, sessions and keys, and nothing brings it back."
            " Who made releases or jobs can only be deactivated."
        ),
        "deed": _("Delete for good"),
    }
    return TemplateResponse(request, "accounts/people/confirm.html", context)
