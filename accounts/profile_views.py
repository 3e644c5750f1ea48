"""What the caller does with their own account."""

from drf_spectacular.utils import inline_serializer
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits, openapi, passwords, personal_tokens, services
from accounts.authentication import caller, presented
from accounts.middleware import report
from accounts.serializers import (
    DeletionSerializer,
    MessageSerializer,
    NewTokenSerializer,
    OwnUserSerializer,
    PasswordSerializer,
    PersonalTokenSerializer,
    SessionSerializer,
    TokenDraftSerializer,
    UserSerializer,
)
from accounts.sessions import ending
from core.ids import parse_uuid
from core.rest.client import client_of
from core.rest.openapi.declaring import operation
from core.rest.views import validated


class MeView(APIView):
    @operation(
        "Read who is calling",
        tags=["auth"],
        description="With what they have of each kind that is capped, and how many there may be (null: any number).",
        responses=OwnUserSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(OwnUserSerializer(caller(request)).data)

    @operation(
        "Change the caller's name",
        description="Nothing else of an account is changed here.",
        tags=["auth"],
        request=UserSerializer,
        responses=OwnUserSerializer,
        example={"name": "Ada Lovelace"},
    )
    def patch(self, request: Request) -> Response:
        serializer = UserSerializer(caller(request), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        if "name" in serializer.validated_data:
            services.rename_user(caller(request), name=serializer.validated_data["name"])
        return Response(OwnUserSerializer(caller(request)).data)

    @operation(
        "Delete the account and all it owns",
        description="At once and for good. A local account is deleted by its password, another one without.",
        tags=["auth"],
        request=DeletionSerializer,
        responses={204: None},
        refuses=[openapi.CONFIRMED, {409: ("last_admin",)}],
        example={"password": openapi.PASSWORD},
    )
    def delete(self, request: Request) -> Response:
        user, client = caller(request), client_of(request)
        password = validated(DeletionSerializer, request).get("password", "")
        services.delete_own_account(user, password=password, client=client)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(APIView):
    @operation(
        "Change the password",
        description="Every other session of the account ends.",
        tags=["auth"],
        operation_id="change_password",
        request=PasswordSerializer,
        responses={200: MessageSerializer},
        refuses=[openapi.CONFIRMED, {400: ("weak_password",), 409: ("outside_account",)}],
        example={"current_password": openapi.PASSWORD, "new_password": openapi.OTHER_PASSWORD},
    )
    def post(self, request: Request) -> Response:
        body = validated(PasswordSerializer, request)
        passwords.change_password(
            caller(request),
            current=body["current_password"],
            new=body["new_password"],
            client=client_of(request),
            session_id=presented(request).session_id,
        )
        return Response({"message": "The password has been changed."})


class SessionsView(APIView):
    @operation(
        "List the caller's live sessions",
        description="The last seen first: one for each login that has not ended.",
        tags=["auth"],
        operation_id="sessions_list",
        responses=inline_serializer("SessionList", {"data": SessionSerializer(many=True)}),
    )
    def get(self, request: Request) -> Response:
        live = ending.live_sessions(caller(request).id)
        context = {"session_id": presented(request).session_id}
        return Response({"data": SessionSerializer(live, many=True, context=context).data})


class SessionView(APIView):
    @operation(
        "End one of the caller's sessions",
        description="Its tokens are refused from the next request on.",
        tags=["auth"],
        operation_id="sessions_destroy",
        request=None,
        responses={204: None},
        refuses={404: ("session_not_found",)},
    )
    def delete(self, request: Request, session_id: str) -> Response:
        ending.close_session(caller(request).id, parse_uuid(session_id), client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokensView(APIView):
    @operation(
        "List the caller's personal tokens",
        description="Newest first, without their texts.",
        tags=["auth"],
        operation_id="tokens_list",
        responses=inline_serializer("PersonalTokenList", {"data": PersonalTokenSerializer(many=True)}),
    )
    def get(self, request: Request) -> Response:
        tokens = personal_tokens.list_tokens(caller(request).id)
        return Response({"data": PersonalTokenSerializer(tokens, many=True).data})

    @operation(
        "Make a personal token",
        tags=["auth"],
        operation_id="tokens_create",
        description="It opens tasks, the chat and `/mcp` as its scopes say, and is sent as a Bearer token. Its text is "
        "shown this once.",
        request=TokenDraftSerializer,
        responses={201: NewTokenSerializer},
        refuses=[{409: ("quota_exceeded",)}, openapi.COUNTED],
        headers={201: (openapi.NO_STORE,)},
        example={"name": "My scripts", "scopes": ["tasks:read", "tasks:write"]},
    )
    def post(self, request: Request) -> Response:
        user, client = caller(request), client_of(request)
        report(request, limits.admit_token(user.id))
        draft = validated(TokenDraftSerializer, request)
        session_id = presented(request).session_id
        token, text = personal_tokens.create(user, **draft, client=client, session_id=session_id)
        answer = {**PersonalTokenSerializer(token).data, "token": text}
        return Response(answer, status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class TokenView(APIView):
    @operation(
        "Revoke one of the caller's personal tokens",
        description="It is refused from the next request on.",
        tags=["auth"],
        operation_id="tokens_destroy",
        request=None,
        responses={204: None},
        refuses={404: ("token_not_found",)},
    )
    def delete(self, request: Request, token_id: str) -> Response:
        personal_tokens.revoke(caller(request).id, parse_uuid(token_id), client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
