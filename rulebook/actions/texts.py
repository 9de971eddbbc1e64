"""From bytes to a version of a rule's text."""

import hashlib
from dataclasses import dataclass, replace

from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from releases.actions import Refused, read_nfo, told
from releases.packing import foreign, nfo
from rulebook import index
from rules import shipped
from rules.models import Rule, RuleVersion
from rules.parsing import parse
from rules.violation import gettext_noop

MAX_BYTES = foreign.MAX_BYTES
ENCODINGS = nfo.READ_ENCODINGS
"""What a person can choose from, where the encoding that was found is not the right one."""
NO_TEXT = gettext_noop("The file has no text: choose another file.")


class Untaken(Refused):
    """A text is not taken; the sentence and its values are kept, so that others can read them."""

    def __init__(self, template: str, **values: str) -> None:
        super().__init__(_(template) % values)
        self.template, self.values = template, values


@dataclass(frozen=True, slots=True)
class ReadText:
    raw: bytes
    """As they came."""
    encoding: str
    """One of ENCODINGS."""
    content: str
    """With LF line ends."""
    notes: tuple[str, ...] = ()
    """What was done to the text, for whoever looks at it before it is kept."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def sent_bytes(file: "File[bytes]") -> bytes:
    """Return the bytes of a file that was sent; of a large one, none are read.

    Raises:
        Refused: it is larger than any rule.
    """
    if file.size > MAX_BYTES:
        raise Refused(told(foreign.too_large(file.size)))
    return bytes(file.read(MAX_BYTES + 1))


def read_text(raw: bytes, encoding: str = "") -> ReadText:
    """Read the text of a rule, be it shown in a page of its site; without `encoding`, find it.

    Raises:
        Refused: it is no text, a web page, too large, empty, or not in that encoding.
    """
    shown = index.marked_text(raw) if len(raw) <= MAX_BYTES else None
    if shown is None:
        return read_file(raw, encoding)
    return replace(written_text(shown, "cp437"), notes=(_("It was taken out of a web page."),))


def read_file(raw: bytes, encoding: str) -> ReadText:
    found = read_nfo(raw, encoding)
    if not found.text.strip():
        raise Untaken(NO_TEXT)
    return ReadText(raw, found.encoding, found.text, tuple(map(told, found.notes)))


def written_text(content: str, encoding: str) -> ReadText:
    """Return a typed text as the bytes of a file, in `encoding` if that carries it, else UTF-8.

    Raises:
        Refused: it is too long, or empty.
    """
    text = foreign.tidied(content)
    carries = encoding in nfo.ENCODINGS and not nfo.losses(text, encoding)
    chosen = encoding if carries else "utf-8"
    return read_file(nfo.encode(text, chosen), chosen)


@transaction.atomic
def text_version(  # noqa: PLR0913  # all that a version keeps
    rule: Rule,
    raw: bytes,
    *,
    origin: str,
    by: User | None,
    url: str = "",
    source: str = "",
    encoding: str = "",
) -> RuleVersion | None:
    """Keep a text of `rule` as a version, or return None where its newest is the same.

    The version comes into force, unless a published one meets a text that a person gave.

    Raises:
        Refused: see `read_text`.
    """
    text = read_text(raw, encoding)
    hold(rule)
    newest = rule.versions.filter(origin=origin).first()
    if newest and newest.sha256 == text.sha256 and encoding in {"", newest.encoding}:
        return None
    version = add_version(rule, text, origin=origin, by=by, url=url, source=source)
    if origin != RuleVersion.Origin.PUBLISHED or not has_own_text(rule):
        put_in_force(rule, version)
    return version


def hold(rule: Rule) -> None:
    """Let nobody else change `rule` before the transaction ends, and bring it up to date.

    Raises:
        Refused: it was deleted meanwhile.
    """
    if not Rule.objects.select_for_update().filter(pk=rule.pk).exists():
        raise deleted_meanwhile(rule.name)
    rule.refresh_from_db()


def deleted_meanwhile(name: str) -> Refused:
    return Refused(_("The rule %(name)s was deleted meanwhile.") % {"name": name})


def has_own_text(rule: Rule) -> bool:
    """Tell whether the text in force is one that a person gave, by a file or by an edit."""
    in_force = rule.versions.filter(number=rule.version).only("origin").first()
    return bool(in_force and in_force.origin != RuleVersion.Origin.PUBLISHED)


def add_version(
    rule: Rule,
    text: ReadText,
    *,
    origin: str,
    by: User | None,
    url: str = "",
    source: str = "",
) -> RuleVersion:
    number = (rule.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    return RuleVersion.objects.create(
        rule=rule,
        number=number,
        origin=origin,
        raw=text.raw,
        encoding=text.encoding,
        sha256=text.sha256,
        content=text.content,
        source=source,
        url=url,
        by=by,
    )


def put_in_force(rule: Rule, version: RuleVersion) -> None:
    """Make `version` the text of `rule`, and read it."""
    rule.version, rule.content = version.number, version.content
    read_spec(rule)
    rule.save()


def read_spec(rule: Rule) -> None:
    """Make of the text what can be read of a spec; what ships with the program is reviewed."""
    if rule.name in shipped.NAMES:
        spec = shipped.read_data(rule.name)["spec"]
        rule.release_type = spec["release_type"]
        rule.spec_data, rule.unread, rule.is_complete = spec, [], True
        return
    if not rule.content:
        return
    reading = parse(rule.content, release_type=rule.release_type)
    rule.release_type = rule.release_type or reading.spec_data.get("release_type", "")
    rule.spec_data, rule.unread = reading.spec_data, reading.unread
    rule.is_complete = reading.is_complete
