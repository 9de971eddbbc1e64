from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instance import Instance, running_instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with running_instance(tmp_path) as running:
        yield running
