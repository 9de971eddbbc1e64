import os
import tempfile

os.environ |= {
    "PACKER_ENV_FILE": os.devnull,
    "SECRET_KEY": "a key for tests alone, of more than 32 characters",
    "JWT_SECRET_KEY": "another for tests alone, of more than 32 characters",
    "DATA_DIR": tempfile.mkdtemp(prefix="packer-tests-"),
    "RELEASES_DIR": "",
}
del os.environ["RELEASES_DIR"]

from packer_site.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LANGUAGE_CODE = "en"
