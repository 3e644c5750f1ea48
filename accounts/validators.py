from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

MAX_PASSWORD_LENGTH: Final = 128


class MaximumLengthValidator:
    """Refuses passwords over 128 characters, the counterpart of Django's minimum."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if len(password) > MAX_PASSWORD_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return f"The password must have at most {MAX_PASSWORD_LENGTH} characters."
