"""How many requests one client may send, and what every answer tells of it.

Who is signed in is told by their number, whatever they show and from wherever they ask; anybody
else by the address the connection comes from. A period is counted in slots that pass one by one:
so no moment comes when all is forgotten at once. DRF loads this by name: it may not import views.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Event
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from accounts.networks import network
from accounts.rates import Rate, parsed
from api.plain import TOO_MANY, is_for_programs, plain_failure

SLOTS = 30
PURPOSES = {
    "/api/auth/login": "login",
    "/api/auth/refresh": "login",
    "/api/docs": "docs",
    "/api/schema": "docs",
    "/api/health": "monitoring",
    "/api/metrics": "monitoring",
}
"""What nobody's requests are counted apart for: who reads the documents may log in besides."""
OFTEN = "monitoring"
"""The purpose that has a limit of its own: balancers ask every few seconds."""

logger = logging.getLogger(__name__)
cache_is_gone = Event()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a client may still send."""

    limit: int
    remaining: int
    resets_at: int
    """Seconds since 1970; requests that were sent first are forgotten then."""
    wait_s: int = 0
    """Zero, or the request is one too many."""

    @property
    def headers(self) -> dict[str, str]:
        told = {
            "X-RateLimit-Limit": self.limit,
            "X-RateLimit-Remaining": self.remaining,
            "X-RateLimit-Reset": self.resets_at,
        }
        return {name: str(value) for name, value in told.items()}


class Limits(BaseThrottle):
    """Counts each request once, whatever becomes of it.

    A view may name another limit for a method: ``rates = {"PATCH": "upload"}``.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        named = getattr(view, "rates", {}).get(request.method, "")
        self.standing = standing_of(request._request, named)
        return not self.standing.wait_s

    def wait(self) -> float:
        return self.standing.wait_s


def limited(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Tell on each answer of the API how many requests are left.

    What no view counted, since it failed before, is counted here: so one cannot guess for ever.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not is_for_programs(request):
            return response
        is_counted = hasattr(request, "standing")
        standing = standing_of(request)
        if standing.wait_s and not is_counted:
            response = plain_failure(429, TOO_MANY % standing.wait_s)
            response["Retry-After"] = str(standing.wait_s)
        for name, value in standing.headers.items():
            response[name] = value
        return response

    return middleware


def standing_of(request: HttpRequest, named: str = "") -> Standing:
    """Count `request`, once, and return how its client stands; `named` is the limit of its view."""
    counted: Any = request
    if not hasattr(counted, "standing"):
        user = vars(request).get("user")
        # Django's own is lazy, and the session of a browser where programs show tokens.
        is_known = type(user) is User
        client, limit = client_of(cast("User", user), named) if is_known else anybody(request)
        counted.standing = spent(f"limits:{client}", parsed(settings.RATE_LIMITS[limit]))
    standing: Standing = counted.standing
    return standing


def client_of(user: User, named: str) -> tuple[str, str]:
    """Return as what `user` is counted, and the name of the limit that holds for them."""
    if named:
        return f"{named}:{user.pk}", named
    return f"user:{user.pk}", "admin" if user.is_admin else "user"


def anybody(request: HttpRequest) -> tuple[str, str]:
    purpose = PURPOSES.get(request.path_info, "other")
    limit = OFTEN if purpose == OFTEN else "public"
    return f"public:{purpose}:{network(request.META.get('REMOTE_ADDR', ''))}", limit


def spent(client: str, rate: Rate) -> Standing:
    """Count one more request of `client`; all are let through while there is no cache."""
    try:
        standing = spend(client, rate)
    except Exception:  # each kind of cache has its own
        if not cache_is_gone.is_set():
            cache_is_gone.set()
            logger.exception("The cache is gone: requests are not counted until it is back")
        return Standing(rate.count, rate.count, ceil(time.time()) + rate.seconds)
    cache_is_gone.clear()
    return standing


def spend(client: str, rate: Rate) -> Standing:
    """Count one more request of `client`, unless that is one too many.

    What `incr` returns is another number for each of many at once, so as many pass as may.
    """
    now, slot_s = time.time(), rate.seconds / SLOTS
    slot = int(now // slot_s)
    names = [f"{client}:{rate.seconds}:{slot - age}" for age in range(SLOTS)]
    cache.add(names[0], 0, timeout=rate.seconds + ceil(slot_s))
    latest = cache.incr(names[0])
    counts = {names[0]: latest} | cache.get_many(names[1:])
    total = sum(counts.values())
    oldest = max(age for age, name in enumerate(names) if counts.get(name))
    leaves_at = (slot - oldest + SLOTS) * slot_s
    if total <= rate.count:
        return Standing(rate.count, rate.count - total, ceil(leaves_at))
    cache.decr(names[0])
    return Standing(rate.count, 0, ceil(leaves_at), max(1, ceil(leaves_at - now)))
