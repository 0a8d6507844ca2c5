"""The log of a running bot: set up once, as text or as JSON lines, and free of whatever people typed or are.

Our own modules write no question, name, address or token. Libraries might, so of what they say only the form is kept:
the sentence without the values filled in, its first line, and of an error its kind and place.
"""

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from bot.privacy import Redaction, where_it_failed

_OURS = __package__
# These tell at INFO or DEBUG what is no news here, or each request's address, which holds the token.
_TALKATIVE = ("httpx", "httpcore", "aiohttp", "telegram", "uvicorn", "asyncio", "matplotlib", "jieba")


def set_up(form: str, level: str, *secrets: str, stream: TextIO | None = None) -> None:
    """From now on every logger of the process writes in the form, from the level on, to `stream` (stderr).

    The secrets are in no line, nor is what an uncaught error says.
    """
    handler = _Handler(stream or sys.stderr)
    redaction = Redaction(*secrets)
    for step in (_Reticence(), redaction):
        handler.addFilter(step)
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.root
    for other in list(root.handlers):
        root.removeHandler(other)
        other.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        library = logging.getLogger(name)
        library.setLevel(logging.WARNING)
        library.handlers.clear()
        library.propagate = True
    _tell_what_is_uncaught()


def _tell_what_is_uncaught() -> None:
    """Errors that nobody catches go to the log too, by kind and place."""
    log = logging.getLogger(_OURS)

    def in_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("程序出错停止：%s", where_it_failed(error))

    def in_thread(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None and not isinstance(given.exc_value, SystemExit):
            log.error("线程出错停止：%s", where_it_failed(given.exc_value))

    def in_finalizer(given: "sys.UnraisableHookArgs") -> None:
        if given.exc_value is not None:
            log.error("清理时出错：%s", where_it_failed(given.exc_value))

    sys.excepthook, threading.excepthook, sys.unraisablehook = in_main, in_thread, in_finalizer


class _Handler(logging.StreamHandler[TextIO]):
    """A handler whose own failure is told without the record that it failed on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """One line, if even that can be written."""
        kind = sys.exc_info()[0]
        try:
            self.stream.write(f"有一行日志没有写成（{kind.__name__ if kind else '原因不明'}）。\n")
        except (OSError, ValueError):
            # The stream itself is gone; the bot goes on without a log.
            return


class _Reticence(logging.Filter):
    """Keeps of a library's record the form and not the values."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes."""
        if record.name != _OURS and not record.name.startswith(f"{_OURS}."):
            # What follows the first line is a repr of something, an error's message among it.
            record.msg, record.args = str(record.msg).partition("\n")[0], None
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            record.exc_text = where_it_failed(record.exc_info[1])
        record.exc_info = record.stack_info = None
        return True


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, dict) else {}


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Text(logging.Formatter):
    """For people: time, level, message, and the fields as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines of the record; more than one only where an error has its place in the code."""
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items() if value is not None)
        line = f"{_moment(record)} {record.levelname} {record.getMessage()}{fields}"
        return f"{line}\n{record.exc_text}" if record.exc_text else line


class _Json(logging.Formatter):
    """For programs: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, object] = {
            "time": _moment(record), "level": record.levelname.lower(), "logger": record.name,
            "message": record.getMessage(),
        }  # fmt: skip
        line |= {name: value for name, value in _fields(record).items() if value is not None}
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)
