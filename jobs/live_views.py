"""Jobs as they run, for the script of pages: as a stream, or asked for again and again."""

import re
from functools import partial
from http import HTTPStatus

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.http import Request
from accounts.preferences import preference
from jobs import live
from jobs.live import MOST_KNOWN, MOST_LINES, Full, Watcher, active, snapshots, stream
from jobs.models import Job
from jobs.telling import line

RETRY_S = 60
NUMBER = re.compile("[0-9]{1,18}")


@login_required
@require_GET
async def events(request: Request, pk: int | None = None) -> HttpResponseBase:
    """Stream what happens to one's jobs, and the log of the job `pk` until that is over."""
    watcher = await sync_to_async(watcher_of)(request, pk)
    try:
        live.HUB.require_room(watcher.user)
    except Full as full:
        status = HTTPStatus.TOO_MANY_REQUESTS if full.is_own else HTTPStatus.SERVICE_UNAVAILABLE
        return HttpResponse(status=status, headers={"Retry-After": str(RETRY_S)})
    return StreamingHttpResponse(
        stream(watcher, partial(is_still_let_in, request, watcher)),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def watcher_of(request: Request, pk: int | None) -> Watcher:
    if pk is not None:
        get_object_or_404(Job.objects.visible_to(request.user).only("pk"), pk=pk)
    last = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return Watcher(
        request.user,
        everyone=wants_all(request),
        watched=pk,
        after=int(last) if NUMBER.fullmatch(last) else 0,
        known=numbers(request.GET.get("known", "")),
    )


def wants_all(request: Request) -> bool:
    return "everyone" in request.GET and request.user.is_admin


def numbers(text: str) -> list[int]:
    """Return the numbers of jobs that a page names."""
    return [int(one) for one in NUMBER.findall(text)][:MOST_KNOWN]


def is_still_let_in(request: Request, watcher: Watcher) -> bool:
    """Tell whether who opened a stream may still read it: sessions end, rights are taken away."""
    request.session = type(request.session)(request.session.session_key)  # read anew
    user = get_user(request)
    if not user.is_authenticated or (watcher.everyone and not user.is_admin):
        return False
    seen = Job.objects.visible_to(user)
    return watcher.watched is None or seen.filter(pk=watcher.watched).exists()


@login_required
@require_GET
def states(request: Request) -> JsonResponse:
    """Answer once what a stream would tell at its beginning, for who can open none."""
    seen = Job.objects.all() if wants_all(request) else Job.objects.visible_to(request.user)
    asked = numbers(request.GET.get("known", ""))
    own = seen if wants_all(request) else seen.filter(by=request.user)
    jobs = [*seen.filter(pk__in=asked).order_by("pk"), *active(own.exclude(pk__in=asked))]
    wishes = preference(request.user, "notifications")
    return JsonResponse(
        {
            "jobs": list(snapshots(jobs, request.user, wishes)),
            "lines": lines_since(request),
            "desktop": bool(wishes.get("desktop")),
        },
        headers={"Cache-Control": "no-store"},
    )


def lines_since(request: Request) -> list[dict[str, object]]:
    """Return the log of the job a page shows, from the line on that it names."""
    job, after = request.GET.get("job", ""), request.GET.get("after", "")
    if not (NUMBER.fullmatch(job) and NUMBER.fullmatch(after)):
        return []
    shown = get_object_or_404(Job.objects.visible_to(request.user), pk=int(job))
    return [line(one) for one in shown.lines.filter(pk__gt=int(after))[:MOST_LINES]]
