"""A server sends what its requests leave in the outbox, by itself and outside of them."""

import json
from pathlib import Path

from testing import service
from testing.mail_server import MailServer, token_of

BODY = {"email": "carol@example.com", "password": "correct horse battery"}


def post(server: service.Server, path: str, body: dict[str, str]) -> int:
    return server.send(f"/api/auth/{path}", json.dumps(body).encode(), Content_Type="application/json")[0]


def test_a_password_is_reset_by_mail(own_database: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with MailServer() as mail_server:
        settings = {
            "DATABASE_URL": own_database, "WEB_CONCURRENCY": "2", "DB_POOL_SIZE": "2", "AUTH_RATE_LIMIT": "100/min",
            "EMAIL_URL": mail_server.url, "MAIL_FROM": "todo@example.com", "PUBLIC_URL": "https://app.example.com",
        }  # fmt: skip
        with service.serving(log, settings) as server:
            assert post(server, "signup", BODY) == 201
            assert post(server, "password/forgot", {"email": BODY["email"]}) == 202
            token = token_of(next(mail for mail in mail_server.wait_for(2) if "password" in mail["Subject"]))
            assert post(server, "password/reset", {"token": token, "password": "another good phrase"}) == 200
            assert post(server, "login", BODY) == 401
            mail_server.wait_for(3)
            assert b'"mail": "ok"' in server.send("/health/ready")[2].replace(b'":"', b'": "')
    written = log.read_text()
    assert BODY["email"] not in written
    assert token not in written
