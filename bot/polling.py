"""Our way of fetching updates from Telegram: one request after the other, confirmed only when durable."""

import asyncio
import logging
import random
import time
from contextlib import suppress
from typing import Any

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.delivery import kind_of
from bot.observer import Observer
from bot.transport import Transport
from bot.updates import Updates

_POLL_SECONDS = 10
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_CONFIRM_SECONDS = 2.0
# Whoever has been at it for so long stays; whoever comes later steps back, further each time.
_SETTLED_SECONDS, _SETTLED_WAIT = 10.0, 2.0
_STEP_BACK, _LONGEST_STEP = 30.0, 300.0
_CONFLICT = "另有一个程序在用同一个令牌接收消息（或设了 webhook）。请只留一个。%.0f 秒后再试。"

_log = logging.getLogger(__name__)


class Polling:
    """Asks `address`, the bot's own at the Bot API, for updates of the `kinds`."""

    def __init__(
        self, transport: Transport, address: str, updates: Updates, observer: Observer, kinds: tuple[str, ...]
    ) -> None:
        self._transport, self._updates, self._observer = transport, updates, observer
        self._url, self._kinds = f"{address}/getUpdates", list(kinds)
        self._offset = 0
        self._since = time.monotonic()
        self._wait, self._step = _FIRST_WAIT, _STEP_BACK
        # The first answer comes at once, and tells that the two are connected.
        self._seconds = 0

    async def run(self) -> None:
        """Fetch until cancelled; only a token that is refused ends it."""
        while True:
            await self._updates.room()
            try:
                updates = await self._ask(self._seconds)
            except InvalidToken:
                raise
            except Conflict:
                self._observer.connected(False)
                await self._give_way()
            except RetryAfter as error:
                # The public property warns, whichever of its two types it is asked for.
                await asyncio.sleep(error._retry_after.total_seconds())
            except TelegramError as error:
                self._observer.connected(False)
                _log.warning("暂时连不上 Telegram（%s），稍后再试。", kind_of(error))
                await asyncio.sleep(self._wait * random.uniform(0.8, 1.2))
                self._wait = min(self._wait * 2, _LONGEST_WAIT)
            else:
                self._observer.connected(True)
                self._seconds = _POLL_SECONDS
                self._wait = _FIRST_WAIT
                if self._updates.take(updates):
                    self._offset = updates[-1]["update_id"] + 1 if updates else self._offset
                else:
                    await asyncio.sleep(_FIRST_WAIT)

    async def confirm(self) -> None:
        """Tell Telegram, before leaving, what has been fetched; what it sends in answer is fetched next time."""
        if self._offset:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(_CONFIRM_SECONDS):
                    await self._ask(0, limit=1)

    async def _ask(self, seconds: int, **more: int) -> list[dict[str, Any]]:
        asked = {"offset": self._offset, "timeout": seconds, "allowed_updates": self._kinds, **more}
        updates: list[dict[str, Any]] = await self._transport.ask(self._url, asked, seconds)
        return updates

    async def _give_way(self) -> None:
        """Leave the field to another process, unless it has come after this one."""
        now = time.monotonic()
        if now - self._since >= _SETTLED_SECONDS:
            wait, self._step = _SETTLED_WAIT, _STEP_BACK
        else:
            wait, self._step = self._step * random.uniform(0.8, 1.2), min(self._step * 2, _LONGEST_STEP)
        _log.error(_CONFLICT, wait)
        await asyncio.sleep(wait)
        # Another conflict soon after makes this the one that steps back.
        self._since = time.monotonic()
