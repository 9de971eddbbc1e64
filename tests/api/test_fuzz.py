"""Generated requests to every operation, as each role: no failure, and no breach of the document.

``make fuzz`` sends more of them. What a request did to the database is undone before the next.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests  # noqa: TID251  # it writes requests here, and sends none
import schemathesis
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as properties
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import system
from accounts.models import Role
from accounts.permissions import RESOURCES, grant
from api import tus
from tests.api.test_schema import written
from tests.api.world import NUMBERS, World
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CASES = int(os.environ.get("FUZZ_CASES", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FUZZED = properties(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATOR, ADMIN, READER, NOBODY = "operator", "admin", "reader", "nobody"
PUBLIC = {"/api/auth/login", "/api/auth/refresh", "/api/health", "/api/metrics"}
REQUEST = {"method", "url", "headers", "params", "data", "json", "files", "cookies"}
OUR_HEADERS = {"Content-Type", "Content-Length", "Accept-Encoding"}
ROWS = {"/api/jobs/": "job", "/api/wizard/jobs/": "job", "/api/templates/": "template"}
"""What stands for numbers in paths, beside `NUMBERS`."""


@schemathesis.serializer(tus.CONTENT_TYPE)
def as_bytes(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(json.loads(written()))


def sent(case: "Case[Any]", headers: dict[str, str]) -> Response:
    """Send the request through the site as it is, and return its answer."""
    wanted = case.as_transport_kwargs(base_url="http://localhost", headers=headers)
    wanted = {name: value for name, value in wanted.items() if name in REQUEST}
    request = requests.Request(**wanted).prepare()
    body = request.body.encode() if isinstance(request.body, str) else request.body
    told = {name: value for name, value in request.headers.items() if name not in OUR_HEADERS}
    answer: Any = Client(raise_request_exception=False).generic(
        str(request.method),
        request.path_url,
        body or b"",
        str(request.headers.get("Content-Type", "")),
        headers={name: str(value) for name, value in told.items()},
    )
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=content,
        request=request,
        elapsed=0.0,
        verify=False,
    )


def bearer(role: str, world: World) -> dict[str, str]:
    """Return the headers of who asks."""
    if role == NOBODY:
        return {}
    if role == ADMIN:
        return {"Authorization": f"Bearer {world.tokens['access_token']}"}
    user = make_user(username="fuzzed", password="Secret-123")
    user.groups.add(Role.objects.get(name="Operator") if role == OPERATOR else readers())
    body = {"username": "fuzzed", "password": "Secret-123"}
    tokens = APIClient().post("/api/auth/login", body, format="json").json()
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def readers() -> Role:
    role = Role(name="Readers")
    role.save()
    for resource in RESOURCES:
        grant(role, resource, "read")
    return role


def name_rows(case: "Case[Any]", world: World) -> None:
    """Have the path name a row that there is."""
    for beginning, number in NUMBERS.items():
        if case.path.startswith(beginning) and "id" in case.path_parameters:
            case.path_parameters["id"] = number(world)
            break
    for beginning, name in ROWS.items():
        if case.path.startswith(beginning):
            for key in {"id", "key"} & case.path_parameters.keys():
                case.path_parameters[key] = getattr(world, name).pk


def wrong(case: "Case[Any]", headers: dict[str, str]) -> Iterator[str]:
    """Send the request, undo what it did, and yield what is wrong with the answer."""
    try:
        with transaction.atomic():
            response = sent(case, headers)
            transaction.set_rollback(True)  # its only argument
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        yield from (f"{one.title}: {one.message[:300]}" for one in group.exceptions)
    except Exception as error:  # whatever comes out of the site is what is looked for
        yield f"{type(error).__name__}: {error}"[:300]
    else:
        is_nowhere = b"There is nothing at" in response.content  # the path is none of ours
        is_formless = response.status_code == 404 and "format" in (case.query or {})  # or the form
        is_open = is_nowhere or is_formless or case.path in PUBLIC
        if not (headers or is_open or response.status_code == 401):
            yield f"Nobody gets {response.status_code}"
    finally:
        cache.clear()
        system.MEMORY.keep({})


def cases_of(operation: Any) -> Any:
    """Return requests that are as the document says, and requests that are not."""
    kinds = [operation.as_strategy(generation_mode=GenerationMode.POSITIVE)]
    if operation.body or operation.query or operation.path_parameters:
        kinds.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    return st.one_of(kinds)


@pytest.mark.parametrize("role", [NOBODY, READER, OPERATOR, ADMIN])
def test_no_request_fails_or_breaks_the_document(
    role: str, document: dict[str, Any], world: World
) -> None:
    config = schemathesis.Config.from_dict({})
    schema = schemathesis.openapi.from_dict(document, config=config)
    headers = bearer(role, world)
    found: Counter[str] = Counter()
    asked = 0

    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]  # an invalid document ends the test

        @FUZZED
        @given(case=cases_of(operation), is_real=st.booleans())
        def fuzz(case: "Case[Any]", *, is_real: bool) -> None:
            nonlocal asked
            asked += 1
            if is_real:
                name_rows(case, world)
            found.update(f"{case.method} {case.path}: {one}" for one in wrong(case, headers))

        fuzz()

    assert not found, "\n".join(f"{count} times {one}" for one, count in found.items())
    assert asked >= CASES * len(document["paths"])
