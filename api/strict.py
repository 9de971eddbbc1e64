"""Bodies that hold nothing but what is asked for."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know, by name: nobody shall believe that they were taken."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        wrong: dict[str, Any] = {
            str(name): ["This field is not taken."] for name in sorted(unknown)
        }
        try:
            taken = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**error.detail, **wrong}) from error  # type: ignore[dict-item]
        if wrong:
            raise ValidationError(wrong)
        return taken
