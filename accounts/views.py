from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login, views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, seeds
from accounts.display import is_kept, keep_in_cookies
from accounts.forms import FirstAdminForm, LoginForm, PasswordForm
from accounts.http import Request, our_page
from accounts.models import User
from accounts.preferences import prefer, prefer_all

BACKEND = "accounts.backends.Password"


class Login(views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page, or on a new instance the one that makes its administrator."""
        if seeds.awaits_admin():
            return redirect("accounts:welcome")
        return super().get(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again; after too many tries, tell programs as well how long to wait."""
        response = super().form_invalid(form)
        if isinstance(form, LoginForm) and form.wait_s:
            response.status_code = 429
            response.headers["Retry-After"] = str(form.wait_s)
        return response


def admin_login(request: HttpRequest) -> HttpResponse:
    """Lead from the administration to the one page to log in at, and back.

    Raises:
        PermissionDenied: somebody is logged in who may not enter: logging in again is no help.
    """
    wanted = our_page(request, request.GET.get(REDIRECT_FIELD_NAME, "")) or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(wanted, resolve_url(settings.LOGIN_URL))
    if not request.user.is_staff:
        raise PermissionDenied(_("Your account may not enter the administration."))
    return redirect(wanted)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Make the administrator of a new instance, and sign them in."""
    if not seeds.awaits_admin():
        return redirect("accounts:login")
    form = FirstAdminForm(request.POST or None)
    if not form.is_valid():
        return TemplateResponse(request, "accounts/welcome.html", {"form": form})
    given = form.cleaned_data
    try:
        admin = seeds.welcome_admin(given["username"], given["password1"], given["email"])
    except seeds.FirstRunOver:
        messages.error(request, _("The administrator was made meanwhile: ask them for an account."))
        return redirect("accounts:login")
    prefer(admin, "language", given["language"])
    login(request, admin, BACKEND)
    return redirect("home")


class Password(views.PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("preferences:index")

    def get_form(self, *args: Any, **kwargs: Any) -> PasswordChangeForm:
        form = super().get_form(*args, **kwargs)
        for field in form.fields.values():
            field.widget.attrs["class"] = "form-control"
        return form

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Keep the password, stay logged in here, and nowhere else."""
        response = super().form_valid(form)
        actions.end_other_sessions(self.request.session.session_key, by=form.user)
        messages.success(
            self.request, _("The password is changed. Every other session is logged out.")
        )
        return response


password = login_required(Password.as_view())


@login_required
@require_POST
def end_session(request: Request, handle: str) -> HttpResponseBase:
    """Log one of one's own sessions out."""
    if not actions.end_session(handle, by=request.user):
        raise Http404
    messages.success(request, _("The session is logged out."))
    return redirect("preferences:index")


@login_required
@require_POST
def end_other_sessions(request: Request) -> HttpResponse:
    """Log every session of one's own out but this one."""
    ended = actions.end_other_sessions(request.session.session_key, by=request.user)
    sentence = ngettext(
        "%(count)s session is logged out.", "%(count)s sessions are logged out.", ended
    )
    messages.success(request, sentence % {"count": ended})
    return redirect("preferences:index")


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Keep a theme or a language, in the browser and for the person."""
    sent = {key: request.POST.get(key, "") for key in ("theme", "language")}
    wished = {key: value for key, value in sent.items() if is_kept(key, value)}
    if isinstance(request.user, User):
        prefer_all(request.user, wished)
    response = redirect(our_page(request, request.POST.get("next", "")) or "/")
    keep_in_cookies(response, wished)
    return response
