"""Releases that are brought to destinations, and what must hold meanwhile."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from accounts.permissions import grant
from delivery.actions import add_auto_delivery
from delivery.models import Destination
from jobs.actions import rerun_job
from jobs.models import Job
from releases import actions
from releases.actions import Refused, ReleaseConflict, delivering, mending
from releases.actions.delivering import request_delivery
from releases.models import DELIVERS, Delivery, Release
from tests.delivery.peers import PASSWORD, USER, Peer, ftp_server, sftp_server
from tests.factories import make_admin, make_job, make_operator, make_release, make_user
from tests.releases.mending.making import make_packed, mend, ran, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def packed(operator: User) -> Release:
    return make_packed(operator)


@pytest.fixture
def peer(tmp_path: Path, settings: Settings) -> Iterator[Peer]:
    with ftp_server(tmp_path / "there") as one:
        settings.DELIVERY_HOSTS = [one.authority]
        yield one


@pytest.fixture
def shelf(operator: User) -> Destination:
    return make_destination(operator)


def make_destination(owner: User | None = None, **fields: Any) -> Destination:
    usual = {"name": "Shelf", "type": "LOCAL", "folder": "shelf"}
    return Destination.objects.create(user=owner, **usual | fields)


def server(owner: User | None, peer: Peer, **fields: Any) -> Destination:
    usual = {"name": "There", "type": "FTP", "host": "127.0.0.1", "port": peer.port}
    secret = {"username": USER, "password": PASSWORD, "folder": ""}
    return make_destination(owner, **usual | secret | fields)


def deliver(release: Release, destination: Destination, by: User) -> Job:
    return ran(request_delivery(release, destination, by=by))


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def packed_files(release: Release) -> dict[str, bytes]:
    return {one.path: one.file.read_bytes() for one in release.artifacts.all()}


def lines(job: Job) -> list[str]:
    return [f"{line.level} {line.message}" for line in job.lines.all()]


def test_a_release_arrives_as_it_lies_here(packed: Release, operator: User, peer: Peer) -> None:
    there = server(operator, peer)

    job = deliver(packed, there, operator)

    row = Delivery.objects.get()
    assert job.status == Job.Status.COMPLETED, job.error
    assert files_in(peer.folder) == packed_files(packed)
    assert (row.state, row.is_of_present_package) == ("completed", True)
    assert row.arrived == dict(packed.artifacts.values_list("path", "crc32"))
    assert (row.size, job.result["bytes"]) == (packed.size, packed.size)
    first, last = lines(job)
    assert first == f"INFO Delivering {packed} to There: {USER}@{peer.authority}"
    assert f"{len(row.arrived)} files sent" in last
    assert f"made sure by {job.result['checked_by']}" in last
    assert PASSWORD not in str([job.arguments, job.result, row.place, *lines(job)])


def test_what_stands_there_is_not_sent_again(
    packed: Release, operator: User, shelf: Destination
) -> None:
    deliver(packed, shelf, operator)

    again = deliver(packed, shelf, operator)

    assert again.result["sent_files"] == 0
    assert "stand there already" in lines(again)[-1]
    assert Delivery.objects.get().job == again


def test_a_release_goes_to_a_server_of_sftp(
    packed: Release, operator: User, tmp_path: Path, settings: Settings
) -> None:
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    shown = f"{host_key.get_algorithm()} {host_key.get_fingerprint()}"
    with sftp_server(tmp_path / "there", host_key) as one:
        settings.DELIVERY_HOSTS = [one.authority]
        job = deliver(packed, server(operator, one, type="SFTP", host_key=shown), operator)

    assert job.status == Job.Status.COMPLETED, job.error
    assert files_in(one.folder) == packed_files(packed)


def test_a_failure_names_the_destination_and_harms_nothing(
    packed: Release, operator: User, peer: Peer
) -> None:
    there = server(operator, peer, password="forgotten")

    job = deliver(packed, there, operator)

    packed.refresh_from_db()
    assert job.status == Job.Status.FAILED
    assert job.error.startswith(f"{packed} was not delivered to There. ")
    assert "refuses the login" in job.error
    assert packed.status == Release.Status.COMPLETED
    assert Delivery.objects.get().state == "failed"
    assert files_in(peer.folder) == {}

    Destination.objects.filter(pk=there.pk).update(password=PASSWORD)
    again = ran(rerun_job(job, by=operator))

    assert again.status == Job.Status.COMPLETED, again.error
    assert Delivery.objects.get().state == "completed"
    assert files_in(peer.folder) == packed_files(packed)


def test_a_file_that_is_gone_from_the_disk_is_named(
    packed: Release, operator: User, shelf: Destination
) -> None:
    job = request_delivery(packed, shelf, by=operator)
    shutil.rmtree(packed.folder)

    ran(job)

    assert job.status == Job.Status.FAILED
    assert "is gone from the disk: put it back" in job.error


def test_a_destination_that_moved_has_nothing_yet(
    packed: Release, operator: User, shelf: Destination
) -> None:
    deliver(packed, shelf, operator)
    Destination.objects.filter(pk=shelf.pk).update(folder="elsewhere")
    shelf.refresh_from_db()

    job = request_delivery(packed, shelf, by=operator)

    row = Delivery.objects.get()
    assert (row.place, row.arrived, row.delivered_at) == ("elsewhere", {}, None)
    assert ran(job).result["sent_files"] == packed.artifacts.count()


def test_two_destinations_at_one_place_wait_for_each_other(
    packed: Release, operator: User, shelf: Destination
) -> None:
    same = make_destination(None, name="The same")
    job = request_delivery(packed, shelf, by=operator)

    with pytest.raises(ReleaseConflict, match="on its way to The same already"):
        request_delivery(packed, same, by=operator)

    ran(job)
    assert deliver(packed, same, operator).status == Job.Status.COMPLETED


def test_one_that_is_run_again_yields_to_another_at_its_place(
    packed: Release, operator: User, shelf: Destination
) -> None:
    first = request_delivery(packed, shelf, by=operator)
    first.cancel()
    other = request_delivery(packed, make_destination(None, name="The same"), by=operator)

    again = ran(rerun_job(first, by=operator))

    assert "is on its way to Shelf already" in again.error
    assert ran(other).status == Job.Status.COMPLETED


def test_one_that_is_forgotten_meanwhile_gets_nothing(
    packed: Release, operator: User, shelf: Destination
) -> None:
    job = request_delivery(packed, shelf, by=operator)
    shelf.delete()

    assert "The destination is gone" in ran(job).error
    assert Delivery.objects.get().destination is None


def test_a_cancelled_delivery_leaves_the_release_alone(
    packed: Release, operator: User, shelf: Destination
) -> None:
    job = request_delivery(packed, shelf, by=operator)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)

    assert ran(job).status == Job.Status.CANCELLED
    assert Delivery.objects.get().state == "cancelled"
    packed.refresh_from_db()
    assert packed.status == Release.Status.COMPLETED


def test_what_cannot_be_delivered_is_said(operator: User, shelf: Destination) -> None:
    release = make_release(owner=operator)
    with pytest.raises(ReleaseConflict, match="is not packed"):
        request_delivery(release, shelf, by=operator)

    Release.objects.filter(pk=release.pk).update(status="completed", trashed_at="2026-01-01T00:00Z")
    with pytest.raises(ReleaseConflict, match="is in the trash"):
        request_delivery(release, shelf, by=operator)
    assert not Delivery.objects.exists()


def test_only_ones_own_and_those_for_all_are_delivered_to(operator: User) -> None:
    release = make_release(owner=operator, status="completed")
    with pytest.raises(Refused, match="somebody else's"):
        request_delivery(release, make_destination(make_user()), by=operator)

    assert request_delivery(release, make_destination(None), by=operator).by == operator


def test_who_may_only_read_a_release_delivers_nothing(operator: User) -> None:
    release = make_release(owner=operator, status="completed")
    reader = make_user()
    grant(reader, "releases", "read", release)

    with pytest.raises(PermissionDenied):
        request_delivery(release, make_destination(reader), by=reader)


def test_it_goes_to_several_places_but_once_to_each(operator: User, shelf: Destination) -> None:
    release = make_release(owner=operator, status="completed")
    other = make_destination(None, name="Other", folder="other")
    request_delivery(release, shelf, by=operator)
    request_delivery(release, other, by=operator)

    with pytest.raises(ReleaseConflict, match="is on its way to Shelf already"):
        request_delivery(release, shelf, by=make_admin_of(shelf))

    assert Job.objects.filter(work=DELIVERS).count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_has_it_delivered(operator: User) -> None:
    release, gate = make_release(owner=operator, status="completed"), threading.Barrier(4)
    shelf, refused = make_destination(operator), []

    def ask() -> None:
        gate.wait()
        try:
            request_delivery(release, shelf, by=operator)
        except ReleaseConflict as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    people = [threading.Thread(target=ask) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert refused == [f"{release} is on its way to Shelf already."] * 3
    assert Delivery.objects.get().job == Job.objects.get(work=DELIVERS)


def make_admin_of(shelf: Destination) -> User:
    """Return an administrator for whom the destination is one for all."""
    Destination.objects.filter(pk=shelf.pk).update(user=None)
    return make_admin()


def test_nothing_changes_what_is_on_its_way(
    packed: Release, operator: User, shelf: Destination
) -> None:
    job = request_delivery(packed, shelf, by=operator)
    admin = make_admin()

    with pytest.raises(ReleaseConflict, match="is being delivered"):
        mending.apply("repack", packed, by=operator)
    with pytest.raises(ReleaseConflict, match="is being delivered"):
        actions.trash_release(packed, by=admin)

    assert ran(job).status == Job.Status.COMPLETED
    actions.trash_release(packed, by=admin)


def test_nothing_is_delivered_while_a_job_changes_it(
    packed: Release, operator: User, shelf: Destination
) -> None:
    make_job(by=operator, work="repack", subject=packed.subject)

    with pytest.raises(ReleaseConflict, match="A job is at work on"):
        request_delivery(packed, shelf, by=operator)


def test_of_two_that_were_asked_for_at_once_the_later_yields(
    packed: Release, operator: User, shelf: Destination
) -> None:
    repack = mending.apply("repack", packed, by=operator)
    delivery = make_delivery_job(packed, shelf)

    assert "A job is at work on" in ran(delivery).error
    assert ran(repack).status == Job.Status.COMPLETED

    request_delivery(packed, shelf, by=operator)
    later = make_job(by=operator, work="nfofix", arguments=repack.arguments)
    assert "is being delivered" in ran(later).error


def make_delivery_job(release: Release, destination: Destination) -> Job:
    """Return one that nothing was asked for before: as if both had been at the same moment."""
    return make_job(
        by=release.created_by,
        work=DELIVERS,
        subject=f"{release.subject}:{destination.pk}",
        arguments={"release_id": release.pk, "destination_id": destination.pk},
    )


def test_what_is_packed_is_delivered_by_itself(
    operator: User,
) -> None:
    mine, for_all = make_destination(operator), make_destination(None, name="All", folder="all")
    foreign = make_destination(make_user(), name="Foreign", folder="foreign")
    release = make_release(owner=operator)
    for one in (mine, for_all, foreign):
        add_auto_delivery(one, release.group, by=make_admin())

    packing = ran(actions.request_packing(release, by=operator))
    asked = Job.objects.filter(work=DELIVERS)

    assert [job.by for job in asked] == [operator, operator]
    assert {row.destination for row in Delivery.objects.all()} == {mine, for_all}
    assert "INFO It is delivered to All by itself." in lines(packing)
    release = Release.objects.get(pk=release.pk)
    for job in asked:
        assert ran(job).status == Job.Status.COMPLETED, job.error
    shelves = Path(for_all.endpoint().roots[0])
    assert files_in(shelves / "all") == packed_files(release) == files_in(shelves / "shelf")


def test_what_is_repacked_is_delivered_again(
    packed: Release, operator: User, shelf: Destination
) -> None:
    deliver(packed, shelf, operator)
    add_auto_delivery(shelf, packed.group, by=operator)

    mend("repack", packed, operator, volume_bytes=10_000_000)

    row = Delivery.objects.get()
    assert row.state == "pending"
    ran(row.job)  # type: ignore[arg-type]  # it has one
    release = Release.objects.get(pk=packed.pk)
    assert Delivery.objects.get().is_of_present_package
    delivered = files_in(Path(shelf.endpoint().roots[0]) / "shelf")
    assert packed_files(release).items() <= delivered.items()


def test_a_packing_is_done_though_nothing_can_follow(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = make_release(owner=operator)
    add_auto_delivery(make_destination(None), release.group, by=make_admin())

    def break_down(*_given: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(delivering, "noted", break_down)
    job = ran(actions.request_packing(release, by=operator))

    assert job.status == Job.Status.COMPLETED
    assert not Job.objects.filter(work=DELIVERS).exists()


def test_another_package_is_told_from_the_one_that_was_delivered(
    packed: Release, operator: User, shelf: Destination
) -> None:
    mend("repack", packed, operator, volume_bytes=10_000_000)
    deliver(packed, shelf, operator)
    assert Delivery.objects.get().state == "completed"

    undo(packed, operator)

    assert Delivery.objects.get().state == "outdated"
