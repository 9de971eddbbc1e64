"""The examples of the reference, sent as they stand, get the documented answers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import Resolver404, resolve
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, Role
from rulebook.models import Listing
from tests.api.reference import PATH, Operation, breaches, operations
from tests.api.world import NUMBERS, World
from tests.factories import make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PATH.exists(), reason="the reference is not here"),
]
FREE = frozenset(
    {
        "custom_permissions",
        "enriched",
        "final_permissions",
        "list_filters",
        "mediainfo",
        "metadata",
        "permissions",
        "preferences",
        "releases_by_type",
        "role_permissions",
        "sources",
        "wizard_defaults",
    }
)
"""What holds other keys from row to row."""
REASONS = {
    "POST /api/wizard/step/{step}/save": "a file has a handle, and takes its rights (§12)",
    "POST /api/wizard/step/5/analyze": "a file is named by the handle of its upload (§12)",
    "POST /api/rules/download": "it asks for a rule that the site on loopback lists",
    "PUT /api/rules/{id}": "the text is one that a rule can have",
    "PUT /api/config/system": "paths stay inside the configured roots (§12)",
    "PUT /api/config/templates": "paths outside the configured roots are refused (§12)",
    "POST /api/config/templates/migrate": "paths outside the configured roots are refused (§12)",
    "POST /api/releases/{id}/repack": "a rule for EBOOK forbids RAR (§12): it is a video",
    "POST /api/rules/upload": "it is a form, with a file",
    "POST /api/auth/refresh": "it is the refresh token that signs it",
}
"""Why something else is sent than the example; section numbers are those of the product."""


FIELDS: dict[str, Callable[[World], Any]] = {
    "job_id": lambda world: world.draft.pk,
    "template_id": lambda world: world.template.pk,
    "rule_id": lambda world: world.packable.pk,
    "file_path": lambda world: str(world.source.handle),
    "role_id": lambda world: world.role.pk,
    "group_ids": lambda world: [
        world.group.pk,
        *(ReleaseGroup.objects.create(tag=tag).pk for tag in ("OTHERGROUP", "THIRDGROUP")),
    ],
}
"""What stands for numbers and handles in bodies."""


def listed_rule(world: World, sent: Any) -> Any:
    name = next(iter(world.site.texts))
    url = f"{world.site.url}nfo/{name}.nfo"
    Listing.objects.create(name=name, scene="English", section="eBOOK", year=2001, url=url)
    return sent | {"name": name}


def inside(world: World, sent: Any) -> Any:
    return sent | {"disk_path": str(world.settings.TEMPLATE_ROOTS[0])}


def allowed_paths(world: World, sent: Any) -> Any:
    return sent | {"paths": {"uploads": str(world.settings.DATA_DIR / "uploads")}}


CHANGES: dict[str, Callable[[World, Any], Any]] = {
    "POST /api/wizard/step/{step}/save": lambda _world, sent: {
        "data": sent["data"] | {"rights": "own_work"}
    },
    "POST /api/rules/download": listed_rule,
    "PUT /api/config/system": allowed_paths,
    "PUT /api/config/templates": inside,
    "POST /api/config/templates/migrate": inside,
}
"""What else is sent than the example; each for its reason in `REASONS`."""


def stats(world: World) -> None:
    assert world.release.pk


def scene_rules(world: World) -> None:
    listed_rule(world, {})


def kept_preferences(world: World) -> None:
    body = {"view_mode": "table", "wizard_defaults": {"group": "TESTGROUP"}}
    world.client.put("/api/config/preferences", body, format="json")


def role_in_use(world: World) -> None:
    make_user(email="packer@example.com").groups.add(world.role)


def strange_nfo(world: World) -> None:
    """Have the NFO on disk say what its release does not."""
    nfo = next(world.release.folder.glob("*.nfo"))
    told = nfo.read_bytes().replace(b"Ann Author", b"Bob Writer")
    nfo.write_bytes(told.replace(b"\r\n", b"\n"))


def stray_file(world: World) -> None:
    (world.release.folder / "Thumbs.db").write_bytes(b"stray")


PREPARED: dict[str, Callable[[World], Any]] = {
    "GET /api/dashboard/stats": stats,
    "GET /api/releases": stats,
    "POST /api/releases/{id}/nfofix": strange_nfo,
    "POST /api/releases/{id}/readnfo": strange_nfo,
    "POST /api/releases/{id}/dirfix": stray_file,
    "GET /api/rules/scenerules": scene_rules,
    "GET /api/wizard/step/{step}/data": lambda world: world.draft,
    "GET /api/users": lambda world: world.other,
    "GET /api/roles/{id}/users": role_in_use,
    "DELETE /api/roles/{id}": role_in_use,
    "PUT /api/roles/{id}/permissions": role_in_use,
    "GET /api/config/apis": lambda world: world.config,
    "GET /api/config/destinations": lambda world: world.destination,
    "GET /api/config/preferences": kept_preferences,
    "POST /api/rules/sync": lambda world: world.site,
}
"""Rows that lists must hold, where nothing else makes them."""
QUERIES: dict[str, Callable[[World], str]] = {
    "DELETE /api/roles/{id}": lambda _world: f"?reassign_to={Role.objects.get(name='Operator').pk}",
    "GET /api/wizard/step/{step}/data": lambda world: f"?job_id={world.draft.pk}",
}
SAME_AS = {"GET /api/rules/local": "GET /api/rules"}
"""What the reference shows no answer of, but says to be like another."""
OPERATIONS = list(operations()) if PATH.exists() else []
SHOWN = {str(one): one.answers for one in OPERATIONS}


def address(world: World, operation: Operation) -> str:
    path = operation.path
    if "/jobs/{job_id}" in path:
        job = world.analysis if path.endswith("analysis") else world.job
        return path.replace("{job_id}", str(job.pk))
    for beginning, number in NUMBERS.items():
        if path.startswith(beginning):
            for name in ("{id}", "{step}"):
                path = path.replace(name, str(number(world))) if name in path else path
    return path.replace("{group_id}", str(world.group.pk))


def with_rows(world: World, body: Any) -> Any:
    """Return `body` with the numbers and handles of rows that there are."""
    if not isinstance(body, dict):
        return body
    return {
        name: FIELDS[name](world) if name in FIELDS else with_rows(world, value)
        for name, value in body.items()
    }


def ask(world: World, operation: Operation) -> Any:
    name = str(operation)
    PREPARED.get(name, lambda _world: None)(world)
    path = address(world, operation) + QUERIES.get(name, lambda _world: "")(world)
    if name == "POST /api/rules/upload":
        file = SimpleUploadedFile("2023_EBOOK.nfo", b"The [2023] eBook Standards\r\n")
        return world.client.post(path, {"file": file})
    if name == "POST /api/auth/refresh":
        bearer = f"Bearer {world.tokens['refresh_token']}"
        return APIClient().post(path, HTTP_AUTHORIZATION=bearer)
    if operation.sent is None:
        return getattr(world.client, operation.method.lower())(path)
    sent = CHANGES.get(name, lambda _world, body: body)(world, with_rows(world, operation.sent))
    return getattr(world.client, operation.method.lower())(path, sent, format="json")


def test_the_reference_is_read_whole() -> None:
    assert len(OPERATIONS) == 70
    without_answer = {str(one) for one in OPERATIONS if not one.answers}
    assert without_answer == set(SAME_AS)
    assert set(CHANGES) | set(PREPARED) | set(QUERIES) | set(REASONS) <= set(SHOWN)
    assert set(CHANGES) <= set(REASONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_example_gets_the_documented_answer(world: World, operation: Operation) -> None:
    answer = ask(world, operation)

    shown = SHOWN[SAME_AS.get(str(operation), str(operation))]
    assert answer.status_code in {status for status, _ in shown}, answer.content.decode()
    found = [breaches(documented, answer.json(), FREE) for _, documented in shown]
    assert [] in found, found


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_documented_operation_has_an_address(operation: Operation) -> None:
    path = operation.path
    for name in ("{id}", "{job_id}", "{group_id}", "{step}"):
        path = path.replace(name, "1")
    try:
        view = resolve(path)
    except Resolver404:  # pragma: no cover  # the API answers all addresses
        pytest.fail(f"{path} leads nowhere")

    assert view.url_name != "nowhere"
    assert operation.method.lower() in dir(view.func.cls)  # type: ignore[attr-defined]
