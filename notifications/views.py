from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from notifications import actions
from notifications.forms import ChannelForm
from notifications.models import Channel, Message

SHOWN = 50
"""Messages on the page."""


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    channels = Channel.objects.visible_to(request.user)
    told = Message.objects.filter(channel__user=request.user).select_related("channel")[:SHOWN]
    context = {"channels": channels, "told": told}
    return TemplateResponse(request, "notifications/index.html", context)


@login_required
@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    form = ChannelForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.create_channel(form.given(), by=request.user)
        except actions.Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return kept(request, made)
    return TemplateResponse(request, "notifications/form.html", {"form": form})


@login_required
@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    channel = own_channel(request, pk)
    form = ChannelForm(request.POST or None, kept=channel)
    if form.is_valid():
        try:
            actions.change_channel(channel, form.given(), by=request.user)
        except actions.Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return kept(request, channel)
    return TemplateResponse(request, "notifications/form.html", {"form": form})


@login_required
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    channel = own_channel(request, pk)
    try:
        actions.remove_channel(channel, by=request.user)
    except actions.TooSoon as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s is forgotten.") % {"name": channel})
    return redirect("notifications:index")


@login_required
@require_POST
def test(request: Request, pk: int) -> HttpResponse:
    channel = own_channel(request, pk)
    try:
        actions.test_channel(channel, by=request.user)
    except actions.TooSoon as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A message is on its way: below stands what becomes of it."))
    return redirect("notifications:index")


def own_channel(request: Request, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.visible_to(request.user), pk=pk)


def kept(request: Request, channel: Channel) -> HttpResponse:
    messages.success(request, _("%(name)s: saved. Test it below.") % {"name": channel})
    return redirect("notifications:index")
