"""The web channel: the chat's page, the API with its page, the health check, and what stands around them."""

import hashlib
from collections.abc import Sequence
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from bot import pages
from bot.afterwards import Afterwards
from bot.api import Api
from bot.engine import Engine
from bot.guard import Compressed, Guarded, Limited
from bot.layout import POLICY, POLICY_WITH_SCRIPT, Layout, tagged
from bot.limits import Limits
from bot.links import links
from bot.observer import Observer
from bot.openapi import description, operations
from bot.settings import Settings
from bot.store import Store

# What the machines around us ask for, and what a page brings along, is not counted.
_FREE = ("/healthz", "/readyz", "/metrics", "/static/", "/favicon.ico")
# For those who see no page, with its links to all others.
_WHERE = "接口是 /api/ask，网页是 /。"
_REFUSALS = {
    404: f"没有这个地址。{_WHERE}",
    405: "这个地址不支持 {method} 方法。",
}


def create_app(
    engine: Engine,
    store: Store,
    observer: Observer | None = None,
    routes: Sequence[BaseRoute] = (),
    settings: Settings | None = None,
    afterwards: Afterwards | None = None,
) -> ASGIApp:
    """The ASGI application; the store must have been opened in the thread that runs it. `routes` are served beside.

    What no answer needs is done `afterwards`, by default at once.
    """
    settings = settings or Settings()
    observer = observer or Observer()
    site = _Site(engine, store, observer, afterwards or Afterwards(0))
    app: ASGIApp = Starlette(
        routes=[
            # First what is asked most: routes are tried in turn.
            *site.api.routes(),
            Route("/", site.page),
            *site.layout.routes(),
            *pages.routes(engine, site.layout),
            # Browsers ask for it unbidden; an error in their console would look like a fault.
            Route("/favicon.ico", site.nothing),
            Route("/healthz", site.health),
            Route("/api", site.manual),
            *routes,
        ],
        exception_handlers={HTTPException: site.refuse},
    )
    app = Compressed(app)
    limits = Limits(settings.rate_per_minute, settings.rate_burst)
    app = Limited(app, limits, settings.trusted_proxies, _FREE, observer)
    if settings.cors_origins:
        app = CORSMiddleware(
            app, settings.cors_origins, ("GET", "POST"), ("Content-Type",), expose_headers=("ETag", "Retry-After")
        )
    return Guarded(app)


class _Site:
    """The pages. All are coroutines: the store's connection belongs to the thread of the loop."""

    def __init__(self, engine: Engine, store: Store, observer: Observer, afterwards: Afterwards) -> None:
        self.engine = engine
        self.api = Api(engine, store, observer, afterwards)
        self.layout = Layout(engine.knowledge)

    async def page(self, request: Request) -> Response:
        """The chat; for those without script a form, and under it the reply to `q` where there is one."""
        question = request.query_params.get("q", "").strip()
        reply, fault, status = None, "", 200
        if question:
            try:
                reply = self.api.reply(question)
            except HTTPException as error:
                fault, status = error.detail, error.status_code
        page = self.layout.page(
            request, "page.html", status, POLICY_WITH_SCRIPT, question=question, reply=reply, fault=fault,
            links=links(reply, self.engine) if reply else None,
            suggestions=reply.follow_ups if reply else self.api.suggestions.find("", 6),
        )  # fmt: skip
        return page if question else _kept(request, page, POLICY_WITH_SCRIPT)

    async def manual(self, request: Request) -> Response:
        """How to use the API."""
        described = description(self.engine.knowledge.name)
        page = self.layout.page(
            request, "api.html", operations=list(operations(described)), info=described["info"], base=request.base_url
        )
        return _kept(request, page, POLICY)

    async def nothing(self, request: Request) -> Response:
        """An empty response."""
        return Response(status_code=204)

    async def health(self, request: Request) -> Response:
        """That the program answers, and on which knowledge."""
        return JSONResponse({"status": "ok", "knowledge": self.engine.knowledge.fingerprint})

    async def refuse(self, request: Request, error: Exception) -> Response:
        """Refusals in Chinese: JSON under /api, elsewhere a page for browsers and plain text for the rest."""
        assert isinstance(error, HTTPException)
        said, status = error.detail, error.status_code
        if said == HTTPStatus(status).phrase:
            said = _REFUSALS.get(status, said).format(method=request.method)
        if request.url.path.startswith("/api"):
            return JSONResponse({"error": said}, status, error.headers)
        if "text/html" in request.headers.get("accept", ""):
            said = said.removesuffix(_WHERE)
            page = self.layout.page(request, "refused.html", status, missing=status == 404, said=said)
            page.headers.update(error.headers or {})
            return page
        return PlainTextResponse(said, status, error.headers)


def _kept(request: Request, page: Response, policy: str) -> Response:
    """A page that changes with the program and the knowledge only: browsers may keep it, and ask whether it has."""
    content = bytes(page.body)
    tag = hashlib.sha256(content).hexdigest()[:16]
    return tagged(request, content, "text/html", tag, "no-cache", **{"Content-Security-Policy": policy})
