"""What one can do to the keys of providers. Keys for all, and others', are configuration."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from enrichment.access import access_by, budget_s
from enrichment.models import ApiConfig
from releases.actions import Refused
from releases.metadata import providers
from releases.metadata.providers import PROVIDERS

KEY_LENGTH = 500
KEY = re.compile(rf"[!-~]{{0,{KEY_LENGTH}}}")
URL_LENGTH = 500
is_web_address = URLValidator(schemes=["http", "https"])


class Taken(Refused):
    """There is one already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApi:
    name: str
    """One of PROVIDERS."""
    owner: User | None
    """Nobody: it is for all."""
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    """Empty: the provider's own."""
    active: bool = True


def create_api(new: NewApi, *, by: User) -> ApiConfig:
    """Keep how a provider is asked, for one user or for all.

    Raises:
        PermissionDenied: it is not for `by`, who may not configure the site.
        Refused: a value cannot be kept.
        Taken: its owner has one of this provider.
    """
    require_over(new.owner, by, "write")
    if new.name not in PROVIDERS:
        known = {"name": new.name, "names": ", ".join(PROVIDERS)}
        raise Refused(_("%(name)s is none of: %(names)s.") % known)
    check_key(new.api_key)
    check_url(new.base_url)
    try:
        with transaction.atomic():
            return ApiConfig.objects.create(
                name=new.name,
                user=new.owner,
                api_key=new.api_key,
                base_url=new.base_url,
                active=new.active,
            )
    except IntegrityError as error:
        sentence = _("There is a key of %(name)s already: change that one.")
        raise Taken(sentence % {"name": new.name}) from error


@transaction.atomic
def change_api(
    config: ApiConfig,
    *,
    by: User,
    api_key: str | None = None,
    base_url: str | None = None,
    active: bool | None = None,
) -> None:
    """Change what is given of `config`. A kept key goes to no address it was not given for.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
        Refused: a value cannot be kept, or the address changes and the key is not given again.
    """
    require_over(config.user, by, "mod")
    config = ApiConfig.objects.select_for_update().get(pk=config.pk)
    address = config.base_url if base_url is None else base_url
    check_change(config, api_key, address)
    config.base_url = address
    if api_key is not None:
        config.api_key = api_key
    if active is not None:
        config.active = active
    config.save()


def remove_api(config: ApiConfig, *, by: User) -> None:
    """Forget `config` and its key.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
    """
    require_over(config.user, by, "delete")
    config.delete()


def test_api(config: ApiConfig, *, by: User) -> int:
    """Ask the provider of `config` with its key, and return the milliseconds it took.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
        ProviderError: it could not be asked, or refuses the key.
        Undecryptable: the key cannot be read.
    """
    require_over(config.user, by, "write")
    access, lost = access_by({config.name: config})
    for error in lost.values():
        raise error
    return providers.check(config.name, access=access, timeout_s=budget_s())


def require_over(owner: User | None, by: User, action: str) -> None:
    """Let `by` pass over what is their own, or with `action` on the site's configuration."""
    if owner != by:
        require(by, "config", action)


def check_change(config: ApiConfig, api_key: str | None, base_url: str) -> None:
    """Let a new key, or none, and an address pass that `config` may be given together."""
    check_key(api_key or "")
    check_url(base_url)
    if api_key is None and config.api_key and base_url != config.base_url:
        raise Refused(_("Give the key again: it would go to another address."))


def check_key(key: str) -> None:
    if not KEY.fullmatch(key):
        sentence = _("A key has at most %(most)d characters: letters, digits and signs.")
        raise Refused(sentence % {"most": KEY_LENGTH})


def check_url(url: str) -> None:
    """Let an address pass that could be one; whether it may be asked is judged at each question."""
    if not url:
        return
    try:
        is_web_address(url)
    except ValidationError:
        is_plain = False
    else:
        is_plain = url.isascii() and "@" not in urlsplit(url).netloc and not set("?#") & set(url)
    if not is_plain or len(url) > URL_LENGTH:
        raise Refused(_("Write the address like https://example.org/api, without user or query."))
