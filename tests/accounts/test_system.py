import logging
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts import system as module
from accounts.actions.system import InUse, change_system
from accounts.models import SystemSetting, User
from accounts.system import MEMORY, described, effective, system
from tests.factories import make_admin, make_job, make_operator, make_release, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_admin()


def said() -> set[str]:
    return set(SystemSetting.objects.exclude(key="changes").values_list("key", flat=True))


def test_what_nobody_set_is_as_the_environment_says(settings: Settings) -> None:
    settings.MAX_FILE_BYTES, settings.FTP_TIMEOUT_S = 17, 18

    assert (system().max_file_bytes, system().ftp_timeout_s) == (17, 18)
    assert system().uploads == settings.UPLOADS_DIR
    assert system().logs is None


def test_a_change_counts_at_once_here(
    admin: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change_system({"limits": {"ftp_timeout": 5}, "logs": {"level": "INFO"}}, by=admin)

    assert (system().ftp_timeout_s, system().log_level) == (5, "INFO")
    assert SystemSetting.objects.get(key="limits.ftp_timeout").changed_by == admin


def test_null_has_the_environment_count_again(admin: User) -> None:
    change_system({"limits": {"ftp_timeout": 5}}, by=admin)
    change_system({"limits": {"ftp_timeout": None}}, by=admin)

    assert said() == set()


def test_what_is_sent_as_it_stands_is_not_nailed_down(admin: User) -> None:
    change_system(described(system()), by=admin)

    assert said() == set()


def test_reading_it_again_costs_no_query_until_it_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    MEMORY.forget()
    with CaptureQueriesContext(connection) as asked:
        system()
        system()
    assert len(asked) == 1

    monkeypatch.setattr(module, "KEPT_S", -1.0)
    SystemSetting.objects.create(key="limits.api_timeout", value=77)
    assert system().api_timeout_s == 77


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("limits", "max_file_size", 0),
        ("limits", "max_file_size", True),
        ("limits", "max_file_size", "1"),
        ("limits", "api_timeout", 121),
        ("limits", "ftp_timeout", 1.5),
        ("limits", "nonsense", 1),
        ("nonsense", "level", "INFO"),
        ("logs", "level", "info"),
        ("logs", "level", ["INFO"]),
        ("logs", "format", "XML"),
        ("logs", "rotation_size", 100),
        ("logs", "rotation_count", 101),
        ("paths", "uploads", "relative"),
        ("paths", "uploads", ""),
        ("paths", "uploads", 7),
        ("paths", "uploads", "/etc"),
        ("paths", "uploads", "/"),
        ("paths", "uploads", "{}/a\0b"),
        ("paths", "uploads", "{}/../../elsewhere"),
        ("paths", "uploads", "{}/" + "a" * 300),
        ("paths", "uploads", "{}/releases"),
        ("paths", "uploads", "{}/releases/below"),
        ("paths", "uploads", "{}"),
        ("paths", "uploads", "{}/inbox/mine"),
        ("paths", "logs", "{}/uploads"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(
    admin: User, tmp_path: Path, section: str, name: str, value: Any
) -> None:
    wrong = value.replace("{}", str(tmp_path)) if isinstance(value, str) else value

    wished: dict[str, dict[str, Any]] = {"logs": {"format": "JSON"}, "limits": {"api_timeout": 5}}

    with pytest.raises(ValidationError) as refused:
        change_system(wished | {section: wished.get(section, {}) | {name: wrong}}, by=admin)

    assert list(refused.value.message_dict) == [f"{section}.{name}"]
    assert said() == set()


@pytest.mark.parametrize("wished", [[], 5, None, {"limits": 5}, {"limits": None}])
def test_what_is_no_object_of_objects_is_refused(admin: User, wished: Any) -> None:
    with pytest.raises(ValidationError):
        change_system(wished, by=admin)


def test_a_link_out_of_the_roots_is_refused(
    admin: User, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (tmp_path / "way-out").symlink_to(tmp_path_factory.mktemp("outside"))

    with pytest.raises(ValidationError, match="must lie in"):
        change_system({"paths": {"releases": f"{tmp_path}/way-out/releases"}}, by=admin)


def test_links_that_lead_to_each_other_are_refused(admin: User, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(tmp_path / "there")
    (tmp_path / "there").symlink_to(tmp_path / "here")

    with pytest.raises(ValidationError):
        change_system({"paths": {"releases": f"{tmp_path}/here"}}, by=admin)


def test_a_place_that_is_no_folder_is_refused(admin: User, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ValidationError, match="cannot be made"):
        change_system({"paths": {"releases": f"{tmp_path}/file"}}, by=admin)


def test_an_empty_place_is_made_and_used(
    admin: User,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    there = tmp_path / "new" / "uploads"
    with django_capture_on_commit_callbacks(execute=True):
        change_system({"paths": {"uploads": str(there)}}, by=admin)
    source = make_source()

    assert source.path.parent == there
    assert source.path.is_file()


@pytest.mark.usefixtures("seeded")
def test_a_place_where_something_lies_stays(admin: User, tmp_path: Path) -> None:
    make_release(source=make_source())

    for name in ("uploads", "releases"):
        with pytest.raises(InUse, match="1 thing lies there"):
            change_system({"paths": {name: f"{tmp_path}/new"}}, by=admin)

    assert not (tmp_path / "new").exists()
    assert said() == set()


def test_no_place_moves_while_a_job_may_write_to_it(admin: User, tmp_path: Path) -> None:
    make_job()

    with pytest.raises(InUse):
        change_system({"paths": {"releases": f"{tmp_path}/new"}}, by=admin)


def test_covers_that_are_kept_keep_their_place(admin: User, tmp_path: Path) -> None:
    (tmp_path / "covers").mkdir()
    (tmp_path / "covers" / "one.jpg").touch()

    with pytest.raises(InUse):
        change_system({"paths": {"cache": f"{tmp_path}/new"}}, by=admin)


@pytest.mark.usefixtures("seeded")
def test_only_who_configures_the_site_changes_it() -> None:
    with pytest.raises(PermissionDenied, match="WRITE permission on config"):
        change_system({"limits": {"ftp_timeout": 5}}, by=make_operator())


def test_a_change_is_logged_without_its_values(
    admin: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "accounts"):
        change_system({"limits": {"ftp_timeout": 5}}, by=admin)

    assert f"{admin} set limits.ftp_timeout" in caplog.text


def test_rows_of_another_version_are_passed_over() -> None:
    assert effective({"limits.gone": 5, "changes": None}) == system()
