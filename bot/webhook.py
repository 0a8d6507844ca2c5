"""Telegram's way of bringing updates to us: an address that nobody can guess, in front of the page."""

import hashlib
import hmac
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.updates import Updates

_MOST_BYTES = 1024 * 1024
_HEADER = "x-telegram-bot-api-secret-token"


class Webhook:
    """Takes nothing until `open`; an update is acknowledged only when it is durable."""

    def __init__(self, token: str, address: str) -> None:
        self._path = _derived(token, "path")
        self.secret = _derived(token, "secret")
        self.url = f"{address.rstrip('/')}/{self._path}"
        self._updates: Updates | None = None

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
        response = Response(status_code=await self._receive(Request(scope, receive)))
        await response(scope, receive, send)

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
            update = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return 400
        updates = self._updates
        # Not its truth: one that holds nothing is empty.
        taken = updates is not None and updates.has_room and updates.take([update])
        return 200 if taken else 503


def _derived(token: str, use: str) -> str:
    return hmac.new(token.encode(), f"telegram webhook {use}".encode(), hashlib.sha256).hexdigest()[:48]
