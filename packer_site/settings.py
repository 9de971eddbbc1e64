"""Settings, read from the environment. One file: production differs by values, not by code."""

import base64
import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

from accounts.rates import parsed

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(env.path("PACKER_ENV_FILE", BASE_DIR / ".env"), recurse=False)

DEBUG = env.bool("DEBUG", default=False)
SECRET_CHARACTERS = 32
SAMPLE_SECRETS = {  # letters and digits alone: they are written in many ways
    "changeme",
    "changethis",
    "replaceme",
    "yoursecret",
    "yourjwtsecret",
    "mysecretkey",
    "supersecret",
    "djangoinsecure",
    "onlyfordevelopment",
    "goodenoughwhiledebugison",
}


def secret(name: str) -> str:
    """Return the secret `name`; outside DEBUG a missing, short or sample one ends the start."""
    value = str(env.str(name, default=""))
    if len(value.strip()) >= SECRET_CHARACTERS and not is_sample(value):
        return value
    if DEBUG:
        return f"{name}, good enough while DEBUG is on and nowhere else"
    raise ImproperlyConfigured(
        f"{name} is missing, shorter than {SECRET_CHARACTERS} characters or a sample. "
        f"`make install` writes a good one to .env; see .env.example."
    )


def is_sample(value: str) -> bool:
    plain = "".join(filter(str.isalnum, value.lower()))
    return any(sample in plain for sample in SAMPLE_SECRETS)


CREDENTIAL_KEY_BYTES = 32
DEBUG_CREDENTIAL_KEY = base64.urlsafe_b64encode(b"while DEBUG is on, nowhere else.").decode()


def credential_keys() -> list[str]:
    """Return what encrypts stored credentials, the first, and all that decrypt; see `secret`."""
    given: list[str] = env.list("CREDENTIAL_KEYS", default=[])
    keys = [key.strip() for key in given]
    if keys and all(map(is_credential_key, keys)):
        return keys
    if DEBUG:
        return [DEBUG_CREDENTIAL_KEY]
    raise ImproperlyConfigured(
        "CREDENTIAL_KEYS is missing, or one of its keys is not the urlsafe base64 of "
        f"{CREDENTIAL_KEY_BYTES} bytes. `make install` writes a good one to .env; see .env.example."
    )


def is_credential_key(key: str) -> bool:
    try:
        size = len(base64.urlsafe_b64decode(key))
    except ValueError:
        return False
    return size == CREDENTIAL_KEY_BYTES and key != DEBUG_CREDENTIAL_KEY


SECRET_KEY = secret("SECRET_KEY")
JWT_SECRET_KEY = secret("JWT_SECRET_KEY")
if SECRET_KEY == JWT_SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY and JWT_SECRET_KEY are the same: each needs its own.")
CREDENTIAL_KEYS = credential_keys()

APP_URL = env.str("APP_URL", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [APP_URL] if APP_URL else []
SECURE_COOKIES = APP_URL.startswith("https://")

DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var").resolve()
UPLOADS_DIR = DATA_DIR / "uploads"
COVERS_DIR = DATA_DIR / "covers"
RELEASES_DIR = env.path("RELEASES_DIR", DATA_DIR / "releases").resolve()
# Folders that administrators may move what is stored to, while the site runs: docs/settings.md.
BESIDE_RELEASES = RELEASES_DIR.parent if RELEASES_DIR.parent.name else RELEASES_DIR  # never /
STORAGE_ROOTS = [
    Path(root).resolve() for root in env.list("STORAGE_ROOTS", default=[DATA_DIR, BESIDE_RELEASES])
]
INBOX_DIR = env.path("INBOX_DIR", DATA_DIR / "inbox").resolve()
INBOX_OWNER = env.str("INBOX_OWNER", default="")  # of files that lie in no user's folder there
INBOX_STABLE_S = env.float("INBOX_STABLE_S", default=10.0)  # unchanged so long, a file is whole
REVISIONS_KEPT = env.int("REVISIONS_KEPT", default=5)  # of a release, with all their files
TEMPLATE_ROOTS = [
    Path(root).resolve() for root in env.list("TEMPLATE_ROOTS", default=[DATA_DIR / "templates"])
]
MAX_FILE_BYTES = env.int("MAX_FILE_SIZE", default=21_474_836_480)
API_TIMEOUT_S = env.int("API_TIMEOUT", default=10)
FTP_TIMEOUT_S = env.int("FTP_TIMEOUT", default=60)
UPLOAD_QUOTA_BYTES = env.int("UPLOAD_QUOTA", default=0)  # of a user's files kept here; 0: none
UPLOAD_EXPIRY_S = env.int("UPLOAD_EXPIRY", default=7 * 86_400)  # since it was last heard of
TRASH_DAYS = env.int("TRASH_DAYS", default=30)
GROUP_PATTERN = env.str("GROUP_PATTERN", default=r"^[A-Z0-9]{2,100}$")

PROVIDER_URLS = {  # empty: the provider's own
    "OpenLibrary": env.str("OPENLIBRARY_URL", default=""),
    "GoogleBooks": env.str("GOOGLEBOOKS_URL", default=""),
    "OMDb": env.str("OMDB_URL", default=""),
    "TVDB": env.str("TVDB_URL", default=""),
    "TMDb": env.str("TMDB_URL", default=""),
}
# Each as host:port, let through though private.
OUTBOUND_HOSTS: list[str] = env.list("OUTBOUND_HOSTS", default=[])
RULES_URL = env.str("RULES_URL", default="https://scenerules.org/")
RULES_PAUSE_S = env.float("RULES_PAUSE_S", default=1.0)  # between two requests; none to loopback
RULES_LEAST = env.int("RULES_LEAST", default=20)  # a site that lists fewer is not believed
# Addresses and networks of proxies whose X-Forwarded-* headers are believed.
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
# Private hosts that releases may be delivered to, each as host:port.
DELIVERY_HOSTS: list[str] = env.list("DELIVERY_HOSTS", default=[])
DELIVERY_ROOTS = [
    Path(root).resolve() for root in env.list("DELIVERY_ROOTS", default=[DATA_DIR / "delivered"])
]
CONTACT_URL = env.str("CONTACT_URL", default=APP_URL)

INSTALLED_APPS = [
    "packer_site",
    "wizard",
    "library",
    "api",
    "cli",
    "drafts",
    "rulebook",
    "enrichment",
    "releases",
    "delivery",
    "rules",
    "jobs",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "formtools",
    "guardian",
    "rest_framework",
    "template_partials",
]
MIDDLEWARE = [
    "packer_site.middleware.identified",
    "accounts.logs.followed",
    "api.limits.limited",
    "packer_site.middleware.of_known_charset",
    "django.middleware.security.SecurityMiddleware",
    "packer_site.static_files.StaticFiles",
    "packer_site.middleware.Compressed",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "packer_site.middleware.shown_as_preferred",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "packer_site.middleware.login_leaves_the_partial",
    "packer_site.middleware.vary_on_htmx",
]
ROOT_URLCONF = "packer_site.urls"
ASGI_SERVER = "packer_site.asgi:application"
SOCKET_BYTES = 16_384  # of one message that a client sends over a WebSocket
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "packer_site.menu.menu",
            ],
        },
    }
]

FORM_RENDERER = "packer_site.forms.Renderer"

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
SQLITE_OPTIONS = {
    "timeout": 20,  # seconds a writer waits for the one write lock
    "transaction_mode": "IMMEDIATE",  # a deferred one that reads, then writes, fails at once
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=27103364;",
}
MYSQL_OPTIONS = {
    "charset": "utf8mb4",
    "isolation_level": "read committed",
    # The server's clock times the leases of jobs, so it must speak UTC as we do.
    "init_command": "SET sql_mode='STRICT_TRANS_TABLES', time_zone='+00:00'",
}


def database(url: str) -> dict[str, Any]:
    """Return Django's description of the database at `url`, with the options it needs."""
    described: dict[str, Any] = dict(dj_database_url.parse(url))
    is_mysql = described["ENGINE"].endswith("mysql")
    if is_mysql and find_spec("MySQLdb") is None:
        raise ImproperlyConfigured(
            "DATABASE_URL names MySQL, but its driver is not installed. Run "
            "`apt-get install default-libmysqlclient-dev pkg-config build-essential`, "
            "then `make install`, or remove DATABASE_URL to use SQLite."
        )
    return described | {"OPTIONS": MYSQL_OPTIONS if is_mysql else SQLITE_OPTIONS}


DATABASES = {"default": database(DATABASE_URL)}
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # a client has up to 30
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["models.W037"]  # django-q2 has a partial index, which MySQL ignores

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.Password",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.validators.CapitalAndDigit"},
]
ANONYMOUS_USER_NAME = None  # guardian would make a row for nobody
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="fr")  # for clients that name no language
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "packer_site" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "packer_site.static_files.VersionedFiles"},
}
WHITENOISE_USE_FINDERS = True  # nothing to collect before a start
FILE_UPLOAD_HANDLERS = ["releases.uploads.SourceUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

SESSION_ENGINE = "accounts.sessions"
CSRF_FAILURE_VIEW = "packer_site.views.csrf_failed"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}


def rate(text: str) -> str:
    """Return `text`; what is no rate ends the start."""
    try:
        parsed(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"A RATE_LIMIT cannot be used: {error}.") from error
    return text


# Requests that one client may send, as number/period; a period is so many s, min, h or d.
RATE_LIMITS = {
    "public": rate(env.str("RATE_LIMIT_PUBLIC", default="10/min")),
    "user": rate(env.str("RATE_LIMIT_USER", default="100/min")),
    "admin": rate(env.str("RATE_LIMIT_ADMIN", default="200/min")),
    "upload": rate(env.str("RATE_LIMIT_UPLOAD", default="1200/min")),
    "login": rate(env.str("RATE_LIMIT_LOGIN", default="5/15min")),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.Bearer"],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "api.scopes.WithinScopes",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["api.limits.Limits"],
    "DEFAULT_PARSER_CLASSES": [
        "api.parsers.PlainJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "api.document.Schema",
    "EXCEPTION_HANDLER": "api.errors.handler",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SECRET_KEY,
    "ISSUER": "release-packer",
    "LEEWAY": 10,  # seconds that clocks of several machines may differ by
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Release Packer",
    "DESCRIPTION": "Make releases that conform to the published packaging rules.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.document.completed",
    ],
    "SCHEMA_PATH_PREFIX": "/api",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # labels are in the language of who asks
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ReleaseTypeEnum": "releases.models.ReleaseType.choices",
        "TemplateStorageEnum": ["db", "disk"],
        "ReleaseFormatEnum": ["ZIP", "RAR", "BOTH"],
        "LogFormatEnum": ["JSON", "TEXT"],
    },
}

# Jobs are rows; the queue only wakes workers. It must never deliver again by itself
# (`retry` counts from the prefetch), since leases decide who runs what: see jobs/lease.py.
JOB_LEASE_S = 20
JOB_ATTEMPTS = 3
SUPERVISOR_SILENCE_S = 20  # so long unheard of, what keeps workers running is dead
SUPERVISOR_KEPT_S = 7 * 86_400
Q_CLUSTER = {
    "name": "packer",
    "orm": "default",
    "workers": env.int("WORKERS", default=max(2, (os.cpu_count() or 2) // 2)),
    "queue_limit": 1,
    "poll": 0.2,
    "bulk": 1,
    "timeout": 86_400,
    "retry": 90_000,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "save_limit": 250,
    "guard_cycle": 0.5,
    "label": _("Queue"),
}

LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
LOG_FORMAT = env.str("LOG_FORMAT", default="TEXT").upper()  # or JSON, one object a line
LOGS_DIR = env.str("LOGS_DIR", default="")  # empty: the log goes to stderr alone
LOG_ROTATION_BYTES = env.int("LOG_ROTATION_SIZE", default=10_485_760)
LOG_ROTATION_COUNT = env.int("LOG_ROTATION_COUNT", default=10)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"identified": {"()": "packer_site.requests.Identified"}},
    "formatters": {
        "text": {
            "()": "packer_site.requests.OneLine",
            "format": "%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s",
        },
        "json": {"()": "packer_site.requests.Json"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "JSON" else "text",
            "filters": ["identified"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django-q": {"level": LOG_LEVEL}},
}
