"""What people are given, for programs: release groups, roles and permissions of their own."""

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions
from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import (
    Table,
    custom_permissions,
    final_permissions,
    role_permissions,
)
from api.errors import NotFound
from api.etags import require_match, tagged
from api.schema import ERRORS, SignedInRequest, example
from api.strict import StrictSerializer
from api.users import person_of

NUMBERS = 2**63 - 1
MOST_GROUPS, MOST_PERMISSIONS = 100, 100


class NamedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class GroupsGivenSerializer(StrictSerializer):
    group_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=NUMBERS),
        min_length=1,
        max_length=MOST_GROUPS,
    )


@example({"message": "Groups assigned", "groups": [{"id": 1, "name": "TESTGROUP"}]})
class GroupsAssignedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    groups = NamedSerializer(many=True, help_text="All that the person is in now.")


class RoleGivenSerializer(StrictSerializer):
    role_id = serializers.IntegerField(min_value=1, max_value=NUMBERS)


@example({"message": "Role assigned", "role": {"id": 1, "name": "Operator"}})
class RoleAssignedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    role = NamedSerializer()


@example({"message": "Group removed"})
class GroupRemovedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@example({"message": "Role removed"})
class RoleRemovedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class HeldField(serializers.DictField):
    """Actions by resource, e.g. ``{"rules": ["READ"]}``."""

    def __init__(self, **more: Any) -> None:
        super().__init__(child=serializers.ListField(child=serializers.CharField()), **more)


@example(
    {
        "role_permissions": {"releases": ["READ", "WRITE"], "rules": ["READ", "WRITE"]},
        "custom_permissions": {"releases": ["READ", "WRITE", "MOD"]},
        "final_permissions": {"releases": ["READ", "WRITE", "MOD"], "rules": ["READ", "WRITE"]},
    }
)
class UserPermissionsSerializer(serializers.Serializer[Any]):
    role_permissions = HeldField(help_text="What their roles give.")
    custom_permissions = HeldField(help_text="What they were given besides.")
    final_permissions = HeldField(help_text="Both.")


class PermissionSerializer(StrictSerializer):
    resource = serializers.CharField(help_text="releases, rules, users, roles or config.")
    action = serializers.CharField(help_text="READ, WRITE, MOD or DELETE.")


class PermissionsGivenSerializer(StrictSerializer):
    permissions = PermissionSerializer(
        many=True,
        max_length=MOST_PERMISSIONS,  # type: ignore[call-arg]  # of the list: missing in the stub
    )


@example({"message": "Permissions updated"})
class PermissionsUpdatedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


def groups_of(numbers: list[int]) -> list[ReleaseGroup]:
    """Return the groups of these numbers.

    Raises:
        NotFound: there is one that is not.
    """
    found = ReleaseGroup.objects.in_bulk(numbers)
    for number in numbers:
        if number not in found:
            raise NotFound("Group", number)
    return list(found.values())


def role_of(number: int) -> Role:
    found = Role.objects.filter(id=number).first()
    if not isinstance(found, Role):
        raise NotFound("Role", number)
    return found


def permissions_told(user: User) -> dict[str, Table]:
    tables = {
        "role_permissions": role_permissions(user),
        "custom_permissions": custom_permissions(user),
        "final_permissions": final_permissions(user),
    }
    return {
        name: {resource: held for resource, held in table.items() if held}
        for name, table in tables.items()
    }


class UserGroupListView(APIView):
    scope = "users"

    @extend_schema(
        operation_id="users_groups_assign",
        summary="Put a person into release groups",
        description="Besides those that they are in. Needs MOD on users; who is no administrator "
        "can only give groups that they are in themselves (403).",
        request=GroupsGivenSerializer,
        responses={200: GroupsAssignedSerializer, **ERRORS(400, 401, 403, 404, 409)},
        examples=[OpenApiExample("Three", {"group_ids": [1, 2, 3]}, request_only=True)],
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        user = person_of(request, pk, "mod")
        asked = GroupsGivenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.assign_groups(user, groups_of(asked.validated_data["group_ids"]), by=request.user)
        tags = user.release_groups.order_by("tag").values_list("pk", "tag")
        groups = [{"id": number, "name": tag} for number, tag in tags]
        return Response({"message": "Groups assigned", "groups": groups})


class UserGroupView(APIView):
    scope = "users"

    @extend_schema(
        operation_id="users_groups_remove",
        summary="Take a person out of a release group",
        description="Needs MOD on users; 404 where they are not in it.",
        responses={200: GroupRemovedSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def delete(self, request: SignedInRequest, pk: int, group_id: int) -> Response:
        user = person_of(request, pk, "mod")
        group = user.release_groups.filter(pk=group_id).first()
        if group is None:
            raise NotFound("Group", group_id)
        actions.remove_group(user, group, by=request.user)
        return Response({"message": "Group removed"})


class UserRoleListView(APIView):
    scope = "users"

    @extend_schema(
        operation_id="users_roles_assign",
        summary="Give a person a role",
        description="Besides those that they have; their programs have to log in again. Needs MOD "
        "on users, and all that the role gives (403); administrators alone give Admin. Nobody "
        "changes their own roles (409).",
        request=RoleGivenSerializer,
        responses={200: RoleAssignedSerializer, **ERRORS(400, 401, 403, 404, 409)},
        examples=[OpenApiExample("Operator", {"role_id": 1}, request_only=True)],
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        user = person_of(request, pk, "mod")
        asked = RoleGivenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        role = role_of(asked.validated_data["role_id"])
        actions.assign_role(user, role, by=request.user)
        given = {"id": role.pk, "name": role.name}
        return Response({"message": "Role assigned", "role": given})


class UserRoleView(APIView):
    scope = "users"

    @extend_schema(
        operation_id="users_roles_remove",
        summary="Take a role from a person",
        description="Their programs have to log in again. Needs MOD on users; 404 where they do "
        "not have it. Nobody takes a role from themselves, or Admin from the last administrator "
        "(409).",
        responses={200: RoleRemovedSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def delete(self, request: SignedInRequest, pk: int, role_id: int) -> Response:
        user = person_of(request, pk, "mod")
        role = user.roles().filter(id=role_id).first()
        if role is None:
            raise NotFound("Role", role_id)
        actions.remove_role(user, role, by=request.user)
        return Response({"message": "Role removed"})


class UserPermissionsView(APIView):
    scope = "users"

    @extend_schema(
        operation_id="users_permissions_retrieve",
        summary="Tell what a person may do, and why",
        description="Resources on which they may do nothing are left out. Needs READ on users.",
        responses={200: UserPermissionsSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, permissions_told(person_of(request, pk, "read")))

    @extend_schema(
        operation_id="users_permissions_update",
        summary="Set what a person may do besides their roles",
        description="Puts what is sent in the place of what they were given before; MOD implies "
        "WRITE, and WRITE implies READ. Their programs have to log in again. Needs MOD on users, "
        "and everything that is given (403). Nobody changes their own (409).",
        request=PermissionsGivenSerializer,
        responses={200: PermissionsUpdatedSerializer, **ERRORS(400, 401, 403, 404, 409, 412)},
        examples=[
            OpenApiExample(
                "Two",
                {
                    "permissions": [
                        {"resource": "releases", "action": "MOD"},
                        {"resource": "rules", "action": "DELETE"},
                    ]
                },
                request_only=True,
            )
        ],
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        user = person_of(request, pk, "mod", is_held=True)
        asked = PermissionsGivenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wished: defaultdict[str, list[str]] = defaultdict(list)
        for one in asked.validated_data["permissions"]:
            wished[one["resource"]].append(one["action"])
        require_match(request, permissions_told(user))
        actions.set_custom_permissions(user, wished, by=request.user)
        return Response({"message": "Permissions updated"})
