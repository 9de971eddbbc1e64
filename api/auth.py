"""Login, and who one is."""

from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    PermissionDenied,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.actions import logins
from accounts.backends import TooManyTries
from accounts.models import Login, User
from accounts.permissions import final_permissions
from accounts.scopes import ACCOUNT
from api.authentication import CHALLENGE, decoded, shown, sid_of
from api.schema import ERRORS, SignedInRequest

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjo3fQ.c2lnbmF0dXJl"
BRIEF_USER = {
    "id": 7,
    "username": "operator",
    "email": "operator@example.com",
    "roles": ["Operator"],
}
TOKENS = {
    "access_token": JWT,
    "refresh_token": JWT,
    "token_type": "bearer",
    "expires_in": 900,
}
ME = BRIEF_USER | {
    "full_name": "Olga Operator",
    "note": "Operator account",
    "active": True,
    "is_active": True,
    "groups": ["TESTGROUP"],
    "permissions": {"releases": ["READ", "WRITE", "MOD"], "rules": ["READ", "WRITE"]},
    "created_at": "2026-11-01T10:00:00Z",
}


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


class RefreshSerializer(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(
        required=False, help_text="In place of the one in the header Authorization."
    )


class TokensSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField(help_text="To be used once.")
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until the access token ends.")


class LoginAnswerSerializer(TokensSerializer):
    user = BriefUserSerializer()


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


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


class Door(APIView):
    """Where one comes without an access token, and is told what to bring when refused."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class LoginView(Door):
    @extend_schema(
        summary="Log in",
        description="Answers an access token of 15 minutes and a refresh token of 7 days. Takes "
        "JSON or a form. After five tries of one account from one address no password is looked "
        "at for 15 minutes (429).",
        request=LoginSerializer,
        responses={200: LoginAnswerSerializer, **ERRORS(400, 401, 415, 429)},
        examples=[
            OpenApiExample(
                "Operator",
                {"username": "operator", "password": "securepassword123"},
                request_only=True,
            ),
            OpenApiExample("Logged in", TOKENS | {"user": BRIEF_USER}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        asked = LoginSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = authenticated(request, **asked.validated_data)
        address, agent = (request.META.get(name, "") for name in ("REMOTE_ADDR", "HTTP_USER_AGENT"))
        login = logins.begin_login(user, address=address, agent=agent)
        return Response(LoginAnswerSerializer(tokens(login) | {"user": user}).data)


class RefreshView(Door):
    @extend_schema(
        summary="Go on with a login",
        description="Answers two new tokens for the refresh token in the header Authorization, or "
        "in the body. Each refresh token is taken once: showing one again ends the login, since "
        "somebody else may have it.",
        auth=[{"bearer": []}, {}],  # type: ignore[list-item]  # as OpenAPI has it
        request=RefreshSerializer,
        responses={200: TokensSerializer, **ERRORS(400, 401, 415, 429)},
        examples=[
            OpenApiExample("In the body", {"refresh_token": JWT}, request_only=True),
            OpenApiExample("Refreshed", TOKENS, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        asked = RefreshSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        text = asked.validated_data.get("refresh_token") or shown(request)
        return Response(TokensSerializer(tokens(refreshed(text or ""))).data)


class LogoutView(APIView):
    scope = ACCOUNT

    @extend_schema(
        summary="Log out",
        description="Ends the access token that is shown and its refresh token at once; other "
        "logins go on.",
        request=None,
        responses={200: MessageSerializer, **ERRORS(401, 403, 429)},
        examples=[
            OpenApiExample("Logged out", {"message": "Logout successful"}, response_only=True)
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        if not isinstance(request.auth, Login):
            raise PermissionDenied("A personal token has no login to end: revoke it instead")
        logins.end_login(request.auth)
        return Response({"message": "Logout successful"})


class MeView(APIView):
    scope = ACCOUNT

    @extend_schema(
        summary="Who one is, and what one may do",
        description="Permissions are those of one's roles together with one's own, as they are "
        "now; resources on which one holds none are left out.",
        responses={200: MeSerializer, **ERRORS(401, 403, 429)},
        examples=[OpenApiExample("Operator", ME, response_only=True)],
    )
    def get(self, request: SignedInRequest) -> Response:
        return Response(MeSerializer(request.user).data)


class WrongCredentials(NotAuthenticated):
    """Tells nobody whether the user exists."""

    default_detail = "Wrong user name or password"


class TriedTooOften(APIException):
    """As the page says it; the handler of errors tells `wait` by a header."""

    status_code = 429

    def __init__(self, tries: TooManyTries) -> None:
        super().__init__(str(tries))
        self.wait = tries.wait_s


def authenticated(request: Request, username: str, password: str) -> User:
    """Return the user of this name, or of this e-mail address, and password."""
    try:
        user = authenticate(request, username=username, password=password)
    except TooManyTries as tries:
        raise TriedTooOften(tries) from tries
    if not isinstance(user, User):
        raise WrongCredentials
    return user


def refreshed(text: str) -> Login:
    try:
        token = decoded(RefreshToken, text)
        return logins.refresh_login(sid_of(token), token["jti"])
    except (TokenError, logins.LoginOver) as error:
        raise AuthenticationFailed from error


def tokens(login: Login) -> dict[str, Any]:
    """Return the tokens of `login` as it stands; their claims are for the client alone."""
    refresh = RefreshToken()
    refresh["jti"] = login.refresh_jti
    refresh["sid"] = str(login.sid)
    refresh["user_id"] = login.user.pk
    refresh["username"] = login.user.username
    refresh["roles"] = [role.name for role in login.user.roles()]
    refresh["permissions"] = final_permissions(login.user)
    return {
        "access_token": str(refresh.access_token),
        "refresh_token": str(refresh),
        "token_type": "bearer",
        "expires_in": int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
    }
