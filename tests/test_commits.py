"""What the answers of a moment write: together, and one by one where that is not possible."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.addressee import Me
from bot.datafile import FILE
from bot.observer import NOBODY
from bot.shelf import Given, Matter
from bot.standpoint import Standpoint
from bot.store import Store
from bot.throttle import Throttle
from bot.updates import Updates

CHAT = "telegram:5000000017"
FULL = 2


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of its own."""
    store = Store.open(tmp_path)
    yield store
    store.close()


def statements(store: Store) -> list[str]:
    """What is asked of the file from now on."""
    said: list[str] = []
    store._db.conn.set_trace_callback(said.append)
    return said


def holding(store: Store, number: int = 1) -> Updates:
    """Updates that hold one."""
    updates = Updates(store.inbox("1"), Throttle(0), NOBODY)
    updates.open(None, Me(1, "policy_bot"))  # type: ignore[arg-type]
    who = {"id": 5_000_000_017, "is_bot": False, "first_name": "欧阳"}
    message = {"message_id": 1, "date": int(time.time()), "chat": {**who, "type": "private"}, "from": who, "text": "问"}
    assert updates.take([{"update_id": number, "message": message}])
    return updates


class TestTogether:
    async def test_what_is_written_in_a_moment_is_one_transaction(self, store: Store) -> None:
        """And each hears what came of its own."""
        said = statements(store)
        shelf = store.shelf("1")
        done = await asyncio.gather(
            *(store.together(lambda number=number: shelf.put(Matter(str(number)))) for number in range(10))
        )
        assert said.count("COMMIT") == 1
        assert [shelf.matter(str(code)) for code in done] == [Matter(str(number)) for number in range(10)]

    async def test_nobody_waits_for_a_moment_without_end(self, store: Store) -> None:
        """However many come, after a few the first are kept."""
        said = statements(store)
        await asyncio.gather(*(store.together(lambda: None) for _ in range(100)))
        first = store.together(lambda: None)
        await first
        assert said.count("COMMIT") >= 2

    async def test_a_piece_that_fails_fails_alone(self, store: Store) -> None:
        """The others are kept."""

        def fail() -> None:
            raise ValueError

        kept = asyncio.create_task(store.together(lambda: store.keep(CHAT, "{}")))
        with pytest.raises(ValueError):
            await store.together(fail)
        await kept
        assert store.thread(CHAT) == "{}"

    async def test_whoever_stops_waiting_has_it_kept_all_the_same(self, store: Store) -> None:
        """What Telegram has accepted is done, also while the bot stops."""
        task = asyncio.create_task(store.together(lambda: store.keep(CHAT, "{}")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0.01)
        assert task.cancelled() and store.thread(CHAT) == "{}"


class TestInNeed:
    async def test_a_locked_file_is_passed_over_piece_by_piece(
        self, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Nothing is raised; what is done is marked as soon as that can be written."""
        updates, shelf = holding(store), store.shelf("1")

        def keep() -> None:
            store.keep(CHAT, "{}")
            shelf.give(CHAT, 1, Given((2,)))
            updates.finish(1)

        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with caplog.at_level(logging.ERROR):
            await store.together(keep)
        assert "锁住" in caplog.text
        assert store.thread(CHAT) == "" and updates.held(1).finished
        assert [pending.update["update_id"] for pending in store.inbox("1").pending()] == [1]
        other.execute("ROLLBACK")
        other.close()
        updates.release(1)
        updates.close()
        assert not list(store.inbox("1").pending())

    async def test_what_one_statement_can_write_is_written(self, store: Store) -> None:
        """Where the whole cannot be kept, the parts that can are."""
        updates = holding(store)
        store._db.execute("drop table contexts")

        def keep() -> None:
            store.keep(CHAT, "{}")
            updates.finish(1)

        await store.together(keep)
        updates.close()
        assert not list(store.inbox("1").pending())

    async def test_on_a_full_disk_there_is_no_code_for_buttons(self, store: Store) -> None:
        """So that no button is sent whose meaning is not kept; with room there is one again."""
        shelf = store.shelf("1")
        pages = store._db.execute("pragma page_count").fetchone()[0]
        store._db.execute(f"pragma max_page_count = {pages}").fetchall()
        matter = Matter("问", next=("长" * 9000,))
        assert await store.together(lambda: shelf.put(matter)) is None
        store._db.execute("pragma max_page_count = 100000").fetchall()
        assert await store.together(lambda: shelf.put(matter)) is not None


class TestPowerCut:
    async def test_what_must_not_be_lost_waits_for_the_disk(self, store: Store) -> None:
        """Whatever has been written before: an update is on the disk before Telegram is told so."""

        def base() -> int:
            return int(store._db.execute("pragma synchronous").fetchone()[0])

        assert base() == FULL
        shelf = store.shelf("1")
        updates = holding(store)
        writes = (
            lambda: store.keep(CHAT, "{}"), lambda: store.unanswered("问"), lambda: shelf.put(Matter("问")),
            lambda: updates.count_sent(1, 1), lambda: updates.finish(1),
            lambda: store.set_standpoint(CHAT, Standpoint("a")),
        )  # fmt: skip
        for write in writes:
            said = statements(store)
            write()
            assert base() == FULL
            await store.together(write)
            assert base() == FULL
            assert "PRAGMA synchronous = NORMAL" in said
        said = statements(store)
        store.inbox("1").add([{"update_id": 2}])
        assert not any("synchronous" in statement for statement in said)
        updates.close()
