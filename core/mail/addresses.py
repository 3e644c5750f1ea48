"""Which addresses a mail can be sent to as they are written."""

from typing import Final

# What begins an encoded word (RFC 2047), which the mail library would decode into another mailbox's name.
ENCODED: Final = "=?"


def is_mailable(address: str) -> bool:
    """False where mail would go to another mailbox than the one that is named, or to none.

    The library's domains are those of IDNA 2003: it would send what is meant for straße.example to strasse.example,
    and takes any number of invisible characters for nothing.
    """
    name, _, domain = address.rpartition("@")
    return name.isascii() and ENCODED not in name and (domain.isascii() or _is_kept(domain))


def _is_kept(domain: str) -> bool:
    try:
        return domain.encode("idna").decode("idna") == domain
    except UnicodeError:
        return False
