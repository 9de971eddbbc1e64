"""What the file of a spec must hold, so that a slip is told by file and field. No Django here."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from rules.spec import CHECKS, Spec
from rules.violation import SECTIONS, Confidence, Severity

HEAD: dict[str, type] = {"name": str, "scene": str, "section": str, "year": int, "spec": dict}
CITATION = {
    "section": frozenset(SECTIONS),
    "severity": frozenset(Severity),
    "confidence": frozenset(Confidence),
}
SCHEMES = frozenset({"zip", "rar"})


class SpecFault(ValueError):
    """A spec file that is not right: a sentence for whoever edits it."""


def check_file(data: Mapping[str, Any], file: str) -> None:
    """Refuse the `data` of a spec file that says less or more than a spec needs.

    Raises:
        SpecFault: something is missing, unknown, or of another kind; all is told at once.
    """
    faults = [*_heads(data), *_faults(data.get("spec"))]
    if faults:
        raise SpecFault(f"{file}: {'; '.join(faults)}")


def _heads(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _keys(data, HEAD, HEAD, "")
    for key, kind in HEAD.items():
        if key in data and type(data[key]) is not kind:
            yield f"{key} must be of type {kind.__name__}"


def _keys(data: Mapping[str, Any], known: Any, needed: Any, place: str) -> Iterator[str]:
    yield from (f"{place}{key} is no field that is known" for key in data if key not in known)
    yield from (f"{place}{key} is missing" for key in needed if key not in data)


def _faults(spec: object) -> Iterator[str]:
    if not isinstance(spec, dict):
        return
    hints = get_type_hints(Spec)
    required = [
        one.name
        for one in fields(Spec)
        if one.default is MISSING and one.default_factory is MISSING
    ]
    yield from _keys(spec, hints, [*required, "checks"], "spec.")
    for key, value in spec.items():
        if key in hints and key != "checks":
            yield from _kinds(f"spec.{key}", value, str(hints[key]))
    yield from _patterns(spec)
    yield from _citations(spec.get("checks"))


def _kinds(place: str, value: object, hint: str) -> Iterator[str]:
    """Compare a value with the type of its field, as it stands in a file."""
    if not _FITS[KINDS.get(hint, hint)](value):
        yield f"{place} must be {KINDS.get(hint, hint)}"


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_number(value: object) -> bool:
    return type(value) is int and value >= 0


KINDS = {
    "<class 'str'>": "a text",
    "<class 'int'>": "a number that is not negative",
    "<class 'bool'>": "true or false",
    "tuple[str, ...]": "a list of texts",
    "tuple[int, ...]": "a list of numbers",
    "dict[str, list[str]]": "a table of lists of texts",
}
_FITS: dict[str, Callable[[Any], bool]] = {
    "a text": lambda value: isinstance(value, str),
    "a number that is not negative": _is_number,
    "true or false": lambda value: isinstance(value, bool),
    "a list of texts": _is_texts,
    "a list of numbers": lambda value: isinstance(value, list) and all(map(_is_number, value)),
    "a table of lists of texts": lambda value: (
        isinstance(value, dict) and all(map(_is_texts, value.values()))
    ),
}


def _patterns(spec: Mapping[str, Any]) -> Iterator[str]:
    patterns = {"name_pattern": spec.get("name_pattern", "")}
    patterns["name_characters"] = f"[{spec.get('name_characters', 'a')}]"
    for key, pattern in patterns.items():
        try:
            re.compile(str(pattern))
        except re.error as error:
            yield f"spec.{key} is no regular expression: {error}"
    if spec.get("scheme", "zip") not in SCHEMES:
        yield f"spec.scheme must be one of: {', '.join(sorted(SCHEMES))}"
    if not spec.get("volume_sizes", [1]):
        yield "spec.volume_sizes names no size"


def _citations(checks: object) -> Iterator[str]:
    if not isinstance(checks, dict):
        yield "spec.checks must be a table of checks"
        return
    for name, cited in checks.items():
        if name not in CHECKS:
            yield f"spec.checks.{name} is no check that is known"
        elif not isinstance(cited, dict):
            yield f"spec.checks.{name} must be a table"
        else:
            yield from _keys(cited, CITATION, CITATION, f"spec.checks.{name}.")
            for key in cited.keys() & CITATION.keys():
                if str(cited[key]) not in CITATION[key]:
                    words = ", ".join(sorted(CITATION[key]))
                    yield f"spec.checks.{name}.{key} is {cited[key]!r}, not one of: {words}"
