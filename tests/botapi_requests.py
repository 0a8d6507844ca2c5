"""One request to the server: how it is read, what may befall it, and whether a wait that was told is kept."""

import json
import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from tests.botapi_checks import Json, Refused, bad

# How much earlier than told a request may come: clocks are not read at the same moment.
_TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is cut, before anything is done or after."""

    acted: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer comes, whether it was done or not; then the connection is cut."""

    acted: bool = False
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Slow:
    """Done and answered, but late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Page:
    """A gateway's page instead of an answer of the API."""

    code: int = 502


Fault = Refused | Cut | Hang | Slow | Page


@dataclass(slots=True)
class Call:
    """One request that the bot made, and what came of it: `ok`, a status, or the fault's name."""

    method: str
    parameters: Json
    at: float = 0.0
    outcome: str = ""


@dataclass
class Limits:
    """Telegram's documented figures: messages a second to a chat, a minute to a group, a second overall."""

    chat: int = 1
    group: int = 20
    overall: int = 30
    _sent: dict[object, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, chat: int, now: float) -> float:
        """How long the bot has to wait before it may send there; 0 if it may, and then it has."""
        rules: list[tuple[object, int, float]] = [("all", self.overall, 1.0), (chat, self.chat, 1.0)]
        if chat < 0:
            rules[1] = (chat, self.group, 60.0)
        for key, most, seconds in rules:
            sent = self._sent[key]
            # A little grace, since the way there takes more or less long.
            while sent and sent[0] <= now - seconds + 0.05:
                sent.popleft()
            if len(sent) >= most:
                return sent[0] + seconds - now
        for key, _, _ in rules:
            self._sent[key].append(now)
        return 0.0


class Waits:
    """What has been told to wait by a 429, and whether it did."""

    def __init__(self) -> None:
        # Requests that came too early: what they concerned, and by how many seconds.
        self.disobeyed: list[tuple[object, float]] = []
        self.obeyed = 0
        # What a 429 concerns: when it was told, and until when it holds.
        self._holds: dict[object, tuple[float, float]] = {}

    def tell(self, call: Call, refused: Refused, latency: float = 0.0) -> None:
        """Note the wait that the refusal asks for; its answer still has some way to go."""
        if refused.code == 429 and "retry_after" in refused.parameters:
            told = time.monotonic() + latency / 2
            self._holds[_concerned(call)] = (told, told + refused.parameters["retry_after"])

    def check(self, call: Call) -> None:
        """Refuse what comes too early; what was on its way when the wait was told is no disobedience."""
        if not self._holds or _concerned(call) not in self._holds:
            return
        told, until = self._holds[_concerned(call)]
        left = until - time.monotonic()
        if left <= _TOLERANCE:
            self.obeyed += 1
            del self._holds[_concerned(call)]
            return
        if call.at > told:
            self.disobeyed.append((_concerned(call), left))
        raise too_many(left)


def too_many(wait: float) -> Refused:
    """The refusal that tells to wait so long, in whole seconds."""
    seconds = math.ceil(wait)
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def _concerned(call: Call) -> object:
    """What a 429 concerns: the chat, or else the method."""
    chat = call.parameters.get("chat_id")
    return call.method if chat is None else str(chat)


def answer(body: object, status: int) -> web.Response:
    """A JSON answer."""
    # Escaped, as Telegram does; half a character pair passes too.
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json")


async def parameters(request: web.BaseRequest) -> Json:
    """A form, a multipart form with files, or a JSON object; values of forms are still texts."""
    try:
        if request.content_type == "application/json":
            body = json.loads(await request.read())
            if not isinstance(body, dict):
                raise bad("object expected")
            return body
        if request.content_type == "multipart/form-data":
            return await _parts(request)
        text = (await request.read()).decode("utf-8")
        if text and request.content_type != "application/x-www-form-urlencoded":
            raise bad(f"unsupported content type {request.content_type}")
        return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict"))
    except ValueError:
        raise bad("strings must be encoded in UTF-8") from None


async def _parts(request: web.BaseRequest) -> Json:
    found: Json = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            found[name] = value.file.read()
            value.file.close()
        else:
            found[name] = value
    return found
