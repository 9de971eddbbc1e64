"""Release groups: the tags that end the names of releases, and who is in them."""

import re

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions.refusal import Taken, WrongFields
from accounts.models import ReleaseGroup, User
from accounts.permissions import require


def create_group(tag: str, *, by: User) -> ReleaseGroup:
    """Make a release group of `tag`, written in capitals.

    Raises:
        WrongFields: the tag is not one.
        Taken: there is such a group.
    """
    require(by, "users", "write")
    wanted = tag.strip().upper()
    if not re.fullmatch(settings.GROUP_PATTERN, wanted):
        sentence = _("A tag has 2 to 100 characters: capital letters and digits alone.")
        raise WrongFields({"tag": [sentence]})
    try:
        with transaction.atomic():
            return ReleaseGroup.objects.create(tag=wanted)
    except IntegrityError as taken:
        sentence = _("There is a group %(tag)s already.") % {"tag": wanted}
        raise Taken({"tag": [sentence]}) from taken
