from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import openapi
from accounts.models import MAX_NAME_LENGTH, MAX_TOKEN_NAME_LENGTH, PersonalToken, Scope, Session, User
from accounts.sessions.ending import live_sessions
from accounts.sessions.starting import Grant
from accounts.tokens.own import TokenPair, mint_pair
from core import quotas
from core.rest.fields import ChoiceField, TextField, TimestampField, VisibleTextField

# More are the same ones again.
MAX_SCOPES_SENT: Final = 20


class UserSerializer(serializers.ModelSerializer[User]):
    name = TextField(max_length=MAX_NAME_LENGTH, allow_blank=True)
    created_at = TimestampField(read_only=True)

    class Meta:
        model = User
        fields: tuple[str, ...] = ("id", "email", "email_verified", "name", "role", "created_at")
        read_only_fields = ("id", "email", "email_verified", "role", "created_at")


class QuotaSerializer(serializers.Serializer[Any]):
    used = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)


CAPPED: Final = ("tasks", "conversations", "sessions")


class UsageSerializer(serializers.Serializer[Any]):
    tasks = QuotaSerializer()
    conversations = QuotaSerializer()
    sessions = QuotaSerializer()


class OwnUserSerializer(UserSerializer):
    usage = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = (*UserSerializer.Meta.fields, "usage")

    @extend_schema_field(UsageSerializer)
    def get_usage(self, user: User) -> dict[str, Any]:
        used = {**quotas.used(user.id), "sessions": live_sessions(user.id).count()}
        return {kind: {"used": used.get(kind, 0), "limit": quotas.limit(kind)} for kind in CAPPED}


# What is wrong with an email or a password beyond its type is the service's to say (400, not 422),
# so these fields take any text.


class CredentialsSerializer(serializers.Serializer[Any]):
    email = TextField(allow_blank=True)
    password = TextField(allow_blank=True, trim_whitespace=False, write_only=True)


class LoginSerializer(CredentialsSerializer):
    refresh_token = TextField(
        required=False,
        allow_blank=True,
        allow_null=True,
        write_only=True,
        help_text="Of an earlier login, where the account is guarded against guesses and no cookie is sent.",
    )


@extend_schema_field(openapi.EMAIL_SCHEMA)
class EmailField(TextField):
    pass


@extend_schema_field(openapi.NEW_PASSWORD_SCHEMA)
class NewPasswordField(TextField):
    pass


class SignupSerializer(CredentialsSerializer):
    email = EmailField(allow_blank=True)
    password = NewPasswordField(allow_blank=True, trim_whitespace=False, write_only=True)
    name = TextField(max_length=MAX_NAME_LENGTH, allow_blank=True, allow_null=True, default="")

    def validate_name(self, value: str | None) -> str:
        return value or ""


class RefreshSerializer(serializers.Serializer[Any]):
    refresh_token = TextField()


class LogoutSerializer(serializers.Serializer[Any]):
    refresh_token = TextField(required=False, help_text="Instead of an access token.")


class PasswordSerializer(serializers.Serializer[Any]):
    current_password = TextField(allow_blank=True, trim_whitespace=False, write_only=True)
    new_password = NewPasswordField(allow_blank=True, trim_whitespace=False, write_only=True)


class DeletionSerializer(serializers.Serializer[Any]):
    password = TextField(
        required=False, allow_blank=True, trim_whitespace=False, write_only=True, help_text="Of a local account."
    )


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class SessionSerializer(serializers.ModelSerializer[Session]):
    current = serializers.SerializerMethodField(help_text="Whether this is the session of the token presented.")
    created_at = TimestampField(read_only=True)
    last_seen_at = TimestampField(read_only=True, help_text="To the minute.")

    class Meta:
        model = Session
        fields = ("id", "current", "user_agent", "address", "created_at", "last_seen_at")

    def get_current(self, session: Session) -> bool:
        return bool(session.id == self.context["session_id"])


class TokenDraftSerializer(serializers.Serializer[Any]):
    name = VisibleTextField(max_length=MAX_TOKEN_NAME_LENGTH, help_text="What it is for.")
    scopes = serializers.ListField(child=ChoiceField(Scope.values), allow_empty=False, max_length=MAX_SCOPES_SENT)
    expires_at = TimestampField(required=False, allow_null=True, default=None, help_text="Without it, never.")

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        if value and value <= timezone.now():
            raise serializers.ValidationError("Must be in the future.")
        return value


class PersonalTokenSerializer(serializers.ModelSerializer[PersonalToken]):
    scopes = serializers.SerializerMethodField()
    created_at = TimestampField(read_only=True)
    last_used_at = TimestampField(read_only=True, allow_null=True, help_text="To the minute.")
    expires_at = TimestampField(read_only=True, allow_null=True)

    class Meta:
        model = PersonalToken
        fields: tuple[str, ...] = ("id", "name", "scopes", "created_at", "last_used_at", "expires_at")

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Scope.values)))
    def get_scopes(self, token: PersonalToken) -> list[str]:
        return token.scopes.split()


class NewTokenSerializer(PersonalTokenSerializer):
    token = serializers.CharField(help_text="Shown this once.")

    class Meta(PersonalTokenSerializer.Meta):
        fields = (*PersonalTokenSerializer.Meta.fields, "token")


class TokenPairSerializer(serializers.Serializer[TokenPair]):
    access_token = serializers.CharField(source="access")
    refresh_token = serializers.CharField(source="refresh")
    token_type = serializers.ChoiceField(["bearer"])
    expires_in = serializers.IntegerField(
        source="expires_in_seconds", help_text="Seconds until the access token expires."
    )
    user = UserSerializer()


def token_pair(grant: Grant) -> dict[str, Any]:
    """The answer to signup, login and refresh."""
    pair = mint_pair(grant)
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": "bearer",
        "expires_in": pair.expires_in_seconds,
        "user": UserSerializer(grant.session.user).data,
    }
