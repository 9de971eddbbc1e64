"""packer pack --interactive: the nine steps of the wizard, asked at the terminal."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.system import system
from cli import prompts, reviewing
from cli.answering import asked, make_output
from cli.asking import Questions
from cli.exits import Exit, Stop
from cli.options import METADATA
from cli.output import tell
from drafts.models import Draft
from drafts.steps import BY_KEY, BY_NUMBER, PACKS_AT, Step
from enrichment.access import order_for
from releases import actions
from releases.actions import Duplicated, NewRelease, Refused
from releases.description import SOURCES
from releases.labels import PERSON
from releases.models import Release, Source

OTHERS_REST_ON = 4
"""After a change of a step up to this one, those behind it are asked again."""
SAID = {
    "group": {"group": "group"},
    "type": {"release_type": "type"},
    "rule": {"rule_id": "profile"},
    "source": {"rights": "rights", "rights_note": "rights_note"},
    "enrichment": {name: name for name in METADATA},
    "nfo": {"template_id": "template"},
    "options": {"format": "format", "volumes": "volume_size", "rar_version": "rar_version"},
}
"""By step, then by field: the option that says what is proposed."""


def described_release(options: Namespace, user: User) -> Release:
    """Ask for all that a release needs, and return its row; before the last answer none is made.

    Raises:
        Stop: it was not wanted in the end.
        Refused: it cannot be.
    """
    sitting = Sitting(options, user)
    try:
        sitting.ask_from(1)
        sitting.ask_output()
        return sitting.confirmed()
    except BaseException:
        sitting.forget_file()
        raise


class Sitting:
    """A person at a terminal, and the release that they describe."""

    def __init__(self, options: Namespace, user: User) -> None:
        self.options, self.user = options, user
        self.draft = Draft(owner=user)
        self.source: Source | None = None
        self.output: Path | None = options.output

    def ask_from(self, number: int) -> None:
        last = PACKS_AT.number if number <= OTHERS_REST_ON else number
        for step in (BY_NUMBER[one] for one in range(number, last + 1)):
            reviewing.head(step)
            ASKED.get(step.key, Sitting.ask_all)(self, step)

    def questions(self, step: Step, **more: Any) -> Questions:
        """Return those of a step: an earlier answer is proposed, else what the options say."""
        fields = SAID.get(step.key, {})
        said = {field: getattr(self.options, option) for field, option in fields.items()}
        if step.key == "enrichment":
            named = {name.lower(): name for name in SOURCES}
            said["source"] = named.get(self.options.source)
        if step.key == "options" and self.options.no_sfv:
            said["generate_sfv"] = False
        answered = self.draft.answers.get(step.key, {})
        known = {name: value for name, value in said.items() if value not in (None, "")}
        return Questions(self.draft, step, {**known, **answered, **more})

    def ask_all(self, step: Step) -> None:
        questions = self.questions(step)
        for name in questions.names:
            questions.ask(name)
        questions.settle()

    def ask_file(self, step: Step) -> None:
        """Ask for the file until it is one that the rule allows, then for the rights."""
        proposed = str(self.options.file or "")
        while True:
            if not (path := prompts.line(_("File"), proposed, prompts.paths)):
                tell(_("Without a file nothing can be packed."))
                continue
            try:
                questions = self.questions(step, **self.taken(Path(path).expanduser()))
                if wrong := questions.form.errors.get("file"):
                    raise Refused(" ".join(map(str, wrong)))
                break
            except Refused as refusal:
                tell(str(refusal))
                proposed = ""
        for name in questions.names:
            questions.ask(name)
        questions.settle()

    def taken(self, path: Path) -> dict[str, str]:
        """Look at the file, instead of the one before; return what chooses it."""
        self.forget_file()
        self.source = actions.register_source(path, by=self.user)
        self.options.file = path
        return {"file_path": str(self.source.handle)}

    def forget_file(self) -> None:
        if self.source:
            actions.discard_source(self.source)
            self.source = None

    def show_analysis(self, step: Step) -> None:
        if self.source:
            reviewing.show_file(self.source)

    def ask_metadata(self, step: Step) -> None:
        """Show what is known of the work, and let it be changed."""
        questions = self.questions(step)
        filled, sources = self.asked_of_providers(questions.data)
        questions.data |= filled
        names = questions.names
        reviewing.show_fields((questions.label(name), questions.value(name)) for name in names)
        questions.offer_changes()
        questions.settle()
        kept = self.draft.answers[step.key]["sources"]
        kept |= {name: who for name, who in sources.items() if kept.get(name) == PERSON}

    def asked_of_providers(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        if self.options.no_api or not order_for(self.user, self.draft.release_type):
            return {}, {}
        question = _("Ask providers of metadata for what is missing?")
        if not (self.options.enrich or prompts.yes(question, usual=False)):
            return {}, {}
        from cli.enriching import gaps_filled  # noqa: PLC0415  # 0.1 s that few commands need

        return gaps_filled(self.draft, dict(given), by=self.user)

    def ask_nfo(self, step: Step) -> None:
        self.ask_all(step)
        with suppress(Refused):  # the summary says what is missing
            reviewing.show_nfo(self.new())

    def ask_output(self) -> None:
        reviewing.head(BY_KEY["destination"])
        usual = self.output or system().releases
        chosen = Path(prompts.line(_("Folder"), str(usual), prompts.paths)).expanduser()
        self.output = None if chosen == system().releases else chosen

    def new(self) -> NewRelease:
        """Return the release as it is described so far.

        Raises:
            Refused: something is missing.
        """
        self.options.output = None  # it is made when all is confirmed
        has_list = self.draft.answer("options", "generate_sfv") is not False
        new = replace(asked(self.draft, self.options), generate_sfv=has_list)
        return replace(new, root=str(self.output.resolve())) if self.output else new

    def confirmed(self) -> Release:
        """Show what will be made until it is confirmed, and return its row.

        Raises:
            Stop: it is not wanted.
            Refused: it cannot be.
        """
        while True:
            reviewing.head(BY_KEY["destination"])
            new, may_be = self.new(), self.is_shown_right()
            typed = wanted(may_be=may_be)
            if typed == "no":
                raise Stop(Exit.FAILED, _("Nothing is made."))
            if typed == "yes" and may_be:
                return self.created(new)
            if typed == "yes":
                tell(_("It would break its rule: change a step first, by its number."))
            elif typed == str(BY_KEY["destination"].number):
                self.ask_output()
            else:
                self.ask_from(int(typed))

    def is_shown_right(self) -> bool:
        try:
            return reviewing.show_whole(self.new())
        except Refused as refusal:
            tell(str(refusal))
            return False

    def created(self, new: NewRelease) -> Release:
        if self.output:
            make_output(self.output)
        actions.settle_sum(new.source)
        confirms = self.options.allow_duplicate
        try:
            return actions.create_release(new, by=self.user, confirms_duplicates=confirms)
        except Duplicated as refusal:
            tell(str(refusal))
            question = _("Pack it all the same?")
            if not (refusal.may_confirm and prompts.yes(question, usual=False)):
                raise
            return actions.create_release(new, by=self.user, confirms_duplicates=True)


ASKED: dict[str, Callable[[Sitting, Step], None]] = {
    "source": Sitting.ask_file,
    "analysis": Sitting.show_analysis,
    "enrichment": Sitting.ask_metadata,
    "nfo": Sitting.ask_nfo,
}
"""How the steps are asked that are no plain questions."""


def wanted(*, may_be: bool) -> str:
    """Return yes, no, or the number of a step."""
    words = {_("yes"): "yes", _("no"): "no"}
    known = {word[:length].lower(): said for word, said in words.items() for length in (1, None)}
    known |= {str(number): str(number) for number in BY_NUMBER}
    question = _("Pack it? (yes, no, or the number of a step to change)")
    while True:
        typed = prompts.line(question, list(words)[0 if may_be else 1]).lower()
        if typed in known:
            return known[typed]
        tell(_("Choose one of: %(choices)s.") % {"choices": ", ".join(known)})
