import os
import tempfile

folder = tempfile.TemporaryDirectory(prefix="packer-tests-")
for name in ("DEBUG", "RELEASES_DIR", "APP_URL", "LANGUAGE_CODE", "REDIS_URL"):
    os.environ.pop(name, None)
os.environ |= {
    "PACKER_ENV_FILE": os.devnull,
    "SECRET_KEY": "a key for tests alone, of more than 32 characters",
    "JWT_SECRET_KEY": "another for tests alone, of more than 32 characters",
    "CREDENTIAL_KEYS": "YSBrZXkgZm9yIHRlc3RzIGFsb25lLCAzMiBieXRlcy4=",
    "DATA_DIR": folder.name,
}

from packer_site.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LANGUAGE_CODE = "en"
# What tests send in a minute is no abuse; those of the limits set their own.
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "1000000/min")
if not os.environ.get("DATABASE_URL"):
    # A file, as in production: threads of a memory database lock each other out.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
