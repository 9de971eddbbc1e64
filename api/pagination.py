from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

PER_PAGE, MOST_PER_PAGE = 20, 100
PAGING = [
    OpenApiParameter(
        "page", {"type": "integer", "minimum": 1, "default": 1}, description="From 1."
    ),
    OpenApiParameter(
        "per_page",
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
        description=f"At most {MOST_PER_PAGE}; {PER_PAGE} unless told.",
    ),
]
PAGE_EXAMPLE = {"page": 1, "per_page": PER_PAGE, "total": 1, "pages": 1}


class PaginationSerializer(serializers.Serializer[Any]):
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    total = serializers.IntegerField()
    pages = serializers.IntegerField()


def page_of(
    queryset: QuerySet[Any], request: Request, paginate: Callable[..., Paginator[Any]] = Paginator
) -> Page[Any]:
    """Return the page that the query string asks for; a number too high gives an empty one.

    Raises:
        ValidationError: `page` or `per_page` is not a positive number, or is above 100.
    """
    per_page = number(request, "per_page", PER_PAGE, most=MOST_PER_PAGE)
    wanted = number(request, "page", 1)
    paginator = paginate(queryset, per_page)
    if wanted > paginator.num_pages:
        return Page([], wanted, paginator)
    return paginator.page(wanted)


def number(request: Request, name: str, default: int, most: int = 1_000_000) -> int:
    text = request.query_params.get(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise ValidationError({name: [f"A number from 1 to {most}."]})
    return int(text)


def described(page: Page[Any]) -> dict[str, int]:
    return {
        "page": page.number,
        "per_page": page.paginator.per_page,
        "total": page.paginator.count,
        "pages": page.paginator.num_pages,
    }
