"""What a page shows of the providers: who is asked, with whose key."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import holds
from enrichment.access import switched_off, used
from enrichment.models import ApiConfig
from releases.metadata.providers import PROVIDERS, Provider
from releases.models import ReleaseType


class State(TextChoices):
    OFF = "off", _("Switched off")
    NEEDS_KEY = "needs key", _("Not asked: it needs a key")
    WITHOUT_KEY = "without key", _("Asked without a key")
    WITH_OWN_KEY = "own key", _("Asked with your key")
    WITH_KEY_FOR_ALL = "key for all", _("Asked with the key for all")


@dataclass(frozen=True, slots=True)
class Seen:
    """A provider, as one user sees it."""

    name: str
    provider: Provider
    state: State
    own: ApiConfig | None
    for_all: ApiConfig | None
    """Shown to those alone who may read the site's configuration."""

    @property
    def is_asked(self) -> bool:
        return self.state not in {State.OFF, State.NEEDS_KEY}

    @property
    def types(self) -> list[str]:
        return [str(label) for name, label in ReleaseType.choices if name in self.provider.types]


def providers_seen_by(user: User) -> list[Seen]:
    heard = list(ApiConfig.objects.heard_by(user))
    own = {one.name: one for one in heard if one.user_id}
    for_all = {one.name: one for one in heard if not one.user_id}
    shown = for_all if holds(user, "config", "read") else {}
    return [
        Seen(name, provider, state_of(name, heard), own.get(name), shown.get(name))
        for name, provider in PROVIDERS.items()
    ]


def state_of(name: str, heard: list[ApiConfig]) -> State:
    config = used(heard).get(name)
    if name in switched_off(heard):
        return State.OFF
    if config is None or not config.api_key:
        return State.NEEDS_KEY if PROVIDERS[name].needs_key else State.WITHOUT_KEY
    return State.WITH_OWN_KEY if config.user_id else State.WITH_KEY_FOR_ALL
