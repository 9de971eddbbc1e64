import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.preferences import prefer
from jobs.models import Job
from notifications import actions
from notifications.actions import Given
from notifications.models import Channel, Message
from packer_site import work
from tests.factories import make_job, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
SECRET = "canary-4711"


class Hook(HTTPServer):
    """A receiver of webhooks on loopback, and what it heard."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.status = status
        self.heard: list[tuple[dict[str, str], bytes]] = []

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Receiver(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_line: Any) -> None:
        """Say nothing."""


@contextmanager
def hook(settings: Any, status: int = 204) -> Iterator[Hook]:
    with Hook(status) as server:
        settings.OUTBOUND_HOSTS = [server.authority]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def person(seeded: None) -> User:
    return make_operator()


def make_channel(owner: User, address: str, **fields: Any) -> Channel:
    given = {"name": "Mine", "type": "WEBHOOK", "address": address} | fields
    return actions.create_channel(Given(**given), by=owner)


def ended(owner: User, **fields: Any) -> Job:
    """Return a job of `owner` that was tried and ended as it must: there is no such work."""
    job = make_job(by=owner, work="no such work", **fields)
    work.run(job.pk)
    job.refresh_from_db()
    return job


def send_all() -> None:
    for message in Message.objects.all():
        actions.send(message.pk, message.attempts)


def test_the_end_of_a_job_is_sent_to_a_webhook_with_its_signature(
    person: User, settings: Any
) -> None:
    with hook(settings) as server:
        make_channel(person, f"http://{server.authority}/packer", secret=SECRET)
        job = ended(person)

        send_all()

    ((headers, body),) = server.heard
    signed = f"{headers['x-packer-timestamp']}.".encode() + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-packer-signature"] == f"sha256={expected}"
    assert json.loads(body)["job"] == {
        "id": job.pk,
        "uuid": str(job.uuid),
        "kind": "no such work",
        "status": "failed",
        "subject": "",
        "error": job.error,
        "finished_at": job.finished_at and job.finished_at.isoformat(),
    }
    assert Message.objects.get().status == Message.Status.SENT


@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_is_not_taken_is_tried_again_later(person: User, settings: Any, status: int) -> None:
    with hook(settings, status) as server:
        make_channel(person, f"http://{server.authority}/packer")
        ended(person)

        send_all()

    message = Message.objects.get()
    assert message.status == Message.Status.WAITING
    assert message.attempts == 1
    assert "127.0.0.1" in message.error
    assert not Message.objects.due().exists()


def test_a_message_is_given_up_in_the_end(person: User, settings: Any) -> None:
    settings.OUTBOUND_HOSTS = ["127.0.0.1:9"]
    make_channel(person, "http://127.0.0.1:9/packer")
    ended(person)
    Message.objects.update(attempts=actions.ATTEMPTS - 1)

    send_all()

    assert Message.objects.get().status == Message.Status.FAILED


def test_a_message_is_tried_for_two_or_three_days(person: User) -> None:
    channel = make_channel(person, "https://example.org/hook")
    message = Message.objects.create(channel=channel, event="test")
    waited_s = 0.0

    while message.status == Message.Status.WAITING:
        message.attempts += 1
        message.due_at = timezone.now()
        actions.retry(message, "It is down.")
        waited_s += (message.due_at - timezone.now()).total_seconds()

    assert 1.5 < waited_s / 86_400 < 3.5


def test_a_private_address_is_not_called_and_the_message_ends(person: User) -> None:
    with Hook(204) as server:
        make_channel(person, f"http://{server.authority}/packer")
        ended(person)

        send_all()

    message = Message.objects.get()
    assert (message.status, server.heard) == (Message.Status.FAILED, [])
    assert "OUTBOUND_HOSTS" in message.error


def test_a_due_message_is_handed_to_one_worker(person: User, settings: Any) -> None:
    settings.OUTBOUND_HOSTS = ["127.0.0.1:9"]
    make_channel(person, "http://127.0.0.1:9/packer")
    ended(person)

    assert [actions.send_due(), actions.send_due()] == [1, 0]


def test_an_attempt_that_was_made_meanwhile_is_not_made_twice(person: User, settings: Any) -> None:
    with hook(settings) as server:
        make_channel(person, f"http://{server.authority}/packer")
        ended(person)
        (message,) = Message.objects.all()

        actions.send(message.pk, message.attempts)
        actions.send(message.pk, message.attempts)

    assert len(server.heard) == 1


def test_a_message_that_lay_in_the_queue_for_long_is_handed_out_no_more_once_it_is_begun(
    person: User,
) -> None:
    channel = make_channel(person, "https://example.org/hook")
    message = Message.objects.create(channel=channel, event="test", due_at=timezone.now())

    assert Message.objects.begin(message.pk, message.attempts)

    assert not Message.objects.due().exists()


def test_only_chosen_events_of_active_channels_are_told(person: User) -> None:
    make_channel(person, "a@example.org", name="A", type="MAIL", events=["job_completed"])
    make_channel(person, "b@example.org", name="B", type="MAIL", is_on=False)
    make_channel(make_operator(), "c@example.org", name="C", type="MAIL")

    ended(person)

    assert not Message.objects.exists()


def test_what_waits_for_a_channel_that_was_switched_off_is_not_sent(
    person: User, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:25"
    channel = make_channel(person, "ann@example.org", type="MAIL")
    ended(person)
    actions.change_channel(channel, Given(is_on=False), by=person)

    send_all()

    message = Message.objects.get()
    assert (message.status, mailoutbox) == (Message.Status.FAILED, [])
    assert "switched off" in message.error


def test_a_channel_that_is_switched_off_can_be_tested(
    person: User, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:25"
    channel = make_channel(person, "ann@example.org", type="MAIL", is_on=False)
    actions.test_channel(channel, by=person)

    send_all()

    assert len(mailoutbox) == 1


def test_who_may_not_log_in_any_more_is_told_nothing(
    person: User, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:25"
    make_channel(person, "ann@example.org", type="MAIL")
    ended(person)
    User.objects.update(is_active=False)

    send_all()
    person.refresh_from_db()
    ended(person)

    assert mailoutbox == []
    assert Message.objects.count() == 1


def test_mail_goes_to_the_mail_server_of_the_instance(
    person: User, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:25"
    make_channel(person, "ann@example.org", type="MAIL")
    job = ended(person)

    send_all()

    (mail,) = mailoutbox
    assert mail.to == ["ann@example.org"]
    assert str(job.pk) in mail.subject
    assert job.error in mail.body


def test_a_mail_server_that_is_down_costs_an_attempt(person: User, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    make_channel(person, "ann@example.org", type="MAIL")
    ended(person)

    send_all()

    message = Message.objects.get()
    assert (message.status, message.attempts) == (Message.Status.WAITING, 1)


def test_without_a_mail_server_mail_says_so(person: User) -> None:
    make_channel(person, "ann@example.org", type="MAIL")
    ended(person)

    send_all()

    assert "EMAIL_URL" in Message.objects.get().error


def test_a_service_of_apprise_is_called_where_the_operator_allows_its_host(
    person: User, settings: Any
) -> None:
    with hook(settings, 200) as server:
        make_channel(person, f"json://{server.authority}/packer", type="APPRISE")
        job = ended(person)

        send_all()

    ((_headers, body),) = server.heard
    assert str(job.pk) in json.loads(body)["title"]


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1:9/packer",
        "jsons://169.254.169.254/latest",
        "syslog://",
        "dbus://",
        "mailto://ann:pw@example.org?smtp=127.0.0.1",
        "nonsense://x",
        "xml://[::1]:9/",
        "zulip://bot@internal.example.org/" + "a" * 32,
        "bsky://me.internal.example.org@password",
        "nostr://" + "a" * 64 + "?relay=wss://127.0.0.1:9",
        f"discord://1/token?template={__file__}",
        "slack://xoxb-1-1-abc/general?template=http://127.0.0.1:9/secret.json",
        "tgram://1:token/1?template=file:///etc/hostname",
        "fcm://project/device?keyfile=http://127.0.0.1:9/key.json",
    ],
)
def test_services_that_would_call_a_host_of_ones_own_are_refused(
    person: User, address: str
) -> None:
    with pytest.raises(actions.Refused) as refusal:
        make_channel(person, address, type="APPRISE")

    assert refusal.value.field == "address"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("json://peer.example.org/", "peer.example.org:80"),
        ("jsons://peer.example.org/", "peer.example.org:443"),
        ("emby://ann:pw@peer.example.org", "peer.example.org:8096"),
        (f"lametric://{'a' * 20}@peer.example.org", "peer.example.org:8080"),
        ("rsyslog://peer.example.org:514", "peer.example.org:514"),
        ("irc://peer.example.org:6667/#room", "peer.example.org:6667"),
    ],
)
def test_the_place_that_is_allowed_is_the_one_that_is_called(
    person: User, settings: Any, address: str, place: str
) -> None:
    with pytest.raises(actions.Refused, match=place):
        make_channel(person, address, type="APPRISE")
    settings.OUTBOUND_HOSTS = [place]

    assert make_channel(person, address, type="APPRISE").pk


@pytest.mark.parametrize("address", ["rsyslog://peer.example.org", "irc://peer.example.org/#room"])
def test_a_service_that_is_no_site_is_called_at_a_port_that_is_named(
    person: User, settings: Any, address: str
) -> None:
    settings.OUTBOUND_HOSTS = ["peer.example.org:80", "peer.example.org:443"]

    with pytest.raises(actions.Refused, match="names no port"):
        make_channel(person, address, type="APPRISE")


@pytest.mark.parametrize(
    "address", ["discord://1/token", "slack://xoxb-1-1-abc/general", "tgram://1:token/1"]
)
def test_services_of_one_host_are_taken_as_they_are(person: User, address: str) -> None:
    assert make_channel(person, address, type="APPRISE").pk


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": " "}),
        ("type", {"type": "PIGEON"}),
        ("address", {"address": "ftp://example.org"}),
        ("address", {"type": "MAIL", "address": "nobody"}),
        ("address", {"address": "http://user:pw@example.org/"}),
        ("secret", {"secret": "x" * 201}),
        ("events", {"events": ["job_completed", "job_eaten"]}),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(
    person: User, field: str, given: dict[str, Any]
) -> None:
    with pytest.raises(actions.Refused) as refusal:
        make_channel(person, **{"address": "https://example.org/hook"} | given)

    assert refusal.value.field == field


def test_an_address_whose_key_is_gone_must_be_given_again(person: User, settings: Any) -> None:
    channel = make_channel(person, "https://example.org/hook", secret=SECRET)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    channel.refresh_from_db()

    with pytest.raises(actions.Refused, match="enter the secret again"):
        actions.change_channel(channel, Given(name="Other"), by=person)
    channel.refresh_from_db()
    actions.change_channel(channel, Given(address="https://example.org/new"), by=person)

    assert Channel.objects.get().address.reveal() == "https://example.org/new"


def test_a_kept_secret_goes_to_no_other_address(person: User) -> None:
    channel = make_channel(person, "https://example.org/hook", secret=SECRET)

    actions.change_channel(channel, Given(address="https://other.example.org/"), by=person)

    assert not Channel.objects.get().secret


def test_no_page_and_no_answer_tells_address_or_secret(person: User, client: Client) -> None:
    channel = make_channel(person, f"https://example.org/{SECRET}", secret=SECRET)
    client.force_login(person)

    shown = b"".join(
        client.get(path).content for path in ("/channels/", f"/channels/{channel.pk}/")
    )

    assert b"Mine" in shown
    assert SECRET.encode() not in shown


def test_the_page_tells_what_became_of_a_test(person: User, client: Client) -> None:
    channel = make_channel(person, "ann@example.org", type="MAIL")
    client.force_login(person)

    client.post(f"/channels/{channel.pk}/test/")
    send_all()

    assert "EMAIL_URL" in client.get("/channels/").content.decode()


def test_why_a_message_was_not_sent_is_told_in_the_language_of_its_owner(person: User) -> None:
    prefer(person, "language", "fr")
    make_channel(person, "ann@example.org", type="MAIL")
    ended(person)

    send_all()

    assert "serveur" in Message.objects.get().error


def test_a_channel_is_tested_once_a_minute(person: User, client: Client) -> None:
    channel = make_channel(person, "ann@example.org", type="MAIL")
    actions.test_channel(channel, by=person)

    with pytest.raises(actions.TooSoon):
        actions.test_channel(channel, by=person)

    client.force_login(person)
    page = client.post(f"/channels/{channel.pk}/test/", follow=True).content.decode()
    assert "wait a minute" in page
    assert channel.messages.count() == 1


def test_a_channel_that_was_tested_just_now_is_not_forgotten_with_that(
    person: User, client: Client
) -> None:
    channel = make_channel(person, "ann@example.org", type="MAIL")
    test = actions.test_channel(channel, by=person)
    client.force_login(person)

    page = client.post(f"/channels/{channel.pk}/remove/", follow=True).content.decode()

    assert "wait a minute" in page
    assert Channel.objects.exists()

    Message.objects.update(queued_at=test.queued_at - timedelta(minutes=2))
    client.post(f"/channels/{channel.pk}/remove/")

    assert not Channel.objects.exists()
