import json
from pathlib import Path

import pytest

from cli.exits import Exit
from packer_site import commands
from releases.models import NfoTemplate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_the_templates_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [commands.run(["templates", "list"]), commands.run(["templates", "list", "--json"])]

    text, _brace, document = capsys.readouterr().out.partition("{")
    assert codes == [Exit.DONE, Exit.DONE]
    assert [line.split()[0] for line in text.splitlines()] == ["docs", "ebook", "minimal", "tv"]
    listed = json.loads("{" + document)["templates"]
    assert {one["name"]: one["type"] for one in listed} == {
        "docs": "DOCS",
        "ebook": "EBOOK",
        "minimal": "",
        "tv": "TV",
    }


def test_the_text_of_one_is_printed(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    code = commands.run(["templates", "get", "ebook"])

    template = NfoTemplate.objects.get(name="ebook")
    assert (code, capsysbinary.readouterr().out.decode()) == (Exit.DONE, template.content)


def test_the_text_is_written_as_its_nfos_are(tmp_path: Path) -> None:
    file = tmp_path / "ebook.nfo"

    code = commands.run(["templates", "get", "ebook", "--encoded", "--output", str(file)])

    template = NfoTemplate.objects.get(name="ebook")
    assert code == Exit.DONE
    assert file.read_bytes().decode("cp437").replace("\r\n", "\n") == template.content


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["get", "nothing"], Exit.NOT_FOUND, "nothing is none of: docs, ebook, minimal, tv."),
        (["get"], Exit.INVALID, "Say which template"),
        (["get", "ebook", "--output", "/nowhere/at/all"], Exit.DESTINATION_FAILED, "/nowhere"),
    ],
)
def test_what_cannot_be_given_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: Exit, said: str
) -> None:
    assert commands.run(["templates", *arguments]) == code
    assert said in capsys.readouterr().err
