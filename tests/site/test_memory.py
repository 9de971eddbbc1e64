import os
import subprocess
import sys

from tests.instance import ROOT

THREADS, PIECE_KIB = 4, 19_456
SCRIPT = f"""
import threading
import packer_site.asgi
from accounts.hashers import Argon2

def own_kib():
    lines = open("/proc/self/status").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

def log_in():
    for _ in range(3):
        Argon2().encode("A good passw0rd", "some salt")
    together.wait()

Argon2().encode("A good passw0rd", "some salt")
before, together = own_kib(), threading.Barrier({THREADS})
threads = [threading.Thread(target=log_in) for _ in range({THREADS})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(own_kib() - before)
"""


def test_what_logins_took_is_given_back_in_every_thread() -> None:
    hashing = [sys.executable, "-c", SCRIPT]
    here = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}

    done = subprocess.run(hashing, cwd=ROOT, env=here, capture_output=True, text=True, check=True)

    assert int(done.stdout) < PIECE_KIB
