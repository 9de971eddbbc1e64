"""Problems were texts, and `flaws` those of them that leave a file whole."""

from django.db import migrations


def as_sentences(found):
    """Return what an analysis found with each problem as a sentence and its values."""
    flaws = found.get("flaws", [])
    problems = [
        problem
        if isinstance(problem, dict)
        else {"template": problem.replace("%", "%%"), "values": {}, "is_flaw": problem in flaws}
        for problem in found.get("problems", [])
    ]
    return {name: value for name, value in found.items() if name != "flaws"} | {
        "problems": problems
    }


def convert(apps, schema_editor):
    for source in apps.get_model("releases", "Source").objects.exclude(analysis={}).iterator():
        source.analysis = as_sentences(source.analysis)
        source.save(update_fields=["analysis"])
    analyses = apps.get_model("jobs", "Job").objects.filter(work="analysis", status="completed")
    for job in analyses.iterator():
        job.result = as_sentences(job.result)
        job.save(update_fields=["result"])


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0007_release_metadata_sources"),
        ("jobs", "0002_job_gets_a_rate"),
    ]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop)]
