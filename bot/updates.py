"""The updates that the bot holds: durable before they are confirmed, one at a time for each chat, kept until done.

Built on the library's extension points: a queue that it takes updates from, and a processor that it runs them in.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from bot.addressee import Me, conversation, lane, meant, written
from bot.inbox import Inbox, Raw
from bot.observer import Observer
from bot.privacy import where_it_failed
from bot.throttle import Throttle, Verdict

# More than that waits at Telegram, so that no flood fills the memory.
_MOST_HELD = 2000
_MOST_AT_ONCE = 1024
# So long after the last of them, nothing of what has been answered is left on the disk.
_WIPE_SECONDS = 2.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Held:
    """An update in memory; `sent` messages of its reply have been accepted, `warn` asks for a word instead of one."""

    update: Raw
    sent: int = 0
    warn: bool = False
    finished: bool = False

    @property
    def id(self) -> int:
        """The id that Telegram has given the update."""
        return int(self.update["update_id"])


class Updates(asyncio.Queue[object]):
    """What the library takes from it are updates of different chats; the next of a chat comes after `release`."""

    def __init__(self, inbox: Inbox, throttle: Throttle, observer: Observer) -> None:
        super().__init__()
        self._inbox, self._throttle, self._observer = inbox, throttle, observer
        self._me: Me | None = None
        self._bot: Bot | None = None
        self._held: dict[int, Held] = {}
        self._waiting: dict[int | str, deque[Held]] = {}
        # Done, but not yet so in the file; and held, but not in the file (done or not), while it cannot be written.
        self._unmarked: set[int] = set()
        self._loose: dict[int, bool] = {}
        self._changed = asyncio.Event()
        self._wiping: asyncio.TimerHandle | None = None
        self.closed = True

    def __len__(self) -> int:
        """How many updates are held."""
        return len(self._held)

    def open(self, bot: Bot, me: Me) -> None:
        """Take up what an earlier run has left, and let updates in."""
        self._bot, self._me, self.closed = bot, me, False
        for pending in self._inbox.pending():
            self._hold(Held(pending.update, pending.sent))

    def close(self) -> None:
        """Let nothing in and hand nothing out; what is not done stays in the file."""
        self.closed = True
        if self._wiping:
            self._wiping.cancel()
            self._wiping = None
        while not self.empty():
            self.get_nowait()
            self.task_done()

    def take(self, updates: Sequence[Raw]) -> bool:
        """Hold those meant for the bot that are new; whether all are durable, so that they may be confirmed."""
        assert self._me
        if self.closed:
            return False
        me, kept = self._me, []
        for update in updates:
            if meant(update, me) and (verdict := self._judge(update)) is not Verdict.DROP:
                kept.append(Held(update, warn=verdict is Verdict.WARN))
        if not kept:
            return True
        try:
            new = {update["update_id"] for update in self._inbox.add([held.update for held in kept])}
        except sqlite3.Error as error:
            # Answered all the same, but not confirmed: Telegram hands them out again until they can be written.
            _log.error("收件箱写不进去（%s），照常答复，稍后再试。", error)
            for held in kept:
                if held.id not in self._loose and held.id not in self._held:
                    self._loose[held.id] = False
                    self._hold(held)
            return False
        for held in kept:
            done = self._loose.pop(held.id, None)
            if done:
                self._mark(held.id)
            elif done is None and held.id in new:
                self._hold(held)
        return True

    async def room(self) -> None:
        """Wait until more can be held."""
        await self._until(_MOST_HELD)

    async def drained(self) -> None:
        """Wait until nothing is held."""
        await self._until(1)

    @property
    def has_room(self) -> bool:
        """Whether more can be held."""
        return len(self._held) < _MOST_HELD

    async def get(self) -> object:
        """The next update of a chat that has none in progress."""
        while True:
            item = await super().get()
            # One at a time: what comes in from the network is looked at between any two answers.
            await asyncio.sleep(0)
            if not isinstance(item, Held):
                return item
            try:
                return Update.de_json(dict(item.update), self._bot)
            except Exception as error:
                # One that the library cannot read would stop all others.
                _log.error("有一条更新读不懂，已跳过：%s", where_it_failed(error))
                self.finish(item.id)
                self.release(item.id)
                self.task_done()

    def held(self, update_id: int) -> Held:
        """An update in progress."""
        return self._held[update_id]

    def count_sent(self, update_id: int, sent: int) -> None:
        """So many messages of the reply have been accepted; a restart goes on after them."""
        self._held[update_id].sent = sent
        with suppress(sqlite3.Error):
            self._inbox.count_sent(update_id, sent)

    def finish(self, update_id: int) -> None:
        """The reply has been accepted; to be called in the transaction that keeps what comes of it, each time anew."""
        self._held[update_id].finished = True
        if update_id in self._loose:
            self._loose[update_id] = True
        else:
            self._mark(update_id)

    def release(self, update_id: int) -> None:
        """Hand out the next update of the chat."""
        self._settle()
        held = self._held.pop(update_id)
        self._changed.set()
        chat = lane(held.update)
        waiting = self._waiting[chat]
        if not waiting:
            del self._waiting[chat]
        elif not self.closed:
            self.put_nowait(waiting.popleft())
        self._observer.queue(len(self._held))
        if not self._held and not self._wiping and not self.closed:
            self._wiping = asyncio.get_running_loop().call_later(_WIPE_SECONDS, self._wipe)

    def _wipe(self) -> None:
        """In a quiet moment; in a busy one the log is written over soon enough."""
        self._wiping = None
        if not self._held:
            with suppress(sqlite3.Error):
                self._inbox.wipe()

    def _judge(self, update: Raw) -> Verdict:
        if update["update_id"] in self._held or update["update_id"] in self._loose:
            return Verdict.ADMIT
        verdict = self._throttle.admit(conversation(update), written(update))
        if verdict is Verdict.DROP and "callback_query" in update:
            # A button turns until it hears something, and that is no message.
            return Verdict.WARN
        if verdict is Verdict.WARN and "inline_query" in update:
            # There is no place for a word of warning.
            verdict = Verdict.DROP
        if verdict is Verdict.DROP:
            self._observer.update("inline" if "inline_query" in update else "question", "throttled", 0.0)
        return verdict

    def _hold(self, held: Held) -> None:
        self._held[held.id] = held
        chat = lane(held.update)
        if chat in self._waiting:
            self._waiting[chat].append(held)
        else:
            self._waiting[chat] = deque()
            self.put_nowait(held)
        self._observer.queue(len(self._held))

    def _mark(self, update_id: int) -> None:
        try:
            self._inbox.finish([update_id])
        except sqlite3.Error as error:
            _log.error("收件箱写不进去（%s），稍后再记。", error)
            self._unmarked.add(update_id)

    def _settle(self) -> None:
        """Mark what could not be marked; outside of any transaction, which might come to nothing."""
        if self._unmarked:
            with suppress(sqlite3.Error):
                self._inbox.finish(self._unmarked)
                self._unmarked.clear()

    async def _until(self, fewer: int) -> None:
        while len(self._held) >= fewer:
            self._changed.clear()
            await self._changed.wait()


class Processor(BaseUpdateProcessor):
    """Runs the updates of different chats at the same time, and has each one marked when it is done."""

    def __init__(self, updates: Updates) -> None:
        super().__init__(_MOST_AT_ONCE)
        self._updates = updates
        self.running: set[asyncio.Task[Any]] = set()

    async def initialize(self) -> None:
        """Nothing to be opened."""

    async def shutdown(self) -> None:
        """Nothing to be closed."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Run the handlers; an update that is broken off stays in the inbox."""
        assert isinstance(update, Update)
        task = asyncio.current_task()
        assert task
        if self._updates.closed:
            if isinstance(coroutine, Coroutine):
                coroutine.close()
            return
        self.running.add(task)
        try:
            await coroutine
        finally:
            self.running.discard(task)
        if not self._updates.held(update.update_id).finished:
            self._updates.finish(update.update_id)
        self._updates.release(update.update_id)
