from codecs import lookup
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.display import display_for
from accounts.http import Request
from accounts.sessions import note_presence
from accounts.trace import request_id
from packer_site import requests

Handler = Callable[[HttpRequest], HttpResponse]
CHARSETS = {"utf-8", "ascii", "iso8859-1"}


def identified(get_response: Handler) -> Handler:
    """Give each request an id, on its answer and in the log."""

    def middleware(request: HttpRequest) -> HttpResponse:
        known_as = requests.id_for(request.headers.get(requests.HEADER))
        request_id.set(known_as)  # it stays: Django logs failures after all of us
        response = get_response(request)
        response[requests.HEADER] = known_as
        return response

    return middleware


def of_known_charset(get_response: Handler) -> Handler:
    """Refuse bodies in a code that is none of text; Python knows such as `zip` and `rot13`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        named = (request.content_params or {}).get("charset")
        if named and not is_known(named):
            raise BadRequest("Send text as UTF-8.")
        return get_response(request)

    return middleware


def is_known(charset: str) -> bool:
    try:
        return lookup(charset).name in CHARSETS
    except (LookupError, ValueError):
        return False


class Compressed(GZipMiddleware):
    """Compresses pages and documents.

    A stream must not wait until there is enough of it; files are sent as they are.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming or response.has_header("Content-Disposition"):
            return response
        return super().process_response(request, cast("HttpResponse", response))


def shown_as_preferred(get_response: Handler) -> Handler:
    """Answer in the language and by the clock of who asks."""

    def middleware(request: HttpRequest) -> HttpResponse:
        display = display_for(request)
        if request.user.is_authenticated:
            note_presence(request.session)
        cast("Request", request).display = display
        translation.activate(display.language)
        request.LANGUAGE_CODE = display.language
        with timezone.override(display.time_zone):
            return get_response(request)

    return middleware


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
            return HttpResponseClientRedirect(redirect_to_login(path, login_url).url)
        return response

    return middleware
