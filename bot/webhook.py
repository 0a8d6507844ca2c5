"""Telegram's way of bringing updates to us: an address that nobody can guess, in front of the page."""

import asyncio
import hashlib
import hmac
import logging
from contextlib import suppress
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.inbox import Raw
from bot.jsons import loads
from bot.privacy import where_it_failed
from bot.updates import Updates

_MOST_BYTES = 1024 * 1024
# So long an update waits for room: Telegram brings no more at once than it waits for, so this slows it down, while a
# refusal would have it bring the same again and again.
_PATIENCE = 20.0
_HEADER = "x-telegram-bot-api-secret-token"

_log = logging.getLogger(__name__)


class Webhook:
    """Takes nothing until `open`; an update is acknowledged only when it is durable."""

    def __init__(self, token: str, address: str) -> None:
        self._path = _derived(token, "path")
        self.secret = _derived(token, "secret")
        self.url = f"{address.rstrip('/')}/{self._path}"
        self._updates: Updates | None = None
        self._brought: list[tuple[Raw, asyncio.Future[bool]]] = []
        self._door = asyncio.Lock()

    def before(self, app: ASGIApp) -> ASGIApp:
        """The application with the webhook in front: what is meant for the page's visitors does not concern it."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            # A proxy in front may take the public address's own path away, or leave it.
            mine = scope["type"] == "http" and scope["path"].rpartition("/")[2] == self._path
            await (self._serve if mine else app)(scope, receive, send)

        return serve

    def open(self, updates: Updates) -> None:
        """From now on updates are taken in."""
        self._updates = updates

    def close(self) -> None:
        """Telegram keeps what comes later, and brings it again."""
        self._updates = None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _answer(await self._receive(Request(scope, receive)))(scope, receive, send)

    async def _receive(self, request: Request) -> int:
        """The status that says whether Telegram may forget the update."""
        if request.method != "POST":
            return 405
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), self.secret.encode()):
            return 403
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return 413
        try:
            update = loads(body)
        except (ValueError, RecursionError):
            return 400
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return 400
        return 200 if await self._room() and await self._taken(update) else 503

    async def _room(self) -> bool:
        """Whether there is room for one more, perhaps after a while; whoever came first goes first."""
        if self._updates is None or self._updates.has_room and not self._door.locked():
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE), self._door:
                if self._updates is not None and not self._updates.has_room:
                    await self._updates.room()
                return True
        return False

    async def _taken(self, update: Raw) -> bool:
        """Whether the update is durable; those that are brought in one turn of the loop become so together."""
        loop = asyncio.get_running_loop()
        if not self._brought:
            loop.call_soon(self._take)
        future: asyncio.Future[bool] = loop.create_future()
        self._brought.append((update, future))
        return await future

    def _take(self) -> None:
        brought, self._brought = self._brought, []
        try:
            taken = self._durable([update for update, _ in brought])
        except Exception as error:
            # One that cannot be looked at shall not keep the others from being taken.
            _log.error("有一条更新看不懂：%s", where_it_failed(error))
            taken = False
            if len(brought) > 1:
                for each in brought:
                    self._brought = [each]
                    self._take()
                return
        for _, future in brought:
            if not future.done():
                future.set_result(taken)

    def _durable(self, brought: list[Raw]) -> bool:
        # Not its truth: one that holds nothing is empty.
        return self._updates is not None and self._updates.take(brought)


@cache
def _answer(status: int) -> Response:
    return Response(status_code=status)


def _derived(token: str, use: str) -> str:
    return hmac.new(token.encode(), f"telegram webhook {use}".encode(), hashlib.sha256).hexdigest()[:48]
