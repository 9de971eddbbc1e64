from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from jobs.models import Job
from releases.metadata import Problem
from tests.factories import make_source

migration = import_module("releases.migrations.0008_problems_as_sentences")


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
