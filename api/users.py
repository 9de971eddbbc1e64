"""People for programs: the list, one of them, who is added, changed, deactivated or deleted."""

from typing import Any

from django.contrib.auth.models import Group as AuthGroup
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions
from accounts.filters import NAMES, STATES, sought
from accounts.models import ReleaseGroup, User
from accounts.permissions import final_permissions, require
from api.errors import NotFound
from api.etags import require_match, tagged
from api.filters import refuse_unknown
from api.pagination import PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest, example
from api.strict import StrictSerializer
from rules.models import separate

SORTS = {
    "id": "pk",
    "username": "username",
    "email": "email",
    "active": "is_active",
    "created_at": "date_joined",
    "last_login": "last_login",
}
PASSWORD_LENGTH = 4096
"""More is no password: each is hashed before it is known to be wrong."""
LISTING = [
    OpenApiParameter("status", str, description="active, inactive; repeated or comma-separated."),
    OpenApiParameter("role", str, description="Names of roles; repeated or comma-separated."),
    OpenApiParameter("group", str, description="Tags of groups; repeated or comma-separated."),
    OpenApiParameter(
        "search", str, description="In names and e-mail addresses; `*` stands for any letters."
    ),
    OpenApiParameter(
        "sort", str, description=f"One of {', '.join(SORTS)}; `username` unless told."
    ),
    OpenApiParameter("order", str, description="asc or desc."),
    OpenApiParameter("page", int, description="From 1."),
    OpenApiParameter("per_page", int, description="At most 100; 20 unless told."),
]
PERMANENT = OpenApiParameter(
    "permanent", bool, description="true: delete for good; else deactivate."
)
LISTED = {
    "id": 1,
    "username": "operator",
    "email": "operator@example.com",
    "active": True,
    "roles": ["Operator"],
    "groups": ["TESTGROUP"],
    "created_at": "2025-11-01T10:00:00Z",
}
PAGE = {"page": 1, "per_page": 20, "total": 50, "pages": 3}
NEW = {
    "username": "newuser",
    "email": "newuser@example.com",
    "password": "SecurePass123",
    "note": "New operator",
    "active": True,
}
CHANGES = {
    "email": "updated@example.com",
    "note": "Updated note",
    "password": "NewSecurePass123",
    "active": True,
}


class UserSerializer(serializers.Serializer[User]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField(help_text="May be empty.")
    active = serializers.BooleanField(source="is_active")
    roles = serializers.SerializerMethodField()
    groups = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="date_joined")

    def get_roles(self, user: User) -> list[str]:
        return sorted(role.name for role in user.groups.all())

    def get_groups(self, user: User) -> list[str]:
        return sorted(group.tag for group in user.release_groups.all())


@example({"users": [LISTED], "pagination": PAGE})
class UsersSerializer(serializers.Serializer[Any]):
    users = UserSerializer(many=True)
    pagination = PaginationSerializer()


@example(
    {
        **LISTED,
        "note": "Operator account",
        "permissions": {"releases": ["READ", "WRITE"], "rules": ["READ", "WRITE"]},
        "modify_at": None,
        "created_by": None,
    }
)
class UserDetailSerializer(UserSerializer):
    note = serializers.CharField()
    permissions = serializers.SerializerMethodField()
    modify_at = serializers.DateTimeField(
        source="modified_at", allow_null=True, help_text="When it was changed last; null: never."
    )
    created_by = serializers.IntegerField(
        source="created_by_id", allow_null=True, help_text="The number of who added them."
    )

    def get_permissions(self, user: User) -> dict[str, list[str]]:
        return {name: held for name, held in final_permissions(user).items() if held}


class NewUserSerializer(StrictSerializer):
    username = serializers.CharField(
        help_text="3 to 100 characters, of anybody else's in any case."
    )
    email = serializers.CharField(required=False, allow_blank=True)
    password = serializers.CharField(
        trim_whitespace=False,
        max_length=PASSWORD_LENGTH,
        help_text="At least 8 characters, with a capital letter and a digit.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="At most 500 characters."
    )
    active = serializers.BooleanField(required=False)


class UserChangeSerializer(StrictSerializer):
    email = serializers.CharField(required=False, allow_blank=True)
    note = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="At most 500 characters."
    )
    password = serializers.CharField(
        required=False,
        trim_whitespace=False,
        max_length=PASSWORD_LENGTH,
        help_text="Needs MOD, and ends the person's logins.",
    )
    active = serializers.BooleanField(required=False, help_text="Another value needs DELETE.")


@example({"id": 2, "username": "newuser", "message": "User created"})
class UserCreatedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    message = serializers.CharField()


@example({"id": 2, "message": "User updated"})
class UserUpdatedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


@example({"message": "User deleted", "permanent": False})
class UserDeletedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    permanent = serializers.BooleanField(help_text="false: they are deactivated, and still there.")


def person_of(request: SignedInRequest, pk: int, action: str, *, is_held: bool = False) -> User:
    """Return the person, until the transaction ends as they are where `is_held`.

    Raises:
        NotFound: there is none.
        PermissionDenied: the caller may not do `action` to users.
    """
    require(request.user, "users", action)
    people = User.objects.select_for_update() if is_held else User.objects.all()
    found = people.filter(pk=pk).first()
    if found is None:
        raise NotFound("User", pk)
    return found


def listed(request: Request) -> QuerySet[User]:
    """Return the people that the query string asks for, with their roles and groups.

    Raises:
        ValidationError: it asks for what there is not.
    """
    asked = request.query_params
    refuse_unknown(request, "status", list(STATES))
    found = sought(User.objects.all(), asked.get("search", ""), NAMES)
    if states := separate(asked.getlist("status")):
        found = found.filter(is_active__in={STATES[state.lower()] for state in states})
    if roles := separate(asked.getlist("role")):
        having = User.groups.through.objects.filter(group__name__in=roles)
        found = found.filter(pk__in=having.values("user"))
    if tags := separate(asked.getlist("group")):
        members = ReleaseGroup.members.through.objects.filter(
            releasegroup__tag__in=[tag.upper() for tag in tags]
        )
        found = found.filter(pk__in=members.values("user"))
    of_theirs = (
        Prefetch("groups", AuthGroup.objects.only("name")),
        Prefetch("release_groups", ReleaseGroup.objects.only("tag")),
    )
    return found.order_by(*order_of(request)).prefetch_related(*of_theirs)


def order_of(request: Request) -> tuple[str, str]:
    """Return the fields to order by.

    Raises:
        ValidationError: the query string names no order.
    """
    sort = request.query_params.get("sort", "username")
    order = request.query_params.get("order", "asc")
    if sort not in SORTS:
        raise ValidationError({"sort": [f"One of {', '.join(SORTS)}."]})
    if order not in {"asc", "desc"}:
        raise ValidationError({"order": ["asc or desc."]})
    sign = "-" if order == "desc" else ""
    return f"{sign}{SORTS[sort]}", f"{sign}pk"


def told(user: User) -> dict[str, Any]:
    return dict(UserDetailSerializer(user).data)


def is_permanent(request: Request) -> bool:
    said = request.query_params.get("permanent", "false").lower()
    if said not in {"true", "false"}:
        raise ValidationError({"permanent": ["true or false."]})
    return said == "true"


class UserListView(APIView):
    scope = "users"

    @extend_schema(
        operation_id="users_list",
        summary="List the people",
        description="With the names of their roles and the tags of their groups. Needs READ on "
        "users.",
        parameters=LISTING,
        responses={200: UsersSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "users", "read")
        page = page_of(listed(request), request)
        shown = {"users": page.object_list, "pagination": described(page)}
        return Response(UsersSerializer(shown).data)

    @extend_schema(
        summary="Add a person",
        description="Somebody new has no role until they are given one. Needs WRITE on users; "
        "409 where somebody has the name, in whatever case.",
        request=NewUserSerializer,
        responses={201: UserCreatedSerializer, **ERRORS(400, 401, 403, 409)},
        examples=[OpenApiExample("An operator", NEW, request_only=True)],
    )
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "users", "write")
        asked = NewUserSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = actions.create_user(actions.NewUser(**asked.validated_data), by=request.user)
        made = {"id": user.pk, "username": user.username, "message": "User created"}
        return Response(made, status=201)


class UserDetailView(APIView):
    scope = "users"

    @extend_schema(
        operation_id="users_retrieve",
        summary="Tell of a person",
        description="With what they may do: that of their roles, and what they were given besides. "
        "Needs READ on users.",
        responses={200: UserDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, told(person_of(request, pk, "read")))

    @extend_schema(
        summary="Change a person",
        description="Changes what is sent. Needs WRITE on users; a password needs MOD besides, "
        "being active or not DELETE. Nobody changes a person who may do more than they (403), "
        "deactivates themselves or the last administrator (409).",
        request=UserChangeSerializer,
        responses={200: UserUpdatedSerializer, **ERRORS(400, 401, 403, 404, 409, 412)},
        examples=[OpenApiExample("All of it", CHANGES, request_only=True)],
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        user = person_of(request, pk, "write", is_held=True)
        asked = UserChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        require_match(request, told(user))
        actions.update_user(user, by=request.user, **asked.validated_data)
        return Response({"id": pk, "message": "User updated"})

    @extend_schema(
        summary="Deactivate or delete a person",
        description="Deactivates them, unless `permanent=true`. Needs DELETE on users. What people "
        "made stays: 409 tells what keeps an account from being deleted for good. Nobody does it "
        "to themselves or the last administrator (409), or to who may do more than they (403).",
        parameters=[PERMANENT],
        responses={200: UserDeletedSerializer, **ERRORS(400, 401, 403, 404, 409, 412)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        user = person_of(request, pk, "delete", is_held=True)
        permanent = is_permanent(request)
        require_match(request, told(user))
        away = actions.delete_user if permanent else actions.deactivate_user
        away(user, by=request.user)
        return Response({"message": "User deleted", "permanent": permanent})
