import signal
from collections.abc import Iterator

import pytest

from tests.cli.stage import Stage, served_stage
from tests.instance import Instance, own_database


@pytest.fixture(scope="package")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance that is set up and not served."""
    with own_database() as url:
        instance = Instance(tmp_path_factory.mktemp("data"), url)
        instance.run("setup")
        yield instance


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An instance that is served, with people, jobs and destinations."""
    with served_stage(tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("hands")) as there:
        yield there


@pytest.fixture(scope="package", autouse=True)
def heeded_interrupts() -> None:
    """Pass no ignored Ctrl-C on to commands: tests that run in the background inherit one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
