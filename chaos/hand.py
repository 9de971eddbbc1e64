"""A process inside an instance: it does there what a harness asks, one line of JSON each."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

from tests.instance import ROOT, Instance


class Hand:
    def __init__(self, instance: Instance, **environment: str) -> None:
        env = instance.environment | environment
        env |= {"DJANGO_SETTINGS_MODULE": "packer_site.settings", "PYTHONPATH": str(ROOT)}
        env |= {"LOG_LEVEL": "ERROR"}  # its lines are for nobody
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.inside"],
            env=env,
            cwd=instance.data_dir,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def do(self, what: str, *arguments: Any) -> Any:
        """Have it done, and return what came of it.

        Raises:
            RuntimeError: it could not be done.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([what, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "the hand is gone"}')
        if "error" in answer:
            raise RuntimeError(f"{what}: {answer['error']}")
        return answer["value"]
