"""The limit of requests for each client: a bucket that refills, for as many clients as fit, without their addresses."""

import ipaddress

import pytest

from bot.limits import Limits, client


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_granted_and_then_as_much_as_flows_in() -> None:
    """The wait is told to the second."""
    clock = Clock()
    limits = Limits(60, 3, clock)
    assert [limits.wait("a") for _ in range(4)] == [0, 0, 0, 1.0]
    clock.now = 0.5
    assert limits.wait("a") == pytest.approx(0.5)
    clock.now = 1.0
    assert limits.wait("a") == 0
    assert limits.wait("a") > 0


def test_one_client_does_not_use_up_anothers() -> None:
    """Each has a bucket."""
    limits = Limits(60, 1, Clock())
    assert (limits.wait("a"), limits.wait("a") > 0, limits.wait("b")) == (0, True, 0)


def test_nought_is_no_limit() -> None:
    """And nothing is kept."""
    limits = Limits(0, 1, Clock())
    assert [limits.wait("a") for _ in range(5)] == [0] * 5
    assert len(limits) == 0


def test_clients_are_forgotten_when_full_again_and_when_too_many() -> None:
    """No crowd of addresses fills the memory."""
    clock = Clock()
    limits = Limits(60, 2, clock, most_clients=50)
    for number in range(500):
        limits.wait(str(number))
    assert len(limits) <= 50
    clock.now = 1000
    for _ in range(60):
        limits.wait("a")
    assert len(limits) == 1


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
        ("testclient", "1.1.1.1", "testclient"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_the_client_is_the_last_that_no_trusted_proxy_is(peer: str, forwarded: str, found: str) -> None:
    """What stands further left anybody may have written."""
    assert client(peer, forwarded, [ipaddress.ip_network("10.0.0.0/8")]) == found
