"""The pages of roles: their list, and what one of them gives."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, matrix
from accounts.attempts import Attempt
from accounts.filters import roles_asked
from accounts.http import Request
from accounts.models import ADMIN_ROLE, Role, User
from accounts.people_forms import HeirForm, MatrixForm, RoleForm
from accounts.people_views import PER_PAGE, reads
from accounts.permissions import holds, permissions_of, require
from accounts.person_views import saved
from accounts.seeds import ROLES

PAGE = "accounts:people:role"
CHANGES = ("write", "mod", "delete")
MOST_PEOPLE = 50


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    require(request.user, "roles", "read")
    context = {
        "page": Paginator(roles_asked(), PER_PAGE).get_page(request.GET.get("page")),
        "reads": reads(request.user),
        "may_add": holds(request.user, "roles", "write"),
    }
    return TemplateResponse(request, "accounts/roles/index.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    require(request.user, "roles", "write")
    form = RoleForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with Attempt(form):
            made = actions.create_role(**form.wanted(), by=request.user)
            messages.success(request, _("The role is added. Now say what it gives."))
            return redirect(PAGE, made.pk)
    return TemplateResponse(request, "accounts/roles/add.html", {"form": form})


@login_required
@require_GET
def role(request: Request, pk: int) -> HttpResponse:
    return page(request, visible_role(request, pk))


def visible_role(request: Request, pk: int, to: str = "read") -> Role:
    """Return a role for the one who asks `to` do something, which the actions ask again."""
    require(request.user, "roles", "read")
    found = get_object_or_404(Role, pk=pk)
    require(request.user, "roles", to)
    return found


def page(request: Request, found: Role, sent: Mapping[str, Form] | None = None) -> HttpResponse:
    """Show the page, with the forms that were `sent` in place of new ones."""
    forms: dict[str, Any] = {
        "role": RoleForm.of(RoleForm.state(found)),
        "permissions": MatrixForm.of(permissions_state(found)),
    }
    forms |= sent or {}
    is_seeded = found.name in ROLES
    if is_seeded:
        forms["role"].fields["name"].widget.attrs["readonly"] = True
    people = User.objects.filter(groups=found).order_by("username")
    context = {
        "role": found,
        "forms": forms,
        "is_seeded": is_seeded,
        "is_admin_role": found.name == ADMIN_ROLE,
        "rows": matrix.matrix(forms["permissions"].ticked, by=request.user),
        "people": people[:MOST_PEOPLE],
        "people_count": people.count(),
        "may": {change: holds(request.user, "roles", change) for change in CHANGES},
        "reads": reads(request.user),
    }
    return TemplateResponse(request, "accounts/roles/role.html", context)


def permissions_state(found: Role) -> dict[str, list[str]]:
    return {"permissions": sorted(matrix.ticks(permissions_of(found)))}


def locked(request: Request, pk: int, to: str) -> Role:
    """Return the role as it is now, which nobody else changes before we are done."""
    visible_role(request, pk, to)
    held: Any = Role.objects.select_for_update()
    found: Role = get_object_or_404(held, pk=pk)
    return found


@login_required
@require_POST
@transaction.atomic
def save(request: Request, pk: int) -> HttpResponse:
    found = locked(request, pk, "write")
    form = RoleForm(request.POST)
    if form.is_valid() and not form.is_overtaken(RoleForm.state(found)):
        with Attempt(form):
            actions.update_role(found, by=request.user, **form.wanted())
            messages.success(request, _("The role is saved."))
            return redirect(PAGE, pk)
    return page(request, visible_role(request, pk), {"role": form})


@login_required
@require_POST
@transaction.atomic
def permissions(request: Request, pk: int) -> HttpResponse:
    found = locked(request, pk, "mod")
    form = MatrixForm(request.POST)
    if form.is_valid() and not form.is_overtaken(permissions_state(found)):
        with Attempt(form):
            wished = matrix.wished(form.ticked)
            actions.set_role_permissions(found, wished, by=request.user)
            messages.success(request, saved(form))
            return redirect(PAGE, pk)
    return page(request, found, {"permissions": form})


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: Request, pk: int) -> HttpResponse:
    """Ask what its people get, then delete."""
    found = visible_role(request, pk, "delete")
    count = User.objects.filter(groups=found).count()
    form = HeirForm(
        request.POST if request.method == "POST" else None, role=found, is_used=count > 0
    )
    if form.is_bound and form.is_valid():
        with Attempt(form):
            heir = form.cleaned_data["reassign_to"]
            actions.delete_role(found, by=request.user, reassign_to=heir)
            messages.success(request, _("The role is deleted."))
            return redirect("accounts:people:roles")
    context = {"role": found, "form": form, "people_count": count}
    return TemplateResponse(request, "accounts/roles/delete.html", context)
