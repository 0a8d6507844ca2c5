"""The API: questions, type-ahead, what there is to ask about, votes, forgetting, and its own description."""

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import inputs
from bot.afterwards import Afterwards
from bot.catalogue import catalogue
from bot.engine import Engine
from bot.errors import UsageError
from bot.layout import tagged
from bot.links import links
from bot.observer import Observer
from bot.openapi import description
from bot.privacy import where_it_failed
from bot.render import as_json
from bot.respond import LONGEST, respond
from bot.store import Store, Vote
from bot.suggest import Suggestions
from bot.values import Context, Reply
from bot.wording import load_wording

_OUTCOMES = ("answer", "choose", "no_answer", "social")
_VOTES: dict[str, Vote | None] = {"down": "down", "up": "up", "none": None}
_MOST_SUGGESTIONS = 20
_CACHE = "public, max-age=300"

# Built once: the library's builds another for every response.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_log = logging.getLogger(__name__)


class Api:
    """The endpoints. All are coroutines: the store's connection belongs to the thread of the loop."""

    def __init__(self, engine: Engine, store: Store, observer: Observer, afterwards: Afterwards) -> None:
        self.engine, self.store, self.observer, self.afterwards = engine, store, observer, afterwards
        self._unanswered: list[str] = []
        self.suggestions = Suggestions(engine)
        knowledge = engine.knowledge
        self._catalogue = _written(catalogue(knowledge))
        self._description = _written(description(knowledge.name))
        self._refs = ("", *knowledge.parts, *(table.ref for table in knowledge.tables.values()), "notice")

    def routes(self) -> list[Route]:
        """The addresses under which the endpoints are served."""
        return [
            Route("/api/ask", self.ask, methods=["GET", "POST"]),
            Route("/api/suggest", self.suggest),
            Route("/api/knowledge", self.knowledge),
            Route("/api/feedback", self.feedback, methods=["POST"]),
            Route("/api/forget", self.forget, methods=["POST"]),
            Route("/openapi.json", self.openapi),
        ]

    async def ask(self, request: Request) -> Response:
        """The reply object of the answer contract."""
        begun = time.perf_counter()
        post = request.method == "POST"
        try:
            given: inputs.Given = await inputs.read_object(request) if post else inputs.parameters(request)
            question = inputs.question(given, "question" if post else "q")
            key = inputs.key(given, "conversation")
            linked = inputs.flag(given, "links")
        except HTTPException:
            self.observer.update("question", "invalid", time.perf_counter() - begun)
            raise
        chat = f"web:{key}" if key else None
        before = self.store.context(chat) if chat else Context()
        reply = self.reply(question, before, chat)
        more = {"links": self._linked(question, reply, before)} if linked else {}
        return Response(_JSON.encode(as_json(reply) | more).encode(), media_type="application/json")

    async def suggest(self, request: Request) -> Response:
        """Answerable questions for what has been typed so far."""
        given = inputs.parameters(request)
        typed, limit = given.get("q", ""), given.get("limit", "8")
        if len(typed) > LONGEST:
            raise HTTPException(400, f"q 最长 {LONGEST} 个字符，现在有 {len(typed)} 个。")
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= _MOST_SUGGESTIONS:
            raise HTTPException(400, f"limit 应当是 1 到 {_MOST_SUGGESTIONS} 的整数。")
        return JSONResponse({"suggestions": self.suggestions.find(typed, int(limit))})

    async def knowledge(self, request: Request) -> Response:
        """What there is to ask about."""
        return _unchanging(request, self._catalogue)

    async def openapi(self, request: Request) -> Response:
        """The description of this API for machines."""
        return _unchanging(request, self._description)

    async def feedback(self, request: Request) -> Response:
        """A vote on one answer, kept, changed or taken back."""
        given = await inputs.read_object(request)
        question = inputs.question(given, "question")
        vote = _VOTES[inputs.one_of(given, "vote", tuple(_VOTES))]
        outcome = inputs.one_of(given, "outcome", _OUTCOMES)
        ref = inputs.text(given, "ref") if given.get("ref") is not None else ""
        if ref not in self._refs:
            raise HTTPException(400, "ref 应当是答复里 citations 的 ref，没有就不写。")
        key = inputs.key(given, "key") or secrets.token_urlsafe()
        if not self.store.vote(f"web:{key}", vote, question, outcome, ref):
            raise HTTPException(503, "刚才没有记下来，请稍后再试。")
        return JSONResponse({"kept": vote is not None})

    async def forget(self, request: Request) -> Response:
        """The conversation is forgotten at once."""
        key = inputs.key(await inputs.read_object(request), "conversation")
        if not key:
            raise HTTPException(400, "缺少 conversation：请写上要忘掉的对话的代号。")
        try:
            return JSONResponse({"forgotten": self.store.forget(f"web:{key}")})
        except UsageError:
            raise HTTPException(503, "刚才没有删成，请稍后再试。") from None

    def reply(self, question: str, before: Context | None = None, chat: str | None = None) -> Reply:
        """The reply to the question after what came `before`; the thread goes on in the chat, if one is named."""
        begun = time.perf_counter()
        outcome = "failed"
        try:
            with _apologising():
                reply, after = respond(question, before or Context(), self.engine)
                if chat:
                    self.store.remember(chat, after)
                if reply.outcome == "no_answer":
                    self._keep_unanswered(question)
                outcome = reply.outcome
            return reply
        finally:
            self.observer.update("question", outcome, time.perf_counter() - begun)

    def _keep_unanswered(self, question: str) -> None:
        """Count a question that found no answer, together with those that come in the next moment."""
        self._unanswered.append(question)
        if len(self._unanswered) > 1:
            return

        def write() -> None:
            self.store.unanswered(*self._unanswered)
            self._unanswered.clear()

        self.afterwards.do(write)

    def _linked(self, question: str, reply: Reply, before: Context) -> dict[str, object]:
        """Where the reply leads, and whether it would be the same without what came before."""
        with _apologising():
            alone = before == Context() or respond(question, Context(), self.engine)[0] == reply
            return asdict(links(reply, self.engine)) | {"alone": alone}


@contextmanager
def _apologising() -> Iterator[None]:
    """Whatever breaks is told to the asker in one line, and to the log without a word of the question."""
    try:
        yield
    except Exception as error:
        _log.error("处理问题出错：%s", where_it_failed(error))
        raise HTTPException(500, load_wording().apology) from None


def _written(data: dict[str, Any]) -> tuple[bytes, str]:
    """The data as JSON, and a tag that changes with it."""
    content = _JSON.encode(data).encode()
    return content, hashlib.sha256(content).hexdigest()[:16]


def _unchanging(request: Request, written: tuple[bytes, str]) -> Response:
    content, tag = written
    return tagged(request, content, "application/json", tag, _CACHE)
