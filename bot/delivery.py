"""Everything the bot asks of Telegram goes out here: in its pace, again where that helps, to where a chat has moved.

It is the library's extension point for limiters, so that no call can pass it by, whatever a handler calls.
"""

import asyncio
import html
import logging
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from telegram.error import BadRequest, ChatMigrated, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import BaseRateLimiter

from bot.observer import Observer
from bot.pace import Pace
from bot.transport import LinkTrouble, ServerTrouble

_FIRST_WAIT, _LONGEST_WAIT = 0.25, 30.0
_MANY = 1000
# After a kill nobody knows of a send in flight whether it was accepted: the fewer, the fewer are sent twice. Over 50 ms
# they carry 800 a second, some of which are charts.
_MOST_IN_FLIGHT = 40
_TOLD_EVERY = 60.0
# What puts a message before somebody's eyes, and is counted by Telegram's limits.
_SENDING = re.compile(r"(send(?!ChatAction)|copy|forward|edit)")
# What is of no use a moment later is asked once; the wait that it may be told holds for the chat all the same.
_FLEETING = frozenset({"sendChatAction"})
_FORMATTING = ("can't parse entities", "can't parse caption entities")

_log = logging.getLogger(__name__)

Call = Callable[..., Coroutine[Any, Any, Any]]


class Delivery(BaseRateLimiter[None]):
    """Makes each call as often as it takes; `patience` is the number of seconds after which it gives up.

    A refusal (400, 403) is the caller's to deal with and comes through at once. A token that is refused in service
    sets `revoked`.
    """

    def __init__(self, pace: Pace, observer: Observer, patience: float) -> None:
        self._pace, self._observer, self._patience = pace, observer, patience
        self._not_before: dict[int | str, float] = {}
        self._moved: dict[int | str, int] = {}
        self._told = -_TOLD_EVERY
        # How many messages are on their way to a chat.
        self._busy: Counter[int | str | None] = Counter()
        # Held while a sign such as "typing" is on its way to a chat.
        self._signs: WeakValueDictionary[int | str, asyncio.Lock] = WeakValueDictionary()
        self.revoked = asyncio.Event()
        self.in_flight: set[asyncio.Task[Any]] = set()
        self._slots = asyncio.Semaphore(_MOST_IN_FLIGHT)

    async def initialize(self) -> None:
        """Nothing to be opened."""

    async def shutdown(self) -> None:
        """Nothing to be closed."""

    async def process_request(
        self, callback: Call, args: Any, kwargs: dict[str, Any], endpoint: str, data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:  # fmt: skip
        """The answer to the call; `data` is what the library is about to send, and is adapted where need be."""
        began, wait = time.monotonic(), _FIRST_WAIT
        while True:
            chat = data.get("chat_id")
            if chat in self._moved:
                chat = data["chat_id"] = self._moved[chat]
            await self._turn(endpoint, chat)
            try:
                if endpoint in _FLEETING:
                    if self._busy[chat] or self._slots.locked():
                        # A message is on its way, and says more; or messages wait, and would wait longer.
                        return True
                    sign = self._signs.setdefault(chat, asyncio.Lock()) if chat is not None else asyncio.Lock()
                    async with sign, self._slot(endpoint, chat):
                        return await callback(*args, **kwargs)
                if chat is not None and (under_way := self._signs.get(chat)):
                    async with under_way:
                        # A sign on its way may be told a wait, which is to be heard first.
                        pass
                async with self._slot(endpoint, chat):
                    self._busy[chat] += 1
                    try:
                        answer = await callback(*args, **kwargs)
                    finally:
                        self._busy[chat] -= 1
                        if not self._busy[chat]:
                            del self._busy[chat]
                self._observer.connected(True)
                return answer
            except RetryAfter as error:
                # The public property warns, whichever of its two types it is asked for.
                self._hold_back(endpoint, chat, error._retry_after.total_seconds())
                self._observer.retry(endpoint, "flood")
                if endpoint in _FLEETING:
                    raise
            except ChatMigrated as error:
                if chat is None or len(self._moved) >= _MANY:
                    raise
                self._moved[chat] = error.new_chat_id
                self._observer.retry(endpoint, "migrated")
            except BadRequest as error:
                if not str(error).lower().startswith(_FORMATTING) or not _make_plain(data):
                    raise
                _log.warning("Telegram 看不懂一条消息的格式，改发纯文字。")
                self._observer.retry(endpoint, "formatting")
            except InvalidToken as error:
                if str(error) == "Unauthorized" and endpoint != "getMe":
                    self.revoked.set()
                    if chat is not None:
                        # The reply is owed all the same: whoever waits for this is broken off, and begins anew.
                        await asyncio.Event().wait()
                raise
            except (ServerTrouble, LinkTrouble, TimedOut) as error:
                if time.monotonic() - began > self._patience:
                    raise
                self._tell(error)
                self._observer.connected(False)
                if endpoint in _FLEETING:
                    raise
                self._observer.retry(endpoint, "server" if isinstance(error, ServerTrouble) else "network")
                # Not all at the same moment, when there were many.
                await asyncio.sleep(wait * random.uniform(0.8, 1.2))
                wait = min(wait * 2, _LONGEST_WAIT)

    async def _turn(self, endpoint: str, chat: int | str | None) -> None:
        """Wait until the call may be made."""
        await self._held_back(endpoint, chat)
        if not _SENDING.match(endpoint):
            return
        if chat is not None and (wait := self._pace.for_chat(chat, now := time.monotonic()) - now) > 0:
            await asyncio.sleep(wait)
        if (wait := self._pace.for_all(now := time.monotonic()) - now) > 0:
            await asyncio.sleep(wait)

    async def _held_back(self, endpoint: str, chat: int | str | None) -> None:
        """Wait as long as Telegram has asked for; it may ask again meanwhile, through another call."""
        while (left := self._left(endpoint, chat)) > 0:
            await asyncio.sleep(left)
        self._not_before.pop(endpoint if chat is None else chat, None)

    def _left(self, endpoint: str, chat: int | str | None) -> float:
        return self._not_before.get(endpoint if chat is None else chat, 0.0) - time.monotonic()

    def _hold_back(self, endpoint: str, chat: int | str | None, seconds: float) -> None:
        key = endpoint if chat is None else chat
        self._not_before[key] = max(self._not_before.get(key, 0), time.monotonic() + seconds)

    @asynccontextmanager
    async def _slot(self, endpoint: str, chat: int | str | None) -> AsyncIterator[None]:
        """One of the calls in flight, begun while nothing holds it back."""
        while True:
            await self._held_back(endpoint, chat)
            await self._slots.acquire()
            if self._left(endpoint, chat) <= 0:
                break
            self._slots.release()
        task = asyncio.current_task()
        assert task
        self.in_flight.add(task)
        try:
            yield
        finally:
            self.in_flight.discard(task)
            self._slots.release()

    def _tell(self, error: TelegramError) -> None:
        """One line a minute, however many calls fail."""
        if (now := time.monotonic()) - self._told >= _TOLD_EVERY:
            self._told = now
            _log.warning("Telegram 暂时没有回应（%s），会一直重试。", kind_of(error))


def kind_of(error: TelegramError) -> str:
    """What went wrong between us and Telegram, for the log, without an address."""
    if isinstance(error, TimedOut):
        return "超时"
    if isinstance(error, ServerTrouble):
        return f"服务器出错：{error}"
    if isinstance(error, LinkTrouble):
        return f"连不上：{error}"
    return f"网络故障：{error}" if isinstance(error, NetworkError) else type(error).__name__


def _make_plain(data: dict[str, Any]) -> bool:
    """Take the formatting out of a call; whether there was any."""
    found = False
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if str(data.get("parse_mode")).upper() == "HTML" and isinstance(data.get(text), str):
            data[text] = html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", data[text]))
        found = bool(data.pop(entities, None)) or found
    return bool(data.pop("parse_mode", None)) or found
