from jobs.pace import WINDOW_S, Pace


def test_the_rate_is_the_mean_of_what_was_heard() -> None:
    pace = Pace(10.0, 0)

    assert pace.rate(11.0, 300) == 300
    assert pace.rate(12.0, 400) == 200


def test_only_the_last_seconds_count() -> None:
    pace = Pace(0.0, 0)
    for second in range(1, 11):
        pace.rate(float(second), second * 1000)

    assert pace.rate(10 + WINDOW_S, 10_000) == 0


def test_no_time_and_no_bytes_are_no_rate() -> None:
    assert Pace(1.0, 0).rate(1.0, 500) == 0
    assert Pace(1.0, 500).rate(2.0, 0) == 0
