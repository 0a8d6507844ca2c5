"""The web channel: a plain page, the API of the answer contract, and the health check."""

import asyncio
import json
import logging
import time
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.engine import Engine
from bot.evidence import evidence
from bot.layout import POLICY, Layout
from bot.observer import Observer
from bot.privacy import where_it_failed
from bot.render import as_json
from bot.respond import respond
from bot.store import Store
from bot.values import Context, Reply
from bot.wording import load_wording

MOST_BYTES = 64 * 1024
LONGEST_KEY = 100
BODY_SECONDS = 4.0

_log = logging.getLogger(__name__)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Questions and answers stay out of shared caches.
    "Cache-Control": "no-store",
}
_REFUSALS = {
    404: "没有这个地址。接口是 /api/ask，网页是 /。",
    405: "这个地址不支持 {method} 方法。",
}


def create_app(
    engine: Engine, store: Store, observer: Observer | None = None, routes: Sequence[BaseRoute] = ()
) -> ASGIApp:
    """The ASGI application; the store must have been opened in the thread that runs it. `routes` are served beside."""
    site = _Site(engine, store, observer or Observer())
    app = Starlette(
        routes=[
            Route("/", site.page),
            *site.layout.routes(),
            # Browsers ask for it unbidden; an error in their console would look like a fault.
            Route("/favicon.ico", site.nothing),
            Route("/healthz", site.health),
            Route("/api/ask", site.ask, methods=["GET", "POST"]),
            *routes,
        ],
        exception_handlers={HTTPException: _refuse},
    )
    return _Guarded(app)


class _Guarded:
    """An application whose every response carries the headers that keep a browser from harm."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded)


class _Site:
    """The endpoints. All are coroutines: the store's connection belongs to the thread of the loop."""

    def __init__(self, engine: Engine, store: Store, observer: Observer) -> None:
        self.engine = engine
        self.store = store
        self.observer = observer
        self.layout = Layout(engine.knowledge)

    async def page(self, request: Request) -> Response:
        """The form, and under it the reply to `q` where there is one."""
        question = request.query_params.get("q", "").strip()
        reply, fault, status = None, "", 200
        if question:
            try:
                reply = self._reply(question, None)
            except HTTPException as error:
                fault, status = error.detail, error.status_code
        return self.layout.page(
            request, "page.html", status, question=question, reply=reply, fault=fault,
            evidence=evidence(reply) if reply else (),
            suggestions=reply.follow_ups if reply else self.engine.examples,
        )  # fmt: skip

    async def nothing(self, request: Request) -> Response:
        """An empty response."""
        return Response(status_code=204)

    async def health(self, request: Request) -> Response:
        """That the program answers, and on which knowledge."""
        return JSONResponse({"status": "ok", "knowledge": self.engine.knowledge.fingerprint})

    async def ask(self, request: Request) -> Response:
        """The reply object of the answer contract."""
        begun = time.perf_counter()
        try:
            question, key = await _asked(request)
        except (HTTPException, ClientDisconnect) as error:
            self.observer.update("question", "invalid", time.perf_counter() - begun)
            if isinstance(error, ClientDisconnect):
                # Nobody is there to read it.
                return Response(status_code=400)
            raise
        return JSONResponse(as_json(self._reply(question, f"web:{key}" if key else None)))

    def _reply(self, question: str, chat: str | None) -> Reply:
        begun = time.perf_counter()
        outcome = "failed"
        try:
            reply, after = respond(question, self.store.context(chat) if chat else Context(), self.engine)
            if chat:
                self.store.remember(chat, after)
            if reply.outcome == "no_answer":
                self.store.unanswered(question)
            outcome = reply.outcome
            return reply
        except Exception as error:
            _log.error("处理问题出错：%s", where_it_failed(error))
            raise HTTPException(500, load_wording().apology) from None
        finally:
            self.observer.update("question", outcome, time.perf_counter() - begun)


async def _asked(request: Request) -> tuple[str, str]:
    """The question and the key of its conversation, which may be empty; HTTPException says what is wrong with them."""
    if request.method == "POST":
        given = _object(await _body(request))
        name = "question"
    else:
        given = dict(request.query_params)
        name = "q"
    if given.get(name) is None:
        raise HTTPException(400, f"缺少 {name}：请在里面写上问题。")
    question = _text(given, name)
    if not question.strip():
        raise HTTPException(400, f"{name} 是空的：请在里面写上问题。")
    key = _text(given, "conversation") if given.get("conversation") is not None else ""
    if len(key) > LONGEST_KEY:
        raise HTTPException(400, f"conversation 最长 {LONGEST_KEY} 个字符，现在有 {len(key)} 个。")
    return question, key


async def _body(request: Request) -> bytes:
    """The request's body, read no further than the limit and waited for no longer than a stop takes."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise HTTPException(413, f"内容太长，最多 {MOST_BYTES // 1024} kB。")
    except TimeoutError:
        raise HTTPException(408, "内容没有在几秒内送到，请再发一次。") from None
    return bytes(body)


def _object(body: bytes) -> dict[str, object]:
    try:
        given = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise HTTPException(400, '内容不是有效的 JSON（UTF-8），应当形如 {"question": "……"}。') from None
    if not isinstance(given, dict):
        raise HTTPException(400, '内容应当是一个 JSON 对象，形如 {"question": "……"}。')
    return given


def _text(given: dict[str, object], name: str) -> str:
    text = given[name]
    if not isinstance(text, str):
        raise HTTPException(400, f"{name} 应当是文字（字符串）。")
    try:
        text.encode()
    except UnicodeEncodeError:
        # JSON can escape half of a surrogate pair, which is no character.
        raise HTTPException(400, f"{name} 里有不成字符的编码。") from None
    return text


async def _refuse(request: Request, error: Exception) -> Response:
    """Refusals in Chinese: JSON under /api, plain text elsewhere."""
    assert isinstance(error, HTTPException)
    said = error.detail
    if error.status_code in _REFUSALS:
        said = _REFUSALS[error.status_code].format(method=request.method)
    if request.url.path.startswith("/api"):
        return JSONResponse({"error": said}, error.status_code, error.headers)
    return PlainTextResponse(said, error.status_code, error.headers)
