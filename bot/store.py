"""What is kept between messages, in one SQLite file: contexts, questions without an answer, and votes on answers.

Nothing in it identifies a person: chats stand under a keyed hash, questions are masked and dated by the day.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, TypeVar

from sqlite_utils import Database, Migrations

from bot import shelf
from bot.commits import Commits
from bot.context import dump_masked, load
from bot.datafile import FILE, cause, connect, light, make_folder, migrate, reason
from bot.errors import UsageError
from bot.inbox import Inbox, keep_updates, prune
from bot.privacy import chat_hash, check_key, mask, read_key
from bot.profiles import Profiles, keep_profiles, prune_profiles
from bot.shelf import Shelf, keep_messages
from bot.standpoint import Standpoint
from bot.values import Context

_DAY = 86400.0
_LONGEST_QUESTION = 200
_LONGEST_DAYS = 36500
_TIDY_EVERY = 600.0
# At the start a busy file is worth waiting for; in mid-service the asker waits with us.
_PATIENCE_AT_START, _PATIENCE = 3000, 300

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


def keep_contexts(db: Database) -> None:
    """Conversations, each with the time of its last message."""
    db.table("contexts").create({"chat": str, "context": str, "at": float}, pk="chat", not_null={"context", "at"})


def keep_questions(db: Database) -> None:
    """Questions that found no answer. By the day: an exact time would tie them to a conversation."""
    db.table("questions").create(
        {"question": str, "count": int, "last": str}, pk="question", not_null={"count", "last"}
    )


def keep_feedback(db: Database) -> None:
    """Votes on answers, each changeable under its key, which leads back to nobody."""
    columns = {"key": str, "question": str, "outcome": str, "ref": str, "vote": str, "day": str}
    db.table("feedback").create(columns, pk="key", not_null=set(columns) - {"key"})


# In this order, each once; what has been released is never changed, only added to.
_STEPS = (keep_contexts, keep_questions, keep_feedback, keep_updates, keep_profiles, keep_messages)
MIGRATIONS = Migrations("bot")
for _step in _STEPS:
    MIGRATIONS()(_step)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that found no answer, how often, and the day it was last asked (YYYY-MM-DD)."""

    question: str
    count: int
    last: str


Vote = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was thought of the answers to a question: how many votes against and for, the last on that day.

    `outcome` and `ref` (the first place cited, "" for none) say what kind of answer it was.
    """

    question: str
    outcome: str
    ref: str
    down: int
    up: int
    last: str


class Store:
    """The SQLite file of one data folder; to be used in the thread that opened it."""

    def __init__(self, db: Database, key: bytes, context_days: float, question_days: float) -> None:
        self._db, self._key = db, key
        self._context_days, self._question_days = context_days, question_days
        self._tidied = time.monotonic()
        self._commits = Commits(db)

    @classmethod
    def open(
        cls, folder: Path, key: bytes | None = None, context_days: float = 1, question_days: float = 90
    ) -> "Store":
        """The store of the folder, made or brought up to date; UsageError says why it cannot be used."""
        make_folder(folder)
        key = read_key(folder) if key is None else check_key(key)
        path = folder / FILE
        try:
            db = connect(path, _PATIENCE_AT_START)
        except sqlite3.Error as error:
            raise UsageError(reason(path, error)) from None
        store = cls(db, key, context_days, question_days)
        try:
            migrate(db, path, MIGRATIONS, [step.__name__ for step in _STEPS])
            store._tidy()
            db.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
        except sqlite3.Error as error:
            db.close()
            raise UsageError(reason(path, error)) from None
        except UsageError:
            db.close()
            raise
        return store

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def inbox(self, bot: str) -> Inbox:
        """The inbox of a bot in the same file; of another bot's updates it knows nothing."""
        return Inbox(self._db, chat_hash(f"bot:{bot}", self._key)[:16])

    def shelf(self, bot: str) -> Shelf:
        """What is kept of the messages of a bot, in the same file."""
        return Shelf(self._db, self._key, bot)

    async def together(self, work: Callable[[], _T]) -> _T:
        """What the work gives, once what it writes is kept: as a whole, or else as far as that is possible.

        It is done twice where it cannot be kept the first time.
        """
        return await self._commits.kept(work)

    def context(self, chat: str) -> Context:
        """The thread of the chat; empty if there is none, it is too old, or it cannot be read."""
        return load(self.thread(chat))

    def thread(self, chat: str) -> str:
        """The same as `dump_masked` has written it; "" where there is none."""
        with self._in_service("读取对话"):
            rows = self._db.execute(
                "select context from contexts where chat = ? and at >= ?",
                (chat_hash(chat, self._key), self._oldest_context()),
            ).fetchall()
            if rows:
                return str(rows[0][0])
        return ""

    def remember(self, chat: str, context: Context) -> None:
        """Keep the thread of the chat for its next message."""
        self.keep(chat, dump_masked(context))

    def keep(self, chat: str, thread: str) -> None:
        """The same for a thread as `dump_masked` has written it."""
        with self._in_service("保存对话"), light(self._db):
            self._tidy_now_and_then()
            self._db.execute(
                "insert into contexts (chat, context, at) values (?, ?, ?) "
                "on conflict (chat) do update set context = excluded.context, at = excluded.at",
                (chat_hash(chat, self._key), thread, time.time()),
            )

    def standpoint(self, chat: str) -> Standpoint:
        """The region and the unit that the asker has set as his own."""
        try:
            return Profiles(self._db).read(chat_hash(chat, self._key))
        except sqlite3.Error as error:
            _log.error("读取地区和单位失败：%s", cause(error))
            return Standpoint()

    def set_standpoint(self, chat: str, standpoint: Standpoint) -> bool:
        """Keep the asker's own region and unit, or drop them where both are empty; whether that was done."""
        try:
            Profiles(self._db).write(chat_hash(chat, self._key), standpoint)
        except sqlite3.Error as error:
            _log.error("保存地区和单位失败：%s", cause(error))
            return False
        return True

    def unanswered(self, *questions: str) -> None:
        """Count questions that found no answer."""
        today = date.today().isoformat()
        rows = [(text, today) for question in questions if (text := _masked(question))]
        if not rows:
            return
        with self._in_service("记录未能回答的问题"), light(self._db):
            self._tidy_now_and_then()
            with self._db.atomic():
                self._db.conn.executemany(
                    "insert into questions (question, count, last) values (?, 1, ?) "
                    "on conflict (question) do update set count = count + 1, last = excluded.last",
                    rows,
                )

    def list_unanswered(self) -> tuple[Unanswered, ...]:
        """The questions that found no answer, the most frequent first."""
        try:
            rows = self._db.execute(
                "select question, count, last from questions where last >= ? order by count desc, last desc, question",
                (self._oldest_question(),),
            ).fetchall()
        except sqlite3.Error as error:
            raise UsageError(f"读不出未能回答的问题：{cause(error)}") from None
        return tuple(Unanswered(*row) for row in rows)

    def vote(self, key: str, vote: Vote | None, question: str, outcome: str, ref: str) -> bool:
        """Keep the vote on one answer, or drop it for None; whether that was done.

        The channel names the answer by a key of its own (chat and message); the same key changes the vote.
        """
        hashed = chat_hash(key, self._key)
        row = {"key": hashed, "question": _masked(question), "outcome": outcome, "ref": ref, "vote": vote}
        try:
            self._tidy_now_and_then()
            if vote is None:
                self._db.execute("delete from feedback where key = ?", (hashed,))
            else:
                self._db.table("feedback").upsert({**row, "day": date.today().isoformat()}, pk="key")
        except sqlite3.Error as error:
            _log.error("记录评价失败：%s", cause(error))
            return False
        return True

    def list_feedback(self) -> tuple[Feedback, ...]:
        """The questions whose answers were voted on, those with most votes against first."""
        try:
            rows = self._db.execute(
                "select question, outcome, ref, sum(vote = 'down') as down, sum(vote = 'up') as up, max(day) as last "
                "from feedback where day >= ? group by question, outcome, ref order by down desc, last desc, question",
                (self._oldest_question(),),
            ).fetchall()
        except sqlite3.Error as error:
            raise UsageError(f"读不出对答案的评价：{cause(error)}") from None
        return tuple(Feedback(*row) for row in rows)

    def forget(self, chat: str) -> bool:
        """Remove what is kept of the chat, at once; whether there was anything."""
        try:
            name = chat_hash(chat, self._key)
            found = Profiles(self._db).forget(name)
            found = shelf.forget(self._db, name) or found
            found = self._db.execute("delete from contexts where chat = ?", (name,)).rowcount > 0 or found
        except sqlite3.Error as error:
            raise UsageError(f"没有删成：{cause(error)}") from None
        # Out of the write-ahead log too; another reader may hold it up, then the next checkpoint does it.
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return found

    def fault(self) -> str | None:
        """Why nothing can be written just now, and how to mend it; None where it can."""
        try:
            path = self._db.execute("PRAGMA database_list").fetchone()[2]
            if not Path(path).exists():
                # The open file is written on as if nothing were wrong, and all of it is lost.
                return "数据文件不见了（被移走或删除）。请重新启动机器人。"
            self._db.execute(f"PRAGMA user_version = {len(_STEPS)}")
        except sqlite3.Error as error:
            return cause(error)
        return None

    def tidy(self) -> None:
        """Drop what has outlived its days; every write does so too, now and then."""
        with self._in_service("清理过期内容"):
            self._tidy()

    def scrub(self) -> None:
        """Leave no copy in the file of what was dropped: SQLite overwrites what it drops, but not what it has moved."""
        with self._in_service("整理数据文件"):
            self._db.execute("VACUUM")
            # What was dropped stands in the log of changes too, until that is emptied.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _oldest_context(self) -> float:
        return time.time() - self._context_days * _DAY

    def _oldest_question(self) -> str:
        return (date.today() - timedelta(days=min(self._question_days, _LONGEST_DAYS))).isoformat()

    def _tidy(self) -> None:
        """Drop what has outlived its days."""
        with self._db.atomic():
            self._db.execute("delete from contexts where at < ?", (self._oldest_context(),))
            self._db.execute("delete from questions where last < ?", (self._oldest_question(),))
            self._db.execute("delete from feedback where day < ?", (self._oldest_question(),))
            prune(self._db)
            shelf.prune(self._db, self._context_days)
            prune_profiles(self._db)
        self._tidied = time.monotonic()

    def _tidy_now_and_then(self) -> None:
        if time.monotonic() - self._tidied >= _TIDY_EVERY:
            self._tidy()

    @contextmanager
    def _in_service(self, what: str) -> Iterator[None]:
        """Work that may fail without harm to the answer: it is logged, without a word of the question."""
        try:
            yield
        except sqlite3.Error as error:
            _log.error("%s失败，答复不受影响：%s", what, cause(error))


def _masked(question: str) -> str:
    """A question as it may be kept."""
    return " ".join(mask(question.encode("utf-8", "replace").decode("utf-8")).split())[:_LONGEST_QUESTION]
