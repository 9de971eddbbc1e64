import subprocess
from pathlib import Path

import pytest

from cli.exits import Exit
from tests.cli.stage import Stage
from tests.cli.terminal import Terminal, plain
from tests.factories import make_book
from tests.instance import Instance

pytestmark = pytest.mark.slow
NAME = "Bea.Some.Book.1999.RETAiL.ePUB.eBook-GRP"


class Talk:
    """A person who answers each question once it is asked."""

    def __init__(self, instance: Instance, *more: str, **environment: str) -> None:
        command = instance.command("pack", "--interactive", "--allow-duplicate", *more)
        self.terminal = Terminal(command, {**instance.environment, **environment})
        self.heard = ""

    def answer(self, question: str, typed: str) -> None:
        self.wait_for(question)
        self.terminal.press(f"{typed}\n".encode())

    def wait_for(self, question: str) -> None:
        written = ""
        while not (question in written and written.rstrip().endswith(":")):
            written += plain(self.terminal.read().decode(errors="replace"))
        self.heard += written

    def rest(self) -> int:
        code, written = self.terminal.rest()
        self.heard += plain(written)
        return code


def describe(talk: Talk, book: Path) -> None:
    """Answer the first eight steps."""
    talk.answer("Release group", "grp")
    talk.answer("Release group", "GRP")
    talk.answer("What is it?", "music")
    talk.answer("What is it?", "")
    talk.answer("File", str(book.parent / "none.epub"))
    talk.answer("File", f"{book.parent}/Some\t" if book.name.startswith("Some") else str(book))
    talk.answer("What gives you the right", "3")
    talk.answer("Note on the rights", "")
    talk.answer("Ask providers of metadata", "n")
    talk.answer("Field to change", "author")
    talk.answer("Author [Ann Author]", "Bea")
    talk.answer("Field to change", "4")
    talk.answer("Year [2020]", "soon")
    talk.answer("Year [2020]", "1999")
    talk.answer("Field to change", "")
    talk.answer("Template", "")
    talk.answer("Volume size", "")
    talk.answer("SFV and SHA-256 list", "")


def test_a_release_is_made_of_what_is_answered(instance: Instance, tmp_path: Path) -> None:
    book, out = make_book(tmp_path), tmp_path / "out"
    talk = Talk(instance)
    describe(talk, book)
    talk.answer("Folder", str(out))
    talk.answer("Pack it?", "8")
    talk.answer("Volume size", "")
    talk.answer("SFV and SHA-256 list", "no")
    talk.answer("Pack it?", "yes")

    assert talk.rest() == Exit.DONE
    assert [folder.name for folder in out.iterdir()] == [NAME]
    assert talk.heard.rstrip().endswith(str(out / NAME))
    for told in ("none.epub is not a file", "Enter a whole number", "p r e s e n t s", "(step 6)"):
        assert told in talk.heard


@pytest.mark.parametrize(
    ("destination", "code", "said"),
    [("shelf", Exit.DONE, "It is delivered."), ("Nowhere", Exit.DESTINATION_FAILED, "packer: ")],
)
def test_what_was_made_is_delivered_where_that_is_wanted(
    stage: Stage, tmp_path: Path, destination: str, code: Exit, said: str
) -> None:
    out = tmp_path / "out"
    talk = Talk(stage.instance, "--no-api")
    talk.answer("Release group", "GRP")
    talk.answer("What is it?", "")
    talk.answer("File", str(make_book(tmp_path, title=destination)))
    for question in ("What gives you the right", "Note on the rights", "Field to change"):
        talk.answer(question, "")
    talk.answer("Template", "")
    talk.answer("Volume size", "")
    talk.answer("SFV and SHA-256 list", "no")
    talk.answer("Folder", str(out))
    talk.answer("Pack it?", "yes")
    talk.answer("Deliver to", destination)

    assert talk.rest() == code
    assert said in talk.heard.rpartition("Deliver to")[2]
    (made,) = out.iterdir()
    there = stage.instance.data_dir / "delivered" / "shelf" / made.name
    assert there.is_dir() == (code == Exit.DONE)


@pytest.mark.parametrize("question", ["Release group", "Field to change"])
def test_ctrl_c_at_a_question_leaves_nothing(
    instance: Instance, tmp_path: Path, question: str
) -> None:
    book, out = make_book(tmp_path), tmp_path / "out"
    talk = Talk(instance, str(book), "--output", str(out), "--no-api")
    answers = [("Release group", "GRP"), ("What is it?", ""), ("File", ""), ("What gives", "")]
    for asked, typed in [*answers, ("Note on", ""), ("Field to change", "")]:
        if asked == question:
            break
        talk.answer(asked, typed)

    talk.wait_for(question)
    talk.terminal.press(b"\x03")

    assert talk.rest() == Exit.INTERRUPTED
    assert "Traceback" not in talk.heard
    assert not out.exists()
    assert counted(instance, "Source", str(book)) == "0"


def counted(instance: Instance, model: str, path: str) -> str:
    """Return how many rows there are of a file."""
    asked = f"from releases.models import {model} as M\n"
    asked += f"print(M.objects.filter(local_path={path!r}).count())"
    shell = [*instance.command()[:-1], "shell", "--verbosity", "0", "-c", asked]
    done = subprocess.run(
        shell, env=instance.environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_it_speaks_french(instance: Instance, tmp_path: Path) -> None:
    talk = Talk(instance, LANG="fr_FR.UTF-8")
    talk.answer("Groupe de release", "grp")
    talk.wait_for("Groupe de release")
    talk.terminal.press(b"\x04")

    assert talk.rest() == Exit.INTERRUPTED
    assert "uniquement lettres majuscules et chiffres" in talk.heard


def test_without_a_terminal_it_says_what_to_use(instance: Instance) -> None:
    done = instance.run("pack", "--interactive")

    assert done.returncode == Exit.INVALID
    assert "--interactive needs a terminal" in done.stderr
