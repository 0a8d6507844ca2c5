"""A copy of the database, made while the bot runs: whole, checked, and readable by its owner alone."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from bot.datafile import FILE, cause
from bot.errors import UsageError

_PATIENCE = 10.0


def back_up(folder: Path, target: Path, overwrite: bool = False) -> Path:
    """Where the copy of the folder's database now stands: `target`, or a dated name in it if it is a folder.

    UsageError says why there is none; then nothing is left behind, and what stood there before still does.
    """
    source = folder / FILE
    if not source.is_file():
        raise UsageError(f"{folder} 里没有数据库 {FILE}，没有可备份的。请检查 BOT_DATA。")
    if target.is_dir():
        target = target / f"{source.stem}-{datetime.now():%Y%m%d-%H%M%S}{source.suffix}"
    _check(source, target, overwrite)
    # In the same folder, so that the last step is a renaming: nobody ever sees half a copy.
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(source, fresh)
        _place(fresh, target, overwrite)
    except sqlite3.Error as error:
        raise UsageError(f"没有备份成：{cause(error)}") from None
    except FileExistsError:
        raise UsageError(_taken(target)) from None
    except OSError as error:
        raise UsageError(f"没有备份成：写不了 {target}（{error.strerror}）。请检查文件夹、权限和磁盘空间。") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return target


def _check(source: Path, target: Path, overwrite: bool) -> None:
    """Refuse what can be refused before anything is written."""
    if not target.parent.is_dir():
        raise UsageError(f"没有文件夹 {target.parent}。请先建好，或换一个地方放备份。")
    beside = [source.with_name(source.name + end) for end in ("", "-wal", "-shm", "-journal")]
    if target.resolve() in [path.resolve() for path in beside]:
        raise UsageError(f"{target} 是正在用的数据库，不能用作备份的名字。请换一个。")
    if target.exists() and not overwrite:
        raise UsageError(_taken(target))


def _taken(target: Path) -> str:
    return f"{target} 已经存在，没有覆盖。请换一个名字，或加上 --overwrite。"


def _copy(source: Path, fresh: Path) -> None:
    # In one step, so in one reading transaction: writers go on beside it, and the copy is of one moment.
    with (
        closing(sqlite3.connect(f"file:{quote(str(source.resolve()))}?mode=ro", uri=True, timeout=_PATIENCE)) as live,
        closing(sqlite3.connect(fresh, timeout=_PATIENCE)) as copy,
    ):
        live.backup(copy)
        # One file that holds everything; the bot turns the write-ahead log on again when it opens it.
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        found = [row[0] for row in copy.execute("PRAGMA integrity_check").fetchall()]
    if found != ["ok"]:
        raise UsageError(f"备份核对不过（{found[0]}），没有留下。数据库可能已损坏，请检查磁盘。")


def _place(fresh: Path, target: Path, overwrite: bool) -> None:
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    if overwrite:
        fresh.replace(target)
    else:
        # Unlike a renaming, it fails where something has appeared under the name meanwhile.
        try:
            os.link(fresh, target)
        except FileExistsError:
            raise
        except OSError:
            # A file system without hard links.
            fresh.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
