"""What stands around the web application: headers that keep browsers from harm, and the limit for each client."""

import math
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.layout import POLICY
from bot.limits import Limits, Network, client
from bot.observer import Observer

_WORTH_COMPRESSING, _COMPRESSION = 1000, 5
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Questions and answers stay out of shared caches.
    "Cache-Control": "no-store",
}


_RAW_HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in _HEADERS.items())


class Guarded:
    """An application whose every response carries the headers that keep a browser from harm."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name for name, _ in given}
                message["headers"] = given + [pair for pair in _RAW_HEADERS if pair[0] not in names]
            await send(message)

        await self.app(scope, receive, guarded)


class Compressed:
    """An application whose longer responses are compressed for clients who can read them."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain, self.compressing = app, GZipMiddleware(app, _WORTH_COMPRESSING, _COMPRESSION)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; for others the library's work would be in vain."""
        reads = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope.get("headers", ()))
        await (self.compressing if reads else self.plain)(scope, receive, send)


class Limited:
    """An application that tells a client who asks too often when to come again; `free` paths cost nothing."""

    def __init__(
        self, app: ASGIApp, limits: Limits, trusted: Iterable[Network], free: tuple[str, ...], observer: Observer
    ) -> None:
        self.app, self.limits, self.trusted, self.free, self.observer = app, limits, tuple(trusted), free, observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        wait = 0.0
        if self.limits.any and scope["type"] == "http" and not scope["path"].startswith(self.free):
            forwarded = Headers(scope=scope).get("x-forwarded-for", "") if self.trusted else ""
            peer = scope.get("client")
            wait = self.limits.wait(client(peer[0] if peer else "", forwarded, self.trusted))
        if not wait:
            await self.app(scope, receive, send)
            return
        self.observer.update("request", "throttled", 0.0)
        await _later(scope, wait)(scope, receive, send)


def _later(scope: Scope, wait: float) -> Response:
    seconds = math.ceil(wait)
    said = f"问得太快了，请 {seconds} 秒后再试。"
    headers = {"Retry-After": str(seconds)}
    if scope["path"].startswith("/api"):
        return JSONResponse({"error": said}, 429, headers)
    return PlainTextResponse(said, 429, headers)
