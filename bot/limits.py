"""How often one client may ask: a token bucket for each, kept under a salted hash and forgotten when full again."""

import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MOST_CLIENTS = 20_000
# One household or office has a whole such network to choose addresses from.
_PREFIX = 64


class Limits:
    """Buckets of `burst` requests, refilled at `per_minute`; 0 per minute is no limit."""

    def __init__(
        self,
        per_minute: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        most_clients: int = _MOST_CLIENTS,
    ) -> None:
        self._rate, self._burst = per_minute / 60, float(burst)
        self._clock, self._most = clock, most_clients
        # Made anew by each process and kept nowhere else: the hashes lead back to nobody.
        self._salt = secrets.token_bytes(32)
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return self._rate > 0

    def wait(self, client: str) -> float:
        """Take a token of the client's: 0 if there was one, else the seconds until there is."""
        if not self._rate:
            return 0.0
        key = hashlib.blake2b(client.encode(), digest_size=16, key=self._salt).digest()
        now = self._clock()
        tokens, at = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        granted = tokens >= 1
        self._buckets[key] = (tokens - granted, now)
        self._tidy(now)
        return 0.0 if granted else (1 - tokens) / self._rate

    def _tidy(self, now: float) -> None:
        """Forget the clients that have not asked for longest, as far as their buckets are full or too many."""
        for _ in range(2):
            key, (tokens, at) = next(iter(self._buckets.items()))
            full = tokens + (now - at) * self._rate >= self._burst
            if not full and len(self._buckets) <= self._most:
                break
            del self._buckets[key]
            if not self._buckets:
                break


def client(peer: str, forwarded: str, trusted: Iterable[Network]) -> str:
    """Whom a request comes from: the peer, or behind trusted proxies the last address that none of them has."""
    trusted = tuple(trusted)
    found = _address(peer)
    for hop in reversed(forwarded.split(",")):
        if found is None or not any(found in network for network in trusted):
            break
        before = _address(hop.strip())
        if before is None:
            break
        found = before
    if found is None:
        return peer
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _PREFIX), strict=False))
    return str(found)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address
