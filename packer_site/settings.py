"""Settings, read from the environment. One file: production differs by values, not by code."""

import base64
import os
import re
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from accounts.rates import parsed
from packer_site.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
ENV_FILE = env.path("PACKER_ENV_FILE", BASE_DIR / ".env")
if "PACKER_ENV_FILE" in os.environ and not ENV_FILE.exists():
    raise ImproperlyConfigured(f"PACKER_ENV_FILE: {ENV_FILE} is not there.")
env.read_env(ENV_FILE, recurse=False)

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

APP_URL = env.site("APP_URL")
OWN_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
PUBLIC = urlsplit(APP_URL)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[*OWN_HOSTS, *([PUBLIC.hostname] if PUBLIC.hostname else [])]
)
CSRF_TRUSTED_ORIGINS = [f"{PUBLIC.scheme}://{PUBLIC.netloc}"] if PUBLIC.netloc else []
SECURE_COOKIES = PUBLIC.scheme == "https"

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
REVISIONS_KEPT = env.count("REVISIONS_KEPT", default=5)  # of a release, with all their files
TEMPLATE_ROOTS = [
    Path(root).resolve() for root in env.list("TEMPLATE_ROOTS", default=[DATA_DIR / "templates"])
]
MAX_FILE_BYTES = env.count("MAX_FILE_SIZE", default=21_474_836_480, least=1)
API_TIMEOUT_S = env.count("API_TIMEOUT", default=10, least=1)
FTP_TIMEOUT_S = env.count("FTP_TIMEOUT", default=60, least=1)
UPLOAD_QUOTA_BYTES = env.count("UPLOAD_QUOTA", default=0)  # of a user's files kept here; 0: none
UPLOAD_EXPIRY_S = env.count("UPLOAD_EXPIRY", default=7 * 86_400)  # since it was last heard of
TRASH_DAYS = env.count("TRASH_DAYS", default=30)
# How long what nobody touches is kept, in days; 0: for ever. See docs/retention.md.
RETENTION_DRAFTS_DAYS = env.count("RETENTION_DRAFTS_DAYS", default=180)
RETENTION_SOURCES_DAYS = env.count("RETENTION_SOURCES_DAYS", default=90)
RETENTION_JOBS_DAYS = env.count("RETENTION_JOBS_DAYS", default=365)
RETENTION_LOGINS_DAYS = env.count("RETENTION_LOGINS_DAYS", default=7)
RETENTION_ANSWERS_DAYS = env.count("RETENTION_ANSWERS_DAYS", default=1)
RETENTION_QUEUE_DAYS = env.count("RETENTION_QUEUE_DAYS", default=30)
GROUP_PATTERN = env.str("GROUP_PATTERN", default=r"^[A-Z0-9]{2,100}$")

PROVIDER_URLS = {  # empty: the provider's own
    "OpenLibrary": env.str("OPENLIBRARY_URL", default=""),
    "GoogleBooks": env.str("GOOGLEBOOKS_URL", default=""),
    "OMDb": env.str("OMDB_URL", default=""),
    "TVDB": env.str("TVDB_URL", default=""),
    "TMDb": env.str("TMDB_URL", default=""),
}
# Each as host:port, let through though private.
OUTBOUND_HOSTS: list[str] = env.places("OUTBOUND_HOSTS")
RULES_URL = env.str("RULES_URL", default="https://scenerules.org/")
RULES_PAUSE_S = env.float("RULES_PAUSE_S", default=1.0)  # between two requests; none to loopback
RULES_LEAST = env.count("RULES_LEAST", default=20)  # a site that lists fewer is not believed
# Addresses and networks of proxies whose X-Forwarded-* headers are believed.
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
# Private hosts that releases may be delivered to, each as host:port.
DELIVERY_HOSTS: list[str] = env.places("DELIVERY_HOSTS")
DELIVERY_ROOTS = [
    Path(root).resolve() for root in env.list("DELIVERY_ROOTS", default=[DATA_DIR / "delivered"])
]
CONTACT_URL = env.str("CONTACT_URL", default=APP_URL)


def networks(name: str, default: list[str]) -> list[IPv4Network | IPv6Network]:
    """Return the addresses and networks that `name` lists; what is none ends the start."""
    try:
        return [ip_network(one.strip(), strict=False) for one in env.list(name, default=default)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} cannot be used: {error}. List addresses and networks, by commas."
        ) from error


METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # who shows it may read /metrics from anywhere
if METRICS_TOKEN and len(METRICS_TOKEN) < SECRET_CHARACTERS:
    raise ImproperlyConfigured(
        f"METRICS_TOKEN is shorter than {SECRET_CHARACTERS} characters: make a random one, or "
        "leave it out."
    )
METRICS_ALLOW = networks("METRICS_ALLOW", ["127.0.0.0/8", "::1"])


def mail_server(url: str) -> dict[str, Any]:
    """Return Django's description of the server of mail at `url`; what is none ends the start."""
    with suppress(ValueError):
        described: dict[str, Any] = dj_email_url.parse(url)
        if urlsplit(url).hostname and "EMAIL_BACKEND" in described:
            return described
    raise ImproperlyConfigured(  # without the value: it may hold a password
        "EMAIL_URL names no server of mail: write smtp://user:password@host:587/?tls=True, and "
        "characters of the password such as / and @ as %2F and %40."
    )


EMAIL_URL = env.str("EMAIL_URL", default="")  # empty: no mail is sent
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="packer@localhost")
MAIL = mail_server(EMAIL_URL or "smtp://127.0.0.1:25")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = (
    MAIL[name] for name in ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT")
)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_USER"], MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL["EMAIL_USE_TLS"], MAIL["EMAIL_USE_SSL"]

INSTALLED_APPS = [
    "packer_site",
    "wizard",
    "library",
    "api",
    "cli",
    "drafts",
    "rulebook",
    "monitoring",
    "enrichment",
    "notifications",
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
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
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
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "packer_site.urls"
ASGI_SERVER = "packer_site.asgi:application"
WEB_WORKERS = env.count(
    "WEB_WORKERS", default=2 * (os.cpu_count() or 1), least=1
)  # of `packer web`
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
    """Return Django's description of the database at `url`; what is none ends the start."""
    described: dict[str, Any] = {}
    with suppress(ValueError):
        described = dict(dj_database_url.parse(url))
    is_mysql = described.get("ENGINE", "").endswith("mysql")
    if not is_mysql and not described.get("ENGINE", "").endswith("sqlite3"):
        raise ImproperlyConfigured(  # without the value: it may hold a password
            "DATABASE_URL names no database that is known here: write "
            "mysql://user:password@host:3306/packer for MariaDB or MySQL, with characters of the "
            "password such as / and @ as %2F and %40, or sqlite:////path/of/db.sqlite3."
        )
    if is_mysql and find_spec("MySQLdb") is None:
        raise ImproperlyConfigured(
            "DATABASE_URL names MySQL, but its driver is not installed. Run "
            "`apt-get install default-libmysqlclient-dev pkg-config build-essential`, "
            "then `make install`, or remove DATABASE_URL to use SQLite."
        )
    return described | {"OPTIONS": MYSQL_OPTIONS if is_mysql else SQLITE_OPTIONS}


DATABASES = {"default": database(DATABASE_URL)}


def shared_cache(url: str) -> dict[str, Any]:
    """Return Django's description of the cache at `url`; what is none ends the start."""
    from redis.connection import parse_url  # noqa: PLC0415  # few need it

    try:
        for one in re.split("[;,]", url):  # as Django does
            parse_url(one)  # type: ignore[no-untyped-call]  # of redis-py
    except ValueError:
        raise ImproperlyConfigured(  # without the value: it may hold a password
            "REDIS_URL names no Redis: write redis://:password@host:6379/0, rediss:// where it "
            "speaks TLS, or unix:///path of its socket."
        ) from None
    return {
        "BACKEND": "packer_site.caching.SharedCache",
        "LOCATION": url,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }


REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": shared_cache(REDIS_URL)
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

LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "fr", "en")  # for clients that name no language
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "packer_site" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
S3_BUCKET = env.str("S3_BUCKET", default="")  # empty: files lie on the disks alone
S3_PREFIX = env.str("S3_PREFIX", default="")  # before all keys, e.g. packer/
COPIES_DAYS = env.count("COPIES_DAYS", default=0)  # unread so long, a machine's copy goes; 0: never


def bucket(*, attempts: int, patience_s: int) -> dict[str, Any]:
    """Return Django's description of the store of files; see docs/storage.md."""
    if find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "S3_BUCKET is set, but boto3 is not installed. Run "
            "`pip install -r requirements-s3.txt`, or remove S3_BUCKET to keep files on disks."
        )
    from botocore.config import Config  # noqa: PLC0415  # few need it

    options = {
        "bucket_name": S3_BUCKET,
        "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
        "region_name": env.str("S3_REGION", default="") or None,
        "access_key": env.str("S3_ACCESS_KEY", default="") or None,
        "secret_key": env.str("S3_SECRET_KEY", default="") or None,
        "file_overwrite": True,  # a key is never given to another content
        "client_config": Config(
            connect_timeout=min(5, patience_s),
            read_timeout=patience_s,
            retries={"mode": "standard", "total_max_attempts": attempts},
            s3={"addressing_style": env.str("S3_ADDRESSING", default="auto")},
        ),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


S3_ATTEMPTS = env.count("S3_ATTEMPTS", default=5, least=1)  # each waits longer than the one before
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "packer_site.static_files.VersionedFiles"},
}
if S3_BUCKET:
    STORAGES["bucket"] = bucket(attempts=S3_ATTEMPTS, patience_s=60)
    STORAGES["probe"] = bucket(attempts=1, patience_s=2)  # asks only whether it is there
WHITENOISE_USE_FINDERS = True  # nothing to collect before a start
FILE_UPLOAD_HANDLERS = ["releases.uploads.SourceUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

SESSION_ENGINE = "accounts.sessions"
CSRF_FAILURE_VIEW = "packer_site.views.csrf_failed"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
# That a request came encrypted is told by a proxy that is trusted: without one, a redirect to https
# would never end.
SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=SECURE_COOKIES and bool(TRUSTED_PROXIES))
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|healthz?|metrics)$", r"^api/(health|metrics)$"]
SECURE_HSTS_SECONDS = env.count("HSTS_SECONDS", default=31_536_000 if SECURE_COOKIES else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=SECURE_COOKIES)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=SECURE_COOKIES)
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
    "monitoring": rate(env.str("RATE_LIMIT_MONITORING", default="600/min")),
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
    "workers": env.count("WORKERS", default=max(2, (os.cpu_count() or 2) // 2), least=1),
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

LOG_LEVEL = env.choice("LOG_LEVEL", "WARNING", "DEBUG", "INFO", "ERROR", "CRITICAL")
LOG_FORMAT = env.choice("LOG_FORMAT", "TEXT", "JSON")  # JSON: one object a line
LOGS_DIR = env.str("LOGS_DIR", default="")  # empty: the log goes to stderr alone
LOG_ROTATION_BYTES = env.count("LOG_ROTATION_SIZE", default=10_485_760)
LOG_ROTATION_COUNT = env.count("LOG_ROTATION_COUNT", default=10)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"identified": {"()": "packer_site.requests.Identified"}},
    "formatters": {
        "text": {
            "()": "packer_site.requests.OneLine",
            "format": "%(asctime)s %(levelname)s %(request_id)s %(job_id)s %(name)s %(message)s",
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
    # Servers bring handlers of their own: their lines are to look like all others.
    "loggers": {
        "django-q": {"level": LOG_LEVEL},
        "gunicorn.error": {"handlers": [], "propagate": True, "level": LOG_LEVEL},
        "uvicorn": {"handlers": [], "propagate": True, "level": LOG_LEVEL},
        "uvicorn.error": {"handlers": [], "propagate": True, "level": LOG_LEVEL},
        "uvicorn.access": {"handlers": [], "level": "CRITICAL"},  # accounts.logs tells more
    },
}
