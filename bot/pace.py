"""How fast messages may go out: so many to one chat, to one group, and to all together."""

from collections import deque
from dataclasses import dataclass

_MANY = 10_000
# Two messages sent a second apart must not arrive a little less than a second apart.
_MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a second to a chat, a minute to a group, a second to all; 0 means without a limit."""

    chat: int = 1
    group: int = 20
    overall: int = 30


class _Window:
    """At most `count` moments within `seconds`."""

    __slots__ = ("seconds", "times")

    def __init__(self, count: int, seconds: float) -> None:
        self.seconds = seconds + _MARGIN
        self.times: deque[float] = deque(maxlen=count)

    def reserve(self, now: float) -> float:
        """The first free moment from `now` on; it is taken by that."""
        full = len(self.times) == self.times.maxlen
        at = max(now, self.times[0] + self.seconds) if full else now
        self.times.append(at)
        return at


class Pace:
    """The moments at which messages may go out; groups have negative ids, as Telegram numbers them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._overall = _Window(limits.overall, 1) if limits.overall else None
        self._chats: dict[int | str, tuple[_Window, ...]] = {}

    def for_chat(self, chat: int | str, now: float) -> float:
        """When the next message may go to the chat."""
        windows = self._chats.get(chat)
        if windows is None:
            self._forget(now)
            windows = self._chats[chat] = self._windows(chat)
        return max([now, *(window.reserve(now) for window in windows)])

    def for_all(self, now: float) -> float:
        """When the next message may go to anybody; asked for when the chat's turn has come."""
        return self._overall.reserve(now) if self._overall else now

    def _windows(self, chat: int | str) -> tuple[_Window, ...]:
        group = isinstance(chat, str) or chat < 0
        windows = []
        if self._limits.chat:
            windows.append(_Window(self._limits.chat, 1))
        if group and self._limits.group:
            windows.append(_Window(self._limits.group, 60))
        return tuple(windows)

    def _forget(self, now: float) -> None:
        if len(self._chats) >= _MANY:
            for chat, windows in list(self._chats.items()):
                if all(not window.times or window.times[-1] + window.seconds <= now for window in windows):
                    del self._chats[chat]
