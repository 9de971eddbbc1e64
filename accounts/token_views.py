"""The tokens of who looks: what is shown of them, how one is made and ended."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions.tokens import make_token, revoke_token
from accounts.attempts import Attempt
from accounts.http import Request
from accounts.token_forms import NewTokenForm


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """List the tokens; of one just made show the text, here and never again.

    It is in this answer alone: a redirect would have to keep it somewhere.
    """
    form, text = NewTokenForm(request.POST or None, by=request.user), ""
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        with Attempt(form):
            _token, text = make_token(
                given["name"], given["scopes"], by=request.user, expires_at=form.expires_at()
            )
            form = NewTokenForm(by=request.user)
    context = {"form": form, "text": text, "tokens": request.user.api_tokens.newest_first()}
    return TemplateResponse(request, "accounts/tokens.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: Request, pk: int) -> HttpResponse:
    """Ask, and end a token."""
    token = get_object_or_404(request.user.api_tokens, pk=pk)
    if request.method == "GET":
        return TemplateResponse(request, "accounts/revoke_token.html", {"token": token})
    revoke_token(token, by=request.user)
    messages.success(request, _("The token %(name)s is revoked.") % {"name": token.name})
    return redirect("accounts:tokens:index")
