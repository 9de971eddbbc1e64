import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from cli.exits import Exit
from packer_site import commands
from rulebook import actions
from rulebook.actions import RuleEdit
from rulebook.models import Listing, SyncPlan
from rulebook.seeds import seed_listings
from rules.models import Rule
from tests.factories import make_admin, make_draft, make_operator, make_release, make_user
from tests.metadata.service import raw
from tests.rulebook.site import RulesSite, drawn, rules_site, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "admin")]
NAME = "2001_TEST"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def admin(seeded: None) -> None:
    make_admin(username="admin")


@pytest.fixture
def site(settings: Settings, seeded: None) -> Iterator[RulesSite]:
    with rules_site() as there:
        settings.RULES_URL = there.url
        settings.OUTBOUND_HOSTS = [there.service.authority]
        yield there


@pytest.fixture
def synchronized(site: RulesSite, capsys: Captured) -> RulesSite:
    assert packer("sync") == Exit.DONE
    capsys.readouterr()
    return site


def packer(*arguments: str) -> int:
    return commands.run(["rules", *arguments])


def document(capsys: Captured) -> Any:
    return json.loads(capsys.readouterr().out)


def rule_file(tmp_path: Path, name: str = "2023_FR_EBOOK.nfo") -> Path:
    path = tmp_path / name
    path.write_bytes(drawn(text_of("mine")))
    return path


def test_a_synchronization_prints_its_report(site: RulesSite, capsys: Captured) -> None:
    first = packer("sync")
    told = capsys.readouterr().out
    site.texts[NAME] += "changed\n"
    site.remove("2002_TEST")
    second = packer("sync", "--json")
    report = document(capsys)

    assert (first, second) == (Exit.DONE, Exit.DONE)
    assert f"new: {NAME}\n" in told
    assert "22 new, 0 changed, 0 unchanged, 0 vanished, 0 failed" in told
    assert (report["changed"], report["vanished"]) == ([NAME], ["2002_TEST"])
    assert (len(report["unchanged"]), report["failed"], report["new"]) == (20, [], [])


def test_a_rule_that_failed_is_named_and_the_code_says_so(
    site: RulesSite, capsys: Captured
) -> None:
    site.answers[f"/nfo/{NAME}.nfo"] = raw(b"no", 403)

    assert packer("sync", "-v") == Exit.FAILED

    told = capsys.readouterr()
    assert f"failed: {NAME}: 127.0.0.1 refuses the question" in told.out
    assert f"WARNING {NAME}: " in told.err


def test_a_site_that_lists_too_few_is_a_failure(site: RulesSite, capsys: Captured) -> None:
    site.answers["/"] = raw(b"<html></html>")

    assert packer("sync") == Exit.FAILED
    assert "lists 0 rules" in capsys.readouterr().err


def test_a_synchronization_can_be_left_to_a_worker(site: RulesSite, capsys: Captured) -> None:
    assert packer("sync", "--no-wait", "--json") == Exit.DONE

    assert list(document(capsys)) == ["job_id"]
    assert site.asked == []


def test_rules_are_listed_and_narrowed(synchronized: RulesSite, capsys: Captured) -> None:
    codes = [packer("list"), packer("list", "--type", "EBOOK", "--json")]
    text, _brace, listed = capsys.readouterr().out.partition("{")

    assert codes == [Exit.DONE] * 2
    assert "2022_EBOOK  English  eBOOK  2022  EBOOK  no text" in text
    assert f"{NAME}  English  Test  2001  v1  not complete" in text
    (rule,) = json.loads("{" + listed)["rules"]
    assert (rule["name"], rule["origin"], rule["version"], rule["vanished"]) == (
        "2022_EBOOK",
        "shipped",
        0,
        False,
    )
    assert packer("list", "--search", "*01_TEST", "--json") == Exit.DONE
    assert [one["name"] for one in document(capsys)["rules"]] == [NAME]


def test_what_the_site_lists_is_listed_without_a_network(capsys: Captured) -> None:
    seed_listings()

    codes = [packer("list", "--listed"), packer("list", "--listed", "--scene", "German", "--json")]

    text, _brace, listed = capsys.readouterr().out.partition("{")
    assert codes == [Exit.DONE] * 2
    assert "2020_FR_TVWEB  French  TV WEB  2020" in text
    (rule,) = json.loads("{" + listed)["rules"]
    assert (rule["name"], rule["downloaded"]) == ("2009_DE_EBOOK", False)


def test_a_text_is_printed_in_utf_8_or_as_it_was_published(
    site: RulesSite, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    packer("sync")
    capsysbinary.readouterr()
    file = tmp_path / "rule.nfo"
    codes = [
        packer("show", NAME),
        packer("show", NAME, "--raw", "--output", str(file)),
        packer("show", NAME, "--json"),
    ]

    text, brace, rest = capsysbinary.readouterr().out.partition(b"{")
    shown = json.loads(brace + rest)
    assert codes == [Exit.DONE] * 3
    assert text.decode() == text_of("1")
    assert file.read_bytes() == drawn(text_of("1"))
    assert (shown["encoding"], shown["content"]) == ("cp437", text_of("1"))


def test_what_changed_between_two_versions_is_printed(
    synchronized: RulesSite, capsys: Captured
) -> None:
    synchronized.texts[NAME] += "more\n"
    packer("sync")
    capsys.readouterr()

    code = packer("diff", NAME)

    told = capsys.readouterr().out
    assert code == Exit.DONE
    assert told.startswith(f"--- {NAME} 1\n+++ {NAME} 2\n@@ ")
    assert told.endswith("+more\n")
    assert packer("diff", NAME, "--from", "2", "--json") == Exit.DONE
    assert document(capsys) == {"name": NAME, "from": 2, "to": 2, "diff": ""}


def test_a_rule_is_downloaded_by_name(site: RulesSite, capsys: Captured) -> None:
    for name in (NAME, "2002_TEST"):
        url = f"{site.url}nfo/{name}.nfo"
        Listing.objects.create(name=name, scene="English", section="Test", year=2001, url=url)

    codes = [packer("download", NAME), packer("download", NAME, "2002_TEST", "nothing", "--json")]

    first, _brace, rest = capsys.readouterr().out.partition("{")
    assert codes == [Exit.DONE, Exit.FAILED]
    assert first == f"{NAME}: new\n"
    outcomes = [one.get("outcome") for one in json.loads("{" + rest)["rules"]]
    assert outcomes == ["unchanged", "new", None]


def test_a_file_becomes_a_rule(tmp_path: Path, capsys: Captured) -> None:
    path = rule_file(tmp_path)

    codes = [
        packer("import", str(path)),
        packer("import", str(path), "--name", "own", "--year", "2024", "--scene", "Own", "--json"),
    ]

    first, _brace, rest = capsys.readouterr().out.partition("{")
    own = json.loads("{" + rest)
    assert codes == [Exit.DONE] * 2
    assert first == "2023_FR_EBOOK  French  EBOOK  2023  EBOOK\n"
    assert (own["name"], own["scene"], own["year"], own["origin"]) == ("own", "Own", 2024, "local")
    assert Rule.objects.get(name="2023_FR_EBOOK").content == text_of("mine")


def test_an_earlier_text_is_put_in_force_again(synchronized: RulesSite, capsys: Captured) -> None:
    rule = Rule.objects.get(name=NAME)
    edit = RuleEdit(name=NAME, scene="English", section="Test", year=2001, content="own\n")
    actions.edit_rule(rule, edit, by=make_admin())

    assert packer("restore", NAME, "--number", "1") == Exit.DONE

    rule.refresh_from_db()
    assert capsys.readouterr().out == f"{NAME}: version 1 is in force.\n"
    assert rule.content == text_of("1")


def test_rules_are_deleted_but_for_those_in_use(synchronized: RulesSite, capsys: Captured) -> None:
    used = Rule.objects.get(name="2002_TEST")
    make_release(rule=used)
    make_draft(rule={"rule_id": Rule.objects.get(name=NAME).pk})

    code = packer("delete", NAME, "2002_TEST", "--json")

    told = capsys.readouterr()
    document = json.loads(told.out)
    assert code == Exit.FAILED
    assert document["deleted"] == [NAME]
    assert "1 release was made by 2002_TEST" in document["kept"][0]
    assert not Rule.objects.filter(name=NAME).exists()


def test_the_schedule_is_read_and_chosen(capsys: Captured) -> None:
    codes = [packer("schedule"), packer("schedule", "--every", "weekly", "--json")]

    told = capsys.readouterr().out
    assert codes == [Exit.DONE] * 2
    assert told.splitlines()[0] == "off"
    assert json.loads(told.partition("\n")[2]) == {"interval": "weekly"}
    assert SyncPlan.objects.get().interval == "weekly"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "2022_EBOK"], Exit.NOT_FOUND, "Did you mean 2022_EBOOK"),
        (["show", "xyz"], Exit.NOT_FOUND, "There is no rule xyz."),
        (["show", "2022_EBOOK"], Exit.NOT_FOUND, "has no text yet: packer rules download"),
        (["show"], Exit.INVALID, "Say which rule"),
        (["show", "a", "b"], Exit.INVALID, "Say which rule"),
        (["download"], Exit.INVALID, "Say which rule"),
        (["download", "nothing"], Exit.NOT_FOUND, "synchronize the rules"),
        (["import"], Exit.INVALID, "Say which file"),
        (["import", "/nowhere.nfo"], Exit.NOT_FOUND, "/nowhere.nfo cannot be read"),
        (["restore", "2022_EBOOK"], Exit.INVALID, "--number N"),
        (["restore", "2022_EBOOK", "--number", "7"], Exit.INVALID, "has no version 7"),
        (["delete"], Exit.INVALID, "Say which rule"),
        (["list", "--as", "nobody"], Exit.DONE, ""),
        (["list", "2022_EBOOK"], Exit.INVALID, "list takes no name: leave 2022_EBOOK out."),
        (["sync", "a", "b"], Exit.INVALID, "sync takes no name: leave a b out."),
        (["schedule", "weekly"], Exit.INVALID, "schedule takes no name: leave weekly out."),
        (["list", "--year", "abc"], Exit.INVALID, "--year: A year is a number"),
        (["list", "--year", "?,2022"], Exit.DONE, ""),
        (["sync", "--as", "nobody"], Exit.NOT_FOUND, "There is no user nobody."),
    ],
)
def test_what_cannot_be_done_is_told(
    capsys: Captured, arguments: list[str], code: Exit, said: str
) -> None:
    assert packer(*arguments) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0\1\2" * 100, "is no text"),
        (b"<html>page</html>", "is a web page"),
        (b"x" * (3 << 20), "has 3\xa0145\xa0728 bytes, an NFO has at most 1\xa0048\xa0576"),
        (b"", "no text"),
    ],
    ids=range(4),
)
def test_what_is_no_rule_is_refused(
    tmp_path: Path, capsys: Captured, content: bytes, said: str
) -> None:
    path = tmp_path / "2023_EBOOK.nfo"
    path.write_bytes(content)

    assert packer("import", str(path)) == Exit.INVALID
    assert said in capsys.readouterr().err
    assert not Rule.objects.filter(name="2023_EBOOK").exists()


@pytest.mark.parametrize("arguments", [["--number", "0"], ["--from", "0"]])
def test_there_is_no_version_0(
    synchronized: RulesSite, capsys: Captured, arguments: list[str]
) -> None:
    assert packer("diff", NAME, *arguments) == Exit.NOT_FOUND
    assert f"{NAME} has no version 0." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--section: The section is told neither by the name nor by the text"),
        (["--scene", "s" * 33], "--scene: At most 32 characters"),
        (["--name", "a/b"], "--name: A name has"),
        (["--scene", "Own", "--section", "s" * 65], "--section: At most 64 characters"),
        (["--scene", "Own", "--section", "Own", "--year", "0"], "--year: A year is a number"),
    ],
)
def test_what_is_lacking_is_told_by_its_option(
    tmp_path: Path, capsys: Captured, arguments: list[str], said: str
) -> None:
    path = tmp_path / "notes.nfo"
    path.write_bytes(b"Nothing of the kind.\r\n")

    assert packer("import", str(path), *arguments) == Exit.INVALID
    assert said in capsys.readouterr().err


def test_a_name_that_is_taken_is_refused(tmp_path: Path, capsys: Captured) -> None:
    path = rule_file(tmp_path)
    packer("import", str(path))

    assert packer("import", str(path), "--name", "2023_fr_ebook") == Exit.INVALID
    assert "There is a rule 2023_FR_EBOOK already" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["sync"], ["schedule", "--every", "daily"]])
def test_who_may_not_synchronize_is_told(capsys: Captured, arguments: list[str]) -> None:
    make_operator(username="ann")

    assert packer(*arguments, "--as", "ann") == Exit.NOT_PERMITTED
    assert "MOD permission on config" in capsys.readouterr().err


def test_who_may_write_no_rules_imports_none(tmp_path: Path, capsys: Captured) -> None:
    make_user(username="ben")

    assert packer("import", str(rule_file(tmp_path)), "--as", "ben") == Exit.NOT_PERMITTED
    assert "WRITE permission on rules" in capsys.readouterr().err
