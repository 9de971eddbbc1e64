"""The page where administrators set what holds for the whole site."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.system import InUse, change_system
from accounts.http import Request
from accounts.permissions import holds, require
from accounts.system import described, effective, said
from accounts.system_forms import SystemForm


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    require(request.user, "config", "read")
    now = described(effective(said()))
    initial = {name: value for names in now.values() for name, value in names.items()}
    form = SystemForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and is_changed(form, request):
        messages.success(request, _("The settings are saved. They count within seconds."))
        return redirect("accounts:system")
    may_change = holds(request.user, "config", "write")
    return TemplateResponse(
        request, "accounts/system.html", {"form": form, "may_change": may_change}
    )


def is_changed(form: SystemForm, request: Request) -> bool:
    """Set what the form says, or have it tell why that cannot be."""
    try:
        change_system(form.wishes(), by=request.user)
    except ValidationError as wrong:
        form.add_complaints(wrong)
    except InUse as refusal:
        form.add_error(None, str(refusal))
    return not form.errors
