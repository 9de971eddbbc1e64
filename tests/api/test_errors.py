"""Whatever goes wrong is told in one shape, and found again in the log."""

import json
import logging
import sys
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.trace import request_id
from packer_site.requests import Identified, Json, OneLine, id_for

pytestmark = pytest.mark.django_db
ME, PREFERENCES = "/api/auth/me", "/api/config/preferences"
VALIDATE = "/api/wizard/step/1/validate"
SAVE = "/api/wizard/step/1/save"
JSON = "application/json"


def is_ours(answer: Any, status: int, error: str) -> None:
    body = json.loads(answer.content)
    assert (answer.status_code, body["error"]) == (status, error), body
    assert isinstance(body["message"], str)
    assert body["message"]
    assert set(body) <= {"error", "message", "errors", "request_id"}
    assert answer["Content-Type"].startswith(JSON)
    assert len(answer["X-Request-ID"]) >= 8


def test_each_status_has_its_name(api: APIClient) -> None:
    nobody = APIClient()

    is_ours(api.post(SAVE, {}, format="json"), 400, "ValidationError")
    is_ours(nobody.get(ME), 401, "Unauthorized")
    is_ours(api.get("/api/config/apis"), 403, "Forbidden")
    is_ours(api.get("/api/releases/987"), 404, "NotFound")
    is_ours(api.get("/api/"), 404, "NotFound")
    is_ours(api.patch(ME), 405, "MethodNotAllowed")
    is_ours(api.get(ME, headers={"Accept": "image/png"}), 406, "NotAcceptable")
    is_ours(api.put(PREFERENCES, b"x" * 3_000_000, content_type=JSON), 413, "PayloadTooLarge")
    is_ours(api.put(PREFERENCES, b"x", content_type="text/csv"), 415, "UnsupportedMediaType")


def test_a_wrong_method_is_told_the_right_ones(api: APIClient) -> None:
    answer = api.patch(PREFERENCES)

    assert answer.status_code == 405
    assert {"GET", "PUT"} <= set(answer["Allow"].split(", "))


@pytest.mark.parametrize("address", [ME, "/api/releases", "/api/releases/987", "/api/nowhere"])
def test_head_answers_like_get_without_a_body(api: APIClient, address: str) -> None:
    head, get = api.head(address), api.get(address)

    assert head.status_code == get.status_code
    assert head.content == b""
    assert head["Content-Type"] == get["Content-Type"]


def test_options_tell_the_methods(api: APIClient) -> None:
    answer = api.options(PREFERENCES)

    assert answer.status_code == 200
    assert {"GET", "PUT"} <= set(answer["Allow"].split(", "))


DEEP = b"[" * 10_000 + b"]" * 10_000
BODIES = {
    "cut short": b'{"data": ',
    "no JSON": b"<data/>",
    "no UTF-8": b'{"data": "\xff"}',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "NUL": b'{"data": {"group": "A\\u0000B"}}',
    "a NUL itself": b'{"data": {"group": "A\x00B"}}',
    "lone surrogate": b'{"data": {"group": "\\ud800"}}',
    "no number": b'{"data": {"group": NaN}}',
    "deep": b'{"data": ' + DEEP + b"}",
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a million items": b"[" + b"0," * 999_999 + b"0]",
    "a million at depth": b'{"data": {"group": [' + b"0," * 999_999 + b"0]}}",
    "a number without end": b'{"job_id": ' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("address", [SAVE, VALIDATE])
def test_a_body_of_no_use_is_refused(api: APIClient, address: str, body: bytes) -> None:
    answer = api.post(address, body, content_type=JSON)

    if address == VALIDATE and answer.status_code == 200:  # it was read, and found wanting
        assert answer.json()["valid"] is False
    else:
        is_ours(answer, 400, "ValidationError")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_login_of_no_use_is_refused(body: bytes) -> None:
    is_ours(APIClient().post("/api/auth/login", body, content_type=JSON), 400, "ValidationError")


@pytest.mark.parametrize("charset", ["rot13", "zip", "base64", "utf-16", "utf-7", "no-such"])
@pytest.mark.parametrize("form", [JSON, "application/x-www-form-urlencoded"])
def test_a_charset_that_is_none_of_text_is_refused(
    api: APIClient, client: Client, charset: str, form: str
) -> None:
    kind = f"{form}; charset={charset}"

    # `generic` sends the bytes as they are.
    is_ours(api.generic("PUT", PREFERENCES, "{}", kind), 400, "ValidationError")
    assert client.generic("POST", "/accounts/login/", b"a=b", kind).status_code == 400


@pytest.mark.parametrize("address", [SAVE, VALIDATE, "/api/auth/login", "/api/wizard/pack"])
def test_ten_megabytes_are_refused_before_they_are_read(
    api: APIClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.parsers.json.load", lambda *_: pytest.fail("It was read"))
    body = b'{"username": "' + b"x" * 10_000_000 + b'"}'

    is_ours(api.post(address, body, content_type=JSON), 413, "PayloadTooLarge")


def test_a_thousand_and_one_fields_are_too_many() -> None:
    form = "&".join(f"a{number}=1" for number in range(1_001))

    answer = APIClient().post(
        "/api/auth/login", form, content_type="application/x-www-form-urlencoded"
    )

    is_ours(answer, 400, "ValidationError")


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--", b"\xff" * 100],
)
def test_a_form_in_parts_that_are_none_is_refused(api: APIClient, body: bytes) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        answer = api.post("/api/wizard/upload", body, content_type=kind)

        is_ours(answer, 400, "ValidationError")


@pytest.mark.parametrize(
    "query",
    [
        *("per_page=1e9", "per_page=1000000000", "per_page=-1", "page=0", "page=NaN"),
        *("page=99999999999999999999", "sort=password", "order=up", "since=yesterday"),
    ],
)
def test_a_query_of_no_use_is_refused(api: APIClient, query: str) -> None:
    is_ours(api.get(f"/api/releases?{query}"), 400, "ValidationError")


@pytest.mark.parametrize(
    "query", ["search=%00", "search=%ff", "group=%00", "search=" + "*" * 1_000]
)
def test_a_strange_query_finds_nothing(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/releases?{query}")

    assert answer.status_code in {200, 400}


def test_a_search_of_a_megabyte_breaks_nothing(api: APIClient) -> None:
    assert api.get("/api/releases", {"search": "x" * 1_000_000}).status_code in {200, 400}


def test_a_wrong_host_is_told_in_the_same_shape(client: Client) -> None:
    is_ours(client.get(ME, headers={"Host": "elsewhere.example"}), 400, "ValidationError")

    page = client.get("/accounts/login/", headers={"Host": "elsewhere.example"})
    assert page.status_code == 400
    assert page["X-Request-ID"]


def broken(*_args: Any, **_about: Any) -> None:
    raise RuntimeError("the secret of the house\r\n2026-01-01 forged")


def test_what_nobody_foresaw_tells_no_more_than_its_id(
    operator: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    api = APIClient(raise_request_exception=False)
    api.force_authenticate(operator)
    monkeypatch.setattr("api.preferences.preferences", broken)
    caplog.handler.addFilter(Identified())

    answer = api.get(PREFERENCES, headers={"X-Request-ID": "client-chose-this"})

    assert answer.status_code == 500
    assert answer.json() == {
        "error": "InternalServerError",
        "message": "An unexpected error occurred",
        "request_id": "client-chose-this",
    }
    assert answer["X-Request-ID"] == "client-chose-this"
    assert answer["X-RateLimit-Limit"]
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.__dict__["request_id"] == "client-chose-this"
    assert "the secret of the house" in OneLine().format(record)


def test_the_page_of_what_nobody_foresaw_names_the_request(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(operator)
    monkeypatch.setattr("packer_site.views.dashboard", broken)

    page = client.get("/")

    assert page.status_code == 500
    assert f"<code>{page['X-Request-ID']}</code>" in page.content.decode()
    assert "secret" not in page.content.decode()


@pytest.mark.parametrize("address", ["/", "/livez", "/static/app.css", "/accounts/login/", "/no"])
def test_every_answer_of_the_site_has_an_id(client: Client, address: str) -> None:
    answers = [client.get(address) for _ in range(2)]
    ids = [answer["X-Request-ID"] for answer in answers]
    for answer in answers:
        answer.close()

    assert ids[0] != ids[1]
    assert all(len(one) >= 8 for one in ids)


@pytest.mark.parametrize("given", ["a" * 8, "A-b_c.1234", "f" * 64])
def test_a_client_may_choose_its_id(given: str) -> None:
    assert id_for(given) == given


@pytest.mark.parametrize(
    "given", [None, "", "short", "f" * 65, "two words", "a\nforged-line", "\x1b[31mred", "é" * 10]
)
def test_an_id_of_no_use_is_replaced(given: str | None) -> None:
    chosen = id_for(given)

    assert chosen != given
    assert chosen.isalnum()


FORGED = "good\r\n2026-01-01 00:00:00 ERROR forged\x1b[2K\x9b1A\u2028\u0085\x00end"


def record_of(message: str, *args: Any, exc_info: Any = None) -> logging.LogRecord:
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, message, args, exc_info)
    Identified().filter(record)
    return record


@pytest.mark.parametrize("form", [OneLine("%(levelname)s %(request_id)s %(message)s"), Json()])
def test_no_value_forges_a_line_of_the_log(form: logging.Formatter) -> None:
    told = form.format(record_of("Login of %s", FORGED))

    assert len(told.splitlines()) == 1
    assert not any(sign in told for sign in "\r\n\x1b\x9b\u2028\u0085\x00")


def test_no_exception_forges_a_line_of_the_log() -> None:
    try:
        raise RuntimeError(FORGED)
    except RuntimeError:
        caught = sys.exc_info()

    as_text = OneLine("%(message)s").format(record_of("It failed", exc_info=caught))
    as_json = Json().format(record_of("It failed", exc_info=caught))

    first, *rest = as_text.split("\n")
    assert first == "It failed"
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in as_text
    assert json.loads(as_json)["exception"].startswith("Traceback")


def test_json_lines_tell_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    request_id.set("of-this-test")

    told = json.loads(Json().format(record_of("It failed")))

    assert told["request_id"] == "of-this-test"
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "test", "It failed")


@pytest.mark.parametrize("address", ["/api/no\r\nwhere", "/no\x1b[31mwhere"])
def test_no_address_forges_a_line_of_the_log(
    client: Client, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    logged: list[str] = []
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(request_id)s %(message)s"))
    handler.addFilter(Identified())
    handler.emit = lambda record: logged.append(handler.format(record))  # type: ignore[method-assign]
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        answer = client.get(address)
    finally:
        logger.removeHandler(handler)

    assert answer.status_code == 404
    (line,) = logged
    assert line.startswith(answer["X-Request-ID"])
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
