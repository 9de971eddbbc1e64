"""What the site is deployed by: each file passes its own linter, and is used as far as it goes."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.test import Client
from pytest_django import Settings

from tests.factories import make_book
from tests.instance import PASSWORD, Instance, own_database
from tests.processes import program, waited_for
from tests.redis import own_redis
from tests.site.test_settings import GOOD, ROOT, started

ASKED = "pack-it-please"
BIN = Path(sys.executable).parent
PRODUCTION = {
    "SECRET_KEY": "f9Xw-3kQz7Lr_5Tn8Vb2Hc6Jd1Mg4Pa0Se-uYi9Ro7Wq5Zx3Bn6Kt8",
    "APP_URL": "https://packer.example.org",
    "TRUSTED_PROXIES": "127.0.0.1",
}


def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def test_the_image_is_as_its_linter_wishes() -> None:
    found = subprocess.run(
        [BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stdout) == (0, "")


def test_compose_understands_what_is_composed(tmp_path: Path) -> None:
    compose = program("docker-compose", "docker-compose")
    written = {"PATH": os.environ["PATH"], "SECRETS_DIR": str(tmp_path), "PUID": "4711"}

    done = subprocess.run(
        [compose, "--file", ROOT / "compose.yaml", "config"],
        env=written,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    understood = yaml.safe_load(done.stdout)["services"]
    assert set(understood) >= {"setup", "web", "worker", "database"}
    assert understood["worker"]["user"] == "4711:1000"


@pytest.mark.parametrize("name", ["setup", "web", "worker"])
def test_our_services_have_no_more_rights_than_they_need(name: str) -> None:
    service = composed()["services"][name]

    assert service["user"] == "${PUID:-1000}:${PGID:-1000}"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["command"][0] == "packer"


def test_each_service_that_stays_has_a_health_check() -> None:
    services = composed()["services"]
    ours = re.search(r"^HEALTHCHECK ", (ROOT / "Dockerfile").read_text(), re.M)

    without = [name for name, service in services.items() if "healthcheck" not in service]

    assert without == ["web"]  # the one of the image
    assert ours


def test_all_that_compose_sets_is_a_variable_that_is_documented() -> None:
    documented = (ROOT / ".env.example").read_text()
    text = (ROOT / "compose.yaml").read_text()

    for name in {*composed()["x-packer"]["environment"], *re.findall(r"\$\{([A-Z_]+)", text)}:
        assert re.search(rf"^#?{name.removesuffix('_FILE')}=", documented, re.M), name


def test_each_variable_of_the_site_reaches_the_containers() -> None:
    of_site = (
        (ROOT / "docs" / "configure.md").read_text().partition("## Of the environment alone")[0]
    )
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", of_site, re.M))

    passed = {name.removesuffix("_FILE") for name in composed()["x-packer"]["environment"]}

    assert documented - passed == {"PACKER_ADMIN_USER", "PACKER_ADMIN_PASSWORD"}  # asked by a page


def test_the_script_writes_the_secrets_that_compose_mounts(tmp_path: Path) -> None:
    script = ["sh", str(ROOT / "deploy" / "secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(script, check=True, capture_output=True)
    written = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(script, check=True, capture_output=True)

    assert set(written) == set(composed()["secrets"])
    for path in (tmp_path / "secrets").iterdir():
        assert path.read_text() == written[path.name]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    names = ("secret_key", "jwt_secret_key", "credential_keys")
    files = {f"{name.upper()}_FILE": str(tmp_path / "secrets" / name) for name in names}
    nothing = dict.fromkeys((name.upper() for name in names), "")
    assert started(tmp_path, **nothing, **files).returncode == 0


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "CREDENTIAL_KEYS", "DATABASE_URL", "REDIS_URL", "PACKER_ADMIN_PASSWORD"]
)
def test_a_file_of_a_secret_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    refused = started(tmp_path, **{f"{name}_FILE": str(tmp_path / "nowhere")})

    assert refused.returncode == 2
    assert f"{name}_FILE names no text file" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_password_of_a_file_opens_the_site(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("weak\n")

    refused = started(tmp_path, PACKER_ADMIN_PASSWORD_FILE=str(tmp_path / "password"))

    assert "PACKER_ADMIN_PASSWORD" in refused.stderr


def test_a_site_can_be_set_up_without_an_administrator(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "packer_site", "setup", "--no-admin"],
        env=GOOD | {"DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "password" not in done.stderr


@pytest.mark.parametrize(
    ("name", "wrong"), [("METRICS_TOKEN", "short"), ("METRICS_ALLOW", "everybody")]
)
def test_who_may_read_metrics_is_checked_at_the_start(
    tmp_path: Path, name: str, wrong: str
) -> None:
    refused = started(tmp_path, **{name: wrong})

    assert refused.returncode == 2
    assert name in refused.stderr
    assert "Traceback" not in refused.stderr


def test_django_finds_nothing_to_warn_of_in_production(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=GOOD | PRODUCTION | {"DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.django_db
def test_pages_carry_the_headers_that_browsers_keep_to(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True

    sent_away, page = Client().get("/"), Client().get("/core-docs", secure=True)
    login = Client().get("/", secure=True, follow=True)

    assert (sent_away.status_code, sent_away["Location"]) == (301, "https://testserver/")
    assert login.status_code == 200
    for answer in (page, login):
        assert answer["Strict-Transport-Security"].startswith("max-age=31536000")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "Server" not in answer
    for cookie in login.cookies.values():
        assert cookie["secure"]
        assert cookie["samesite"] == "Lax"


def test_nginx_understands_its_block(tmp_path: Path) -> None:
    nginx = program("nginx", "nginx-light")
    block = (ROOT / "deploy" / "nginx.conf").read_text().replace("web:8000", "127.0.0.1:8000")
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {block} }}"
    (tmp_path / "nginx.conf").write_text(whole)

    done = subprocess.run(
        [nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )

    assert "test is successful" in done.stderr


@pytest.mark.slow
def test_the_processes_of_the_procfile_make_a_release(tmp_path: Path) -> None:
    """As compose runs them, but without containers: behind a proxy, with Redis, packed by API."""
    with own_redis(tmp_path) as redis, own_database() as url:
        instance = Instance(
            tmp_path, url, REDIS_URL=redis.url, LOG_FORMAT="JSON", LOG_LEVEL="INFO",
            WEB_WORKERS="2", WORKERS="1", **PRODUCTION,
        )  # fmt: skip
        assert instance.run("setup").returncode == 0
        with (tmp_path / "log").open("w") as log:
            environment = instance.environment | {
                "PATH": f"{BIN}:{os.environ['PATH']}",
                "PORT": str(instance.port),
            }
            procfile = ["--procfile", str(ROOT / "Procfile"), "--no-colour", "--no-prefix"]
            honcho = subprocess.Popen(
                [BIN / "honcho", "--app-root", str(tmp_path), *procfile, "start"],
                env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            with proxied(instance) as api:
                assert waited_for(lambda: is_ready(api), 120), (tmp_path / "log").read_text()
                packed_by(api, tmp_path)
            told = httpx.get(f"{instance.url}/metrics").text
        finally:
            honcho.send_signal(signal.SIGTERM)
            assert honcho.wait(60) in {0, -signal.SIGTERM, 143}
    assert 'packer_jobs_ended_total{kind="pack",state="completed"} 1.0' in told
    logged = [json.loads(one) for one in (tmp_path / "log").read_text().splitlines() if "{" in one]
    about = [
        one for one in logged if one["job_id"] != "-" and one["request_id"] == "pack-it-please"
    ]
    assert {one["message"] for one in about} >= {f"Job {about[0]['job_id']} begins: pack"}


def proxied(instance: Instance) -> httpx.Client:
    """Return a client that asks as a proxy does that ended TLS."""
    headers = {"X-Forwarded-Proto": "https", "Host": "packer.example.org"}
    return httpx.Client(base_url=instance.url, headers=headers, timeout=60)


def is_ready(api: httpx.Client) -> bool:
    try:
        return bool(api.get("/readyz").json()["status"] == "ready")
    except httpx.TransportError:
        return False


def packed_by(api: httpx.Client, folder: Path) -> None:
    """Make a release through the wizard of the API, and wait for it."""
    plain = {"X-Forwarded-Proto": "http"}
    assert api.get("/releases/", headers=plain).headers["Location"].startswith("https://packer")
    login = api.post("/api/auth/login", json={"username": "admin", "password": PASSWORD})
    api.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
    with make_book(folder).open("rb") as book:
        path = api.post("/api/wizard/upload", files={"file": book}).json()["file_path"]
    data = {"group": "GRP", "release_type": "EBOOK"}
    draft = api.post("/api/wizard/step/1/save", json={"data": data}).json()["job_id"]
    steps: dict[int, dict[str, Any]] = {
        3: {},
        4: {"file_path": path, "rights": "public_domain"},
        6: {"metadata": {"genre": "Novel"}},
    }
    for step, answers in steps.items():
        api.post(f"/api/wizard/step/{step}/save", json={"job_id": draft, "data": answers})
    known_as = {"X-Request-ID": ASKED}
    asked = api.post("/api/wizard/pack", json={"job_id": draft}, headers=known_as)
    assert asked.headers["X-Request-ID"] == ASKED
    job = asked.json()["job_id"]
    assert waited_for(lambda: status(api, job) == "completed", 120), status(api, job)


def status(api: httpx.Client, job: int) -> str:
    return str(api.get(f"/api/wizard/jobs/{job}/status").json()["status"])
