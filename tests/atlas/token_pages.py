"""The pages of tokens: of who has some, and of one whose names mean harm."""

from datetime import timedelta
from itertools import islice

from django.urls import reverse
from django.utils import timezone

from accounts.actions.tokens import make_token
from accounts.models import TOKEN_NAME_LENGTH, ApiToken, User
from tests.atlas import Place
from tests.atlas.hostile import BIDI, ENDLESS, LONG, payloads


def tokens_of(who: User) -> list[Place]:
    now = timezone.now()
    nightly, _text = make_token(
        "Nightly packing",
        ["releases:write", "rules:read"],
        by=who,
        expires_at=now + timedelta(days=30),
    )
    ended, _text = make_token("An old machine", ["account:read"], by=who)
    ApiToken.objects.filter(pk=ended.pk).update(expires_at=now, last_used_at=now)
    return [page_of("tokens", who), page_of("revoking a token", who, nightly)]


def hostile_tokens(who: User) -> list[Place]:
    for text in [*islice(payloads(), 12), BIDI, LONG, ENDLESS]:
        token, _text = make_token(text[:TOKEN_NAME_LENGTH], ["releases:read"], by=who)
    return [page_of("hostile tokens", who), page_of("revoking a hostile token", who, token)]


def more_tokens(who: User) -> None:
    for number in range(10):
        make_token(f"More {number}", ["account:read"], by=who)


def page_of(name: str, who: User, token: ApiToken | None = None) -> Place:
    route = f"accounts:tokens:{'revoke' if token else 'index'}"
    return Place(name, reverse(route, args=[token.pk] if token else []), who.username, route)
