from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services, throttling, tokens
from accounts.addresses import client_address
from accounts.authentication import caller
from accounts.middleware import report
from accounts.models import User
from accounts.serializers import (
    CredentialsSerializer,
    RefreshSerializer,
    SignupSerializer,
    TokenPairSerializer,
    UserSerializer,
    token_pair,
)
from todo_project.errors import Unauthenticated


class PublicView(APIView):
    """Needs no token, and does not look at one."""

    authentication_classes = ()
    permission_classes = ()


class SignupView(PublicView):
    @extend_schema(
        tags=["auth"],
        operation_id="signup",
        summary="Sign up",
        request=SignupSerializer,
        responses={201: TokenPairSerializer},
    )
    def post(self, request: Request) -> Response:
        address = client_address(request)
        report(request, throttling.admit_auth_attempt(address))
        user = services.sign_up(**_validated(SignupSerializer, request), address=address)
        return Response(token_pair(user), status=status.HTTP_201_CREATED)


class LoginView(PublicView):
    @extend_schema(
        tags=["auth"],
        operation_id="login",
        summary="Log in",
        request=CredentialsSerializer,
        responses={200: TokenPairSerializer},
    )
    def post(self, request: Request) -> Response:
        address = client_address(request)
        report(request, throttling.admit_auth_attempt(address))
        user = services.authenticate(**_validated(CredentialsSerializer, request), address=address)
        return Response(token_pair(user))


class RefreshView(PublicView):
    @extend_schema(
        tags=["auth"],
        operation_id="refresh",
        summary="Exchange a refresh token for a new pair",
        request=RefreshSerializer,
        responses={200: TokenPairSerializer},
    )
    def post(self, request: Request) -> Response:
        if allowance := throttling.admit_refresh(client_address(request)):
            report(request, allowance)
        token = _validated(RefreshSerializer, request)["refresh_token"]
        user = User.objects.filter(id=tokens.refresh_user_id(token), is_active=True).first()
        if user is None:
            raise Unauthenticated("token_invalid", "The token is not valid.")
        return Response(token_pair(user))


class MeView(APIView):
    @extend_schema(tags=["auth"], summary="The caller", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(caller(request)).data)

    @extend_schema(tags=["auth"], summary="Change the caller's name", request=UserSerializer, responses=UserSerializer)
    def patch(self, request: Request) -> Response:
        serializer = UserSerializer(caller(request), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        if "name" in serializer.validated_data:
            services.rename_user(caller(request), name=serializer.validated_data["name"])
        return Response(UserSerializer(caller(request)).data)


def _validated(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
