import json
import re
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import translation
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from api.document import TAGS, each
from api.failures import FAILURES
from drafts.steps import STEPS

pytestmark = pytest.mark.django_db
CHECKED_IN = settings.BASE_DIR / "docs" / "openapi.json"
OF_ALL = ("POST /api/auth/", "GET /api/health", "GET /api/metrics")
"""What asks for no token."""
EVERYWHERE = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-ID"}


def written() -> str:
    """Return what `make schema` writes, whatever language the last request left behind."""
    out = StringIO()
    wanted = ("--validate", "--fail-on-warn", "--format", "openapi-json")
    with translation.override("en"):
        call_command("spectacular", *wanted, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(json.loads(written()))


def responses(schema: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Return the responses of `operation` by their statuses, wherever they are written."""
    found = {}
    for status, response in operation["responses"].items():
        name = response.get("$ref", "").rpartition("/")[2]
        found[status] = schema["components"]["responses"][name] if name else response
    return found


def bodies(schema: dict[str, Any], operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what is sent and answered, each with its place and its examples."""
    sent = operation.get("requestBody", {}).get("content", {}).items()
    answered = [
        (f"{status} {form}", body)
        for status, response in responses(schema, operation).items()
        for form, body in response.get("content", {}).items()
    ]
    return [*sent, *answered]


def test_every_operation_is_told_in_words(schema: dict[str, Any]) -> None:
    for place, operation in each(schema):
        assert operation.get("summary"), place
        assert operation.get("description"), f"{place} has no description"
        assert len(operation["tags"]) == 1, place
        assert operation["tags"][0] in TAGS, f"{place}: describe its tag in api/document.py"


def test_every_body_and_answer_has_an_example_that_is_valid(schema: dict[str, Any]) -> None:
    without, wrong = [], []
    for place, operation in each(schema):
        for where, body in bodies(schema, operation):
            if not body.get("examples"):
                without.append(f"{place}: {where}")
            if "json" in where:
                validator = Draft202012Validator(
                    body["schema"] | {"components": schema["components"]}
                )
                for name, example in body.get("examples", {}).items():
                    wrong += [
                        f"{place}: {where}: {name}: {error.message}"
                        for error in validator.iter_errors(example["value"])
                    ]

    assert without + wrong == []


def test_every_operation_tells_the_errors_that_it_can_answer(schema: dict[str, Any]) -> None:
    for place, operation in each(schema):
        told = set(operation["responses"])
        assert told >= {"406", "429", "500"}, place
        assert told & {"200", "201", "202", "204"}, place
        if operation.get("security") != [{}]:
            assert "401" in told, place
            assert "403" in told or place == "POST /api/auth/refresh", place  # it has no scopes
        if "requestBody" in operation:
            assert told >= {"400", "413", "415"}, place
        if "{" in place:
            assert "404" in told, place


def test_every_error_has_the_one_shape(schema: dict[str, Any]) -> None:
    for place, operation in each(schema):
        for status, response in responses(schema, operation).items():
            if status < "400" or (status, place) == ("503", "GET /api/health"):  # each check
                continue
            body = response["content"]["application/json"]
            assert body["schema"] == {"$ref": "#/components/schemas/Error"}, f"{status} {place}"
            for example in body["examples"].values():
                assert example["value"]["error"] == FAILURES[int(status)].name, f"{status} {place}"


def test_every_answer_tells_its_headers(schema: dict[str, Any]) -> None:
    for place, operation in each(schema):
        for status, response in responses(schema, operation).items():
            assert set(response["headers"]) >= EVERYWHERE, f"{status} {place}"
        assert "Retry-After" in responses(schema, operation)["429"]["headers"]


def test_what_can_be_changed_too_late_has_a_tag(schema: dict[str, Any]) -> None:
    for path in ("/api/rules/{id}", "/api/templates/{id}", "/api/config/apis/{id}"):
        operations = schema["paths"][path]
        for method in ("put", "delete"):
            names = [parameter["name"] for parameter in operations[method]["parameters"]]
            assert "If-Match" in names, f"{method} {path}"
        assert set(operations["get"]["responses"]) >= {"200", "304"}
        assert "ETag" in operations["get"]["responses"]["200"]["headers"]


def test_operations_have_names_of_their_own(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in each(schema)]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*[a-z]", name) for name in names), names
    assert {"auth_login", "wizard_pack", "releases_list", "rules_update"} <= set(names)


def test_every_operation_says_who_may_ask(schema: dict[str, Any]) -> None:
    known = set(schema["components"]["securitySchemes"])

    for place, operation in each(schema):
        ways = {name for way in operation["security"] for name in way}
        assert ways <= known, place
        assert "bearer" in ways or place.startswith(OF_ALL), place


def test_every_path_of_the_api_is_documented(schema: dict[str, Any]) -> None:
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/")
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/api/{pattern.pattern}").replace("{pk}", "{id}")
        for pattern in api.url_patterns  # type: ignore[union-attr]  # it includes others
        if isinstance(pattern, URLPattern) and pattern.name not in {"schema", "docs", "nowhere"}
    }

    assert set(schema["paths"]) == served


def test_the_fields_of_every_step_are_named(schema: dict[str, Any]) -> None:
    told = schema["paths"]["/api/wizard/step/{step}/save"]["post"]["description"]

    for step in STEPS:
        assert f"step {step.number}" in told
        assert all(f"`{name}`" in told for name in step.form.base_fields)


def test_the_document_that_is_checked_in_is_that_of_the_code() -> None:
    assert json.loads(CHECKED_IN.read_text()) == json.loads(written()), "run make schema"


def test_the_document_is_the_same_in_every_language() -> None:
    answer = APIClient().get(
        "/api/schema",
        HTTP_ACCEPT="application/vnd.oai.openapi+json",
        HTTP_ACCEPT_LANGUAGE="fr",
    )

    assert json.loads(answer.content) == json.loads(written())


@pytest.mark.parametrize("path", ["/api/docs", "/core-docs"])
def test_the_documentation_asks_no_other_host(client: Client, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    hosts = set(re.findall(r"""(?:src|href)=["'](?:https?:)?//([^/"']+)""", page.content.decode()))
    assert hosts == set()
    assert "unsafe-inline" not in page["Content-Security-Policy"].split("style-src")[0]


def test_the_document_is_served_as_yaml_and_as_json() -> None:
    client = APIClient()

    as_json = client.get("/api/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    as_yaml = client.get("/api/schema")

    assert json.loads(as_json.content)["openapi"].startswith("3.1")
    assert as_yaml.content.startswith(b"openapi: 3.1")
