"""The same commands, of an instance on this machine and of one that is asked by its API."""

import json
from typing import Any

import pytest

from cli.exits import Exit
from tests.cli.goldens import assert_golden
from tests.cli.stage import Case, Stage

UUID = "00000000-0000-0000-0000-000000000001"


CASES = {
    "jobs-list": Case("jobs list --by ann"),
    "jobs-list-json": Case("jobs list --by ann --status failed --json"),
    "jobs-list-wrong": Case("jobs list --status nonsense", Exit.INVALID),
    "jobs-show": Case(f"jobs show {UUID}"),
    "jobs-show-json": Case("jobs show 2 --json"),
    "jobs-missing": Case("jobs show 999", Exit.NOT_FOUND),
    "jobs-of-others": Case("jobs show 3", Exit.NOT_FOUND, user="ann"),
    "jobs-nameless": Case("jobs show abc", Exit.INVALID),
    "jobs-logs": Case("jobs logs 1"),
    "jobs-logs-json": Case("jobs logs 1 --level WARNING --json"),
    "jobs-followed": Case("jobs logs 1 --follow"),
    "jobs-followed-failed": Case("jobs logs 2 --follow", Exit.FAILED),
    "jobs-cancel-over": Case("jobs cancel 1", Exit.INVALID),
    "jobs-cancel-over-french": Case("jobs cancel 1", Exit.INVALID, french=True),
    "jobs-rerun-completed": Case("jobs rerun 1 --json", Exit.INVALID),
    "prefs-get": Case("prefs get", golden=False),
    "prefs-get-json": Case("prefs get theme --json"),
    "prefs-unknown": Case("prefs get colour", Exit.NOT_FOUND),
    "prefs-set-wrong": Case("prefs set theme purple", Exit.INVALID),
    "prefs-set-wrong-french": Case("prefs set theme purple --json", Exit.INVALID, french=True),
    "prefs-set-unknown": Case("prefs set colour blue", Exit.NOT_FOUND),
    "prefs-set-nameless": Case("prefs set ../users 1", Exit.INVALID),
    "prefs-set": Case("prefs set view_mode cards --json"),
    "prefs-set-list": Case('prefs set api_priority_order ["OMDb"] --json'),
    "prefs-unset": Case("prefs unset view_mode"),
    "prefs-global": Case("prefs set theme dark --global --json"),
    "prefs-unset-list": Case("prefs unset api_priority_order --json"),
    "prefs-unset-global": Case("prefs unset theme --global --json"),
    "prefs-global-denied": Case("prefs get --global", Exit.NOT_PERMITTED, user="ann"),
    "config-get": Case("config get limits"),
    "config-get-json": Case("config get limits.api_timeout --json"),
    "config-unknown": Case("config get limits.nothing", Exit.NOT_FOUND, golden=False),
    "config-set-wrong": Case("config set limits.api_timeout 500", Exit.INVALID),
    "config-set-sectionless": Case("config set api_timeout 5", Exit.INVALID),
    "config-set": Case("config set limits.api_timeout 20 --json"),
    "config-unset": Case("config unset limits.api_timeout"),
    "config-denied": Case("config get", Exit.NOT_PERMITTED, user="ann"),
    "users-list": Case("users list"),
    "users-list-json": Case("users list --search ann --json"),
    "users-show": Case("users show ann"),
    "users-missing": Case("users show amn", Exit.NOT_FOUND),
    "users-denied": Case("users list", Exit.NOT_PERMITTED, user="ann"),
    "users-add-weak": Case("users add bob --password-file weak", Exit.INVALID),
    "users-add-roleless": Case("users add bob --role No --password-file good", Exit.NOT_FOUND),
    "users-add-fileless": Case("users add bob --password-file none", Exit.NOT_FOUND),
    "users-add": Case("users add bob --role Operator --password-file good"),
    "users-add-again": Case("users add BOB --password-file good", Exit.INVALID),
    "users-change": Case("users change bob --note Reader"),
    "users-change-nothing": Case("users change bob", Exit.INVALID),
    "users-revoke": Case("users revoke bob --role Operator"),
    "users-grant": Case("users grant bob --role operator"),
    "users-deactivate": Case("users deactivate bob --json"),
    "users-activate": Case("users activate bob"),
    "users-delete": Case("users delete bob --json"),
    "users-delete-oneself": Case("users deactivate admin", Exit.INVALID),
    "destinations-list": Case("destinations list"),
    "destinations-list-json": Case("destinations list --json", golden=False),
    "destinations-own": Case("destinations list --json", user="ann"),
    "destinations-for-all": Case("deliver 1 Shlef", Exit.NOT_FOUND, user="ann"),
    "destinations-show": Case("destinations show Shelf", golden=False),
    "destinations-missing": Case("destinations show Shlef", Exit.NOT_FOUND),
    "destinations-broken": Case("destinations test Nowhere", Exit.DESTINATION_FAILED),
    "templates-list": Case("templates list"),
    "templates-get": Case("templates get minimal --json", golden=False),
    "templates-missing": Case("templates get nothing", Exit.NOT_FOUND),
    "rules-list": Case("rules list --type EBOOK", golden=False),
    "rules-list-json": Case("rules list --json", golden=False),
    "rules-show": Case("rules show 2022_EBOOK --json", Exit.NOT_FOUND, golden=False),
    "rules-missing": Case("rules show 2022_EBOK", Exit.NOT_FOUND),
    "rules-import": Case("rules import 2023_FR_EBOOK.nfo --json", golden=False),
    "rules-shown": Case("rules show 2023_FR_EBOOK"),
    "rules-raw": Case("rules show 2023_FR_EBOOK --raw", golden=False),
    "rules-versionless": Case("rules show 2023_FR_EBOOK --number 7", Exit.NOT_FOUND),
    "rules-diff": Case("rules diff 2023_FR_EBOOK --json"),
    "rules-restore": Case("rules restore 2023_FR_EBOOK --number 1", golden=False),
    "rules-schedule": Case("rules schedule --every weekly --json"),
    "rules-delete": Case("rules delete 2023_FR_EBOOK"),
    "deliver-releaseless": Case("deliver Nothing Shelf", Exit.NOT_FOUND),
    "deliver-unknown": Case("deliver 999 Shelf", Exit.NOT_FOUND),
    "deliver-placeless": Case("deliver 999 Nothing", Exit.NOT_FOUND),
}


@pytest.fixture(scope="module")
def answers(stage: Stage) -> dict[str, dict[str, dict[str, Any]]]:
    """Run all commands in turn, first here, then from elsewhere."""
    return {mode: answered(stage, mode) for mode in ("local", "remote")}


def answered(stage: Stage, mode: str) -> dict[str, dict[str, Any]]:
    """Run those that need models by themselves: a process loads them at its start, or never."""
    results: dict[str, dict[str, Any]] = {}
    for needs_models in (False, True):
        part = [name for name in CASES if is_of_models(CASES[name]) is needs_models]
        found = stage.ran(mode, *(CASES[name] for name in part))
        results |= dict(zip(part, found, strict=True))
    return results


def is_of_models(case: Case) -> bool:
    return case.line.startswith(("templates", "rules"))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_command_answers_the_same_here_and_from_elsewhere(
    name: str, answers: dict[str, dict[str, dict[str, Any]]], stage: Stage
) -> None:
    here, elsewhere = answers["local"][name], answers["remote"][name]

    assert here["code"] == CASES[name].code, here
    assert without_numbers(name, here) == without_numbers(name, elsewhere)
    if CASES[name].golden:
        printed = f"{here['out']}{here['err']}"
        assert_golden(f"{name}.txt", printed.replace(str(stage.instance.data_dir), "DATA_DIR"))


def without_numbers(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer without the number of what each run makes anew."""
    if name != "rules-import":
        return answer
    return answer | {"out": json.loads(answer["out"]) | {"id": 0}}
