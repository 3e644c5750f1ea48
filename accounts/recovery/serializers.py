from typing import Any

from rest_framework import serializers

from core.rest.fields import TextField


class ForgotSerializer(serializers.Serializer[Any]):
    email = TextField(allow_blank=True)


class PasswordResetSerializer(serializers.Serializer[Any]):
    token = TextField(allow_blank=True, write_only=True, help_text="From the link of the mail.")
    password = TextField(allow_blank=True, trim_whitespace=False, write_only=True, help_text="8 to 128 characters.")


class NewEmailSerializer(serializers.Serializer[Any]):
    email = TextField(allow_blank=True)
    password = TextField(allow_blank=True, trim_whitespace=False, write_only=True, help_text="The current one.")


class EmailTokenSerializer(serializers.Serializer[Any]):
    token = TextField(allow_blank=True, write_only=True, help_text="From the link of the mail.")
