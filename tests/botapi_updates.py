"""The updates of one bot: kept until an offset confirms them or the webhook takes them, as Telegram keeps them."""

import asyncio
import json
import re
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.botapi_checks import Json, Refused, bad

KINDS = {
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "inline_query",
    "chosen_inline_result", "my_chat_member", "chat_member", "message_reaction", "message_reaction_count", "poll",
    "poll_answer", "chat_join_request", "chat_boost", "removed_chat_boost", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "purchased_paid_media", "shipping_query",
    "pre_checkout_query",
}  # fmt: skip
# Only these are left out where nothing was asked for.
_ON_DEMAND = {"chat_member", "message_reaction", "message_reaction_count"}
_TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class Bell:
    """Wakes those who wait for something to become true; costs nothing while nobody waits."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def ring(self) -> None:
        """Something has changed."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, ready: Callable[[], bool]) -> None:
        """Return once it is true."""
        while not ready():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future


@dataclass
class Webhook:
    """Where updates are pushed to; `listened` tells whether anybody listened there when it was set."""

    url: str
    secret: str | None
    connections: asyncio.Semaphore
    most: int
    listened: bool
    pushes: int = 0
    failures: list[str] = field(default_factory=list)
    failed_at: int = 0


class Updates:
    """The queue, its poller and its webhook."""

    def __init__(self) -> None:
        self.pending: dict[int, Json] = {}
        self.hook: Webhook | None = None
        self.allowed: frozenset[str] = frozenset(KINDS - _ON_DEMAND)
        self.conflicts = 0
        # The waits between two attempts of a push, the first and the longest, and how long one attempt may take.
        self.backoff = (0.05, 1.0)
        self.push_timeout = 10.0
        self.latency = 0.0
        self.changed = Bell()
        self.taken = Bell()
        self._last = self._poll = 0
        self._ended = ""
        self._queues: dict[int, deque[int]] = {}
        self._queue_of: dict[int, int] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._stopping = False
        self._session: aiohttp.ClientSession | None = None

    def add(self, kind: str, content: Json, queue: int) -> int | None:
        """The number of the new update; None if the bot has not asked for its kind. A queue is delivered in order."""
        if kind not in self.allowed:
            return None
        self._last += 1
        self.pending[self._last] = {"update_id": self._last, kind: content}
        self._queue_of[self._last] = queue
        if self.hook and not self._stopping:
            self._enqueue(self._last)
        else:
            self.changed.ring()
        return self._last

    async def close(self) -> None:
        """No more pushes, no more waiting."""
        self._stop_polls("closed")
        await self._stop_pushes()
        if self._session:
            await self._session.close()

    # --- polling --------------------------------------------------------------------------------

    async def get(
        self, offset: int = 0, limit: int = 100, timeout: int = 0, allowed_updates: list[str] | None = None
    ) -> list[Json]:
        """The updates from `offset` on; those before it are confirmed and gone."""
        if self.hook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first",
            )
        if not 1 <= limit <= 100:
            raise bad("limit must be between 1 and 100")
        self._allow(allowed_updates)
        # An earlier poll that still waits is cut short.
        self._stop_polls(_TERMINATED)
        poll = self._poll
        if offset < 0:
            offset = max([*self.pending, 0]) + offset + 1
        for number in list(self.pending):
            if number >= offset:
                break
            self._drop(number)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(timeout, 50)):
                await self.changed.until(lambda: bool(self.pending) or poll != self._poll)
        if poll != self._poll:
            self.conflicts += 1
            raise Refused(409, self._ended)
        return [update for update, _ in zip(self.pending.values(), range(limit), strict=False)]

    def _stop_polls(self, why: str) -> None:
        self._poll += 1
        self._ended = why
        self.changed.ring()

    def _drop(self, number: int) -> None:
        del self.pending[number]
        del self._queue_of[number]
        self.taken.ring()

    def _allow(self, kinds: list[str] | None) -> None:
        """What updates made from now on may be; those that wait already stay."""
        if kinds is None:
            return
        if strange := set(kinds) - KINDS:
            raise bad(f"unknown allowed updates {', '.join(sorted(strange))}")
        self.allowed = frozenset(kinds or KINDS - _ON_DEMAND)

    # --- webhook --------------------------------------------------------------------------------

    async def set_webhook(
        self,
        url: str = "",
        secret_token: str | None = None,
        max_connections: int = 40,
        allowed_updates: list[str] | None = None,
        drop_pending_updates: bool = False,
        **_: Any,
    ) -> bool:
        """Push to the address from here on."""
        if not url:
            return await self.delete_webhook(drop_pending_updates)
        parts = urlsplit(url)
        # A Bot API server of one's own takes plain addresses; here only those of this machine.
        if parts.scheme != "https" and parts.hostname != "127.0.0.1":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret_token is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret_token):
            raise bad("secret token contains illegal characters")
        if not 1 <= max_connections <= 100:
            raise bad("max_connections must be between 1 and 100")
        self._allow(allowed_updates)
        self._stop_polls("Conflict: terminated by setWebhook request")
        await self._stop_pushes()
        if drop_pending_updates:
            self._clear()
        listened = _listens(parts.hostname or "", parts.port or 443)
        self.hook = Webhook(url, secret_token, asyncio.Semaphore(max_connections), max_connections, listened)
        for number in self.pending:
            self._enqueue(number)
        return True

    async def delete_webhook(self, drop_pending_updates: bool = False) -> bool:
        """Polling from here on."""
        await self._stop_pushes()
        self.hook = None
        if drop_pending_updates:
            self._clear()
        return True

    async def webhook_info(self) -> Json:
        """How the pushing goes."""
        hook = self.hook
        info: Json = {
            "url": hook.url if hook else "", "has_custom_certificate": False, "pending_update_count": len(self.pending),
            "allowed_updates": sorted(self.allowed),
        }  # fmt: skip
        if hook:
            info["max_connections"] = hook.most
            if hook.failures:
                info |= {"last_error_date": hook.failed_at, "last_error_message": hook.failures[-1]}
        return info

    def _clear(self) -> None:
        self.pending.clear()
        self._queue_of.clear()
        self.taken.ring()

    def _enqueue(self, number: int) -> None:
        queue = self._queue_of[number]
        self._queues.setdefault(queue, deque()).append(number)
        if queue not in self._workers:
            self._workers[queue] = asyncio.get_running_loop().create_task(self._push_all(queue))

    async def _push_all(self, queue: int) -> None:
        """Push what the queue holds, one after the other, each until it has been taken."""
        numbers, hook = self._queues[queue], self.hook
        wait = self.backoff[0]
        try:
            while numbers and hook:
                if numbers[0] not in self.pending:
                    numbers.popleft()
                    continue
                async with hook.connections:
                    failure = await self._push(hook, self.pending[numbers[0]])
                if failure:
                    hook.failures.append(failure)
                    hook.failed_at = int(time.time())
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, self.backoff[1])
                else:
                    wait = self.backoff[0]
                    self._drop(numbers.popleft())
        finally:
            if self._workers.get(queue) is asyncio.current_task():
                del self._workers[queue], self._queues[queue]

    async def _push(self, hook: Webhook, update: Json) -> str:
        """Why it was not taken; empty if it was."""
        if not self._session:
            timeout = aiohttp.ClientTimeout(total=self.push_timeout)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=100))
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        hook.pushes += 1
        try:
            await asyncio.sleep(self.latency / 2)
            async with self._session.post(hook.url, data=json.dumps(update), headers=headers) as response:
                await response.read()
            await asyncio.sleep(self.latency / 2)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"{type(error).__name__}: {error}"
        if 200 <= response.status < 300:
            return ""
        return f"Wrong response from the webhook: {response.status} {response.reason}"

    async def _stop_pushes(self) -> None:
        # What comes in meanwhile waits for the next hook: a worker begun now would push beside that one's.
        self._stopping = True
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        # A worker that was cancelled before it began has had no chance to leave.
        self._workers.clear()
        self._queues.clear()
        self._stopping = False


def _listens(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False
