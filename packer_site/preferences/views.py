"""The page where people say what they prefer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.display import COOKIES, keep_in_cookies
from accounts.http import Request
from accounts.preferences import forget_all, own, prefer_all, preferences
from drafts.enriching import prefer_order
from packer_site.preferences.forms import SECTIONS, ImportForm, PreferenceForm
from packer_site.preferences.order import providers_in_order


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    return page(request)


@login_required
@require_POST
def save(request: Request, section: str) -> HttpResponse:
    """Keep what one section of the page says, or show what is wrong with it."""
    if section not in SECTIONS:
        raise Http404
    form = SECTIONS[section](request.POST, prefix=section)
    if not form.is_valid():
        return page(request, {section: form})
    wishes = form.wishes()
    prefer_all(request.user, wishes)
    messages.success(request, _("Your preferences are saved."))
    response = redirect("preferences:index")
    keep_in_cookies(response, {key: wishes[key] for key in COOKIES if wishes.get(key)})
    return response


@login_required
@require_POST
def order(request: Request) -> HttpResponse:
    """Keep the order in which providers are asked."""
    prefer_order(request.POST.get("order", "").split(","), by=request.user)
    return redirect("preferences:index")


@login_required
@require_GET
def export(request: Request) -> HttpResponse:
    """Give away what one said, as a file that can be imported elsewhere."""
    name = "attachment; filename=preferences.json"
    document = {"preferences": own(request.user)}
    return JsonResponse(
        document, json_dumps_params={"indent": 2}, headers={"Content-Disposition": name}
    )


@login_required
@require_POST
def import_file(request: Request) -> HttpResponse:
    """Keep all that a file says, or nothing of it."""
    form = ImportForm(request.POST, request.FILES)
    if refusal := getattr(request, "upload_refusal", ""):
        form.add_error("file", refusal)
    if form.is_valid():
        try:
            prefer_all(request.user, form.cleaned_data["file"])
        except ValidationError as wrong:
            form.add_error("file", sentences(wrong))
    if not form.is_valid():
        return page(request, {"import": form})
    messages.success(request, _("Your preferences are imported."))
    return redirect("preferences:index")


def sentences(wrong: ValidationError) -> list[str]:
    return [f"{key}: {' '.join(each)}" for key, each in wrong.message_dict.items()]


@login_required
@require_POST
def reset(request: Request) -> HttpResponse:
    """Forget all that one said: what holds for all counts again."""
    forget_all(request.user)
    messages.success(request, _("Your preferences are forgotten: those of all count again."))
    return redirect("preferences:index")


def page(request: Request, sent: dict[str, PreferenceForm] | None = None) -> HttpResponse:
    """Show the page, with the forms that were `sent` in place of what is kept."""
    preferred = preferences(request.user) | {
        "theme": request.display.theme,
        "language": request.display.language,
    }
    context: dict[str, Any] = {
        "sections": {
            key: (sent or {}).get(key) or form(initial=form.shown(preferred), prefix=key)
            for key, form in SECTIONS.items()
        },
        "import_form": (sent or {}).get("import") or ImportForm(),
        "providers": providers_in_order(preferred["api_priority_order"]),
        "sessions": request.user.sessions.valid().last_seen_first(),
        "this_session": request.session.session_key,
    }
    return TemplateResponse(request, "preferences/index.html", context)
