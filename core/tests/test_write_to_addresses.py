import pytest

from core.mail.addresses import is_mailable

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "address", ["ada@example.com", "a.b+c@example.com", "ada@bücher.example", "ada@xn--bcher-kva.example"]
)
def test_what_names_one_mailbox_is_written_to(address: str) -> None:
    assert is_mailable(address)


@pytest.mark.parametrize(
    "address",
    [
        "ädä@example.com",
        "=?utf-8?q?ada?=@example.com",
        # IDNA 2003 would make another domain of it.
        "ada@straße.example",
        "ada@ex\u200bample.com",
        f"ada@{'é' * 70}.example",
        "ada@é..example",
    ],
)
def test_what_would_go_elsewhere_or_nowhere_is_not(address: str) -> None:
    assert not is_mailable(address)
