"""The SQLite file of a data folder: made, opened, brought up to date; what is wrong with it is said in Chinese."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.errors import UsageError

FILE = "bot.sqlite"
# Some eight megabytes.
_LOG_PAGES = 2000


def make_folder(folder: Path) -> None:
    """The folder, readable by its owner alone where it is made; UsageError says why it cannot be used."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"{folder} 是一个文件，不是文件夹。请移走它，或用 BOT_DATA 指定别的文件夹。") from None
    except OSError as error:
        raise UsageError(
            f"建不了数据文件夹 {folder}（{error.strerror}）。请检查上级文件夹的权限，或用 BOT_DATA 指定别的文件夹。"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            f"数据文件夹 {folder} 只读，不能写。请让运行本程序的用户能写它，或用 BOT_DATA 指定别的文件夹。"
        )


def _for_its_owner_alone(path: Path) -> None:
    """Whatever its folder allows: messages that wait for an answer are in the file. What goes wrong, SQLite tells."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def connect(path: Path, patience: float) -> Database:
    """The file, opened or made; so many milliseconds are waited where another program writes it."""
    _for_its_owner_alone(path)
    connection = sqlite3.connect(path, timeout=patience / 1000)
    try:
        # What is dropped is overwritten, not only unlinked.
        connection.execute("PRAGMA secure_delete = ON").fetchall()
        # What is committed survives the end of the program and a power cut; `light` says where the latter is too dear.
        connection.execute("PRAGMA synchronous = FULL").fetchall()
        # What else is installed beside sqlite-utils has no say in our file.
        db = Database(connection, execute_plugins=False)
        db.enable_wal()
        # What many messages change in turn is carried over into the file once, and not for each few of them.
        connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}").fetchall()
        return db
    except BaseException:
        connection.close()
        raise


@contextmanager
def light(db: Database) -> Iterator[None]:
    """A write that nobody waits for the disk for: it survives the end of the program, but a power cut may take it.

    Inside a transaction that is decided already.
    """
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        db.conn.execute("PRAGMA synchronous = FULL")


def migrate(db: Database, path: Path, migrations: Migrations, known: Sequence[str]) -> None:
    """Bring the file up to date, as a whole or not at all; refuse one that a newer program has written."""
    newer = [applied.name for applied in migrations.applied(db) if applied.name not in known]
    if newer:
        raise UsageError(
            f"数据文件 {path} 是较新版本的程序写的（多出：{'、'.join(newer)}），这个版本不能用。"
            "请换用较新的程序，或用 BOT_DATA 指定别的文件夹。"
        )
    # A write in every case: a full or read-only place is found now, not at the first question.
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(db)
        db.conn.execute(f"PRAGMA user_version = {len(known)}")
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def cause(error: sqlite3.Error) -> str:
    """What went wrong with the file and how to mend it."""
    said = str(error)
    causes = {
        "readonly": "数据文件夹只读。请让运行本程序的用户能写它",
        "unable to open": "数据文件打不开。请检查文件夹是否存在、运行本程序的用户能否读写",
        "full": "磁盘已满。请腾出空间",
        "disk I/O": "磁盘读写出错（可能已满或损坏）。请检查磁盘",
        "locked": "数据文件正被别的程序锁住。请关掉占用它的程序",
        "not a database": "数据文件已损坏，或不是本程序的数据库。请移走它，重新启动会另建一个",
        "malformed": "数据文件已损坏。请移走它，重新启动会另建一个",
    }
    return next((cause for sign, cause in causes.items() if sign in said), f"数据库出错（{said}）") + "。"


def reason(path: Path, error: sqlite3.Error) -> str:
    """Why the file cannot be opened, and how to mend it."""
    return f"数据文件 {path} 不能用：{cause(error)}也可用 BOT_DATA 指定别的文件夹。"
