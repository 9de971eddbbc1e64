"""What lies where files are stored: the table that accounts.actions.system asks."""

from django.db.models import Q

from accounts.system import system
from jobs.models import Job
from releases.models import Release, Source, Upload


def uploads() -> int:
    """Return how many files are kept among the uploads, or arrive there."""
    kept = Source.objects.filter(local_path="").count()
    return kept + Upload.objects.count() + Job.objects.active().count()


def releases() -> int:
    """Return how many releases lie where releases do unless told otherwise, or would go back."""
    of_the_default = Q(root="") | Q(trashed_at__isnull=False, trashed_from="")
    return Release.objects.filter(of_the_default).count() + Job.objects.active().count()


def covers() -> int:
    return sum(1 for _each in system().cache.glob("*.jpg"))


RESIDENTS = {"uploads": uploads, "releases": releases, "cache": covers}
