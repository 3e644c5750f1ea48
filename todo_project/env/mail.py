"""Where mails go, and what stands in them: ``EMAIL_URL``, ``MAIL_FROM``, ``PUBLIC_URL``."""

from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from todo_project.env import reader as parse
from todo_project.env.reader import LOOPBACK, EnvError, Reader

BACKENDS: Final = "django.core.mail.backends"
# Whether the connection begins encrypted (RFC 8314), becomes so (RFC 3207) or stays plain; other tools' names too.
SCHEMES: Final = {
    "smtp": "starttls",
    "submission": "starttls",
    "smtp+tls": "starttls",
    "smtps": "tls",
    "smtp+ssl": "tls",
}
PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    # A key of PORTS.
    encryption: str = "none"
    sender: str = "todo@localhost"
    # Of the frontend whose pages the links lead to, without the slash at its end.
    public_url: str = "http://localhost:3000"


# Nothing of Django's own is to be sent where no mail is set.
NO_MAIL: Final = Mail(backend=f"{BACKENDS}.dummy.EmailBackend")
CONSOLE: Final = Mail(backend=f"{BACKENDS}.console.EmailBackend")


def read_mail(reader: Reader, environment: str) -> Mail | None:
    mail = reader.read(email_url, "EMAIL_URL")
    from_ = reader.read(sender, "MAIL_FROM")
    url = reader.read(public_url, "PUBLIC_URL")
    if mail is None:
        return None
    if mail == CONSOLE:
        if environment == "production":
            raise EnvError("EMAIL_URL must not be console:// in production: the links in the mails would be logged.")
        # What development can do without.
        from_, url = from_ or mail.sender, url or mail.public_url
    if not from_ or not url:
        raise EnvError(f"{'PUBLIC_URL' if from_ else 'MAIL_FROM'} is required with EMAIL_URL.")
    return replace(mail, sender=from_, public_url=url)


def email_url(value: str) -> Mail:
    """``smtp://user:password@host:587``, ``smtps://...``, ``console://``; raises ``ValueError``.

    ``smtp://`` asks for encryption (STARTTLS) and fails without; on loopback, or with ``?tls=none``, it stays plain.
    """
    parts = parse.split_url(value)
    if parts.scheme == "console":
        return CONSOLE
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587, smtps://user:password@host or console://")
    encryption = _encryption(parts)
    return Mail(
        backend=f"{BACKENDS}.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or PORTS[encryption],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        encryption=encryption,
    )


def _encryption(parts: SplitResult) -> str:
    options = parse_qs(parts.query, keep_blank_values=True)
    chosen = options.pop("tls", [""])[0]
    if options or chosen not in ("", *PORTS):
        raise ValueError("takes one option, tls, which is starttls, tls or none")
    is_local = parts.scheme == "smtp" and parts.hostname in LOOPBACK
    return chosen or ("none" if is_local else SCHEMES[parts.scheme])


def sender(value: str) -> str:
    """``todo@example.com`` or ``Todo <todo@example.com>``."""
    _, address = parseaddr(parse.text(value))
    try:
        if not address.endswith("@localhost"):
            validate_email(address)
    except ValidationError:
        raise ValueError("must be an email address, such as Todo <todo@example.com>") from None
    return value


def public_url(value: str) -> str:
    parts = parse.split_url(value)
    if parts.query or parts.fragment:
        raise ValueError("must be the address of the frontend, without ? and #")
    return parse.url("http", "https")(value).rstrip("/")
