"""Roles for programs: what they give, and who has them."""

import re
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions
from accounts.actions.guards import hold_roles
from accounts.models import Role, User
from accounts.permissions import RESOURCES, permissions_of, require
from api.errors import NotFound
from api.etags import require_match, tagged
from api.schema import ERRORS, SignedInRequest, example
from api.strict import StrictSerializer
from api.user_grants import HeldField

NUMBER = re.compile("[0-9]{1,18}")
REASSIGN = OpenApiParameter(
    "reassign_to", int, description="The number of the role that its people get instead."
)
ADMIN = {
    "id": 1,
    "name": "Admin",
    "description": "Sees and does everything",
    "users_count": 2,
    "created_at": "2025-11-01T10:00:00Z",
}
EVERYTHING = {resource: ["READ", "WRITE", "MOD", "DELETE"] for resource in RESOURCES}
GIVEN = {
    "releases": ["READ", "WRITE", "MOD"],
    "rules": ["READ", "WRITE"],
    "users": [],
    "roles": [],
    "config": [],
}
MEMBER = {"id": 1, "username": "operator", "email": "operator@example.com", "active": True}


class RoleSerializer(serializers.Serializer[Role]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    users_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()


@example({"roles": [ADMIN]})
class RolesSerializer(serializers.Serializer[Any]):
    roles = RoleSerializer(many=True)


@example({**ADMIN, "permissions": EVERYTHING})
class RoleDetailSerializer(RoleSerializer):
    permissions = serializers.SerializerMethodField()

    def get_permissions(self, role: Role) -> dict[str, list[str]]:
        return permissions_of(role)


class NewRoleSerializer(StrictSerializer):
    name = serializers.CharField(help_text="At most 150 characters, of no other role in any case.")
    description = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="At most 255 characters."
    )


class RoleChangeSerializer(StrictSerializer):
    name = serializers.CharField(required=False, help_text="Admin and Operator keep theirs.")
    description = serializers.CharField(required=False, allow_blank=True)


@example({"id": 3, "message": "Role created"})
class RoleCreatedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


@example({"id": 3, "message": "Role updated"})
class RoleUpdatedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


@example({"message": "Role deleted", "users_reassigned": 5})
class RoleDeletedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    users_reassigned = serializers.IntegerField()


@example({"permissions": EVERYTHING})
class RolePermissionsSerializer(serializers.Serializer[Any]):
    permissions = HeldField()


class RolePermissionsGivenSerializer(StrictSerializer):
    permissions = HeldField(help_text="By resource; one that is left out gives nothing.")


@example({"message": "Permissions updated", "users_affected": 10})
class RolePermissionsUpdatedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    users_affected = serializers.IntegerField()


class RoleUserSerializer(serializers.Serializer[User]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField(help_text="May be empty.")
    active = serializers.BooleanField(source="is_active")


@example({"users": [MEMBER]})
class RoleUsersSerializer(serializers.Serializer[Any]):
    users = RoleUserSerializer(many=True)


def counted() -> Any:
    """Return the roles; ask for one by `id`: `pk` fails at numbers that are too large."""
    return Role.objects.annotate(users_count=Count("user"))


def role_of(request: SignedInRequest, pk: int, action: str, *, is_held: bool = False) -> Role:
    """Return the role with its number of people, until the transaction ends as it is.

    Raises:
        NotFound: there is none.
        PermissionDenied: the caller may not do `action` to roles.
    """
    require(request.user, "roles", action)
    if is_held:  # what is counted cannot be locked
        Role.objects.select_for_update().filter(id=pk).first()
    found: Role | None = counted().filter(id=pk).first()
    if found is None:
        raise NotFound("Role", pk)
    return found


def heir_of(request: SignedInRequest) -> Role | None:
    """Return the role that the people of a deleted one get, if one is named.

    Raises:
        NotFound: there is no such role.
        ValidationError: that is no number.
    """
    said = request.query_params.get("reassign_to", "")
    if not said:
        return None
    if not NUMBER.fullmatch(said):
        raise ValidationError({"reassign_to": ["The number of a role is expected."]})
    found: Role | None = counted().filter(id=int(said)).first()
    if found is None:
        raise NotFound("Role", said)
    return found


def told(role: Role) -> dict[str, Any]:
    return dict(RoleDetailSerializer(role).data)


def permissions_told(role: Role) -> dict[str, Any]:
    return {"permissions": permissions_of(role)}


class RoleListView(APIView):
    scope = "roles"

    @extend_schema(
        operation_id="roles_list",
        summary="List the roles",
        description="With how many people have each. Needs READ on roles.",
        responses={200: RolesSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "roles", "read")
        return Response(RolesSerializer({"roles": counted().order_by("pk")}).data)

    @extend_schema(
        summary="Add a role",
        description="It gives nothing until its permissions are set. Needs WRITE on roles; 409 "
        "where another has the name, in whatever case.",
        request=NewRoleSerializer,
        responses={201: RoleCreatedSerializer, **ERRORS(400, 401, 403, 409)},
        examples=[
            OpenApiExample(
                "A role",
                {"name": "CustomRole", "description": "Custom role description"},
                request_only=True,
            )
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "roles", "write")
        asked = NewRoleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        role = actions.create_role(**asked.validated_data, by=request.user)
        return Response({"id": role.pk, "message": "Role created"}, status=201)


class RoleDetailView(APIView):
    scope = "roles"

    @extend_schema(
        operation_id="roles_retrieve",
        summary="Tell of a role",
        description="With what it gives, by resource. Needs READ on roles.",
        responses={200: RoleDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, told(role_of(request, pk, "read")))

    @extend_schema(
        summary="Rename or describe a role",
        description="Changes what is sent. Needs WRITE on roles; Admin and Operator keep their "
        "names (409).",
        request=RoleChangeSerializer,
        responses={200: RoleUpdatedSerializer, **ERRORS(400, 401, 403, 404, 409, 412)},
        examples=[
            OpenApiExample(
                "Both",
                {"name": "UpdatedRole", "description": "Updated description"},
                request_only=True,
            )
        ],
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        role = role_of(request, pk, "write", is_held=True)
        asked = RoleChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        require_match(request, told(role))
        actions.update_role(role, by=request.user, **asked.validated_data)
        return Response({"id": pk, "message": "Role updated"})

    @extend_schema(
        summary="Delete a role",
        description="Its people get the role `reassign_to`; 400 where there are some and none is "
        "named. Needs DELETE on roles, and all that the other role gives (403). Admin and Operator "
        "are not deleted, nor one's own role (409).",
        parameters=[REASSIGN],
        responses={200: RoleDeletedSerializer, **ERRORS(400, 401, 403, 404, 409, 412)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        role_of(request, pk, "delete")
        heir = heir_of(request)
        hold_roles([pk, heir.pk] if heir else [pk])
        role = role_of(request, pk, "delete")
        require_match(request, told(role))
        moved = actions.delete_role(role, by=request.user, reassign_to=heir)
        return Response({"message": "Role deleted", "users_reassigned": moved})


class RolePermissionsView(APIView):
    scope = "roles"

    @extend_schema(
        operation_id="roles_permissions_retrieve",
        summary="Tell what a role gives",
        description="Every resource, with its actions. Needs READ on roles.",
        responses={200: RolePermissionsSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, permissions_told(role_of(request, pk, "read")))

    @extend_schema(
        operation_id="roles_permissions_update",
        summary="Set what a role gives",
        description="Puts what is sent in the place of what it gave; MOD implies WRITE, and WRITE "
        "implies READ. The programs of its people have to log in again. Needs MOD on roles, and "
        "everything that it gives before and after (403). Admin goes on to give everything (409).",
        request=RolePermissionsGivenSerializer,
        responses={200: RolePermissionsUpdatedSerializer, **ERRORS(400, 401, 403, 404, 409, 412)},
        examples=[OpenApiExample("An operator's", {"permissions": GIVEN}, request_only=True)],
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        role = role_of(request, pk, "mod", is_held=True)
        asked = RolePermissionsGivenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        require_match(request, permissions_told(role))
        wished = asked.validated_data["permissions"]
        affected = actions.set_role_permissions(role, wished, by=request.user)
        return Response({"message": "Permissions updated", "users_affected": affected})


class RoleUserListView(APIView):
    scope = "roles"

    @extend_schema(
        operation_id="roles_users_list",
        summary="List the people of a role",
        description="All of them, active or not. Needs READ on roles and on users.",
        responses={200: RoleUsersSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        role = role_of(request, pk, "read")
        require(request.user, "users", "read")
        people = User.objects.filter(groups=role).order_by("username")
        return Response(RoleUsersSerializer({"users": people}).data)
