from django.db import models
from django.utils.translation import gettext_lazy as _


class ReleaseType(models.TextChoices):
    EBOOK = "EBOOK", _("eBook")
    TV = "TV", _("TV")
    DOCS = "DOCS", _("Document")
