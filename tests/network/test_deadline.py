import pytest

from network.deadline import Deadline, Late


def test_a_deadline_that_was_ended_stays_so() -> None:
    deadline = Deadline(60)
    deadline.end()
    deadline.renew(60)

    assert deadline.left_s() == 0
    with pytest.raises(Late, match=r"example\.org did not answer in time"):
        deadline.wait_s("example.org")
