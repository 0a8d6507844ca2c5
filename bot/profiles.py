"""What a person has told of himself, for each chat: his own region and unit, kept until he takes it back."""

import time

from sqlite_utils import Database

from bot.standpoint import Standpoint

# Who has not asked anything for so long has forgotten it too.
_DAYS_KEPT = 400
_DAY = 86400


def keep_profiles(db: Database) -> None:
    """Own regions and units, under the hash of person and chat, with the day of the last change or use."""
    db.execute(
        "create table profiles (chat text primary key, region text not null, unit text not null, day integer not null) "
        "without rowid"
    )


class Profiles:
    """Standpoints by hashed chat; every method may raise sqlite3.Error, and has then changed nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def read(self, chat: str) -> Standpoint:
        """What the person has set; nothing by default."""
        row = self._db.execute("select region, unit, day from profiles where chat = ?", (chat,)).fetchone()
        if row is None:
            return Standpoint()
        if row[2] != _today():
            self._db.execute("update profiles set day = ? where chat = ?", (_today(), chat))
        return Standpoint(row[0], row[1])

    def write(self, chat: str, standpoint: Standpoint) -> None:
        """Keep it; an empty one is as none."""
        if not standpoint:
            self.forget(chat)
            return
        self._db.execute(
            "insert or replace into profiles (chat, region, unit, day) values (?, ?, ?, ?)",
            (chat, standpoint.region, standpoint.unit, _today()),
        )

    def forget(self, chat: str) -> bool:
        """Whether there was anything."""
        return bool(self._db.execute("delete from profiles where chat = ?", (chat,)).rowcount)


def prune_profiles(db: Database) -> None:
    """Drop those that nobody uses any more."""
    db.execute("delete from profiles where day < ?", (_today() - _DAYS_KEPT,))


def _today() -> int:
    return int(time.time()) // _DAY
