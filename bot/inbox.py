"""The durable inbox: an update is in the SQLite file before Telegram is told so, and only its id once it is done."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from bot.datafile import light
from bot.jsons import dumps, loads

# Telegram itself keeps an update for a day, and after a week without any it begins to count anew.
_DAYS_KEPT = 2
_DAY = 86400

Raw = Mapping[str, Any]


def keep_updates(db: Database) -> None:
    """Updates by id: `content` until done, `sent` messages of the reply; by the day, so that no row tells when."""
    db.execute(
        "create table updates (bot text not null, id integer not null, day integer not null, content text, "
        "sent integer not null default 0, primary key (bot, id)) without rowid"
    )


@dataclass(frozen=True, slots=True)
class Pending:
    """An update that is not done, and how many messages of its reply Telegram has already accepted."""

    update: Raw
    sent: int = 0


class Inbox:
    """The updates of one bot; every method may raise sqlite3.Error, and has then changed nothing."""

    def __init__(self, db: Database, bot: str) -> None:
        self._db, self._bot = db, bot

    def add(self, updates: Iterable[Raw]) -> tuple[Raw, ...]:
        """Make the updates durable, all of them at once; those that were not known before."""
        day = int(time.time()) // _DAY
        with self._db.atomic():
            return tuple(
                update
                for update in updates
                if self._db.conn.execute(
                    "insert into updates (bot, id, day, content) values (?, ?, ?, ?) on conflict do nothing",
                    (self._bot, update["update_id"], day, dumps(update).decode()),
                ).rowcount
            )

    def pending(self) -> Iterator[Pending]:
        """What is not done, in the order of arrival."""
        rows = self._db.execute(
            "select content, sent from updates where bot = ? and content is not null order by id", (self._bot,)
        )
        for content, sent in rows.fetchall():
            yield Pending(loads(content), sent)

    def count_sent(self, update_id: int, sent: int) -> None:
        """So many messages of the reply have been accepted."""
        with light(self._db):
            self._db.execute("update updates set sent = ? where bot = ? and id = ?", (sent, self._bot, update_id))

    def finish(self, update_ids: Iterable[int]) -> None:
        """Nothing of the updates remains but their ids, by which a redelivery is known."""
        # One statement is kept as a whole without a transaction of its own. What a power cut takes is answered twice.
        with light(self._db):
            self._db.execute(
                "update updates set content = null, sent = 0 where bot = ? and id in (select value from json_each(?))",
                (self._bot, dumps([*update_ids]).decode()),
            )

    def wipe(self) -> None:
        """Take what is done out of the write-ahead log too, where its content stands until it is written over."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def prune(db: Database) -> None:
    """Drop the ids that can no longer be redelivered."""
    db.execute("delete from updates where content is null and day < ?", (int(time.time()) // _DAY - _DAYS_KEPT,))
