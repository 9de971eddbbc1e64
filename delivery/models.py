from __future__ import annotations

from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ReleaseGroup, User, owner_number
from accounts.permissions import holds
from accounts.system import system
from delivery.endpoint import Endpoint
from delivery.parcel import Manner
from network.addresses import authority
from vault.fields import EncryptedTextField

NAME_LENGTH = 100
TEXT_LENGTH = 500
KIB = 1024
CONNECTIONS = 2
"""At once, unless told: servers of FTP often allow few of one login."""
PORTS = {"FTP": 21, "FTPS": 21, "FTPS_IMPLICIT": 990, "SFTP": 22}


class DestinationQuerySet(models.QuerySet["Destination"]):
    def visible_to(self, user: User) -> Self:
        """Narrow to the user's own; who may read the site's configuration sees all."""
        return self if holds(user, "config", "read") else self.filter(user=user)

    def usable_by(self, user: User) -> Self:
        """Narrow to those that `user` may deliver to: their own, and those for all."""
        return self.filter(Q(user=user) | Q(user=None))

    def of_group(self, group: ReleaseGroup) -> Self:
        """Narrow to those that what is packed under `group` goes to by itself."""
        return self.filter(auto_deliveries__group=group)


class Destination(models.Model):
    """A place that releases are delivered to, by one person or by all."""

    class Type(models.TextChoices):
        LOCAL = "LOCAL", _("Folder of the server")
        FTP = "FTP", _("FTP, not encrypted")
        FTPS = "FTPS", _("FTPS (explicit)")
        FTPS_IMPLICIT = "FTPS_IMPLICIT", _("FTPS (implicit)")
        SFTP = "SFTP", _("SFTP")

    user = models.ForeignKey(
        User,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="destinations",
        help_text=_("Nobody: it is for all."),
    )
    owner_number = owner_number()
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    type = models.CharField(_("type"), max_length=16, choices=Type)
    host = models.CharField(_("host"), max_length=253, blank=True)
    port = models.PositiveIntegerField(_("port"), null=True, blank=True)
    username = models.CharField(_("user name"), max_length=TEXT_LENGTH, blank=True)
    password = EncryptedTextField(_("password"), blank=True, default="")
    private_key = EncryptedTextField(_("private key"), blank=True, default="")
    passphrase = EncryptedTextField(_("passphrase"), blank=True, default="")
    folder = models.CharField(_("folder"), max_length=TEXT_LENGTH, blank=True)
    options = models.JSONField(
        _("options"), default=dict, blank=True, help_text=_("See docs/destinations.md.")
    )
    host_key = models.CharField(
        _("key of the server"),
        max_length=100,
        blank=True,
        help_text=_("Type and sum, like ssh-ed25519 SHA256:…, of the one that is accepted."),
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    modified_at = models.DateTimeField(_("changed"), default=timezone.now)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner_number", "name"], name="one_destination_name")
        ]

    def __str__(self) -> str:
        return self.name

    def belongs_to(self, user: User) -> bool:
        return self.user_id == user.pk

    @property
    def is_remote(self) -> bool:
        return self.type != self.Type.LOCAL

    @property
    def place(self) -> str:
        """Where it is, as a person reads it."""
        if not self.is_remote:
            return self.folder or str(settings.DELIVERY_ROOTS[0])
        login = f"{self.username}@" if self.username else ""
        folder = f"/{self.folder.lstrip('/')}" if self.folder else ""
        return f"{login}{authority(self.host, self.port or 0)}{folder}"

    @property
    def timeout_s(self) -> int:
        """How long it may take; the system's limit counts, too, which may have been lowered."""
        most = system().ftp_timeout_s
        return min(int(self.options.get("timeout", most)), most)

    def manner(self) -> Manner:
        """Describe how files are brought there, to the engines."""
        usual = Manner()
        return Manner(
            connections=self.options.get("connections", CONNECTIONS),
            bytes_per_s=KIB * self.options.get("bandwidth", 0),
            attempts=self.options.get("attempts", usual.attempts),
            order=self.options.get("order", usual.order),
        )

    def endpoint(self) -> Endpoint:
        """Describe this destination to the engines, which know no database.

        Raises:
            Undecryptable: a secret cannot be read.
        """
        return Endpoint(
            type=self.type,
            host=self.host,
            port=self.port or 0,
            username=self.username,
            password=self.password.reveal(),
            private_key=self.private_key.reveal(),
            passphrase=self.passphrase.reveal(),
            folder=self.folder,
            passive=self.options.get("passive", True),
            timeout_s=self.timeout_s,
            host_key=self.host_key,
            allowed_hosts=frozenset(settings.DELIVERY_HOSTS),
            roots=tuple(map(Path, settings.DELIVERY_ROOTS)),
        )


class AutoDelivery(models.Model):
    """A wish that holds: what is packed under a group is delivered to a destination."""

    group = models.ForeignKey(
        ReleaseGroup,
        verbose_name=_("release group"),
        on_delete=models.CASCADE,
        related_name="auto_deliveries",
    )
    destination = models.ForeignKey(
        Destination,
        verbose_name=_("destination"),
        on_delete=models.CASCADE,
        related_name="auto_deliveries",
    )
    by = models.ForeignKey(
        User, verbose_name=_("set by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name = _("delivery by itself")
        verbose_name_plural = _("deliveries by themselves")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "destination"], name="one_auto_delivery")
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.destination}"
