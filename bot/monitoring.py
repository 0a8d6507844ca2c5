"""What an operator sees of a running bot: one log line an update, `/metrics`, and `/readyz`."""

import ipaddress
import logging
import time
from dataclasses import replace
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.afterwards import Afterwards
from bot.metrics import Metrics
from bot.observer import Observer
from bot.store import Store

_log = logging.getLogger(__name__)
# Whoever asks more often gets the same answer: each look at the database is a write.
_LOOK_EVERY = 5.0
_LOST = "{name} 没有连上，正在重试。一直连不上的话，请检查网络、代理和令牌。"
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")


class Monitor:
    """Listens to the channels, and tells operators; `readers` are those of the setting BOT_METRICS.

    What has been dealt with is counted and logged `afterwards`, by default at once.
    """

    def __init__(self, knowledge: str, store: Store, readers: str, afterwards: Afterwards | None = None) -> None:
        self.metrics = Metrics(knowledge)
        self._store, self._readers, self._afterwards = store, readers, afterwards or Afterwards(0)
        self._fault: str | None = None
        self._looked = -_LOOK_EVERY
        self._connected: dict[str, bool] = {}

    def observer(self, channel: str) -> Observer:
        """For one channel: everything it tells is counted, and each update has its line in the log."""
        counted = self.metrics.observer(channel)

        def tell(kind: str, outcome: str, seconds: float, at: float) -> None:
            counted.update(kind, outcome, seconds)
            if _log.isEnabledFor(logging.INFO):
                fields = {"channel": channel, "kind": kind, "outcome": outcome, "ms": round(seconds * 1000, 1)}
                _log.handle(_line(at, fields))

        def update(kind: str, outcome: str, seconds: float) -> None:
            self._afterwards.do(partial(tell, kind, outcome, seconds, time.time()))

        def connected(yes: bool) -> None:
            # Told with every call; only a change is news.
            if self._connected.get(channel) is not yes:
                counted.connected(yes)
                self._connected[channel] = yes

        return replace(counted, update=update, connected=connected)

    def expect(self, channel: str) -> None:
        """The bot is ready only while this channel is connected."""
        self._connected[channel] = False
        self.metrics.observer(channel).connected(False)

    def routes(self) -> tuple[Route, ...]:
        """Where operators and their programs look."""
        return Route("/readyz", self._ready), Route("/metrics", self._figures)

    def faults(self) -> tuple[str, ...]:
        """Why the bot cannot do its work just now, a sentence each."""
        if time.monotonic() - self._looked >= _LOOK_EVERY:
            self._fault = self._store.fault()
            self._looked = time.monotonic()
        lost = [name for name, connected in self._connected.items() if not connected]
        return (*([self._fault] if self._fault else []), *(_LOST.format(name=name) for name in lost))

    async def _ready(self, request: Request) -> Response:
        """200 while questions can be taken on every channel, else 503 with the reasons."""
        faults = self.faults()
        if faults:
            return JSONResponse({"status": "unready", "reasons": faults}, 503)
        return JSONResponse({"status": "ready"})

    async def _figures(self, request: Request) -> Response:
        """The metrics; for those who may not read them there is no such address."""
        if self._readers == "off" or (self._readers == "local" and not _is_local(request)):
            raise HTTPException(404)
        self._afterwards.finish()
        body, kind = self.metrics.render(request.headers.get("accept", ""))
        return Response(body, media_type=kind)


def _line(at: float, fields: dict[str, object]) -> logging.LogRecord:
    """A line of the log that bears the time it tells of; where in the code it is written is of no interest."""
    level = {"levelno": logging.INFO, "levelname": "INFO"}
    return logging.makeLogRecord({"name": _log.name, **level, "msg": "消息", "created": at, "fields": fields})


def _is_local(request: Request) -> bool:
    """Whether somebody on this machine asks for himself, rather than a proxy here for somebody elsewhere."""
    if not request.client or any(name in request.headers for name in _FORWARDED):
        return False
    host = request.headers.get("host", "").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback and name in _OWN_NAMES
