"""A conformity report as a person is shown it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from releases.packing.lint import Report, kept
from releases.packing.lint.rendering import FORMATS, SEVERAL, section_of, summary
from releases.telling import told
from rules.spec import CHECKS, Severity, Violation
from rules.violation import CONFIDENCES

DOCUMENTS = {"json": "json", "sarif": "sarif", "text": "txt"}
"""What a report can be taken away as, and how such files end."""
GROUPS = {
    Severity.STRUCTURE: gettext_lazy("Structure: the release does not conform"),
    Severity.ELIGIBILITY: gettext_lazy("Eligibility: noted, no obstacle"),
}
LINES = {"nfo-width": "number", "diz-counter": "line"}
"""The checks whose violations say a line, and under which name."""
LINE_ANCHOR = "line"
"""Of the line that a viewer points at."""
CONFORMS, BROKEN, DAMAGED = "conforms", "broken", "damaged"


def translated(template: str, values: Mapping[str, Any]) -> str:
    return _(template) % values if template else ""


def verdict(state: str, count: int, *, is_house_profile: bool = False) -> str:
    """Return what a badge says."""
    if state == DAMAGED:
        return _("damaged")
    if state == BROKEN:
        return ngettext("%(count)d violation", "%(count)d violations", count) % {"count": count}
    return _("keeps the house profile") if is_house_profile else _("conforms")


def badge(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the state and the words of a kept report; of none where there is none."""
    if not data:
        return {"state": "unknown", "words": _("not checked")}
    words = verdict(data["state"], data["count"], is_house_profile=data["is_house_profile"])
    return {"state": data["state"], "words": words}


def document(reports: Sequence[Report], form: str) -> str:
    """Return one report, or several, in one of `DOCUMENTS`."""
    if len(reports) == 1 and not reports[0].place:
        return FORMATS[form](reports[0], translated)
    return SEVERAL[form](reports, translated)


def shown(
    report: Report,
    *,
    severity: str = "",
    search: str = "",
    urls: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what the page of `report` shows: those of its violations that are looked for.

    `urls` are the pages of the files that can be looked at, by their paths in the release.
    """
    wanted = [
        told_of(broken) | {"url": url_of(broken, urls or {})}
        for broken in report.violations
        if severity in {"", broken.severity}
    ]
    found = [one for one in wanted if search.casefold() in one["text"].casefold()]
    return {
        "report": report,
        "badge": badge(kept(report)),
        "summary": summary(report, translated),
        "notes": [told(note) for note in report.notes],
        "uncompared": demands(report.uncertain),
        "groups": list(groups(found)),
        "found": len(found),
    }


def url_of(broken: Violation, urls: Mapping[str, str]) -> str:
    """Return where one can look at what is broken: its file, at the line if that is known."""
    url = urls.get(broken.file, "")
    line = broken.values.get(LINES.get(broken.id, ""))
    return f"{url}?line={line}#{LINE_ANCHOR}" if url and line else url


def demands(names: Iterable[str]) -> list[dict[str, str]]:
    """Return what the checks of these `names` ask for, in the reader's language."""
    known = [name for name in names if name in CHECKS]
    return [{"id": name, "demand": translated(CHECKS[name].demand, {})} for name in known]


def groups(found: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the violations of each severity by section, in their order."""
    for severity, label in GROUPS.items():
        sections: dict[str, list[Mapping[str, Any]]] = {}
        for one in found:
            if one["severity"] == severity:
                sections.setdefault(one["section"], []).append(one)
        if sections:
            count = sum(map(len, sections.values()))
            yield {"key": severity, "label": label, "count": count, "sections": sections.items()}


def told_of(broken: Violation) -> dict[str, Any]:
    """Return what is said of a violation, all of it in the reader's language."""
    doubt = _(CONFIDENCES[broken.confidence]) if broken.confidence.is_doubtful else ""
    one = {
        "id": broken.id,
        "severity": broken.severity,
        "section": section_of(broken, translated),
        "file": broken.file,
        "message": told(broken),
        "fix": translated(broken.fix, {}),
        "doubt": doubt,
    }
    said = ("id", "section", "file", "message", "fix")
    return one | {"text": " ".join(str(one[name]) for name in said)}
