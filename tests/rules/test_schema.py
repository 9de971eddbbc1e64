import copy
from collections.abc import Callable
from typing import Any

import pytest

from rules import shipped
from rules.schema import SpecFault, check_file
from rules.shipped import NAMES, read_data

Data = dict[str, Any]


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_files_are_files_of_specs(name: str) -> None:
    check_file(read_data(name), f"{name}.toml")


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_of_a_rule_stand_in_its_file(name: str) -> None:
    spec = read_data(name)["spec"]

    due = {"volume_sizes", "max_volumes", "max_name_length", "name_characters", "nfo_columns"}
    due |= {"nfo_encodings", "file_mode", "rar_versions", "sfv", "loose_formats"}
    of_zip = {"diz_columns", "diz_lines", "short_name", "disk_digits", "max_file_name_length"}
    of_rar = {"volume_step", "min_volumes_when_larger", "sample_s", "proof_pixels", "folders"}
    assert due | (of_zip if spec["scheme"] == "zip" else of_rar) <= spec.keys()


def without(*path: str) -> Callable[[Data], object]:
    def remove(data: Data) -> None:
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]

    return remove


def put(value: object, *path: str) -> Callable[[Data], object]:
    def change(data: Data) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("year"), "year is missing"),
        (put("2022", "year"), "year must be of type int"),
        (put(1, "colour"), "colour is no field that is known"),
        (without("spec"), "spec is missing"),
        (put([], "spec"), "spec must be of type dict"),
        (put([5], "spec", "volume_size"), "spec.volume_size is no field that is known"),
        (without("spec", "formats"), "spec.formats is missing"),
        (without("spec", "checks"), "spec.checks is missing"),
        (put("pdf", "spec", "formats"), "spec.formats must be a list of texts"),
        (put([5, "6"], "spec", "volume_sizes"), "spec.volume_sizes must be a list of numbers"),
        (put([], "spec", "volume_sizes"), "spec.volume_sizes names no size"),
        (put(-1, "spec", "max_volumes"), "spec.max_volumes must be a number that is not negative"),
        (put(1.5, "spec", "max_volumes"), "spec.max_volumes must be a number"),
        (put("yes", "spec", "sfv"), "spec.sfv must be true or false"),
        (put(3, "spec", "release_type"), "spec.release_type must be a text"),
        (put({"A": "nfo"}, "spec", "fixes"), "spec.fixes must be a table of lists of texts"),
        (put("(", "spec", "name_pattern"), "spec.name_pattern is no regular expression"),
        (put("z-a", "spec", "name_characters"), "spec.name_characters is no regular expression"),
        (put("tar", "spec", "scheme"), "spec.scheme must be one of: rar, zip"),
        (put({}, "spec", "checks", "colour"), "spec.checks.colour is no check that is known"),
        (put("NFO", "spec", "checks", "name"), "spec.checks.name must be a table"),
        (without("spec", "checks", "name", "section"), "spec.checks.name.section is missing"),
        (put("Nowhere", "spec", "checks", "name", "section"), "section is 'Nowhere', not one of"),
        (put("bad", "spec", "checks", "name", "severity"), "severity is 'bad', not one of"),
        (put("sure", "spec", "checks", "name", "confidence"), "confidence is 'sure', not one of"),
    ],
)
def test_a_slip_is_told_by_file_and_field(change: Callable[[Data], object], said: str) -> None:
    data = copy.deepcopy(read_data("2022_EBOOK"))
    change(data)

    with pytest.raises(SpecFault) as refused:
        check_file(data, "rule.toml")

    assert str(refused.value).startswith("rule.toml: ")
    assert said in str(refused.value)


def test_a_file_that_is_no_toml_is_told(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "SPECS", tmp_path)
    (tmp_path / "rule.toml").write_text("name = ")

    with pytest.raises(SpecFault, match=r"rule\.toml: Invalid value"):
        read_data("rule")
