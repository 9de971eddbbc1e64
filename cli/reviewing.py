"""What a person is shown between the questions: on standard error, as the questions are."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.output import harmless
from drafts.conformity import Finding, findings
from drafts.steps import Step
from releases import templating
from releases.actions import NewRelease, rendered_nfo
from releases.labels import label
from releases.models import Source

SHOWN = 60
"""Characters of a value that are shown."""


def console() -> Console:
    return Console(stderr=True, highlight=False)


def head(step: Step) -> None:
    console().print(Text(f"\n{step.number}  {step.title}", style="bold"))


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Print a line for each; nothing in it is taken for markup."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(harmless(value)))
    console().print(Padding(table, (0, 0, 0, 2)))


def show_file(source: Source) -> None:
    """Show what the file is, and what it says of itself."""
    said: Mapping[str, Any] = source.proposed()
    rows = [(_("Format"), source.format.upper()), (_("Size"), templating.format_size(source.size))]
    facts([*rows, *((str(label(name)), shown(value)) for name, value in said.items() if value)])


def shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def show_fields(fields: Iterable[tuple[str, Any]]) -> None:
    rows = enumerate(fields, 1)
    facts((f"{number:2}  {name}", shown(value or "—")) for number, (name, value) in rows)


def show_nfo(new: NewRelease) -> None:
    """Show the NFO as it will be read.

    Raises:
        Refused: there is none yet.
    """
    text = Text(harmless(rendered_nfo(new).replace("\r\n", "\n")))
    console().print(Padding(text, (0, 0, 0, 2)))


def show_whole(new: NewRelease) -> bool:
    """Show what will be made and how it conforms; tell whether it may be made.

    Raises:
        Refused: nothing can be said of it yet.
    """
    found = findings(new)
    size = f"{new.chosen_volume_bytes() // 1_000_000} MB"
    rows = [
        (_("Release"), new.release_name()),
        (_("Rule"), str(new.rule)),
        (_("Format"), new.format or new.rule.spec.scheme.upper()),
        (_("Volumes"), f"{new.count_volumes(new.chosen_volume_bytes())}, {size}"),
    ]
    facts([*rows, (_("Folder"), new.root)] if new.root else rows)
    for one in found:
        console().print(Padding(Text(harmless(sentence(one))), (0, 0, 0, 2)))
    if not found:
        console().print(Text(f"  {_('It conforms to its rule.')}", style="green"))
    return not any(one.is_blocking for one in found)


def sentence(one: Finding) -> str:
    mark = "✗" if one.is_blocking else "•"
    where = _("step %(number)d") % {"number": one.step.number}
    return " ".join(filter(None, [mark, one.section, one.message, one.fix, f"({where})"]))
