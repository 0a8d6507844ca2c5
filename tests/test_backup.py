"""Copies of the database: whole and consistent beside a busy writer, private, and never in the way of what is there."""

import multiprocessing
import os
import sqlite3
import stat
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.backup import back_up
from bot.datafile import FILE
from bot.errors import UsageError
from bot.store import Store
from bot.values import Context

CONTEXT = Context(refs=("measure:1",))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in which something is kept."""
    folder = tmp_path / "data"
    with closing(Store.open(folder)) as store:
        store.remember("web:1", CONTEXT)
        store.unanswered("明天天气怎么样")
    return folder


def write(path: Path, stop: Event, begun: Event) -> None:
    """Write pairs of rows, each pair in one transaction, until told to stop."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as db:
        db.execute("create table if not exists pairs (half integer, filler text)")
        number = 0
        while not stop.is_set():
            db.execute("begin immediate")
            db.executemany("insert into pairs values (?, ?)", [(number, "甲" * 500), (number, "乙" * 500)])
            db.execute("commit")
            number += 1
            if number == 20:
                begun.set()


def test_a_copy_holds_what_is_kept(data: Path, tmp_path: Path) -> None:
    """Put in the place of the database, with the key beside it, it serves as the database did."""
    back_up(data, tmp_path / "copy.sqlite")
    (tmp_path / "again").mkdir()
    (tmp_path / "copy.sqlite").rename(tmp_path / "again" / FILE)
    (data / "chat.key").rename(tmp_path / "again" / "chat.key")
    with closing(Store.open(tmp_path / "again")) as store:
        assert store.context("web:1") == CONTEXT
        assert [row.question for row in store.list_unanswered()] == ["明天天气怎么样"]


def test_it_is_one_file_for_its_owner_alone(data: Path, tmp_path: Path) -> None:
    """Whatever the umask; no part of it lies beside."""
    before = os.umask(0)
    try:
        back_up(data, tmp_path / "copy.sqlite")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "copy.sqlite").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.sqlite", "data"]


def test_a_copy_made_beside_a_writer_is_of_one_moment(data: Path, tmp_path: Path) -> None:
    """Transactions are in it whole or not at all, and the writer goes on."""
    context = multiprocessing.get_context("spawn")
    stop, begun = context.Event(), context.Event()
    writer = context.Process(target=write, args=(data / FILE, stop, begun))
    writer.start()
    try:
        assert begun.wait(20)
        copies = [back_up(data, tmp_path / f"{number}.sqlite") for number in range(5)]
    finally:
        stop.set()
        writer.join(20)
    assert writer.exitcode == 0
    sizes = []
    for path in copies:
        with closing(sqlite3.connect(path)) as db:
            (rows, halves) = db.execute("select count(*), count(distinct half) from pairs").fetchone()
        assert rows == 2 * halves
        sizes.append(rows)
    assert 40 <= sizes[0] < sizes[-1]


def test_what_is_there_is_not_overwritten_unasked(data: Path, tmp_path: Path) -> None:
    """The refusal says how to ask for it."""
    target = tmp_path / "copy.sqlite"
    target.write_text("mine")
    with pytest.raises(UsageError, match="--overwrite"):
        back_up(data, target)
    assert target.read_text() == "mine"
    back_up(data, target, overwrite=True)
    assert target.read_bytes().startswith(b"SQLite format 3")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", [FILE, f"{FILE}-wal"])
def test_the_database_itself_is_never_the_target(data: Path, name: str) -> None:
    """Not even when overwriting was asked for."""
    with pytest.raises(UsageError, match="正在用"):
        back_up(data, data / "." / name, overwrite=True)


def test_a_folder_gets_a_dated_copy(data: Path, tmp_path: Path) -> None:
    """For whoever makes one every night."""
    target = back_up(data, tmp_path)
    assert target.parent == tmp_path
    assert target.match("bot-2*-*.sqlite")


def test_a_damaged_database_gives_no_copy(data: Path, tmp_path: Path) -> None:
    """It is said, and nothing is left behind."""
    with closing(sqlite3.connect(data / FILE, isolation_level=None)) as db:
        db.execute("create table filler (text)")
        db.executemany("insert into filler values (?)", [("甲" * 900,)] * 40)
        db.execute("create index by_text on filler (text)")
        db.execute("pragma wal_checkpoint(truncate)").fetchall()
        page = db.execute("select rootpage from sqlite_master where name = 'by_text'").fetchone()[0]
        size = db.execute("pragma page_size").fetchone()[0]
    with (data / FILE).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(UsageError, match="损坏"):
        back_up(data, tmp_path / "copy.sqlite")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_no_database_and_no_folder_are_named(data: Path, tmp_path: Path) -> None:
    """Each with what to look at."""
    with pytest.raises(UsageError, match="BOT_DATA"):
        back_up(tmp_path, tmp_path / "copy.sqlite")
    with pytest.raises(UsageError, match="没有文件夹"):
        back_up(data, tmp_path / "nowhere" / "copy.sqlite")


def test_the_command_says_where_the_copy_is(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And, the second time, that it is there already."""
    monkeypatch.setenv("BOT_DATA", str(data))
    words = ["backup", str(tmp_path / "copy.sqlite")]
    assert main(words) == 0
    assert f"已备份到 {tmp_path / 'copy.sqlite'}" in capsys.readouterr().out
    assert main(words) == 2
    assert "已经存在" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0
