"""Work that nobody waits for, such as a line of the log: done together a moment later, which also makes it cheaper."""

import asyncio
import logging
from collections.abc import Callable

from bot.privacy import where_it_failed

_MOMENT = 0.05
# Whoever asks next does not wait for a long row of it.
_MOST = 200

_log = logging.getLogger(__name__)


class Afterwards:
    """Does work in its order: a moment later where a loop runs in this thread, else at once."""

    def __init__(self, moment: float = _MOMENT) -> None:
        """A `moment` of 0 seconds does everything at once."""
        self._moment = moment
        self._due: list[Callable[[], None]] = []

    def do(self, work: Callable[[], None]) -> None:
        """Have the work done."""
        self._due.append(work)
        if len(self._due) == 1 and self._moment:
            try:
                asyncio.get_running_loop().call_later(self._moment, self.finish)
            except RuntimeError:
                self.finish()
        elif not self._moment or len(self._due) >= _MOST:
            self.finish()

    def finish(self) -> None:
        """Do now what is left; one piece that fails does not keep the others from being done."""
        due, self._due = self._due, []
        for work in due:
            try:
                work()
            except Exception as error:
                _log.error("事后处理出错：%s", where_it_failed(error))
