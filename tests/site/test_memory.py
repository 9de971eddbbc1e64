import subprocess
import sys

from tests.instance import ROOT

THREADS, PIECE_KIB = 4, 19_456
SCRIPT = f"""
import threading
from packer_site.memory import keep_little
keep_little()
from django.conf import settings
settings.configure(PASSWORD_HASHERS=["accounts.hashers.Argon2"])
from django.contrib.auth.hashers import make_password

def own_kib():
    lines = open("/proc/self/status").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

def log_in():
    for _ in range(3):
        make_password("A good passw0rd")
    together.wait()

make_password("A good passw0rd")
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

    done = subprocess.run(hashing, cwd=ROOT, capture_output=True, text=True, check=True)

    assert int(done.stdout) < PIECE_KIB
