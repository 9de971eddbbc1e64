"""What is known of a draft's work: by its file, and by the providers that were asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from langcodes import Language, tag_is_valid

from drafts.models import Draft
from enrichment.access import order_for
from jobs.models import Job
from releases import description
from releases.labels import FILE, PERSON
from releases.metadata.fields import clean
from releases.metadata.providers import Candidate
from releases.models import Source
from releases.packing import naming

DESCRIPTION_LIMIT = 5_000
COMICS = ("cbz", "cbr", "cb7", "cbt")
COMIC_NUMBERS = {
    "issue": re.compile(naming.NUMBER),
    "volume": re.compile(naming.NUMBER),
    "issue_date": description.ISSUE_DATE,
}
"""What names say of an issue, and what they can say."""
QUESTIONS_READ = 5
"""How many of the last questions are looked at for one that was answered."""


@dataclass(frozen=True, slots=True)
class Match:
    """A work, as one source describes it."""

    key: str
    """``file``, or a provider and the number of its answer: ``OpenLibrary.0``."""
    values: Mapping[str, Any]
    url: str = ""

    @property
    def source(self) -> str:
        return self.key.partition(".")[0]

    def says(self, name: str, value: Any) -> bool:
        """Tell whether it gives the field `name` this value."""
        return same(self.values.get(name), value)


@dataclass(frozen=True, slots=True)
class Known:
    matches: Sequence[Match] = ()
    """The file's, then those of each provider in the order preferred, its best ones first."""
    order: Sequence[str] = ()
    """The providers that are asked about this type of release."""
    troubles: Mapping[str, str] = field(default_factory=dict)
    """By provider, why it gave no answer."""
    latest: Job | None = None
    """The last question asked, answered or not."""

    def match(self, key: str) -> Match | None:
        return next((match for match in self.matches if match.key == key), None)

    def of(self, source: str) -> list[Match]:
        return [match for match in self.matches if match.source == source]

    def origins(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return who said each value: the first source that does, else the person."""
        return {name: self._origin(name, value) for name, value in values.items() if value}

    def _origin(self, name: str, value: Any) -> str:
        return next((one.source for one in self.matches if one.says(name, value)), PERSON)


def known(draft: Draft) -> Known:
    """Return what the file says, and what the last question that was answered found."""
    order = order_for(draft.owner, draft.release_type)
    jobs = list(draft.enrichments()[:QUESTIONS_READ])
    answered = [job.result for job in jobs if job.status == Job.Status.COMPLETED]
    result = answered[0] if answered else {}
    said = [*file_matches(draft.source), *provider_matches(result.get("candidates", ()), order)]
    return Known(said, order, result.get("troubles", {}), next(iter(jobs), None))


def file_matches(source: Source | None) -> Iterator[Match]:
    if source and (values := fitted(source.proposed())):
        yield Match(FILE, named_as_comic(source, values) if source.format in COMICS else values)


def named_as_comic(source: Source, values: dict[str, Any]) -> dict[str, Any]:
    """Return `values` as names of comics need them: an issue is called after its series."""
    is_manga = source.analysis.get("mediainfo", {}).get("reading_direction") == "rtl"
    given = values | {"category": "MANGA" if is_manga else "COMiC"}
    for name, form in COMIC_NUMBERS.items():
        if not form.fullmatch(str(given.get(name, ""))):
            given.pop(name, None)
    is_issue = "series" in given and "issue" in given
    return given | ({"title": given["series"]} if is_issue else {})


def provider_matches(candidates: Sequence[Any], order: Sequence[str]) -> Iterator[Match]:
    found = [Candidate.from_json(document) for document in candidates]
    for provider in order:
        answers = [candidate for candidate in found if candidate.provider == provider]
        for number, candidate in enumerate(answers):
            yield Match(f"{provider}.{number}", fitted(candidate.values), candidate.url)


def fitted(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` as the form would take them: no markup in texts that may hold it."""
    given = dict(values)
    if text := given.get("description"):
        given["description"] = clean(unescape(strip_tags(str(text))), DESCRIPTION_LIMIT)
    return {name: value for name, value in given.items() if value not in (None, "", [])}


def near(name: str, one: Any, other: Any) -> bool:
    """Tell whether two values differ by no more than a region or a script: en-GB is English."""
    if name != "language" or not (one and other) or same(one, other):
        return False
    tags = [str(value) for value in (one, other)]
    return all(map(tag_is_valid, tags)) and len({Language.get(tag).language for tag in tags}) == 1


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same to a reader; nothing is the same as nothing."""
    return bool(one) and bool(other) and clean(str(one)) == clean(str(other))
