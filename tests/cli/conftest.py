from collections.abc import Iterator

import pytest

from tests.instance import Instance, own_database


@pytest.fixture(scope="package")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance that is set up and not served."""
    with own_database() as url:
        instance = Instance(tmp_path_factory.mktemp("data"), url)
        instance.run("setup")
        yield instance
