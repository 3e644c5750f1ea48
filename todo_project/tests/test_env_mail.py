import pytest

from todo_project.env import values
from todo_project.env.mail import CONSOLE
from todo_project.env.reader import EnvError

pytestmark = pytest.mark.once

SECRET = "only-for-tests-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS"
PRODUCTION = {"ENVIRONMENT": "production", "ALLOWED_HOSTS": "todo.example.com"}
REST = {"MAIL_FROM": "Todo <todo@example.com>", "PUBLIC_URL": "https://app.example.com/"}


def read(**source: str) -> values.Env:
    return values.read({"SECRET_KEY": SECRET, **source})


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "encryption"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, "", "", "starttls"),
        ("smtp://me:p%40ss%2F@mail.example.com:2525", "mail.example.com", 2525, "me", "p@ss/", "starttls"),
        ("smtps://me%40example.com:x@mail.example.com", "mail.example.com", 465, "me@example.com", "x", "tls"),
        ("smtp+tls://mail.example.com", "mail.example.com", 587, "", "", "starttls"),
        ("smtp+ssl://mail.example.com", "mail.example.com", 465, "", "", "tls"),
        ("submission://mail.example.com", "mail.example.com", 587, "", "", "starttls"),
        ("smtp://localhost:1025", "localhost", 1025, "", "", "none"),
        ("smtp://[::1]", "::1", 25, "", "", "none"),
        ("smtp://relay.internal:25?tls=none", "relay.internal", 25, "", "", "none"),
        ("smtp://localhost?tls=starttls", "localhost", 587, "", "", "starttls"),
    ],
)
def test_a_mail_server_is_read(url: str, host: str, port: int, user: str, password: str, encryption: str) -> None:
    mail = read(EMAIL_URL=url, **REST).mail

    assert mail is not None
    assert (mail.host, mail.port, mail.user, mail.password, mail.encryption) == (host, port, user, password, encryption)
    assert (mail.sender, mail.public_url) == ("Todo <todo@example.com>", "https://app.example.com")


def test_without_a_mail_server_there_is_no_mail() -> None:
    assert read().mail is None
    assert read(**REST).mail is None


def test_the_console_needs_nothing_else_in_development() -> None:
    mail = read(EMAIL_URL="console://").mail

    assert mail == CONSOLE
    assert mail.public_url == "http://localhost:3000"


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ({"EMAIL_URL": "http://mail.example.com", **REST}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://", **REST}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://mail.example.com:99999", **REST}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://mail.example.com?tls=maybe", **REST}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://mail.example.com?verify=no", **REST}, "EMAIL_URL"),
        ({"EMAIL_URL": "mail.example.com", **REST}, "EMAIL_URL"),
        ({"EMAIL_URL": "console://", **PRODUCTION}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://mail.example.com", "MAIL_FROM": REST["MAIL_FROM"]}, "PUBLIC_URL"),
        ({"EMAIL_URL": "smtp://mail.example.com", "PUBLIC_URL": REST["PUBLIC_URL"]}, "MAIL_FROM"),
        ({"MAIL_FROM": "nobody"}, "MAIL_FROM"),
        ({"MAIL_FROM": "a@example.com\x07"}, "MAIL_FROM"),
        ({"PUBLIC_URL": "app.example.com"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://app.example.com/?a=b"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "ftp://app.example.com"}, "PUBLIC_URL"),
    ],
)
def test_what_makes_no_sense_stops_the_start_and_is_named(source: dict[str, str], named: str) -> None:
    with pytest.raises(EnvError) as caught:
        read(**source)

    assert str(caught.value).startswith(named)
    assert "\n" not in str(caught.value)


def test_a_password_is_not_quoted() -> None:
    with pytest.raises(EnvError) as caught:
        read(EMAIL_URL="smtp://me:hunter2@mail.example.com:x", **REST)

    assert "hunter2" not in str(caught.value)
