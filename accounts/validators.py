import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User


class CapitalAndDigit:
    """Asks a password for a capital letter and a digit."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not re.search(r"[A-Z]", password) or not re.search(r"\d", password):
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        return _("Your password must contain a capital letter and a digit.")
