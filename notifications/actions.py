"""What one can do to channels, and how messages go out by them."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.preferences import preference
from jobs.models import Job
from jobs.queue import hand_over
from jobs.stages import UNASKED
from network.addresses import NotAllowed, Unreachable
from notifications.models import EVENTS, NAME_LENGTH, Channel, Message
from notifications.ways import WAYS, Letter, service_of
from releases.actions import told
from releases.metadata.http import target
from vault.sealing import Undecryptable

SEND = "notifications.actions.send"
TEST = "test"
"""The event of a message that says that its channel works."""
MOST_CHANNELS = 20
AT_ONCE = 20
"""Messages that one look hands out."""
FIRST_WAIT_S = 10
LONGEST_WAIT_S = 6 * 3600
ATTEMPTS = 24
"""With these waits, they last for two or three days."""
KEPT_DAYS = 30
BETWEEN_TESTS_S = 60
ADDRESS_LENGTH = 2000
SECRET_LENGTH = 200

logger = logging.getLogger(__name__)


class Refused(Exception):
    """A channel cannot be kept like this; the message is for the user."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Taken(Refused):
    """There is one of this name already."""


class TooSoon(Refused):
    """The same was done just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is said of a channel; None: it stays as it is."""

    name: str | None = None
    type: str | None = None
    address: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    events: Sequence[str] | None = None
    is_on: bool | None = None


def create_channel(given: Given, *, by: User) -> Channel:
    """Keep a channel for `by`, whose jobs it tells of.

    Raises:
        Refused: a value cannot be kept, or there are too many.
        Taken: `by` has one of this name.
    """
    if Channel.objects.filter(user=by).count() >= MOST_CHANNELS:
        sentence = _("There are %(most)d channels already: remove one first.")
        raise Refused("name", sentence % {"most": MOST_CHANNELS})
    return kept(Channel(user=by), given)


def change_channel(channel: Channel, given: Given, *, by: User) -> Channel:
    """Change what is given of `channel`. A kept secret goes to no other address.

    Raises:
        PermissionDenied: it is somebody else's.
        Refused: a value cannot be kept.
        Taken: its owner has one of this name.
    """
    require_own(channel, by)
    return kept(channel, given)


def remove_channel(channel: Channel, *, by: User) -> None:
    """Forget `channel`, and what still waits for it.

    Raises:
        PermissionDenied: it is somebody else's.
        TooSoon: a test was asked for just now, and would be forgotten, too: see `test_channel`.
    """
    require_own(channel, by)
    refuse_too_soon(channel)
    channel.delete()


def test_channel(channel: Channel, *, by: User) -> Message:
    """Queue a message that says that the channel works.

    Raises:
        PermissionDenied: it is somebody else's.
        TooSoon: another was asked for just now; an address may be a stranger's.
    """
    require_own(channel, by)
    refuse_too_soon(channel)
    title = _("Release Packer reaches you by the channel %(name)s.") % {"name": channel}
    return Message.objects.create(channel=channel, event=TEST, title=title)


def refuse_too_soon(channel: Channel) -> None:
    since = timezone.now() - timedelta(seconds=BETWEEN_TESTS_S)
    if channel.messages.filter(event=TEST, queued_at__gt=since).exists():
        raise TooSoon("name", _("A test was sent by this channel just now: wait a minute."))


def require_own(channel: Channel, by: User) -> None:
    if channel.user_id != by.pk:
        raise PermissionDenied(_("This channel is somebody else's."))


def kept(channel: Channel, given: Given) -> Channel:
    """Return `channel` as `given` says, checked and saved."""
    is_elsewhere = given.address is not None or given.type not in {None, channel.type}
    for name in ("name", "type", "address", "secret", "is_on"):
        value = getattr(given, name)
        if value is not None:
            setattr(channel, name, value.strip() if isinstance(value, str) else value)
    if is_elsewhere and given.secret is None and channel.pk:
        channel.secret = ""
    if given.events is not None:
        channel.events = heard_of(given.events)
    check(channel)
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError as error:
        sentence = _("There is a channel called “%(name)s” already: choose another name.")
        raise Taken("name", sentence % {"name": channel}) from error
    return channel


def heard_of(events: Sequence[str]) -> list[str]:
    """Return `events`, each once and in the order of all.

    Raises:
        Refused: nothing of that name is told of.
    """
    if set(events) - EVENTS.keys():
        sentence = _("Choose one of: %(choices)s.")
        raise Refused("events", sentence % {"choices": ", ".join(EVENTS)})
    return [event for event in EVENTS if event in events]


def check(channel: Channel) -> None:
    """Let a channel pass that could be one.

    Raises:
        Refused: a value cannot be kept.
    """
    if not (
        channel.name.strip() and channel.name.isprintable() and len(channel.name) <= NAME_LENGTH
    ):
        sentence = _("From %(least)d to %(most)d characters on one line are expected.")
        raise Refused("name", sentence % {"least": 1, "most": NAME_LENGTH})
    if channel.type not in Channel.Type.values:
        sentence = _("Choose one of: %(choices)s.")
        raise Refused("type", sentence % {"choices": ", ".join(Channel.Type.values)})
    secret = revealed(channel, "secret")
    if len(secret) > SECRET_LENGTH or not secret.isprintable():
        sentence = _("At most %(most)d characters on one line are expected.")
        raise Refused("secret", sentence % {"most": SECRET_LENGTH})
    check_address(channel.type, revealed(channel, "address"))


def revealed(channel: Channel, name: str) -> str:
    """Return the address or the secret.

    Raises:
        Refused: the key that it was kept under is gone: it must be given again.
    """
    try:
        return str(getattr(channel, name).reveal())
    except Undecryptable as error:
        raise Refused(name, told(error)) from error


def check_address(type_: str, address: str) -> None:
    try:
        if not address or len(address) > ADDRESS_LENGTH or not address.isprintable():
            raise NotAllowed(gettext_noop("An address on one line is expected."))
        if type_ == Channel.Type.MAIL:
            validate_email(address)
        elif type_ == Channel.Type.WEBHOOK:
            target(address)
        else:
            service_of(address)
    except NotAllowed as error:
        raise Refused("address", told(error)) from None
    except ValidationError as error:
        raise Refused("address", error.messages[0]) from None


def tell_of(job: Job) -> None:
    """Queue a message about the end of `job` for each channel that hears of such."""
    event = {"completed": "job_completed", "failed": "job_failed"}.get(job.status)
    if event is None or job.work in UNASKED:
        return
    channels = Channel.objects.filter(user=job.by_id, user__is_active=True).hearing(event)
    if not channels:
        return
    with translation.override(preference(job.by, "language")):
        title, text = sentences(job)
    Message.objects.bulk_create(
        Message(channel=channel, event=event, title=title, text=text, facts=facts(job))
        for channel in channels
    )


def sentences(job: Job) -> tuple[str, str]:
    """Return what is said of a job that is over: the title, and all of it."""
    title = f"{job.work_label} {job.pk}: {job.get_status_display()}"
    return title, "\n".join(filter(None, [title, job.error, job.hint]))


def facts(job: Job) -> dict[str, Any]:
    finished_at = job.finished_at.isoformat() if job.finished_at else None
    return {
        "job": {
            "id": job.pk,
            "uuid": str(job.uuid),
            "kind": job.work,
            "status": job.status,
            "subject": job.subject,
            "error": job.error,
            "finished_at": finished_at,
        }
    }


def send_due() -> int:
    """Hand what is due to workers, each by one conditional change; return how many."""
    due = list(Message.objects.due().values_list("pk", "attempts")[:AT_ONCE])
    mine = [(pk, attempts) for pk, attempts in due if Message.objects.hand_out(pk)]
    for pk, attempts in mine:
        hand_over(SEND, pk, attempts)
    return len(mine)


def send(pk: int, attempts: int) -> None:
    """Try to send the message `pk`, which was tried so many times. For workers."""
    if not Message.objects.begin(pk, attempts):
        return
    message = Message.objects.select_related("channel__user").get(pk=pk)
    with translation.override(preference(message.channel.user, "language")):
        attempt(message)


def attempt(message: Message) -> None:
    """Send `message`, or note why that did not work, in the language of its owner."""
    try:
        refuse_unwanted(message)
        WAYS[message.channel.type](letter(message))
    except (NotAllowed, Undecryptable) as error:
        end(message, Message.Status.FAILED, told(error))
    except Unreachable as error:
        retry(message, told(error))
    except Exception as error:
        logger.exception("Message %s could not be sent", message.uuid)
        retry(message, type(error).__name__)
    else:
        end(message, Message.Status.SENT, "")


def refuse_unwanted(message: Message) -> None:
    """Raise NotAllowed where what was wanted when it was queued is wanted no more."""
    channel = message.channel
    is_on = channel.is_on or message.event == TEST
    if not (is_on and channel.user.is_active):
        raise NotAllowed(gettext_noop("The channel was switched off: this is not sent."))


def letter(message: Message) -> Letter:
    channel = message.channel
    return Letter(
        address=channel.address.reveal(),
        secret=channel.secret.reveal(),
        number=str(message.uuid),
        event=message.event,
        title=message.title,
        text=message.text,
        facts=message.facts,
    )


def end(message: Message, status: str, error: str) -> None:
    message.status, message.error = status, error
    message.sent_at = timezone.now() if status == Message.Status.SENT else None
    message.save(update_fields=["status", "error", "sent_at"])


def retry(message: Message, error: str) -> None:
    """Wait longer after each failure, not all at the same time; give up in the end."""
    if message.attempts >= ATTEMPTS:
        end(message, Message.Status.FAILED, error)
        return
    wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**message.attempts) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
    message.error, message.due_at = error, timezone.now() + timedelta(seconds=wait_s)
    message.save(update_fields=["error", "due_at"])


def forget_old_messages() -> int:
    """Remove what was sent or given up long ago; return how many."""
    over = Message.objects.exclude(status=Message.Status.WAITING)
    old = over.filter(queued_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
    keys = list(old.values_list("pk", flat=True)[:1000])
    return Message.objects.filter(pk__in=keys).delete()[0]
