"""What the answers of a moment write, kept in one transaction: the disk is waited for once, not for each of them."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlite_utils import Database

from bot.datafile import cause, light

# So many pieces of work make a transaction cheap; after a kill, what was in one that was not kept is sent again.
_ENOUGH = 24

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


class Commits:
    """Gathers writes for as long as each turn of the loop brings more, and keeps them as a whole."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._due: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    async def kept(self, work: Callable[[], _T]) -> _T:
        """What `work` gives, once all that it has written is kept.

        Where they cannot be kept together, each piece of work is done anew by itself, without a transaction; so it must
        be such that it can be done twice, and deal itself with a statement that fails.
        """
        loop = asyncio.get_running_loop()
        if not self._due:
            loop.call_soon(self._gather, 0)
        future: asyncio.Future[_T] = loop.create_future()
        self._due.append((work, future))
        return await future

    def _gather(self, seen: int) -> None:
        """In a quiet moment nobody waits longer than for the next turn."""
        if seen < len(self._due) < _ENOUGH:
            asyncio.get_running_loop().call_soon(self._gather, len(self._due))
        else:
            self._commit()

    def _commit(self) -> None:
        due, self._due = self._due, []
        try:
            results = self._together([work for work, _ in due])
        except Exception as error:
            if isinstance(error, sqlite3.Error):
                _log.error("几条答复不能一起记下，逐条再试：%s", cause(error))
            for work, future in due:
                _alone(work, future)
            return
        for (_, future), result in zip(due, results, strict=True):
            if not future.done():
                future.set_result(result)

    def _together(self, due: list[Callable[[], Any]]) -> list[Any]:
        """What comes of all of them; an error, where nothing of it is kept."""
        with light(self._db):
            # A file that somebody else writes is waited for once, not with each statement.
            self._db.conn.execute("BEGIN IMMEDIATE")
            try:
                results = [work() for work in due]
                self._db.conn.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise
        return results


def _alone(work: Callable[[], Any], future: asyncio.Future[Any]) -> None:
    try:
        result = work()
    except Exception as error:
        if not future.done():
            future.set_exception(error)
    else:
        if not future.done():
            future.set_result(result)
