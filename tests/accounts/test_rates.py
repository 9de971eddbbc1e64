import pytest

from accounts.rates import Rate, parsed


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1/s", Rate(1, 1)),
        ("100/min", Rate(100, 60)),
        ("5/15min", Rate(5, 900)),
        ("20/2h", Rate(20, 7_200)),
        (" 3/d ", Rate(3, 86_400)),
        ("1000000/min", Rate(1_000_000, 60)),
    ],
)
def test_a_rate_is_a_number_and_a_period(text: str, rate: Rate) -> None:
    assert parsed(text) == rate


@pytest.mark.parametrize(
    "text", ["", "5", "5/", "/min", "0/min", "-1/min", "5/0min", "5/week", "5 / min", "5/15", "x/s"]
)
def test_what_is_no_rate_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="5/15min"):
        parsed(text)
