import pytest

from releases.metadata import people


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ann Author", ["Ann Author"]),
        ("Ann Author; Bob Writer ;", ["Ann Author", "Bob Writer"]),
        ("Allison, Timothy B.;author2", ["Allison, Timothy B.", "author2"]),
        ("Allison, Timothy B.", ["Allison, Timothy B."]),
        ("van der Berg, Jan", ["van der Berg, Jan"]),
        ("Ann Author, Bob Writer", ["Ann Author", "Bob Writer"]),
        ("Ann Author and Bob Writer", ["Ann Author", "Bob Writer"]),
        ("A. B. Author, Bob van Writer, and Cid C.", ["A. B. Author", "Bob van Writer", "Cid C."]),
        ("Ann Author & Bob Writer", ["Ann Author", "Bob Writer"]),
        ("Jean Dupont et Marie Curie", ["Jean Dupont", "Marie Curie"]),
        ("Anna Arm und Ben Bein", ["Anna Arm", "Ben Bein"]),
        ("Simon and Schuster", ["Simon and Schuster"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr."]),
        ("Department of Research and Development", ["Department of Research and Development"]),
        ("Oxford University Press, New York", ["Oxford University Press, New York"]),
        (
            "Ministry of Public Health and Social Care",
            ["Ministry of Public Health and Social Care"],
        ),
        ("Unknown; ", []),
        ("Ann; ann ;Bob", ["Ann", "Bob"]),
        ("", []),
    ],
)
def test_people_are_told_apart_where_nothing_else_can_be_meant(line: str, names: list[str]) -> None:
    assert people.listed(line) == names


def test_only_semicolons_part_people_where_there_is_a_rule() -> None:
    assert people.parted("Ann Author, Bob Writer; Cid C.") == ["Ann Author, Bob Writer", "Cid C."]


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Ann Author & Jean d'Ormesson & 村上春樹", ["Ann Author", "Jean d'Ormesson", "村上春樹"]),
        ("Ann Author; Bob Writer", ["Ann Author", "Bob Writer"]),
        ("Author, Ann; Writer, Bob", ["Author, Ann", "Writer, Bob"]),
        ("García Márquez, Gabriel José", ["García Márquez, Gabriel José"]),
        ("Simon & Schuster", ["Simon & Schuster"]),
        ("Bobby'); DROP TABLE authors;--", ["Bobby'); DROP TABLE authors;--"]),
        ("Unknown", []),
    ],
)
def test_a_field_for_one_is_parted_only_between_full_names(field: str, names: list[str]) -> None:
    assert people.joined(field) == names


def test_no_work_has_people_without_number() -> None:
    assert len(people.listed(";".join(map(str, range(1_000))))) == people.PEOPLE_LIMIT
