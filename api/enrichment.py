"""Step 6 for programs that want the providers' word at once."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.apis import ProviderField
from api.schema import ERRORS, SignedInRequest, example
from enrichment import actions
from jobs.models import Job, JobLog
from jobs.queue import run_here
from releases.actions import Refused
from releases.models import ReleaseType


@example(
    {
        "metadata": {"title": "Example Book", "author": "John Doe"},
        "release_type": "EBOOK",
        "api_priority": ["OpenLibrary", "GoogleBooks"],
    }
)
class EnrichSerializer(serializers.Serializer[Any]):
    metadata = serializers.DictField(help_text="The fields of step 6 that are known.")
    release_type = serializers.ChoiceField(choices=ReleaseType.choices)
    api_priority = serializers.ListField(
        child=ProviderField(),
        required=False,
        help_text="Whom to ask, the most trusted first; else as the preference says.",
    )


class CandidateSerializer(serializers.Serializer[Any]):
    provider = serializers.CharField()
    url = serializers.CharField(help_text="A page for people.")
    values = serializers.DictField()


@example(
    {
        "enriched": {"title": "Example Book", "author": "John Doe", "publisher": "Example House"},
        "sources": {"publisher": "GoogleBooks"},
        "candidates": [
            {
                "provider": "GoogleBooks",
                "url": "https://books.google.com/books?id=abc",
                "values": {"publisher": "Example House"},
            }
        ],
        "warnings": [],
    }
)
class EnrichedSerializer(serializers.Serializer[Any]):
    enriched = serializers.DictField(help_text="The metadata sent, with their gaps filled.")
    sources = serializers.DictField(
        child=serializers.CharField(), help_text="Who filled which gap."
    )
    candidates = CandidateSerializer(many=True, help_text="Of each provider the best first.")
    warnings = serializers.ListField(child=serializers.CharField())


class EnrichView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Ask the providers what they know of a work",
        description="Answers within ten seconds. A provider that is down costs a warning.",
        request=EnrichSerializer,
        responses={200: EnrichedSerializer, **ERRORS(400, 401, 403, 422)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = EnrichSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        metadata = asked.validated_data["metadata"]
        job = actions.request_enrichment(
            metadata,
            asked.validated_data["release_type"],
            by=request.user,
            order=asked.validated_data.get("api_priority", ()),
            at_once=True,
        )
        return Response(answer(run_here(job), metadata))


def answer(job: Job, metadata: dict[str, Any]) -> dict[str, Any]:
    if job.status != Job.Status.COMPLETED:
        raise Refused(job.error or str(job.get_status_display()))
    candidates = job.result["candidates"]
    enriched, sources = actions.merged(metadata, candidates, job.result["order"])
    warnings = job.lines.filter(level=JobLog.Level.WARNING).values_list("message", flat=True)
    told = {"candidates": candidates, "warnings": list(warnings)}
    return {"enriched": enriched, "sources": sources} | told
