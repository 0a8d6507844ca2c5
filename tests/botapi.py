"""A Bot API server on loopback, as strict as Telegram's in what the bot relies on.

    async with BotApi() as api:
        api.say(7, "你好")                  # a user writes
        message = await api.answered(7)     # what the bot sent next to that chat

It keeps the semantics that matter: long polling, confirmation by offset, one poller at a time, limits counted in
UTF-16 units, refusal of parameters and methods it does not know.
"""

import asyncio
import json
import re
import socket
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
LONGEST = 4096
PATIENCE = 10.0


class Refused(Exception):
    """An answer with `ok` false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Call:
    """One request that the bot made."""

    method: str
    parameters: dict[str, Any]


@dataclass
class BotApi:
    """The server; `refuse` holds refusals for the next calls of a method, in order."""

    token: str = TOKEN
    calls: list[Call] = field(default_factory=list)
    refuse: dict[str, deque[Refused]] = field(default_factory=lambda: defaultdict(deque))
    blocked: set[int] = field(default_factory=set)
    commands: list[dict[str, str]] = field(default_factory=list)
    webhook: str = ""

    def __post_init__(self) -> None:
        self._updates: deque[dict[str, Any]] = deque()
        self._known: set[int] = set()
        self._sent: dict[int, deque[dict[str, Any]]] = defaultdict(deque)
        self._changed = asyncio.Condition()
        self._last_update = self._last_message = 0
        self._poll = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "BotApi":
        self._socket = socket.create_server(("127.0.0.1", 0))
        route = Route("/bot{token}/{method}", self._handle, methods=["GET", "POST"])
        config = uvicorn.Config(
            Starlette(routes=[route]), lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._wake()
        await self._serving
        self._socket.close()

    @property
    def base_url(self) -> str:
        """What TELEGRAM_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/bot"

    # --- what the test does ---------------------------------------------------------------------

    def say(self, chat: int, text: str) -> None:
        """A user writes to the bot in a private chat."""
        entities = []
        if command := re.match(r"/\w+(@\w+)?", text, re.ASCII):
            entities = [{"type": "bot_command", "offset": 0, "length": len(command[0])}]
        self.send(chat, {"text": text, "entities": entities})

    def send(self, chat: int, content: dict[str, Any], kind: str = "private", update: str = "message") -> None:
        """A user sends anything; `content` is the part of the message that says what."""
        self._last_update += 1
        self._last_message += 1
        self._known.add(chat)
        person = {"id": abs(chat), "is_bot": False, "first_name": "小明", "username": "xiaoming_2021"}
        place = {"id": chat, "type": kind, **({"title": "群"} if kind != "private" else {"first_name": "小明"})}
        message = {
            "message_id": self._last_message, "date": int(time.time()), "chat": place, "from": person, **content
        }  # fmt: skip
        self._updates.append({"update_id": self._last_update, update: message})
        task = asyncio.get_running_loop().create_task(self._wake())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def answered(self, chat: int) -> str:
        """The text of the next message that the bot sent to the chat."""
        return str((await self.sent(chat))["text"])

    async def sent(self, chat: int) -> dict[str, Any]:
        """The next message that the bot sent to the chat, as it was sent."""
        await self._until(lambda: bool(self._sent[chat]))
        return self._sent[chat].popleft()

    async def confirmed(self) -> None:
        """Until every update has been fetched and confirmed by a later offset."""
        await self._until(lambda: not self._updates)

    async def called(self, method: str, times: int = 1) -> list[Call]:
        """The calls of a method, once there have been so many."""
        await self._until(lambda: sum(call.method == method for call in self.calls) >= times)
        return [call for call in self.calls if call.method == method]

    def waiting(self, chat: int) -> int:
        """How many messages were sent to the chat and not looked at."""
        return len(self._sent[chat])

    async def _until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(ready)

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- what the bot sees ----------------------------------------------------------------------

    async def _handle(self, request: Request) -> Response:
        try:
            result = await self._answer(request)
        except Refused as refused:
            body = {"ok": False, "error_code": refused.code, "description": refused.description}
            if refused.parameters:
                body["parameters"] = refused.parameters
            return _json(body, refused.code)
        finally:
            await self._wake()
        return _json({"ok": True, "result": result}, 200)

    async def _answer(self, request: Request) -> object:
        if request.path_params["token"] != self.token:
            raise Refused(401, "Unauthorized")
        method = request.path_params["method"]
        parameters = {
            **request.query_params,
            **_parameters(await request.body(), request.headers.get("content-type", "")),
        }
        self.calls.append(Call(method, parameters))
        await self._wake()
        if self.refuse[method]:
            raise self.refuse[method].popleft()
        if method not in METHODS:
            raise Refused(404, "Not Found")
        known, answer = METHODS[method]
        if strange := set(parameters) - known:
            raise Refused(400, f"Bad Request: unexpected {', '.join(sorted(strange))}")
        return await answer(self, **parameters)

    async def get_me(self) -> object:
        """Who the bot is."""
        return {
            "id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "政策问答", "username": "policy_bot",
            "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
        }  # fmt: skip

    async def set_my_commands(self, commands: list[dict[str, str]], **_: object) -> object:
        """The menu of commands."""
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands = commands
        return True

    async def delete_webhook(self, drop_pending_updates: bool = False) -> object:
        """Polling from here on."""
        self.webhook = ""
        if drop_pending_updates:
            self._updates.clear()
        return True

    async def get_updates(
        self, offset: int = 0, limit: int = 100, timeout: float = 0, allowed_updates: object = None
    ) -> object:
        """The updates from `offset` on; those before it are confirmed and gone."""
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poll += 1
        poll = self._poll
        # An earlier poll that still waits is cut short.
        await self._wake()
        if offset:
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self._wanted(allowed_updates) or self._done(poll))
        if poll != self._poll:
            raise Refused(409, "Conflict: terminated by other getUpdates request")
        return self._wanted(allowed_updates)[:limit]

    def _wanted(self, allowed: object) -> list[dict[str, Any]]:
        """What is waiting; kinds that were not asked for are dropped, as Telegram does."""
        if isinstance(allowed, list) and allowed:
            self._updates = deque(update for update in self._updates if set(update) & set(allowed))
        return list(self._updates)

    def _done(self, poll: int) -> bool:
        return poll != self._poll or self._server.should_exit

    async def send_message(self, chat_id: int, text: str = "", **given: Any) -> object:
        """A message of the bot."""
        if chat_id not in self._known:
            raise Refused(400, "Bad Request: chat not found")
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > LONGEST:
            raise Refused(400, "Bad Request: message is too long")
        self._last_message += 1
        self._sent[chat_id].append({"chat_id": chat_id, "text": text, **given})
        await self._wake()
        return {
            "message_id": self._last_message, "date": int(time.time()), "text": text,
            "chat": {"id": chat_id, "type": "private", "first_name": "小明"},
        }  # fmt: skip


def _json(body: object, status: int) -> Response:
    # Escaped, as Telegram does; half a character pair passes too.
    return Response(json.dumps(body), status, media_type="application/json")


def _parameters(body: bytes, kind: str) -> dict[str, Any]:
    """A form or a JSON object; numbers and objects in a form are JSON, other values plain text."""
    if kind.startswith("application/json"):
        return dict(json.loads(body))
    if not kind.startswith("application/x-www-form-urlencoded"):
        assert not body, kind
        return {}
    found = parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body))
    return {name: value if name in ("text", "parse_mode") else json.loads(value) for name, value in found}


# Each method: the parameters that it takes, and who answers.
METHODS: dict[str, tuple[set[str], Callable[..., Any]]] = {
    "getMe": (set(), BotApi.get_me),
    "setMyCommands": ({"commands", "scope", "language_code"}, BotApi.set_my_commands),
    "deleteWebhook": ({"drop_pending_updates"}, BotApi.delete_webhook),
    "getUpdates": ({"offset", "limit", "timeout", "allowed_updates"}, BotApi.get_updates),
    "sendMessage": (
        {"chat_id", "text", "parse_mode", "link_preview_options", "reply_parameters", "reply_markup", "entities"},
        BotApi.send_message,
    ),
}
