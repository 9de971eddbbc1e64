"""The list of people, how one is added, and whom fields offer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.attempts import Attempt
from accounts.filters import PEOPLE_SORTS, columns, people_asked
from accounts.http import Request
from accounts.models import ReleaseGroup, Role, User
from accounts.people_forms import NewPersonForm
from accounts.permissions import holds, require

PER_PAGE = 25
OFFERED = 20


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    require(request.user, "users", "read")
    page = Paginator(people_asked(request.GET), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "asked": request.GET,
        "columns": columns(request.GET, PEOPLE_SORTS, "username"),
        "roles": Role.objects.order_by("name"),
        "reads": reads(request.user),
        "may_add": holds(request.user, "users", "write"),
    }
    template = "accounts/people/index.html"
    return TemplateResponse(
        request, f"{template}#people-table" if request.htmx else template, context
    )


def reads(user: User) -> dict[str, bool]:
    """Tell which of these pages `user` sees."""
    return {resource: holds(user, resource, "read") for resource in ("users", "roles")}


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    require(request.user, "users", "write")
    is_proposed = "propose" in request.POST
    form = proposing(request) if is_proposed else NewPersonForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with Attempt(form):
            person = actions.create_user(form.new(), by=request.user)
            messages.success(request, _("The person is added. Now say what they may do."))
            return redirect("accounts:people:person", person.pk)
    context = {"form": form, "is_proposed": is_proposed}
    return TemplateResponse(request, "accounts/people/add.html", context)


def proposing(request: Request) -> NewPersonForm:
    """Return the form as it was typed, with a password that is proposed."""
    typed = request.POST.dict() | {"active": "active" in request.POST}
    form = NewPersonForm(initial=typed)
    form.propose()
    return form


@login_required
@require_GET
def offers(request: Request) -> HttpResponse:
    """Offer the people whose names begin as what is typed."""
    require(request.user, "users", "read")
    typed = request.GET.get("username", "").strip()[:100]
    found = User.objects.filter(username__istartswith=typed).order_by("username")
    return offered(request, list(found.values_list("username", flat=True)[:OFFERED]))


@login_required
@require_GET
def group_offers(request: Request) -> HttpResponse:
    """Offer the release groups that one may put people into and that begin as what is typed."""
    require(request.user, "users", "read")
    typed = (request.GET.get("tag") or request.GET.get("group", "")).strip().upper()[:100]
    known = request.user.release_groups if not request.user.is_admin else ReleaseGroup.objects
    found = known.filter(tag__startswith=typed).order_by("tag")
    return offered(request, list(found.values_list("tag", flat=True)[:OFFERED]))


def offered(request: Request, found: list[str]) -> HttpResponse:
    return TemplateResponse(request, "releases/_offered.html", {"offered": found})


def visible_person(request: Request, pk: int, to: str = "read") -> User:
    """Return a person for the one who asks `to` do something, which the actions ask again."""
    require(request.user, "users", "read")
    found = get_object_or_404(User.objects.select_related("created_by"), pk=pk)
    require(request.user, "users", to)
    return found
