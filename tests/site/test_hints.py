import errno

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from jobs.models import Job
from packer_site import work
from packer_site.hints import hint, unforeseen
from packer_site.work import Work
from releases.actions import Refused
from releases.actions.delivering import Undelivered
from releases.metadata import AnalysisError
from releases.metadata.http import NotAllowed, Unreachable
from releases.packing import PackingError
from tests.factories import make_job

FULL = OSError(errno.ENOSPC, "No space left on device")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL, "Free some space"),
        (caused(Refused("The file could not be kept."), FULL), "Free some space"),
        (caused(Refused("The site does not answer."), Unreachable("gone")), "Try again"),
        (caused(Refused("The operator can allow it."), NotAllowed("not public")), ""),
        (caused(Undelivered("It was full."), Unreachable("full")), "it goes on from there"),
        (caused(Undelivered("It refuses the login."), NotAllowed("no")), ""),
        (PermissionDenied("no"), "Ask an administrator"),
        (caused(Refused("It cannot be read."), AnalysisError("torn")), "another program"),
        (Refused("The name is taken: choose another."), ""),
        (PackingError("%(path)s is gone", path="a"), ""),
    ],
)
def test_a_hint_tells_what_the_reason_does_not(error: Exception, said: str) -> None:
    told = hint(error)

    assert said in told
    assert bool(said) is bool(told)


def test_the_unforeseen_is_to_be_told_with_its_reference() -> None:
    reason, next_step = unforeseen(RuntimeError("secret"), "abc123")

    assert "abc123" in reason
    assert "abc123" in next_step
    assert "secret" not in reason + next_step


def test_a_full_disk_is_no_mystery() -> None:
    reason, next_step = unforeseen(FULL, "abc123")

    assert "abc123" not in reason
    assert "Free some space" in next_step


@pytest.mark.django_db(transaction=True)
def test_a_job_keeps_its_hint_in_the_language_of_who_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fill(lease: object) -> dict[str, object]:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setitem(work.WORK, "test", Work(fill))
    job = make_job(work="test", language="en")

    work.run(job.pk)

    kept = Job.objects.get()
    with translation.override("en"):
        assert (kept.error, kept.hint) == unforeseen(FULL, "")
