"""What a command prints: its answer on standard output, all else on standard error."""

import sys


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
