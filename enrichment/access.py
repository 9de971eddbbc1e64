"""What a user may ask the providers with."""

from collections.abc import Collection, Mapping, Sequence

from django.conf import settings

from accounts.models import User
from accounts.preferences import preference
from accounts.system import system
from enrichment.memory import RowMemory
from enrichment.models import ApiConfig
from releases.metadata.providers import PROVIDERS, Access
from vault.sealing import Undecryptable

TELLING_S = 0.5
"""Of the time that asking may take, for telling what was answered."""


def budget_s() -> float:
    """Return how long all providers together may take to answer."""
    return system().api_timeout_s - TELLING_S


def keys_for(user: User) -> dict[str, ApiConfig]:
    """Return, by provider, whose key and address are used for `user`: own before global.

    Key and address are always of one row: nobody's address receives another's key.
    """
    return used(list(ApiConfig.objects.heard_by(user)))


def used(heard: Collection[ApiConfig]) -> dict[str, ApiConfig]:
    off = switched_off(heard)
    usable = (one for one in heard if one.active and is_complete(one))
    return {one.name: one for one in usable if one.name not in off}


def is_complete(config: ApiConfig) -> bool:
    """Whether nothing is missing to ask the provider."""
    provider = PROVIDERS.get(config.name)
    return bool(provider and (config.api_key or not provider.needs_key))


def switched_off(heard: Collection[ApiConfig]) -> set[str]:
    """Return the providers that are not to be asked: what is said for all, then one's own word."""
    last_words = {one.name: one.active for one in heard}
    return {name for name, is_active in last_words.items() if not is_active}


def order_for(user: User, release_type: str, wished: Sequence[str] = ()) -> list[str]:
    """Return the providers to ask about a release of this type, the most trusted first.

    What is wished wins over the user's preference, that over what is built in; an order that
    names no provider of the type says nothing of it.
    """
    off = switched_off(ApiConfig.objects.heard_by(user))
    known = [name for name, one in PROVIDERS.items() if release_type in one.types]
    orders = (wished, preference(user, "api_priority_order"), known)
    named = ([name for name in dict.fromkeys(order) if name in known] for order in orders)
    return [name for name in next(filter(None, named), []) if name not in off]


def access_by(configs: Mapping[str, ApiConfig]) -> tuple[Access, dict[str, Undecryptable]]:
    """Return what the providers are asked with, and those whose key cannot be read."""
    keys, lost = {}, {}
    for name, config in configs.items():
        try:
            keys[name] = config.api_key.reveal()
        except Undecryptable as error:
            lost[name] = error
    own_urls = {name: config.base_url for name, config in configs.items() if config.base_url}
    access = Access(
        keys=keys,
        base_urls=usual_urls() | own_urls,
        allowed_hosts=frozenset(settings.OUTBOUND_HOSTS),
        memory=RowMemory(),
        contact=settings.CONTACT_URL,
    )
    return access, lost


def usual_urls() -> dict[str, str]:
    """Return the addresses that the environment gives providers."""
    return {name: url for name, url in settings.PROVIDER_URLS.items() if url}
