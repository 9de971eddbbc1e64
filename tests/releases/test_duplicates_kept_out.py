"""What is done about duplicates, in a real database."""

import threading
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import ReleaseGroup, User
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.duplicates import Kind, Verdict
from releases.identity import Identity
from releases.models import Release, Source, VolumeBase
from releases.packing import naming
from tests.factories import (
    METADATA,
    make_admin,
    make_book,
    make_new,
    make_operator,
    make_release,
    make_source,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
ROWS = 100_000
OTHER = METADATA | {"title": "Quite Another", "author": "Bob Writer"}
SCAN = METADATA | {"source": "SCAN"}


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def make_packed(**fields: Any) -> Release:
    packed: dict[str, Any] = {"packed_at": timezone.now(), "status": "completed"}
    return make_release(**packed | fields)


def other_book(owner: User, **facts: Any) -> Source:
    """A source of other bytes than the factories' usual ones."""
    return make_source(owner=owner, **{"title": "Quite Another"} | facts)


def run(job: Job) -> Job:
    work.run(job.pk)
    job.refresh_from_db()
    return job


def test_an_operator_is_kept_from_a_duplicate_that_is_named(operator: User) -> None:
    earlier = make_packed(owner=operator)
    new = make_new(owner=operator, source=other_book(operator))

    with pytest.raises(actions.Duplicated, match=earlier.name) as refused:
        actions.create_release(new, by=operator, confirms_duplicates=True)

    assert not refused.value.may_confirm
    assert "Only an administrator" in str(refused.value)
    assert Release.objects.get() == earlier


def test_an_admin_who_confirms_is_never_kept(operator: User) -> None:
    earlier, admin = make_packed(owner=operator), make_admin()
    new = make_new(owner=admin, source=other_book(admin))

    with pytest.raises(actions.Duplicated, match="Confirm"):
        actions.create_release(new, by=admin)
    release = actions.create_release(new, by=admin, confirms_duplicates=True)

    assert release.duplicate_confirmed_by == admin
    assert release.duplicate_of == [earlier.name]


def test_who_confirmed_stands_in_the_log_of_the_job(operator: User) -> None:
    earlier, admin = make_packed(owner=operator), make_admin(username="ada")
    new = make_new(owner=admin, source=other_book(admin))
    release = actions.create_release(new, by=admin, confirms_duplicates=True)

    job = run(actions.request_packing(release, by=admin))

    lines = job.lines.values_list("message", flat=True)
    assert f"ada confirmed that it is packed beside: {earlier.name}" in lines


def test_what_is_doubtful_an_operator_may_confirm(operator: User) -> None:
    make_packed(owner=operator, metadata=METADATA | {"year": 1999})
    new = make_new(owner=operator, source=other_book(operator))

    with pytest.raises(actions.Duplicated) as refused:
        actions.create_release(new, by=operator)
    release = actions.create_release(new, by=operator, confirms_duplicates=True)

    assert refused.value.may_confirm
    assert release.duplicate_confirmed_by == operator


def test_what_is_allowed_takes_no_confirmation(operator: User) -> None:
    name = "Ann.Author.Some.Book.2020.SCAN.ePUB.eBook-GRP"
    make_packed(owner=operator, metadata=SCAN, name=name)
    new = make_new(owner=operator, source=other_book(operator))

    (told,) = actions.find_duplicates(new, by=operator)
    release = actions.create_release(new, by=operator)

    assert (told.kind, told.verdict) == (Kind.WORK, Verdict.ALLOWED)
    assert release.duplicate_confirmed_by is None
    assert release.duplicate_of == []


def test_the_same_file_is_found_under_another_name(operator: User) -> None:
    earlier = make_packed(source=make_source(), metadata=OTHER)
    new = make_new(owner=operator, source=make_source(owner=operator))

    (found,) = actions.find_duplicates(new, by=make_admin())

    assert new.source.sha256 == earlier.source.sha256
    assert (found.kind, found.release) == (Kind.FILE, earlier)


def test_of_what_one_may_not_see_nothing_but_the_fact_is_told(operator: User) -> None:
    hidden = make_packed()
    make_packed(metadata=METADATA | {"language": "fr"})  # would be allowed: not told at all
    new = make_new(owner=operator, source=other_book(operator))

    (found,) = actions.find_duplicates(new, by=operator)

    assert found.release is None
    assert hidden.name not in str(found)
    assert found.sentence == "A release that you may not see is of the same work."


@pytest.mark.parametrize("status", ["draft", "failed"])
def test_what_was_never_packed_stands_in_nobodys_way(operator: User, status: str) -> None:
    make_release(status=status)

    assert actions.find_duplicates(make_new(owner=operator), by=make_admin()) == []


def test_what_waits_to_be_packed_stands_already(operator: User) -> None:
    waiting = make_release(owner=operator)
    actions.request_packing(waiting, by=operator)

    found = actions.find_duplicates(make_new(owner=operator), by=operator)

    assert [one.release for one in found] == [waiting]


def test_ones_own_release_whose_folder_was_removed_is_made_again(operator: User) -> None:
    new = make_new(owner=operator)
    earlier = actions.create_release(new, by=operator)
    run(actions.request_packing(earlier, by=operator))
    earlier.folder.rename(earlier.folder.with_name("aside"))

    assert actions.find_duplicates(new, by=operator) == []
    assert actions.create_release(new, by=operator).pk != earlier.pk


def test_metadata_changed_later_are_found_by_what_they_say_now(operator: User) -> None:
    earlier = make_packed(owner=operator, metadata=OTHER)
    new = make_new(owner=operator, source=other_book(operator))

    before = actions.find_duplicates(new, by=operator)
    earlier.metadata = METADATA
    earlier.save(update_fields=["metadata"])

    assert [one.kind for one in before] == []
    assert [one.kind for one in actions.find_duplicates(new, by=operator)] == [Kind.WORK]


def test_many_are_counted_and_the_gravest_comes_first(operator: User) -> None:
    for year in range(1990, 1996):
        make_packed(owner=operator, metadata=METADATA | {"year": year})
    grave = make_packed(owner=operator)
    new = make_new(owner=operator, source=other_book(operator))

    with pytest.raises(actions.Duplicated, match="2 more are like it") as refused:
        actions.create_release(new, by=operator)

    assert refused.value.duplicates[0].release == grave


def unsummed(owner: User, **facts: Any) -> Source:
    """Register a file of this machine: it is not summed."""
    return actions.register_source(make_book(**facts), by=owner)


def test_a_file_of_another_size_is_not_read_for_its_sum(operator: User) -> None:
    make_packed(source=unsummed(operator, title="A much longer title than the other has"))
    source = unsummed(operator)

    assert not actions.settle_sum(source)
    assert source.sha256 == ""


def test_two_files_of_one_size_are_summed_and_found_to_be_one(operator: User) -> None:
    earlier = make_packed(source=unsummed(operator), metadata=OTHER)
    source = unsummed(operator)

    assert actions.settle_sum(source)
    (found,) = actions.find_duplicates(make_new(owner=operator, source=source), by=make_admin())

    assert (found.kind, found.release) == (Kind.FILE, earlier)


def test_a_file_that_is_gone_or_changed_since_is_not_summed(operator: User) -> None:
    gone, changed = unsummed(operator), unsummed(operator)
    make_packed(source=gone, metadata=OTHER)
    make_packed(source=changed, metadata=OTHER)
    gone.path.unlink()
    content = changed.path.read_bytes()
    changed.created_at = changed.created_at.replace(year=2000)
    changed.save()
    changed.path.write_bytes(content[::-1])

    actions.settle_sum(unsummed(operator))

    assert set(Source.objects.filter(pk__in=[gone.pk, changed.pk]).values_list("sha256")) == {("",)}


def test_the_job_that_analyses_settles_the_sum(operator: User) -> None:
    make_packed(source=unsummed(operator), metadata=OTHER)
    source = unsummed(operator)

    run(actions.request_analysis(source, by=operator))

    source.refresh_from_db()
    assert source.sha256


def test_the_job_that_packs_refuses_what_turns_out_to_be_the_same_file(operator: User) -> None:
    earlier = make_packed(owner=operator, source=unsummed(operator), metadata=OTHER)
    new = make_new(owner=operator, source=unsummed(operator))
    release = actions.create_release(new, by=operator)

    job = run(actions.request_packing(release, by=operator))

    assert job.status == Job.Status.FAILED
    assert f"{earlier.name} is made of the same file." in job.error
    assert not release.folder.exists()


def test_the_pages_cost_is_the_same_for_one_and_for_many(
    operator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    new = make_new(owner=operator, source=other_book(operator))
    actions.find_duplicates(new, by=operator)
    for _number in range(12):
        make_packed()

    with django_assert_max_num_queries(2):
        assert len(actions.find_duplicates(new, by=operator)) == 12


def in_threads(people: int, act: Any) -> list[Any]:
    """Let so many act at the same moment; return what came of each."""
    gate, came = threading.Barrier(people), []

    def one(number: int) -> None:
        gate.wait()
        try:
            came.append(act(number))
        except actions.Refused as refused:
            came.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return came


def created_and_queued(new: actions.NewRelease, by: User) -> Release:
    with transaction.atomic():
        release = actions.create_release(new, by=by)
        actions.request_packing(release, by=by)
    return release


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pack_one_file_at_once_one_is_refused(seeded: None) -> None:
    people = [make_operator(), make_operator()]
    new = [
        make_new(owner=people[0]),
        make_new(owner=people[1], group="ABC", metadata=OTHER),
    ]
    for tag in ("GRP", "ABC"):
        ReleaseGroup.objects.create(tag=tag)

    came = in_threads(2, lambda number: created_and_queued(new[number], people[number]))

    assert sorted(type(one).__name__ for one in came) == ["Duplicated", "Release"]


@pytest.mark.django_db(transaction=True)
def test_volumes_of_releases_made_at_once_have_names_of_their_own(seeded: None) -> None:
    group = ReleaseGroup.objects.create(tag="GRP")

    came = in_threads(8, lambda number: VolumeBase.objects.claim(f"Release.{number}", group, 2026))

    assert len(set(came)) == 8


@pytest.mark.django_db(transaction=True)
def test_one_name_asked_for_at_once_has_one_base(seeded: None) -> None:
    group = ReleaseGroup.objects.create(tag="GRP")

    came = in_threads(8, lambda number: VolumeBase.objects.claim("Release", group, 2026))

    assert len(set(came)) == 1
    assert VolumeBase.objects.count() == 1


def test_a_base_stays_taken_when_its_release_is_deleted(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    base, group = release.volume_base, release.group
    release.delete()

    again = actions.create_release(make_new(owner=operator), by=operator)

    assert again.volume_base == base
    assert VolumeBase.objects.get(group=group).name == again.name


def test_hundreds_of_releases_of_a_group_and_year_differ(operator: User) -> None:
    group = ReleaseGroup.objects.create(tag="GRP")

    bases = {VolumeBase.objects.claim(f"Release.{number}", group, 2026) for number in range(300)}

    assert len(bases) == 300


def test_a_year_that_has_used_every_base_is_told(operator: User) -> None:
    ReleaseGroup.objects.create(tag="ABC")
    new = make_new(owner=operator, group="ABC")
    tried = naming.volume_bases(new.release_name(), "ABC")
    VolumeBase.objects.bulk_create(
        VolumeBase(group=ReleaseGroup.objects.get(tag="ABC"), year=2026, base=base, name=base)
        for base in set(tried)
    )

    with pytest.raises(actions.Refused, match="No volume name is left for ABC"):
        actions.create_release(new, by=operator)


def test_what_was_there_before_is_found_after_the_migration(operator: User) -> None:
    migration = import_module("releases.migrations.0011_fill_what_duplicates_are_found_by")
    earlier = make_packed(owner=operator, metadata=METADATA | {"isbn": "0-306-40615-2"})
    known = (earlier.isbn, earlier.work_key)
    Release.objects.update(isbn="", work_key="")

    migration.fill(apps, connection.schema_editor())
    migration.fill(apps, connection.schema_editor())  # nothing more is changed

    earlier.refresh_from_db()
    assert known == (earlier.isbn, earlier.work_key) == ("9780306406157", known[1])
    assert VolumeBase.objects.get().name == earlier.name


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # to look at its tables, MariaDB ends a transaction
def test_among_a_hundred_thousand_nothing_is_scanned(
    seeded: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    operator = make_operator()
    first = make_packed(owner=operator, metadata=METADATA | {"isbn": "9780306406157"})
    make_source(title="Of all the others")
    fill(Source, ROWS, handle=32, sha256=64)
    fill(Release, ROWS, name=9, isbn=13, work_key=32)
    others = Release.objects.exclude(pk=first.pk)
    others.update(source=models.F("pk") + Source.objects.order_by("pk")[1].pk - first.pk - 1)
    analyse(Source, Release)
    new = make_new(
        owner=operator,
        source=make_source(owner=operator),
        metadata=METADATA | {"isbn": "9780306406157"},
    )

    actions.find_duplicates(new, by=operator)  # which warms Django's caches
    with django_assert_max_num_queries(2):
        found = actions.find_duplicates(new, by=operator)

    assert [one.release for one in found] == [first]
    assert scans(new.identity(), operator) == []


def fill(rows: type[Model], count: int, **fresh: int) -> None:
    """Double the rows until there are so many; the columns `fresh` get numbers of their own."""
    columns = [str(field.column) for field in rows._meta.concrete_fields]
    names = [name for name in columns if name != "id"]
    is_mysql = connection.vendor == "mysql"
    number = "LPAD(id + %d, {}, '0')" if is_mysql else "printf('%%0{}d', id + %d)"
    table = rows._meta.db_table
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        while rows._default_manager.count() < count:
            last = rows._default_manager.order_by("-pk")[0].pk
            new = {name: number.format(width) % last for name, width in fresh.items()}
            told = [new.get(name, quoted(name)) for name in names]
            into = ", ".join(map(quoted, names))
            cursor.execute(f"INSERT INTO {table} ({into}) SELECT {', '.join(told)} FROM {table}")


def analyse(*tables: type[Model]) -> None:
    """Have the database look at its tables, as it does by itself now and then."""
    word = "ANALYZE TABLE" if connection.vendor == "mysql" else "ANALYZE"
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"{word} {table._meta.db_table}")


def scans(identity: Identity, seer: User) -> list[str]:
    """Return the steps of the database's plan that read a whole table of releases or sources."""
    with CaptureQueriesContext(connection) as asked:
        Release.objects.like(identity, seer)
    sql = asked[-1]["sql"]
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute(f"EXPLAIN {sql}")
            rows = [
                dict(zip([c[0] for c in cursor.description], row, strict=True)) for row in cursor
            ]
            whole = [row for row in rows if row["type"] in ("ALL", "index")]
            return [str(row) for row in whole if str(row["table"]).startswith("releases")]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[3] for row in cursor if row[3].startswith("SCAN releases")]
