"""What the mails say. Never a name that somebody chose: whoever signs up with another's address would write to them."""

from urllib.parse import quote, urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from accounts.models import User
from accounts.recovery import tokens
from accounts.recovery.tokens import Purpose
from core.mail import outbox
from core.mail.delivery import Letter
from core.models import OutgoingMail


def password_reset(mail: OutgoingMail) -> Letter | None:
    user = User.objects.local().filter(email=mail.recipient, is_active=True).first()
    if user is None:
        return None
    token = tokens.make(user, Purpose.PASSWORD_RESET, email=user.email)
    return _letter("password_reset", "Set a new password", link=_link("reset-password", token))


def email_confirmation(mail: OutgoingMail) -> Letter | None:
    user = _holder(mail)
    if user is None or user.email != mail.recipient or user.email_verified:
        return None
    token = tokens.make(user, Purpose.EMAIL_CONFIRMATION, email=mail.recipient)
    return _letter("email_confirmation", "Confirm your email address", link=_link("confirm-email", token))


def email_change(mail: OutgoingMail) -> Letter | None:
    user = _holder(mail)
    # Looked at after the user: it was asked for with a password, and is called off with a change of it.
    if user is None or outbox.is_called_off(mail) or User.objects.local().filter(email=mail.recipient).exists():
        return None
    token = tokens.make(user, Purpose.EMAIL_CHANGE, email=mail.recipient)
    return _letter("email_change", "Confirm your new email address", link=_link("confirm-email", token))


def email_changed(mail: OutgoingMail) -> Letter | None:
    return _letter("email_changed", "Your email address was changed")


def password_changed(mail: OutgoingMail) -> Letter | None:
    return _letter("password_changed", "Your password was changed")


def _holder(mail: OutgoingMail) -> User | None:
    return User.objects.local().filter(id=mail.user_id, is_active=True).first()


def _link(page: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}/{page}?token={quote(token)}"


def _letter(name: str, subject: str, *, link: str = "") -> Letter:
    site = urlsplit(settings.PUBLIC_URL)
    context = {"link": link, "site": site.netloc, "url": settings.PUBLIC_URL, "subject": subject}
    text = render_to_string(f"accounts/mail/{name}.txt", context)
    return Letter(f"{subject} ({site.netloc})", text, render_to_string(f"accounts/mail/{name}.html", context))
