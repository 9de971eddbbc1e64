import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOADED = """
import sys
import releases.packing
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_engine_loads_no_django() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )

    loaded = done.stdout.split()
    assert "releases" in loaded
    assert not {"django", "rest_framework", "django_q"} & set(loaded)
