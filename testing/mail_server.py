"""A real mail server on loopback, which keeps what it is sent, or refuses it."""

import email.policy
from email.message import EmailMessage
from email.parser import BytesParser
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from testing.service import START_SECONDS, free_port, wait_until


class MailServer:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=START_SECONDS)
        self.forget()

    def forget(self) -> None:
        self.mails: list[EmailMessage] = []
        # What it says to senders, recipients and texts instead of taking them, such as "550 no such mailbox".
        self.refuses_senders = ""
        self.refuses_recipients = ""
        self.refuses_texts = ""

    def wait_for(self, count: int) -> list[EmailMessage]:
        wait_until(lambda: len(self.mails) >= count)
        return self.mails

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._controller.stop()

    # --- What aiosmtpd calls, by these names --------------------------------------------------------

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses_senders:
            return self.refuses_senders
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses_recipients:
            return self.refuses_recipients
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuses_texts:
            return self.refuses_texts
        assert isinstance(envelope.content, bytes)
        self.mails.append(BytesParser(EmailMessage, policy=email.policy.default).parsebytes(envelope.content))
        return "250 OK"


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def token_of(mail: EmailMessage) -> str:
    """Of the link in it; both forms of the mail carry the same one."""
    found = {
        text_of(mail, kind).partition("?token=")[2].split("\n")[0].split('"')[0].strip() for kind in ("plain", "html")
    }
    assert len(found) == 1
    return found.pop()
