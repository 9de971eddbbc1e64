from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from jobs.models import Job
from releases.metadata import Problem
from releases.models import Delivery, Revision
from tests.factories import make_release, make_source

migration = import_module("releases.migrations.0008_problems_as_sentences")
deliveries = import_module("releases.migrations.0022_which_package_was_delivered")


@pytest.mark.django_db
def test_problems_kept_as_texts_become_sentences() -> None:
    source = make_source()
    source.analysis |= {
        "problems": ["The end is missing.", "100% wrong."],
        "flaws": ["100% wrong."],
    }
    source.save()
    job = Job.objects.create(work="analysis", by=source.created_by, result=source.analysis)
    job.finish(source.analysis)

    migration.convert(apps, connection.schema_editor())
    migration.convert(apps, connection.schema_editor())  # nothing more is changed

    source.refresh_from_db()
    job.refresh_from_db()
    assert [str(one) for one in source.problems()] == ["The end is missing.", "100% wrong."]
    assert [str(one) for one in source.damage()] == ["The end is missing."]
    assert "flaws" not in source.analysis
    assert Problem.from_json(job.result["problems"][1]).is_flaw


@pytest.mark.django_db
def test_deliveries_of_before_know_which_package_they_were(seeded: None) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    release = make_release(packed_at=now - 2 * hour)
    since, before, undone = (
        Delivery.objects.create(release=one, place=place, delivered_at=moment)
        for one, place, moment in (
            (release, "since", now - hour),
            (release, "before", now - 3 * hour),
            (make_release(packed_at=now - 2 * hour), "undone", now - hour),
        )
    )
    Revision.objects.create(release=undone.release, number=1, operation="undo", at=now)

    deliveries.fill(apps, connection.schema_editor())

    found = dict(Delivery.objects.values_list("pk", "packed_at"))
    assert found == {since.pk: release.packed_at, before.pk: None, undone.pk: None}
