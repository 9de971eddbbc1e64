"""From complete answers to a release's row."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ReleaseGroup, User
from accounts.permissions import require
from accounts.system import system
from releases import description, packing, templating, tracks
from releases.actions.duplicates import (
    Duplicate,
    duplicates_of,
    hold_rivals,
    is_gone,
    refuse_duplicates,
)
from releases.actions.refusal import Refused, told
from releases.actions.sources import check_source
from releases.identity import MENDS, Identity, identity
from releases.models import NfoTemplate, Release, Source, VolumeBase, file_stem
from releases.packing import nfo, rar
from releases.packing.lint.facts import told_fields
from rules.models import Rule
from rules.spec import Facts, Severity, Violation

METADATA_FIELDS = (
    *("title", "author", "publisher", "year", "language", "isbn", "edition", "series", "genre"),
    *("source", "category", "volume", "issue", "issue_date", "url", "description"),
    *("episode", "episode_title", "resolution", "tv_format", "tags"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRelease:
    """The answers to the wizard's questions, the body of an API call, the options of a command."""

    type: str
    group: str
    rule: Rule
    source: Source
    metadata: Mapping[str, Any]
    metadata_sources: Mapping[str, str] = field(default_factory=dict)
    """By field: file, person, or the provider that said it."""
    rights: str
    rights_note: str = ""
    template: NfoTemplate
    template_text: str = ""
    """What the user made of the template; empty: the template as it is."""
    format: str = ""
    """ZIP or RAR; empty: what the rule says."""
    volume_bytes: int = 0
    """0: the smallest size that the rule allows for this file."""
    rar_version: int = 0
    """4 or 5; 0: the first one that the rule allows."""
    generate_sfv: bool = True
    proofs: tuple[Path, ...] = ()
    """Pictures on this machine; they are looked at when the release is packed."""
    released_on: date = field(default_factory=timezone.localdate)
    root: str = ""
    name: str = ""
    """Empty: what the metadata make."""

    def release_name(self) -> str:
        """Return the dirname.

        Raises:
            Refused: the metadata do not make one.
        """
        try:
            return self.name or description.release_name(
                self.type, self.metadata, form=self.source.format, group=self.group
            )
        except packing.NamingError as error:
            raise Refused(told(error)) from error

    def identity(self) -> Identity:
        """Return what tells it from others.

        Raises:
            Refused: it has no name, or no NFO where that counts.
        """
        known = identity(
            self.type,
            self.release_name(),
            self.metadata,
            group=self.group,
            form=self.source.format,
            sha256=self.source.sha256,
        )
        return replace(known, nfo=rendered_nfo(self)) if known.tags & set(MENDS) else known

    @property
    def stem(self) -> str:
        title = str(self.metadata.get("title") or "")
        return file_stem(self.type, self.release_name(), self.group, title)

    def chosen_volume_bytes(self) -> int:
        return self.volume_bytes or self.rule.spec.default_volume_bytes(self.count_volumes)

    def chosen_rar_version(self) -> int:
        return self.rar_version or self.rule.spec.rar_versions[0]

    def count_volumes(self, volume_bytes: int) -> int:
        """Return how many volumes of `volume_bytes` this release takes; 0 where none can be."""
        try:
            payload = rar.Member(f"{self.stem}.{self.source.format}", self.source.size)
            return rar.count([payload], volume_bytes, self.chosen_rar_version())
        except packing.PackingError:
            return 0


def nfo_facts(new: NewRelease) -> dict[str, Any]:
    """Return what a template may name: every field of the metadata, and what is derived."""
    volume_bytes = new.chosen_volume_bytes()
    is_summed = "sha256" in (new.template_text or new.template.content)
    known = {name: new.metadata.get(name) or "" for name in METADATA_FIELDS}
    return known | {
        "name": new.release_name(),
        "type": new.type,
        "group": new.group,
        "rule": str(new.rule),
        "released_on": new.released_on.isoformat(),
        "language_name": description.language_name(str(new.metadata.get("language") or "")),
        "format": new.source.format.upper(),
        "size": new.source.size,
        "sha256": new.source.checksum() if is_summed else "",
        "volumes": new.count_volumes(volume_bytes),
        "volume_bytes": volume_bytes,
        "pages": new.source.analysis.get("metadata", {}).get("pages") or "",
        "structure": new.source.analysis.get("structure", []),
        **tracks.facts(new.source.analysis.get("mediainfo", {})),
    }


def rendered_nfo(new: NewRelease) -> str:
    """Return the NFO of `new`, in letters that the encoding of its template carries.

    Raises:
        Refused: the template, or what it needs, is not right.
    """
    text = new.template_text or new.template.content
    try:
        return templating.render(text, nfo_facts(new), nfo.carrier(new.template.encoding))
    except templating.TemplateError as error:
        raise Refused(told(error)) from error


def report(new: NewRelease) -> list[Violation]:
    """Return the clauses of its rule that `new` breaks.

    Raises:
        Refused: it has no name or no NFO yet, so that nothing can be said.
    """
    volume_bytes = new.chosen_volume_bytes()
    name, text = new.release_name(), rendered_nfo(new)
    given = {"released_on", *(field for field, value in new.metadata.items() if value)}
    facts = Facts(
        name=name,
        format=new.source.format,
        volume_bytes=volume_bytes,
        volumes=new.count_volumes(volume_bytes),
        nfo=text,
        known=told_fields(given, parts=new.rule.spec.name_parts(name), text=text),
        source=str(new.metadata.get("source") or ""),
    )
    return list(new.rule.spec.violations(facts))


def find_duplicates(new: NewRelease, *, by: User) -> list[Duplicate]:
    """Return the releases that stand already and are like `new`, the gravest first.

    Raises:
        Refused: it has no name, or no NFO where that counts.
    """
    return duplicates_of(new.identity(), by=by, root=new.root)


@transaction.atomic
def create_release(new: NewRelease, *, by: User, confirms_duplicates: bool = False) -> Release:
    """Record a new release, owned by its maker.

    Raises:
        PermissionDenied: `by` may not make releases.
        Duplicated: others like it stand, and `by` does not or may not confirm that it is to be.
        Refused: the file or the answers break the rule, or the name is taken.
    """
    require(by, "releases", "write")
    check_source(new.source, new.rule)
    refuse_broken(new)
    name = new.release_name()
    forget_gone(name, new.root, by=by)
    refuse_taken(name, new.root)
    group = release_group(new.group, by=by)
    hold_rivals(group, new.source)
    confirmed = refuse_duplicates(
        find_duplicates(new, by=by), by=by, is_confirmed=confirms_duplicates
    )
    return Release.objects.create(
        name=name,
        root=new.root,
        type=new.type,
        group=group,
        rule=new.rule,
        rule_version=new.rule.version or None,
        source=new.source,
        title=str(new.metadata.get("title") or ""),
        metadata=dict(new.metadata),
        metadata_sources=dict(new.metadata_sources),
        rights=new.rights,
        rights_note=new.rights_note,
        **nfo_columns(new),
        **packing_columns(new),
        volume_base=volume_base(name, group, new),
        duplicate_of=[one.release.name if one.release else "" for one in confirmed],
        duplicate_confirmed_by=by if confirmed else None,
        created_by=by,
    )


def packing_columns(new: NewRelease) -> dict[str, Any]:
    """Return how it is to be packed."""
    return {
        "format": new.format or new.rule.spec.scheme.upper(),
        "volume_bytes": new.chosen_volume_bytes(),
        "rar_version": new.chosen_rar_version(),
        "proofs": [str(path.resolve()) for path in new.proofs],
        "generate_sfv": new.generate_sfv,
        "released_on": new.released_on,
    }


def nfo_columns(new: NewRelease) -> dict[str, Any]:
    """Return the NFO as rendered, and what it was rendered from."""
    return {
        "nfo": rendered_nfo(new),
        "nfo_encoding": new.template.encoding,
        "nfo_template": new.template,
        "nfo_template_name": new.template.name,
        "nfo_template_version": new.template.version,
        "nfo_is_own": bool(new.template_text),
    }


def refuse_broken(new: NewRelease) -> None:
    """Raise Refused if `new` breaks the structure of its rule, or names another group."""
    broken = tuple(v for v in report(new) if v.severity == Severity.STRUCTURE)
    if broken:
        raise Refused(" ".join(map(told, broken)), broken)
    name = new.release_name()
    if not name.endswith(f"-{new.group}"):
        raise Refused(
            _("%(name)s must end in -%(group)s, the release group.")
            % {"name": name, "group": new.group}
        )


def forget_gone(name: str, root: str, *, by: User) -> None:
    """Delete an earlier release of `by` of this name that lies nowhere, nor is being packed.

    It was never packed, or its folder was removed since.
    """
    for earlier in Release.objects.filter(name=name, root=root, created_by=by):
        if is_gone(earlier):
            earlier.delete()


def refuse_taken(name: str, root: str) -> None:
    """Raise Refused if a release, or anything else, has this name in this folder."""
    into = Path(root) if root else system().releases
    if Release.objects.filter(name=name, root=root).exists() or (into / name).exists():
        raise Refused(
            _(
                "%(name)s exists already in %(folder)s. Change the metadata that make its name, "
                "add a tag such as REPACK, or choose another folder."
            )
            % {"name": name, "folder": into}
        )


def release_group(tag: str, *, by: User) -> ReleaseGroup:
    """Return the group `tag`; who names it first is its first member."""
    group, is_new = ReleaseGroup.objects.get_or_create(tag=tag)
    if is_new:
        group.members.add(by)
    return group


def volume_base(name: str, group: ReleaseGroup, new: NewRelease) -> str:
    """Return the base of the volumes' names: for ZIP, unique in the group's year.

    Raises:
        Refused: the group has used all that there are in this year.
    """
    if new.rule.spec.scheme != "zip":
        return name.lower()
    try:
        return VolumeBase.objects.claim(name, group, new.released_on.year)
    except packing.NamingError as error:
        raise Refused(told(error)) from error
