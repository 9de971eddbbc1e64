import pytest

from releases.metadata import isbns


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9782070368228", "9782070368228"),
        ("ISBN 978-2-07-036822-8 (PDF)", "9782070368228"),
        ("urn:isbn:207036822X", "9782070368228"),
        ("isbn: 1234567890, 0-306-40615-2", "9780306406157"),
        ("0306406152", ""),
        ("9782070368229", ""),
        ("doi:10.1000/182", ""),
        ("12978207036822845", ""),
        ("", ""),
    ],
)
def test_an_isbn_is_found_where_it_says_to_be_one(text: str, number: str) -> None:
    assert isbns.among(text) == number


def test_ten_digits_are_an_isbn_where_their_place_says_so() -> None:
    assert isbns.among("0306406152", is_marked=True) == "9780306406157"
