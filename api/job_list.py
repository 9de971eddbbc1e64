"""Lists of jobs for programs: what they are narrowed to, and how they are sorted."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from api.flags import flag
from api.jobs import JOB, JobSerializer
from api.pagination import PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest, example
from jobs.models import Job, JobQuerySet
from jobs.stages import WORKS
from releases.filters import values

SORTS = {
    "created_at": "pk",
    "status": "status",
    "kind": "work",
    "started_at": "started_at",
    "finished_at": "finished_at",
}
NUMBER = re.compile("[0-9]{1,18}")
PAGE = {"page": 1, "per_page": 20, "total": 1, "pages": 1}


@example({"jobs": [JOB], "pagination": PAGE})
class JobListSerializer(serializers.Serializer[Any]):
    jobs = JobSerializer(many=True)
    pagination = PaginationSerializer()


def parameter(name: str, description: str, kind: Any = str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=description)


class JobListView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="jobs_list",
        summary="List jobs",
        description="One's own; an administrator's list has those of all. The newest first, "
        "unless told otherwise.",
        parameters=[
            parameter("status", f"{', '.join(Job.Status.values)}; repeated or comma-separated."),
            parameter("kind", "What they do, e.g. pack, analysis; repeated or comma-separated."),
            parameter("work", "Another name of `kind`."),
            parameter("release_id", "About these releases; repeated or comma-separated."),
            parameter("by", "Of these users, by number or name; as above. For administrators."),
            parameter("since", "Asked at this time (ISO 8601) or later."),
            parameter("until", "Asked at this time or earlier."),
            parameter("sort", f"{', '.join(SORTS)}; the first unless told."),
            parameter("order", "desc (default) or asc."),
            parameter("my_only", "Only the caller's own.", bool),
            parameter("page", "Page, from 1.", int),
            parameter("per_page", "At most 100; 20 unless told.", int),
        ],
        responses={200: JobListSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        rows = narrowed(Job.objects.visible_to(request.user), request)
        page = page_of(rows.order_by(*order_of(request.query_params)).defer("result"), request)
        listed = {"jobs": page.object_list, "pagination": described(page)}
        return Response(JobListSerializer(listed).data)


def narrowed(jobs: JobQuerySet, request: SignedInRequest) -> JobQuerySet:
    """Narrow to what the query string asks for.

    Raises:
        ValidationError: a value makes no sense.
    """
    query = request.query_params
    if flag(request, "my_only"):
        jobs = jobs.filter(by=request.user)
    for names, most, about in FILTERS:
        if wanted := values([text for name in names for text in query.getlist(name)]):
            jobs = jobs.filter(about(known(names[0], wanted, most)))
    if since := query.get("since"):
        jobs = jobs.filter(queued_at__gte=moment("since", since))
    if until := query.get("until"):
        jobs = jobs.filter(queued_at__lte=moment("until", until))
    return jobs


def about_releases(numbers: Iterable[str]) -> Q:
    found = Q()
    for number in map(int, numbers):
        found |= Q(subject=f"release:{number}") | Q(subject__startswith=f"release:{number}:")
    return found


def of_users(named: Iterable[str]) -> Q:
    numbers = [int(one) for one in named if NUMBER.fullmatch(one)]
    return Q(by__in=numbers) | Q(by__username__in=named)


FILTERS: tuple[tuple[tuple[str, ...], Any, Callable[..., Q]], ...] = (
    (("status",), set(Job.Status.values), lambda wanted: Q(status__in=wanted)),
    (("kind", "work"), set(WORKS), lambda wanted: Q(work__in=wanted)),
    (("release_id",), NUMBER, about_releases),
    (("by",), None, of_users),
)
"""The names of each filter, its values (a set, a pattern, or any), and what they narrow to."""


def known(name: str, wanted: tuple[str, ...], choices: Any) -> tuple[str, ...]:
    if isinstance(choices, set) and (strange := set(wanted) - choices):
        sentence = f"{', '.join(sorted(strange))}: choose of {', '.join(sorted(choices))}."
        raise ValidationError({name: [sentence]})
    if isinstance(choices, re.Pattern) and not all(map(choices.fullmatch, wanted)):
        raise ValidationError({name: ["Whole numbers are expected."]})
    return wanted


def order_of(query: QueryDict) -> tuple[str, ...]:
    sort, order = query.get("sort", "created_at"), query.get("order", "desc")
    for name, given, choices in (("sort", sort, tuple(SORTS)), ("order", order, ("asc", "desc"))):
        if given not in choices:
            raise ValidationError({name: [f"One of {', '.join(choices)}."]})
    sign = "-" if order == "desc" else ""
    return tuple(dict.fromkeys((f"{sign}{SORTS[sort]}", f"{sign}pk")))


def moment(name: str, text: str) -> Any:
    """Return the time that an ISO 8601 text names; a space is how a URL spells a plus.

    Raises:
        ValidationError: it names none.
    """
    try:
        return serializers.DateTimeField().run_validation(text.strip().replace(" ", "+"))
    except (ValidationError, OverflowError) as error:
        raise ValidationError({name: ["A time as ISO 8601 is expected."]}) from error
