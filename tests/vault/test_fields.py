import json

import pytest
from django.core import serializers
from django.forms import modelform_factory
from rest_framework.serializers import ModelSerializer

from enrichment.models import ApiConfig
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CANARY = "canary-4711"


def kept() -> ApiConfig:
    made = ApiConfig.objects.create(name="OMDb", user=make_user(), api_key=CANARY)
    return ApiConfig.objects.get(pk=made.pk)


def test_a_column_keeps_and_gives_a_secret() -> None:
    row = kept()
    row.api_key = "another"
    row.save()
    row.refresh_from_db()

    assert row.api_key.reveal() == "another"
    assert ApiConfig.objects.defer("api_key").get().api_key.reveal() == "another"


def test_an_empty_secret_is_an_empty_column() -> None:
    row = kept()
    row.api_key = ""
    row.save()

    assert ApiConfig.objects.filter(api_key="").exists()
    assert not row.api_key


def test_a_model_does_not_hold_the_text_even_before_it_is_saved() -> None:
    row = ApiConfig(name="OMDb", api_key=CANARY)

    assert CANARY not in str(vars(row))


def test_no_form_and_no_serializer_tells_the_secret() -> None:
    row = kept()

    class Telling(ModelSerializer[ApiConfig]):
        class Meta:
            model = ApiConfig
            fields = "__all__"

    shown = [str(Telling(row).data), modelform_factory(ApiConfig, fields="__all__")(instance=row)]

    assert not [one for one in shown if CANARY in str(one) or row.api_key.token in str(one)]


def test_a_dump_carries_the_secret_encrypted_and_brings_it_back() -> None:
    row = kept()

    dump = serializers.serialize("json", [row])
    row.delete()
    for loaded in serializers.deserialize("json", dump):
        loaded.save()

    assert CANARY not in dump
    assert json.loads(dump)[0]["fields"]["api_key"]
    assert ApiConfig.objects.get().api_key.reveal() == CANARY
