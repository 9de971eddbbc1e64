"""Login and who one is."""

from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from accounts.permissions import final_permissions
from api.schema import ERRORS, SignedInRequest


class LoginSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="User name or e-mail address.")
    password = serializers.CharField(trim_whitespace=False)


class BriefUserSerializer(serializers.Serializer[User]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.EmailField(allow_blank=True)
    roles = serializers.SerializerMethodField()

    def get_roles(self, user: User) -> list[str]:
        return [role.name for role in user.roles()]


class TokensSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until the access token ends.")
    user = BriefUserSerializer()


class MeSerializer(BriefUserSerializer):
    full_name = serializers.CharField(source="get_full_name")
    note = serializers.CharField()
    active = serializers.BooleanField(source="is_active")
    is_active = serializers.BooleanField()
    groups = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="date_joined")

    def get_groups(self, user: User) -> list[str]:
        return [group.tag for group in user.release_groups.order_by("tag")]

    def get_permissions(self, user: User) -> dict[str, list[str]]:
        return {name: held for name, held in final_permissions(user).items() if held}


class LoginView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = ()
    parser_classes = [JSONParser, FormParser, MultiPartParser]

    @extend_schema(
        summary="Log in",
        description="Answers an access token of 15 minutes and a refresh token of 7 days.",
        request=LoginSerializer,
        responses={200: TokensSerializer, **ERRORS(400, 401)},
        examples=[
            OpenApiExample(
                "Operator",
                {"username": "operator", "password": "securepassword123"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        asked = LoginSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = authenticated(request, **asked.validated_data)
        return Response(TokensSerializer(tokens(user)).data)


def authenticated(request: Request, username: str, password: str) -> User:
    """Return the user of this name, or of this e-mail address, and password."""
    named = username
    if "@" in username:
        by_mail = User.objects.filter(email__iexact=username, email__gt="")[:2]
        named = by_mail[0].username if len(by_mail) == 1 else username
    user = authenticate(request, username=named, password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    return user


class WrongCredentials(APIException):
    """Tells nobody whether the user exists."""

    status_code = 401
    default_detail = "Wrong user name or password"


def tokens(user: User) -> dict[str, Any]:
    """Return new tokens; their claims are for the client, the server decides from its rows."""
    refresh = RefreshToken.for_user(user)
    refresh["user_id"] = user.pk
    refresh["username"] = user.username
    refresh["roles"] = [role.name for role in user.roles()]
    refresh["permissions"] = final_permissions(user)
    return {
        "access_token": str(refresh.access_token),
        "refresh_token": str(refresh),
        "token_type": "bearer",
        "expires_in": int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
        "user": user,
    }


class MeView(APIView):
    @extend_schema(
        summary="Who one is, and what one may do",
        responses={200: MeSerializer, **ERRORS(401)},
    )
    def get(self, request: SignedInRequest) -> Response:
        return Response(MeSerializer(request.user).data)
