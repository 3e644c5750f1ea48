from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts import services
from accounts.clients import client_of, command
from accounts.models import User
from todo_project.errors import Unauthenticated


class LocalAccountBackend(BaseBackend):
    """The staff site's login: the same rule as the API's, by email among local accounts."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        try:
            client = client_of(request) if request else command("login")
            return services.authenticate(email=username, password=password, client=client)
        except Unauthenticated:
            return None

    def get_user(self, user_id: str) -> User | None:
        return User.objects.filter(id=user_id, is_active=True).first()
