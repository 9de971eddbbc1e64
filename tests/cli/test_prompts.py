"""Questions whose answers are typed; on a real terminal, see test_interactive."""

from collections.abc import Sequence

import pytest

from cli import prompts
from cli.prompts import Choice

SHELVES = (Choice("nowhere", ""), Choice("Shelf", ""), Choice("Public", ""))
FORMATS = (Choice("", "Standard"), Choice("720p", ""))


@pytest.mark.parametrize(
    ("typed", "choices", "usual", "meant"),
    [
        ("", SHELVES, "nowhere", "nowhere"),
        ("2", SHELVES, "nowhere", "Shelf"),
        ("public", SHELVES, "nowhere", "Public"),
        ("standard", FORMATS, "", ""),
        ("-", FORMATS, "720p", ""),
    ],
)
def test_a_choice_is_made_by_number_value_or_name(
    monkeypatch: pytest.MonkeyPatch, typed: str, choices: Sequence[Choice], usual: str, meant: str
) -> None:
    monkeypatch.setattr(prompts, "read", lambda _prompt: typed)

    assert prompts.choice("Which", choices, usual) == meant


def test_a_dash_chooses_nothing_of_what_all_have_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["-", "3"])
    monkeypatch.setattr(prompts, "read", lambda _prompt: next(typed))

    assert prompts.choice("Deliver to", SHELVES, "nowhere") == "Public"
    assert "Choose one of: nowhere, Shelf, Public." in capsys.readouterr().err
