from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

Handler = Callable[[HttpRequest], HttpResponse]


def vary_on_htmx(get_response: Handler) -> Handler:
    """Tell caches apart the page and the partial that one URL answers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def login_leaves_the_partial(get_response: Handler) -> Handler:
    """Send the whole page to the login when a session ended; htmx would swap it into a partial."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        login_url = resolve_url(settings.LOGIN_URL)
        if request.headers.get("HX-Request") and response.get("Location", "").startswith(login_url):
            here = request.headers.get("HX-Current-URL") or request.path
            path = "/" + here.split("/", 3)[-1] if "://" in here else here
            return HttpResponseClientRedirect(f"{login_url}?next={path}")
        return response

    return middleware
