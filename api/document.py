"""The OpenAPI document as a whole: what all operations share is said here, and nowhere else."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from drf_spectacular.drainage import get_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_serializer

from api.failures import FAILURES, SHARED, WITH_BODY

Found = dict[str, Any]

TAGS = {
    "auth": "Logins, and who one is.",
    "channels": "How one is told of the end of jobs.",
    "config": "What administrators set: providers, destinations, templates, the system.",
    "conformity": "How packages keep to their rules.",
    "dashboard": "Numbers of the first page.",
    "groups": "Release groups.",
    "jobs": "What runs behind: how far it is, what it did.",
    "health": "Whether the site can do what it is for.",
    "metrics": "What Prometheus reads.",
    "preferences": "What one prefers, and what is preferred for all.",
    "releases": "What was made: read, change, mend, repack.",
    "roles": "Roles and what they may do.",
    "rules": "The library of rules.",
    "templates": "NFO templates.",
    "tokens": "Personal tokens of the API.",
    "uploads": "Resumable uploads by tus 1.0.",
    "users": "People, their roles, groups and permissions.",
    "wizard": "Drafts, from nine steps to a release.",
}
SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The access token that a login answers, or a personal token (`rpk_…`).",
    },
    "cookieAuth": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The session of a browser, with its `X-CSRFToken`: for uploads of pages.",
    },
}
LIMIT_HEADERS = {
    "X-RateLimit-Limit": ("Requests that the client may send in a period.", 100),
    "X-RateLimit-Remaining": ("How many of them are left.", 95),
    "X-RateLimit-Reset": ("When the period ends, in seconds since 1970.", 1730457600),
}
HEADERS: dict[str, Found] = {
    name: {"description": about, "schema": {"type": "integer"}, "example": example}
    for name, (about, example) in LIMIT_HEADERS.items()
} | {
    "X-Request-ID": {
        "description": "What the log calls this request; quote it when you report trouble.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer"},
        "example": 12,
    },
    "WWW-Authenticate": {
        "description": "How to say who asks.",
        "schema": {"type": "string"},
        "example": 'Bearer realm="api"',
    },
    "ETag": {
        "description": "What tells this state of the resource from others; see `If-Match`.",
        "schema": {"type": "string"},
        "example": '"5f2b0c3a9d1e4f60718293a4b5c6d7e8"',
    },
}
EVERYWHERE = (*LIMIT_HEADERS, "X-Request-ID")
ALSO = {"401": ("WWW-Authenticate",), "429": ("Retry-After",)}
"""Headers of an answer of that status alone."""
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The `ETag` of what was read: 412 where it is another one by now. "
    "Without it the last change wins.",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The `ETag` that the client has: 304 without a body where nothing changed.",
}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
VERBS = "_(?:retrieve|update|partial_update|destroy)"
TUS = "Tus-Resumable"


class Schema(AutoSchema):
    """Takes the examples of a serializer where the view shows none of its own."""

    def get_operation_id(self) -> str:
        """Tell what is read or changed by its number or name from what lies beside it."""
        name: str = super().get_operation_id()
        if not self.path.endswith("}"):
            return re.sub("_retrieve$", "_read", name)
        key = self.path.rpartition("{")[2].removesuffix("}")
        return name if key in {"id", "pk"} else re.sub(f"{VERBS}$", rf"_{key}\g<0>", name)

    def _get_examples(
        self,
        serializer: Any,
        direction: Any,
        media_type: str,
        status_code: str | None = None,
        extras: Any = None,
    ) -> Any:
        find: Any = super()._get_examples
        found = find(serializer, direction, media_type, status_code, extras)
        if not found and is_serializer(serializer):
            own = get_override(serializer, "examples", [])
            found = find(serializer, direction, media_type, status_code, own)
        if not found and direction == "request":  # a form has the fields of the object
            return find(serializer, direction, JSON, status_code, extras)
        return found


def completed(result: Found, **_about: Any) -> Found:
    """Add to each operation of the document what all of them share."""
    for operations in result["paths"].values():
        has_tag = is_tagged(operations)
        for method, operation in operations.items():
            operation["operationId"] = readable(operation, method)
            tell_one_form(operation)
            operation["responses"] = all_responses(operation)
            if has_tag:
                tell_tags(method, operation)
            tell_headers(operation["responses"])
    components = result["components"]
    components["responses"] = dict(sorted(shared_responses()))
    components["headers"] = dict(sorted(HEADERS.items()))
    components["securitySchemes"] = SECURITY
    used = {tag for _, operation in each(result) for tag in operation["tags"]}
    result["tags"] = [{"name": tag, "description": TAGS.get(tag, "")} for tag in sorted(used)]
    return result


def each(document: Found) -> Iterator[tuple[str, Found]]:
    """Yield the operations of `document`, each with its method and path."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def tell_one_form(operation: Found) -> None:
    """Tell of JSON alone where it is taken: forms cannot say all that it can.

    The login is where clients of other services send a form.
    """
    content = operation.get("requestBody", {}).get("content", {})
    if JSON in content:
        dropped = {MULTIPART} if operation["operationId"] == "auth_login" else {MULTIPART, FORM}
        for media_type in dropped & content.keys():
            del content[media_type]


def readable(operation: Found, method: str) -> str:
    """Return a name such as ``wizard_pack``: what makes no resource is no ``create``."""
    name: str = operation["operationId"]
    if method == "post" and "201" not in operation["responses"]:
        return name.removesuffix("_create")
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    return re.sub("_read$", "_list", name) if {"page", "per_page"} <= names else name


def all_responses(operation: Found) -> Found:
    """Return the responses of `operation`, with the failures that any may end in."""
    described = dict(operation["responses"])
    shared = SHARED + (WITH_BODY if "requestBody" in operation else ())
    for status in shared:
        described.setdefault(str(status), {})
    if operation.get("security") == [{}]:
        described.setdefault("401", {})
    for status, response in described.items():
        if int(status) in FAILURES and "examples" not in response.get("content", {}).get(JSON, {}):
            described[status] = {"$ref": f"#/components/responses/{FAILURES[int(status)].name}"}
        elif not response.get("description"):
            response["description"] = HTTPStatus(int(status)).phrase
    return dict(sorted(described.items()))


def shared_responses() -> Iterator[tuple[str, Found]]:
    for status, failure in FAILURES.items():
        shown = {failure.name: {"value": failure.example}}
        content = {"schema": {"$ref": "#/components/schemas/Error"}, "examples": shown}
        response: Found = {
            "description": failure.about,
            "content": {JSON: content},
        }
        tell_headers({str(status): response})
        yield failure.name, response


def is_tagged(operations: Found) -> bool:
    """Tell whether the resource has an ETag: whether a change of it can come too late."""
    return any(
        "412" in operation["responses"]
        and TUS not in {one["name"] for one in operation.get("parameters", ())}
        for operation in operations.values()
    )


def tell_tags(method: str, operation: Found) -> None:
    parameters = operation.setdefault("parameters", [])
    if "412" in operation["responses"]:
        parameters.append(IF_MATCH)
    elif method == "get":
        parameters.append(IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "It has not changed."}
        for status in ("200", "304"):
            headers = operation["responses"][status].setdefault("headers", {})
            headers["ETag"] = {"$ref": "#/components/headers/ETag"}
        operation["responses"] = dict(sorted(operation["responses"].items()))


def tell_headers(responses: Found) -> None:
    for status, response in responses.items():
        if "$ref" in response:
            continue
        headers = response.setdefault("headers", {})
        for name in (*EVERYWHERE, *ALSO.get(status, ())):
            headers.setdefault(name, {"$ref": f"#/components/headers/{name}"})
