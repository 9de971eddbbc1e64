"""The pages of release groups: their list, and the members of one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions
from accounts.attempts import Attempt, attempted
from accounts.filters import GROUP_SORTS, columns, groups_asked
from accounts.http import Request
from accounts.models import ReleaseGroup, User
from accounts.people_forms import MemberForm, TagForm
from accounts.people_views import PER_PAGE, reads
from accounts.permissions import holds, require

PAGE = "accounts:people:group"


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    return listed(request, TagForm())


def listed(request: Request, form: Form) -> HttpResponse:
    require(request.user, "users", "read")
    page = Paginator(groups_asked(request.GET), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "asked": request.GET,
        "columns": columns(request.GET, GROUP_SORTS, "tag"),
        "reads": reads(request.user),
        "may_add": holds(request.user, "users", "write"),
    }
    template = "accounts/groups/index.html"
    return TemplateResponse(
        request, f"{template}#group-table" if request.htmx else template, context
    )


@login_required
@require_POST
def add(request: Request) -> HttpResponse:
    require(request.user, "users", "write")
    form = TagForm(request.POST)
    if form.is_valid():
        with Attempt(form):
            made = actions.create_group(form.cleaned_data["tag"], by=request.user)
            messages.success(request, _("The group is added. Now say who is in it."))
            return redirect(PAGE, made.pk)
    return listed(request, form)


@login_required
@require_GET
def group(request: Request, pk: int) -> HttpResponse:
    return shown(request, visible_group(request, pk), MemberForm())


def visible_group(request: Request, pk: int, to: str = "read") -> ReleaseGroup:
    """Return a group for the one who asks `to` do something, which the actions ask again."""
    require(request.user, "users", "read")
    found = get_object_or_404(ReleaseGroup, pk=pk)
    require(request.user, "users", to)
    return found


def shown(request: Request, found: ReleaseGroup, form: Form) -> HttpResponse:
    members = Paginator(found.members.order_by("username"), PER_PAGE)
    context = {
        "group": found,
        "form": form,
        "page": members.get_page(request.GET.get("page")),
        "may_change": holds(request.user, "users", "mod"),
    }
    return TemplateResponse(request, "accounts/groups/group.html", context)


@login_required
@require_POST
def add_member(request: Request, pk: int) -> HttpResponse:
    found = visible_group(request, pk, "mod")
    form = MemberForm(request.POST)
    if form.is_valid():
        with Attempt(form):
            actions.assign_groups(form.person, [found], by=request.user)
            messages.success(request, _("The person is in the group now."))
            return redirect(PAGE, pk)
    return shown(request, found, form)


@login_required
@require_POST
def remove_member(request: Request, pk: int, person: int) -> HttpResponse:
    found = visible_group(request, pk, "mod")
    who = get_object_or_404(User, pk=person)
    with attempted(request, _("The person is no longer in the group.")):
        actions.remove_group(who, found, by=request.user)
    return redirect(PAGE, pk)
