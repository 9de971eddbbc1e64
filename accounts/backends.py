"""How people and programs prove who they are: by a password, at every door alike."""

import unicodedata
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group as AuthGroup
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from accounts.models import ADMIN_ROLE, LoginTries, User
from accounts.networks import network
from accounts.rates import parsed

PERMISSION = ("content_type__app_label", "codename")
LONGEST = 254
"""Of what anybody is called: an e-mail address."""


class TooManyTries(Exception):
    """No password is looked at for so long, right or wrong, of whoever it would be."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s, self.wait_minutes = wait_s, ceil(wait_s / 60)
        minutes = "1 minute" if self.wait_minutes == 1 else f"{self.wait_minutes} minutes"
        super().__init__(f"Too many tries to log in. Try again in {minutes}.")


class Password(ModelBackend):
    """Takes a user name or an e-mail address, and counts tries before it looks at a password.

    Whether there is such a user shows in nothing: not in the time, as a password is hashed once
    whatever comes out, and not in the count. What was typed is counted, which is told; and the
    account it means, so that its name and its address do not give twice as many tries. That is
    not told: it would tell whose address it is.
    """

    aauthenticate = BaseBackend.aauthenticate  # type: ignore[assignment]  # asks `authenticate`

    @sensitive_variables("password")
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **others: Any,
    ) -> User | None:
        """Return whose password it is, if they may log in.

        Raises:
            TooManyTries: the password was not looked at.
        """
        if username is None or password is None:
            return None
        username = username[: LONGEST + 1]  # who is called longer is nobody: no work for it
        tries, rate = LoginTries.objects, parsed(settings.RATE_LIMITS["login"])
        address = network(request.META.get("REMOTE_ADDR", "") if request else "")
        if wait_s := tries.spend(key("typed", username, address), rate):
            raise TooManyTries(wait_s)
        user = meant(username)
        account = str(user.pk) if user else f"none {username}"
        if tries.spend(key("account", account, address), rate) or user is None:
            make_password(password)
            return None
        if not (user.check_password(password) and self.user_can_authenticate(user)):
            return None
        typed = [key("typed", name, address) for name in (username, user.username, user.email)]
        tries.filter(key__in=[*typed, key("account", account, address)]).delete()
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return whom a session is of, and whether they are an administrator: pages ask both."""
        of_admins = AuthGroup.objects.filter(name=ADMIN_ROLE, user=OuterRef("pk"))
        found = User.objects.annotate(is_of_admins=Exists(of_admins)).filter(pk=user_id).first()
        if found is None or not self.user_can_authenticate(found):
            return None
        found.is_admin = found.is_superuser or found.is_of_admins
        return found

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the user holds, by own grant and by roles: asked once, in one query."""
        if obj is not None or not user_obj.is_active or user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            granted = [
                Permission.objects.filter(**{of: user_obj}) for of in ("user", "group__user")
            ]
            names = [one.order_by().values_list(*PERMISSION) for one in granted]
            user_obj._perm_cache = {".".join(name) for name in names[0].union(names[1])}
        return set(user_obj._perm_cache)


def meant(typed: str) -> User | None:
    """Return whose user name it is, or else whose e-mail address, if it is one person's.

    Names are compared here, too: to some databases `é` is `e`, so that each way of writing it
    would have tries of its own.
    """
    if len(typed) > LONGEST:
        return None
    name = unicodedata.normalize("NFKC", typed)
    wanted = Q(username__iexact=name)
    if "@" in name:
        wanted |= Q(email__iexact=name)
    people = list(User.objects.filter(wanted))
    exactly = [user for user in people if user.username == name]
    named = [user for user in people if plain(user.username) == plain(name)]
    reached = [user for user in people if plain(user.email) == plain(name)]
    return next((those[0] for those in (exactly, named, reached) if len(those) == 1), None)


def plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def key(kind: str, account: str, address: str) -> str:
    """Name an account and an address without telling them."""
    text = f"{kind}\n{plain(account)}\n{address}"
    return salted_hmac("accounts.LoginTries", text, algorithm="sha256").hexdigest()
