"""Account recovery, where mail is configured; elsewhere there is nothing here."""

from typing import Any, ClassVar, Final

from django.conf import settings
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits, openapi
from accounts.authentication import caller
from accounts.middleware import report
from accounts.recovery import services
from accounts.recovery.serializers import (
    EmailTokenSerializer,
    ForgotSerializer,
    NewEmailSerializer,
    PasswordResetSerializer,
)
from accounts.serializers import MessageSerializer
from core.errors import NotFound
from core.rest.client import client_of
from core.rest.openapi.declaring import Refusals, operation
from core.rest.openapi.headers import LIMITS
from core.rest.views import PublicView, validated

SENT: Final = "If the address is that of an account, a mail is on its way."


class MailView(APIView):
    refuses: ClassVar[Refusals] = {404: ("not_found",), **openapi.COUNTED}
    counts: ClassVar = LIMITS

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # For everyone alike, signed in or not.
        if not settings.MAIL_IS_ON:
            raise NotFound("not_found")
        super().initial(request, *args, **kwargs)


class ForgotView(MailView, PublicView):
    @operation(
        "Ask for a mail with a link to set a new password",
        tags=["auth"],
        operation_id="forgot_password",
        description="The same answer for every address, in the same time. The link is good for an hour, and once.",
        request=ForgotSerializer,
        responses={202: MessageSerializer},
        example={"email": openapi.EMAIL},
    )
    def post(self, request: Request) -> Response:
        report(request, limits.admit_auth_attempt(client_of(request).address))
        services.ask_for_reset(**validated(ForgotSerializer, request))
        return Response({"message": SENT}, status.HTTP_202_ACCEPTED)


class ResetView(MailView, PublicView):
    @operation(
        "Set a new password by the token of a mail",
        description="Every session ends, and every personal token.",
        tags=["auth"],
        operation_id="reset_password",
        request=PasswordResetSerializer,
        responses={200: MessageSerializer},
        refuses={422: ("token_invalid", "weak_password")},
        example={"token": openapi.MAIL_TOKEN, "password": openapi.OTHER_PASSWORD},
    )
    def post(self, request: Request) -> Response:
        client = client_of(request)
        report(request, limits.admit_auth_attempt(client.address))
        services.reset_password(**validated(PasswordResetSerializer, request), client=client)
        return Response({"message": "The password has been set; log in with it."})


class VerifyView(MailView):
    @operation(
        "Send the mail that confirms the caller's address again",
        description="To a local account whose address is not confirmed; others are told the same and sent nothing.",
        tags=["auth"],
        operation_id="send_verification",
        request=None,
        responses={202: MessageSerializer},
    )
    def post(self, request: Request) -> Response:
        user = caller(request)
        report(request, limits.admit_auth_attempt(client_of(request).address))
        services.send_confirmation(user)
        return Response({"message": "A mail is on its way."}, status.HTTP_202_ACCEPTED)


class NewEmailView(MailView):
    @operation(
        "Change the caller's email",
        tags=["auth"],
        operation_id="change_email",
        description="By the link of a mail to the new address, which is good for a day, and once.",
        request=NewEmailSerializer,
        responses={202: MessageSerializer},
        refuses=[openapi.CONFIRMED, {409: ("outside_account",), 422: ("invalid_email",)}],
        example={"email": "ada.lovelace@example.com", "password": openapi.PASSWORD},
    )
    def post(self, request: Request) -> Response:
        body = validated(NewEmailSerializer, request)
        services.ask_for_new_email(caller(request), **body, client=client_of(request))
        return Response({"message": "A mail is on its way to the new address."}, status.HTTP_202_ACCEPTED)


class ConfirmEmailView(MailView, PublicView):
    @operation(
        "Confirm an address by the token of a mail",
        description="Of the account, or the new one that was asked for.",
        tags=["auth"],
        operation_id="confirm_email",
        request=EmailTokenSerializer,
        responses={200: MessageSerializer},
        refuses={409: ("email_taken",), 422: ("token_invalid",)},
        example={"token": openapi.MAIL_TOKEN},
    )
    def post(self, request: Request) -> Response:
        client = client_of(request)
        report(request, limits.admit_auth_attempt(client.address))
        services.confirm_email(**validated(EmailTokenSerializer, request), client=client)
        return Response({"message": "The address is confirmed."})
