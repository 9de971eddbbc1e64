"""Programs are told of duplicates as people are, in one shape."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from releases.models import Release
from tests.api.test_wizard import finished_draft, post
from tests.factories import METADATA, make_operator, make_release, make_source

pytestmark = pytest.mark.django_db


def make_packed(owner: User, year: int = 1999, **fields: Any) -> Release:
    """Make a packed release of the work that `finished_draft` is of, from another file."""
    source = make_source(owner=owner, title="Of other bytes")
    packed: dict[str, Any] = {"packed_at": timezone.now(), "status": "completed"}
    metadata = METADATA | {"year": year}
    return make_release(owner=owner, source=source, metadata=metadata, **packed | fields)


def test_a_duplicate_is_a_conflict_that_names_the_other(api: APIClient, operator: User) -> None:
    earlier = make_packed(operator)

    answer = post(api, "pack", {"job_id": finished_draft(api), "confirm_duplicates": True})

    body = answer.json()
    assert (answer.status_code, body["error"], body["may_confirm"]) == (409, "Conflict", False)
    assert body["duplicates"] == [
        {
            "kind": "work",
            "verdict": "duplicate",
            "release": {"id": earlier.pk, "name": earlier.name},
            "message": f"{earlier.name} is of the same work.",
            "fix": "Leave it out, or say what makes it another release: edition, language, "
            "a tag such as PROPER.",
        }
    ]
    assert Release.objects.get() == earlier


def test_an_admin_packs_it_all_the_same(api: APIClient, operator: User) -> None:
    earlier = make_packed(operator)
    User.objects.filter(pk=operator.pk).update(is_superuser=True)
    number = finished_draft(api)

    refused = post(api, "pack", {"job_id": number})
    answer = post(api, "pack", {"job_id": number, "confirm_duplicates": True})

    assert (refused.status_code, refused.json()["may_confirm"]) == (409, True)
    assert answer.status_code == 200
    made = Release.objects.exclude(pk=earlier.pk).get()
    assert (made.duplicate_confirmed_by, made.duplicate_of) == (operator, [earlier.name])


def test_what_is_doubtful_whoever_packs_it_confirms(api: APIClient, operator: User) -> None:
    make_packed(operator, year=2001)
    number = finished_draft(api)

    refused = post(api, "pack", {"job_id": number})
    answer = post(api, "pack", {"job_id": number, "confirm_duplicates": True})

    assert refused.json()["duplicates"][0]["verdict"] == "doubtful"
    assert answer.status_code == 200


def test_what_the_client_may_not_see_is_null(api: APIClient) -> None:
    hidden = make_packed(make_operator())

    answer = post(api, "pack", {"job_id": finished_draft(api)})

    assert answer.json()["duplicates"][0]["release"] is None
    assert hidden.name not in answer.content.decode()


def test_a_confirmation_is_true_or_false(api: APIClient) -> None:
    answer = post(api, "pack", {"job_id": finished_draft(api), "confirm_duplicates": "perhaps"})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["confirm_duplicates"])
