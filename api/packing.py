"""The packing of a finished draft, for programs."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from api.idempotency import IDEMPOTENCY_KEY, idempotent
from api.schema import ERRORS, JobAnswerSerializer, SignedInRequest, example
from api.wizard import draft_of, save, started
from drafts import actions
from drafts.models import Draft
from drafts.steps import PACKS_AT

PACK_ANSWERS = """Makes the release of a finished draft and starts its packing.

Where releases like it stand already, the answer is 409 with `duplicates`: for each its `kind`
(`file`, `isbn`, `work`), its `verdict` (`duplicate`, `doubtful`), the `release` as `{id, name}` or
null where the client may not see it, a `message` and a `fix`. `confirm_duplicates` has it packed
all the same, if `may_confirm` is true: of what is no more than doubtful anybody may say so, of
the rest an administrator.
"""


class PackOptionsSerializer(serializers.Serializer[Any]):
    format = serializers.CharField(
        required=False, help_text="ZIP or RAR, as the rule says; BOTH leaves it to the rule."
    )
    compression = serializers.CharField(
        required=False, help_text="Accepted; volumes are stored, as the rules ask."
    )
    volumes = serializers.IntegerField(
        required=False, min_value=1, help_text="Volume size in millions of bytes."
    )
    generate_nfo = serializers.BooleanField(required=False)
    generate_diz = serializers.BooleanField(required=False)
    generate_sfv = serializers.BooleanField(required=False)

    def validate(self, options: dict[str, Any]) -> dict[str, Any]:
        for name in ("generate_nfo", "generate_diz"):
            if options.get(name) is False:
                raise ValidationError({name: ["The rule asks for it: it cannot be left out."]})
        if options.get("format") == "BOTH":
            options["format"] = ""
        return options


@example(
    {"job_id": 123, "options": {"format": "ZIP", "volumes": 50, "generate_sfv": True}}, "eBook"
)
class PackSerializer(serializers.Serializer[Any]):
    job_id = serializers.IntegerField(help_text="Number of the draft.")
    options = PackOptionsSerializer(required=False)
    confirm_duplicates = serializers.BooleanField(
        default=False, help_text="Pack it though releases like it stand: see the answer 409."
    )


class PackView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Pack a draft",
        description=PACK_ANSWERS,
        parameters=[IDEMPOTENCY_KEY],
        request=PackSerializer,
        responses={200: JobAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 422)},
    )
    @idempotent()
    def post(self, request: SignedInRequest) -> Response:
        asked = PackSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        draft = draft_of(request, asked.validated_data["job_id"])
        actions.refuse_packed(draft)
        save_options(draft, asked.validated_data.get("options"))
        job = actions.pack_draft(
            draft,
            by=request.user,
            confirms_duplicates=asked.validated_data["confirm_duplicates"],
        )
        return Response(started(job, "Packaging started"))


def save_options(draft: Draft, options: Mapping[str, Any] | None) -> None:
    """Save step 8 where the request answers it, or where nobody did."""
    if options is None and PACKS_AT.key in draft.answers:
        return
    save(draft, PACKS_AT, options or {})
