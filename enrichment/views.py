from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from accounts.permissions import holds, require
from enrichment import actions
from enrichment.forms import ApiForm
from enrichment.models import ApiConfig
from enrichment.overview import providers_seen_by
from releases.actions import Refused, told
from releases.metadata.providers import PROVIDERS, ProviderError
from vault.sealing import Undecryptable

OWNERS = {"own": False, "all": True}
"""Whether what is made is for all."""


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    context = {
        "providers": providers_seen_by(request.user),
        "may_add_for_all": holds(request.user, "config", "write"),
    }
    return TemplateResponse(request, "enrichment/index.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def create(request: Request, name: str, whose: str) -> HttpResponse:
    if name not in PROVIDERS or whose not in OWNERS:
        raise Http404
    is_for_all = OWNERS[whose]
    if is_for_all:
        require(request.user, "config", "write")
    form = ApiForm(request.POST or None, provider=PROVIDERS[name])
    if form.is_valid():
        owner = None if is_for_all else request.user
        new = actions.NewApi(name=name, owner=owner, **form.cleaned_data)
        try:
            actions.create_api(new, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return kept(request, name)
    return form_page(request, form, name, is_for_all=is_for_all)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    config = visible_config(request, pk)
    form = ApiForm(
        request.POST or None,
        provider=PROVIDERS[config.name],
        keeps_key=bool(config.api_key),
        initial={"base_url": config.base_url, "active": config.active},
    )
    if form.is_valid():
        given = form.cleaned_data | {"api_key": form.cleaned_data["api_key"] or None}
        try:
            actions.change_api(config, by=request.user, **given)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return kept(request, config.name)
    return form_page(request, form, config.name, is_for_all=not config.user_id)


@login_required
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    config = visible_config(request, pk)
    actions.remove_api(config, by=request.user)
    sentence = _("The key of %(provider)s is forgotten.")
    messages.success(request, sentence % {"provider": PROVIDERS[config.name].title})
    return redirect("enrichment:index")


@login_required
@require_POST
def test(request: Request, pk: int) -> HttpResponse:
    """Ask the provider; htmx gets the sentence for beside the button, others the page with it."""
    config = visible_config(request, pk)
    level, sentence = tested(config, request)
    if request.htmx:
        context = {"worked": level == messages.SUCCESS, "sentence": sentence}
        return TemplateResponse(request, "enrichment/_tested.html", context)
    messages.add_message(request, level, sentence)
    return redirect("enrichment:index")


def tested(config: ApiConfig, request: Request) -> tuple[int, str]:
    """Return how good the news of a test are, and the news."""
    try:
        milliseconds = actions.test_api(config, by=request.user)
    except (ProviderError, Undecryptable) as error:
        return messages.ERROR, told(error)
    answer = {"provider": PROVIDERS[config.name].title, "milliseconds": milliseconds}
    return messages.SUCCESS, _("%(provider)s answered in %(milliseconds)d ms.") % answer


def visible_config(request: Request, pk: int) -> ApiConfig:
    visible = ApiConfig.objects.visible_to(request.user).filter(name__in=PROVIDERS)
    return get_object_or_404(visible.select_related("user"), pk=pk)


def form_page(request: Request, form: ApiForm, name: str, *, is_for_all: bool) -> HttpResponse:
    context = {"form": form, "provider": PROVIDERS[name], "is_for_all": is_for_all}
    return TemplateResponse(request, "enrichment/form.html", context)


def kept(request: Request, name: str) -> HttpResponse:
    sentence = _("%(provider)s: saved. Test it below.")
    messages.success(request, sentence % {"provider": PROVIDERS[name].title})
    return redirect("enrichment:index")
