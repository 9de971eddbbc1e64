"""packer rules, of an instance elsewhere that synchronizes with a site of ours."""

import json
from collections.abc import Iterator

import pytest

from cli.exits import Exit
from tests.cli.stage import Case, Stage, login
from tests.instance import running_instance
from tests.metadata.service import raw
from tests.rulebook.site import RulesSite, rules_site, text_of

NAME, OTHER = "2001_TEST", "2002_TEST"


@pytest.fixture
def site() -> Iterator[RulesSite]:
    with rules_site() as there:
        yield there


@pytest.fixture
def stage(site: RulesSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    known = {"RULES_URL": site.url, "OUTBOUND_HOSTS": site.service.authority}
    with running_instance(tmp_path_factory.mktemp("instance"), **known) as there:
        yield Stage(there, {"admin": login(there, "admin")}, {}, tmp_path_factory.mktemp("here"))


def test_a_synchronization_elsewhere_tells_and_ends_as_one_here(
    stage: Stage, site: RulesSite
) -> None:
    site.answers[f"/nfo/{NAME}.nfo"] = raw(b"no", 403)
    failed, listed = stage.ran("remote", Case("rules sync -v"), Case("rules sync --json"))

    assert failed["code"] == listed["code"] == Exit.FAILED
    assert f"failed: {NAME}: 127.0.0.1 refuses the question" in failed["out"]
    assert "21 new, 0 changed, 0 unchanged, 0 vanished, 1 failed" in failed["out"]
    assert f"WARNING {NAME}: " in failed["err"]
    report = json.loads(listed["out"])
    assert (report["failed"][0][0], len(report["unchanged"])) == (NAME, 21)

    site.answers.clear()
    site.texts[OTHER] = text_of("another")
    new, changed, unchanged = stage.ran(
        "remote",
        Case(f"rules download {NAME} --json"),
        Case("rules sync --json"),
        Case(f"rules download {OTHER}"),
    )
    assert json.loads(new["out"])["rules"][0]["outcome"] == "new"
    assert (changed["code"], json.loads(changed["out"])["changed"]) == (Exit.DONE, [OTHER])
    assert unchanged["out"] == f"{OTHER}: unchanged\n"


def test_a_synchronization_elsewhere_that_fails_says_why(stage: Stage, site: RulesSite) -> None:
    site.answers["/"] = raw(b"<html></html>")

    (done,) = stage.ran("remote", Case("rules sync"))

    assert (done["code"], done["out"]) == (Exit.FAILED, "")
    assert "lists 0 rules" in done["err"]
