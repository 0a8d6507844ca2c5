"""A Bot API server on loopback, as strict as Telegram's in what the bot relies on.

    async with BotApi() as api:
        api.say(7, "你好")                  # a user writes
        message = await api.answered(7)     # what the bot sent next to that chat

It keeps the semantics that matter: long polling, confirmation by offset, one poller at a time, a webhook that is pushed
to until it takes each update, in order per chat; formatting, lengths in UTF-16 units, keyboards; 429 by chat, with a
record of whether it was obeyed; refusal of parameters and methods it does not know. Faults are put into `refuse` (the
next calls of a method, in order) or drawn by `mix` (any call).

`python -m tests.botapi` runs it by itself; then lines typed there are what users write.
"""

import argparse
import asyncio
import socket
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.botapi_checks import LONGEST, Json, Refused, parse_html, user_entities
from tests.botapi_methods import METHODS, Chat, Telegram, read
from tests.botapi_requests import Call, Cut, Fault, Hang, Limits, Page, Slow, Waits, answer, parameters, too_many
from tests.botapi_updates import Bell, Webhook

__all__ = ["LONGEST", "TOKEN", "BotApi", "Call", "Cut", "Hang", "Limits", "Page", "Refused", "Slow"]

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
# Long, for a machine that has much else to do: what is waited for comes at once, or never.
PATIENCE = 30.0
_SEND = {"sendMessage", "sendPhoto"}


@dataclass
class BotApi:
    """The server; what it holds of chats and menus is in `telegram`."""

    token: str = TOKEN
    calls: list[Call] = field(default_factory=list)
    refuse: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    # Which fault, if any, befalls a call of the method.
    mix: Callable[[str], Fault | None] | None = None
    limits: Limits | None = None
    # There and back, in seconds.
    latency: float = 0.0
    record: bool = True
    port: int = 0

    def __post_init__(self) -> None:
        name = {"first_name": "政策问答", "username": "policy_bot"}
        self.telegram = Telegram({"id": int(self.token.partition(":")[0]), "is_bot": True, **name})
        # How many calls have begun of each method, and what came of those that have ended.
        self.begun: Counter[str] = Counter()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.waits = Waits()
        self.person: Callable[[int], Json] = lambda number: {
            "id": number, "is_bot": False, "first_name": "小明", "username": "xiaoming_2021", "language_code": "zh-hans"
        }  # fmt: skip
        self._seen = Bell()
        self._closing = asyncio.Event()

    async def __aenter__(self) -> "BotApi":
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=1.0)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self.telegram.updates.close()
        await self._runner.cleanup()
        self._socket.close()

    @property
    def base_url(self) -> str:
        """What TELEGRAM_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/bot"

    @property
    def blocked(self) -> set[int]:
        """The chats that have blocked the bot, or groups that threw it out."""
        return self.telegram.blocked

    @property
    def commands(self) -> list[Json]:
        """The menu that a private chat shows."""
        return self.menu("all_private_chats")

    @property
    def webhook(self) -> Webhook | None:
        """Where updates are pushed to."""
        return self.telegram.updates.hook

    def menu(self, scope: str = "default") -> list[Json]:
        """The menu that chats of the kind show: theirs, or the default one."""
        menus = self.telegram.menus
        return menus.get((scope, None, "")) or menus.get(("default", None, ""), [])

    # --- what users do --------------------------------------------------------------------------

    def say(self, chat: int, text: str, **content: Any) -> int:
        """A user writes to the bot in a private chat; the message's number."""
        return self.send(chat, {"text": text, "entities": user_entities(text), **content})

    def say_in_group(
        self, group: int, sender: int, text: str, reply_to: int = 0, thread: int = 0, forum: bool = False
    ) -> int:
        """Somebody writes in a group, in a topic of a forum, or in reply to a message there."""
        content: Json = {"text": text, "entities": user_entities(text)}
        messages = self._chat(group, "supergroup", forum).messages
        if reply_to:
            replied = {name: value for name, value in messages[reply_to].items() if name != "reply_to_message"}
            content["reply_to_message"] = replied
            # Outside of forums, replies carry a thread too, which is no topic.
            if not forum:
                content["message_thread_id"] = reply_to
        if forum and thread:
            self.telegram.chats[group].topics.add(thread)
            content |= {"message_thread_id": thread, "is_topic_message": True}
        return self.send(group, content, "supergroup", sender=sender)

    def send(
        self, chat: int, content: Json, kind: str = "private", update: str = "message", sender: int | None = None
    ) -> int:
        """A user sends anything; `content` is the part of the message that says what."""
        held = self._chat(chat, kind)
        message = {
            "message_id": next(self.telegram.numbers), "date": int(time.time()), "chat": held.place,
            "from": self.person(abs(chat) if sender is None else sender), **content,
        }  # fmt: skip
        held.keep(message)
        self.telegram.updates.add(update, dict(message), chat)
        return int(message["message_id"])

    def edit(self, chat: int, message_id: int, text: str) -> None:
        """A user changes what was written."""
        message = self.telegram.chats[chat].messages[message_id]
        message |= {"text": text, "entities": user_entities(text), "edit_date": int(time.time())}
        self.telegram.updates.add("edited_message", dict(message), chat)

    def photo(self, chat: int, caption: str = "") -> int:
        """A user sends a picture."""
        size = {"file_id": "AgACuser", "file_unique_id": "AgAC", "width": 90, "height": 90}
        return self.send(chat, {"photo": [size], **({"caption": caption} if caption else {})})

    def voice(self, chat: int) -> int:
        """A user speaks."""
        return self.send(chat, {"voice": {"file_id": "AwACuser", "file_unique_id": "AwAC", "duration": 3}})

    def sticker(self, chat: int) -> int:
        """A user sends a sticker."""
        sizes = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self.send(chat, {"sticker": {"file_id": "CAAC", "file_unique_id": "CA", "type": "regular", **sizes}})

    def press(self, chat: int, label: str, message_id: int = 0, sender: int | None = None) -> str:
        """A user presses the button with that label, on that message or the last that has it; the query's id."""
        messages = self.telegram.chats[chat].messages
        for message in [messages[message_id]] if message_id else reversed(messages.values()):
            for button in sum(message.get("reply_markup", {}).get("inline_keyboard", []), []):
                if label == button["text"] and "callback_data" in button:
                    return self._query(
                        "callback_query", chat if sender is None else sender, self.telegram.open_callbacks,
                        message=dict(message), chat_instance=str(chat), data=button["callback_data"],
                    )  # fmt: skip
        raise LookupError(label)

    def type_inline(self, person: int, query: str, offset: str = "") -> str:
        """A user types after the bot's name in any chat; the query's id."""
        return self._query(
            "inline_query", person, self.telegram.open_inline, query=query, offset=offset, chat_type="private"
        )

    def _query(self, kind: str, person: int, opened: set[str], **content: Any) -> str:
        name = str(4_000_000_000_000 + next(self.telegram.numbers))
        opened.add(name)
        # Telegram keeps queries in order per person, apart from messages.
        queue = person + (3 << 33 if kind == "callback_query" else 1 << 33)
        self.telegram.updates.add(kind, {"id": name, "from": self.person(person), **content}, queue)
        return name

    def expire(self, query: str) -> None:
        """The query can no longer be answered."""
        self.telegram.open_callbacks.discard(query)
        self.telegram.open_inline.discard(query)

    def member(self, chat: int, status: str, kind: str = "private", by: int | None = None) -> None:
        """The bot is blocked or thrown out (kicked), added or unblocked (member)."""
        held = self._chat(chat, kind)
        (self.blocked.add if status in ("kicked", "left") else self.blocked.discard)(chat)
        before = {"status": "left" if status == "member" else "member", "user": self.telegram.bot}
        after = {"status": status, "user": self.telegram.bot, **({"until_date": 0} if status == "kicked" else {})}
        change = {
            "chat": held.place, "from": self.person(abs(chat) if by is None else by), "date": int(time.time()),
            "old_chat_member": before, "new_chat_member": after,
        }  # fmt: skip
        self.telegram.updates.add("my_chat_member", change, chat)

    def migrate(self, group: int, supergroup: int) -> None:
        """The group becomes a supergroup with another number; both are told."""
        self._chat(supergroup, "supergroup")
        self.send(group, {"migrate_to_chat_id": supergroup}, "group")
        self.send(supergroup, {"migrate_from_chat_id": group}, "supergroup", sender=abs(group))
        self.telegram.chats[group].moved_to = supergroup

    def _chat(self, chat: int, kind: str, forum: bool = False) -> Chat:
        if chat not in self.telegram.chats:
            place = {"title": "群"} if kind != "private" else {"first_name": self.person(chat)["first_name"]}
            forums = {"is_forum": True} if forum else {}
            self.telegram.chats[chat] = Chat({"id": chat, "type": kind, **place, **forums})
        return self.telegram.chats[chat]

    # --- what the bot did -----------------------------------------------------------------------

    async def answered(self, chat: int) -> str:
        """The text of the next message that the bot sent to the chat, as it is shown; pictures are passed over."""
        while "text" not in (sent := await self.sent(chat)):
            continue
        return parse_html(sent["text"])[0] if sent.get("parse_mode") else str(sent["text"])

    async def sent(self, chat: int) -> Json:
        """The next message that the bot sent to the chat, as it was sent."""
        await self.until(lambda: bool(self.waiting(chat)))
        return self.telegram.chats[chat].sent.popleft()

    async def edited(self, chat: int) -> Json:
        """The next edit that the bot made in the chat, as it was sent."""
        await self.until(lambda: chat in self.telegram.chats and bool(self.telegram.chats[chat].edits))
        return self.telegram.chats[chat].edits.popleft()

    async def pressed(self, query: str) -> Json:
        """What the bot answered to a button."""
        await self.until(lambda: query in self.telegram.callbacks)
        return self.telegram.callbacks[query]

    async def offered(self, query: str) -> Json:
        """What the bot answered to an inline query."""
        await self.until(lambda: query in self.telegram.inline)
        return self.telegram.inline[query]

    async def confirmed(self) -> None:
        """Until every update has been confirmed by an offset, or taken by the webhook."""
        async with asyncio.timeout(PATIENCE):
            await self.telegram.updates.taken.until(lambda: not self.telegram.updates.pending)

    async def called(self, method: str, times: int = 1) -> list[Call]:
        """The calls of a method, once there have been so many."""
        await self.until(lambda: sum(call.method == method for call in self.calls) >= times)
        return [call for call in self.calls if call.method == method]

    def waiting(self, chat: int) -> int:
        """How many messages were sent to the chat and not looked at."""
        return len(self.telegram.chats[chat].sent) if chat in self.telegram.chats else 0

    async def until(self, ready: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Until it is true; looked at whenever the bot has called."""
        async with asyncio.timeout(patience):
            await self._seen.until(ready)

    # --- what the bot sees ----------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        call = Call("", {}, time.monotonic())
        try:
            if self.latency:
                await asyncio.sleep(self.latency / 2)
            response = await self._respond(request, call)
            if self.latency:
                await asyncio.sleep(self.latency / 2)
        finally:
            self.outcomes[call.method, call.outcome] += 1
            self._seen.ring()
        return response

    async def _respond(self, request: web.BaseRequest, call: Call) -> web.StreamResponse:
        try:
            fault = await self._prepare(request, call)
            if isinstance(fault, Page):
                call.outcome = str(fault.code)
                text = f"<html><body>{fault.code} Bad Gateway</body></html>"
                return web.Response(status=fault.code, text=text, content_type="text/html")
            if isinstance(fault, Slow):
                await self._pause(fault.seconds)
            if isinstance(fault, Cut | Hang) and not fault.acted:
                return await self._lose(request, fault, call)
            result = await self._act(call)
            if isinstance(fault, Cut | Hang):
                return await self._lose(request, fault, call)
        except Refused as refused:
            call.outcome = str(refused.code)
            body: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
            if refused.parameters:
                body["parameters"] = refused.parameters
            return answer(body, refused.code)
        call.outcome = "slow" if isinstance(fault, Slow) else "ok"
        return answer({"ok": True, "result": result}, 200)

    async def _prepare(self, request: web.BaseRequest, call: Call) -> Fault | None:
        """Read the call; the fault that befalls it, unless that is a refusal, which is raised."""
        token, _, call.method = request.path.removeprefix("/bot").rpartition("/")
        if token != self.token:
            raise Refused(401, "Unauthorized")
        call.parameters = {**request.query, **await parameters(request)}
        self.begun[call.method] += 1
        if self.record:
            self.calls.append(call)
        self._seen.ring()
        self.waits.check(call)
        waiting = self.refuse.get(call.method)
        fault = waiting.popleft() if waiting else self.mix(call.method) if self.mix else None
        if isinstance(fault, Refused):
            self.waits.tell(call, fault, self.latency)
            raise fault
        if call.method not in METHODS:
            raise Refused(404, "Not Found")
        return fault

    async def _act(self, call: Call) -> object:
        method = METHODS[call.method]
        given = read(method, call.parameters)
        if self.limits and call.method in _SEND and (wait := self.limits.wait(given["chat_id"], time.monotonic())):
            refused = too_many(wait)
            self.waits.tell(call, refused, self.latency)
            raise refused
        result = method.run(self.telegram, **given)
        return await result if asyncio.iscoroutine(result) else result

    async def _lose(self, request: web.BaseRequest, fault: Cut | Hang, call: Call) -> web.StreamResponse:
        """Cut the connection, at once or after a silence."""
        call.outcome = f"{type(fault).__name__.lower()} {'after' if fault.acted else 'before'}"
        if isinstance(fault, Hang):
            await self._pause(fault.seconds, request)
        if request.transport:
            request.transport.abort()
        return web.Response()

    async def _pause(self, seconds: float, request: web.BaseRequest | None = None) -> None:
        """So long, unless the server closes or the bot gives up before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (request and not request.transport):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), min(0.2, max(0.0, end - time.monotonic())))
                return


async def _console(port: int) -> None:
    """Users typed on standard input: `7 text` writes, `7 #label` presses a button."""
    loop, say = asyncio.get_running_loop(), sys.stdout.write
    async with BotApi(port=port, record=False) as api:
        api.telegram.on_sent = lambda chat, sent: (
            say(f"{chat}> {sent.get('text') or sent.get('caption', '')}\n") and None
        )
        say(f"TELEGRAM_TOKEN={api.token} TELEGRAM_BASE_URL={api.base_url}\n")
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            chat, _, text = line.strip().partition(" ")
            if chat.isdecimal() and text:
                try:
                    api.press(int(chat), text[1:]) if text.startswith("#") else api.say(int(chat), text)
                except LookupError:
                    say("no such button\n")


if __name__ == "__main__":
    _arguments = argparse.ArgumentParser(
        description="A Bot API server on loopback; lines `7 text` are what users write."
    )
    _arguments.add_argument("--port", type=int, default=8081)
    asyncio.run(_console(_arguments.parse_args().port))
