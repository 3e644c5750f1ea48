import pytest
from django.test import RequestFactory
from pytest_django import Settings

from core.rest.client import client_address, client_of, group_address

SOCKET = "198.51.100.9"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, SOCKET),
        (0, "203.0.113.5", SOCKET),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (2, "203.0.113.5,10.0.0.1", "203.0.113.5"),
        # Not through all the proxies: nobody vouches for what it says.
        (2, "203.0.113.5", SOCKET),
        (1, None, SOCKET),
        (1, "", SOCKET),
        (1, "unknown", SOCKET),
        (1, "203.0.113.5, ", SOCKET),
        (1, "203.0.113.5, 300.1.1.1", SOCKET),
        (1, "203.0.113.5, é", SOCKET),
        (1, "," * 10_000, SOCKET),
        (1, "203.0.113.5:4711", "203.0.113.5"),
        (1, "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "2001:db8:0:0::1", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_the_client_is_the_socket_or_the_right_entry(
    proxies: int, forwarded: str | None, expected: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=SOCKET)) == expected


@pytest.mark.parametrize(("socket", "expected"), [("", "unknown"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::1", "::1")])
def test_the_sockets_own_address(socket: str, expected: str) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=socket)) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_site_counts_as_one(address: str, expected: str) -> None:
    assert group_address(address) == expected


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("x" * 255, "x" * 255), ("x" * 256, "x" * 255), ("curl/8\t\x1b[31m", "curl/8[31m"), (None, "")],
)
def test_of_the_user_agent_255_characters_that_can_be_shown_are_kept(sent: str | None, kept: str) -> None:
    headers = {} if sent is None else {"User-Agent": sent}

    assert client_of(RequestFactory().get("/", headers=headers)).user_agent == kept
