import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, get_resolver

from drafts.steps import STEPS

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", format="openapi-json", stdout=out)
    return dict(json.loads(out.getvalue()))


def test_every_operation_has_a_summary_and_its_errors(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            assert any(status >= "400" for status in operation["responses"]), f"{method} {path}"


def test_every_path_of_the_api_is_documented(schema: dict[str, Any]) -> None:
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/")
    served = {
        re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/{pattern.pattern}").replace("{pk}", "{id}")
        for pattern in api.url_patterns  # type: ignore[union-attr]  # it includes others
        if isinstance(pattern, URLPattern) and pattern.name not in {"schema", "docs", "nowhere"}
    }

    assert set(schema["paths"]) == served


def test_the_fields_of_every_step_are_named(schema: dict[str, Any]) -> None:
    told = schema["paths"]["/api/wizard/step/{step}/save"]["post"]["description"]

    for step in STEPS:
        assert f"step {step.number}" in told
        assert all(f"`{name}`" in told for name in step.form.base_fields)


def test_the_documentation_asks_no_other_host(client: Client) -> None:
    page = client.get("/api/docs").content.decode()

    assert "swagger-ui" in page
    assert "//cdn" not in page
    assert client.get("/api/schema").status_code == 200
