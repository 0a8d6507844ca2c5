"""What is kept of messages sent, in the store's file: what their buttons mean, whose answers they are, which pictures.

What a button means holds a question, so it is sealed: the key is in the button alone, and not in the file.
"""

import base64
import binascii
import hashlib
import logging
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Final

from sqlite_utils import Database

from bot.datafile import light
from bot.jsons import dumps, loads
from bot.privacy import chat_hash

_DAY = 86400.0
BUTTON_DAYS: Final = 30
_CHART_DAYS = 180
# So long can a message be changed by whoever wrote it.
_ANSWER_DAYS = 2
_ID_BYTES, _KEY_BYTES = 8, 16

_log = logging.getLogger(__name__)


def keep_messages(db: Database) -> None:
    """Buttons by an id of their own, answers by chat and the question's number, pictures by what they show."""
    db.execute("create table buttons (id blob primary key, sealed blob not null, at real not null) without rowid")
    db.execute(
        "create table answers (chat text not null, message integer not null, content text not null, "
        "at real not null, primary key (chat, message)) without rowid"
    )
    db.execute("create table pictures (key text primary key, file text not null, at real not null) without rowid")


@dataclass(frozen=True, slots=True)
class Matter:
    """What the buttons under a message are about: the question, its answer's kind, what they ask, what they unfold."""

    question: str = ""
    outcome: str = ""
    ref: str = ""
    next: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to a message: its messages, picture and what that shows; the thread before, the mark of that after."""

    texts: tuple[int, ...]
    picture: int = 0
    shows: str = ""
    before: str = ""
    after: str = ""


class Shelf:
    """The shelf of one bot; where the file cannot be written or read, that is logged, and nothing is found."""

    def __init__(self, db: Database, key: bytes, bot: str) -> None:
        self._db, self._key, self._bot = db, key, bot
        self._last = 0

    def put(self, matter: Matter) -> str | None:
        """The code by which `matter` finds it again; None where it could not be kept."""
        # Rows that come one after the other are written side by side. Whoever guesses an id has no key.
        self._last = max(self._last + 1, time.time_ns())
        name, key = self._last.to_bytes(_ID_BYTES), secrets.token_bytes(_KEY_BYTES)
        said = {field.name: getattr(matter, field.name) for field in fields(matter)}
        content = dumps(said)
        kept = False
        with self._logged():
            self._db.execute("insert into buttons values (?, ?, ?)", (name, _sealed(content, key), time.time()))
            kept = True
        return base64.urlsafe_b64encode(name + key).decode() if kept else None

    def matter(self, code: str) -> Matter | None:
        """What the code stands for; None where that is gone."""
        try:
            both = base64.b64decode(code, b"-_", validate=True)
        except binascii.Error:
            return None
        with self._logged():
            rows = self._db.execute("select sealed from buttons where id = ?", (both[:_ID_BYTES],)).fetchall()
            if rows:
                return _matter(_sealed(rows[0][0], both[_ID_BYTES:]))
        return None

    def give(self, chat: str, message: int, given: Given) -> None:
        """Keep which messages answer the one with that number."""
        content = {
            "texts": given.texts, "picture": given.picture, "shows": given.shows,
            "before": given.before, "after": given.after,
        }  # fmt: skip
        with self._logged():
            self._db.execute(
                "insert or replace into answers values (?, ?, ?, ?)",
                (chat_hash(chat, self._key), message, dumps(content).decode(), time.time()),
            )

    def given(self, chat: str, message: int) -> Given | None:
        """The answer to the message with that number; None where it had none, or it was too long ago."""
        with self._logged():
            rows = self._db.execute(
                "select content from answers where chat = ? and message = ?", (chat_hash(chat, self._key), message)
            ).fetchall()
            if rows:
                found = loads(rows[0][0])
                return Given(tuple(found["texts"]), found["picture"], found["shows"], found["before"], found["after"])
        return None

    def keep_picture(self, shows: str, file: str) -> None:
        """Telegram has that picture under that name, for this bot."""
        with self._logged():
            self._db.execute("insert or replace into pictures values (?, ?, ?)", (self._own(shows), file, time.time()))

    def picture(self, shows: str) -> str | None:
        """The name under which Telegram has a picture."""
        with self._logged():
            rows = self._db.execute("select file from pictures where key = ?", (self._own(shows),)).fetchall()
            if rows:
                return str(rows[0][0])
        return None

    def _own(self, shows: str) -> str:
        return chat_hash(f"picture:{self._bot}:{shows}", self._key)

    @contextmanager
    def _logged(self) -> Iterator[None]:
        try:
            # After a power cut a button may be dead, or a picture sent anew.
            with light(self._db):
                yield
        except sqlite3.Error as error:
            _log.error("按钮和答复的记录读写失败，答复不受影响：%s", error)


def mark(thread: str) -> str:
    """A mark by which a thread, as it is kept, is known again."""
    return hashlib.sha256(thread.encode("utf-8", "replace")).hexdigest()[:16]


def prune(db: Database, context_days: float) -> None:
    """Drop what has outlived its days; threads live no longer here than elsewhere."""
    now = time.time()
    db.execute("delete from buttons where at < ?", (now - BUTTON_DAYS * _DAY,))
    db.execute("delete from answers where at < ?", (now - min(_ANSWER_DAYS, context_days) * _DAY,))
    db.execute("delete from pictures where at < ?", (now - _CHART_DAYS * _DAY,))


def forget(db: Database, chat: str) -> bool:
    """Drop the answers of the chat with that hash; whether there were any."""
    return bool(db.execute("delete from answers where chat = ?", (chat,)).rowcount)


def _sealed(content: bytes, key: bytes) -> bytes:
    """The content under a key that is used for it alone; the same once more opens it."""
    stream = hashlib.shake_256(key).digest(len(content))
    return (int.from_bytes(content) ^ int.from_bytes(stream)).to_bytes(len(content))


def _matter(content: bytes) -> Matter | None:
    """What was put away; None where the key was another one."""
    try:
        found = loads(content)
        return Matter(**{**found, "next": tuple(found["next"]), "rest": tuple(found["rest"])})
    except (ValueError, TypeError, KeyError):
        return None
