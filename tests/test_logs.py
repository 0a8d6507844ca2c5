"""The log of a running bot: its forms, and that nothing anybody typed gets into it by whatever way."""

import asyncio
import gc
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import logs
from bot.settings import FORMS

TOKEN = "123456:AAsecretsecretsecret"
SECRET = "小明问的秘密"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def restored() -> Iterator[None]:
    """Logging as it was, whatever a test has set up."""
    root, hooks = logging.root, (sys.excepthook, threading.excepthook, sys.unraisablehook)
    handlers, level = list(root.handlers), root.level
    levels = {
        name: logger.level for name, logger in root.manager.loggerDict.items() if isinstance(logger, logging.Logger)
    }
    # Not to be closed by what is set up meanwhile: they belong to the test runner.
    root.handlers.clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture(params=FORMS)
def log(request: pytest.FixtureRequest, restored: None) -> io.StringIO:
    """What is logged, in each form."""
    stream = io.StringIO()
    logs.set_up(request.param, "info", TOKEN, stream=stream)
    return stream


@pytest.fixture
def json_log(restored: None) -> io.StringIO:
    """What is logged as JSON lines."""
    stream = io.StringIO()
    logs.set_up("json", "info", TOKEN, stream=stream)
    return stream


def fail() -> None:
    """An error whose message quotes what somebody typed."""
    raise ValueError(SECRET)


def test_a_line_of_json_is_an_object_with_its_fields(json_log: io.StringIO) -> None:
    """Time with its zone, level, logger, message, and what the event brings."""
    logging.getLogger("bot.x").warning("慢了 %s 次", 3, extra={"fields": {"channel": "web", "ms": 1.5, "kind": None}})
    line = json.loads(json_log.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {"level": "warning", "logger": "bot.x", "message": "慢了 3 次", "channel": "web", "ms": 1.5}


def test_a_line_of_text_has_the_fields_after_the_message(restored: None) -> None:
    """As name=value."""
    stream = io.StringIO()
    logs.set_up("text", "info", stream=stream)
    logging.getLogger("bot.x").info("已答复", extra={"fields": {"channel": "web", "ms": 1.5, "kind": None}})
    moment, _, rest = stream.getvalue().partition(" ")
    assert moment.endswith("Z")
    assert rest == "INFO 已答复 channel=web ms=1.5\n"


def test_a_level_is_obeyed(restored: None) -> None:
    """What is below it is not written."""
    stream = io.StringIO()
    logs.set_up("text", "error", stream=stream)
    logging.getLogger("bot.x").warning("小事")
    logging.getLogger("bot.x").error("大事")
    assert stream.getvalue().splitlines()[0].endswith("大事")
    assert "小事" not in stream.getvalue()


def test_an_error_is_logged_by_kind_and_place(log: io.StringIO) -> None:
    """Its message is not."""
    try:
        fail()
    except ValueError:
        logging.getLogger("bot.x").exception("出错了")
    assert "ValueError" in log.getvalue()
    assert "in fail" in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.parametrize(
    "name", ["telegram.ext.Updater", "httpx", "uvicorn.error", "aiohttp.client", "asyncio", "else"]
)
def test_of_what_a_library_says_the_values_are_left_out(name: str, log: io.StringIO) -> None:
    """It may log what it received, or the address it asked."""
    try:
        fail()
    except ValueError:
        logging.getLogger(name).critical("Received data was %r\n%s", SECRET, SECRET, exc_info=True)
    logging.getLogger(name).error(f"Task failed\nexception={SECRET}")
    assert "Received data was" in log.getvalue()
    assert "Task failed" in log.getvalue()
    assert "ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.parametrize("name", ["httpx", "telegram.Bot", "uvicorn.access"])
def test_what_libraries_tell_of_each_request_is_left_out(name: str, log: io.StringIO) -> None:
    """The address holds the token."""
    logging.getLogger(name).info("POST https://example.org/bot%s/getMe", TOKEN)
    assert log.getvalue() == ""


def test_a_token_is_in_no_line(log: io.StringIO) -> None:
    """Not even where one of our own modules would let it through."""
    logging.getLogger("bot.x").error("bot%s", TOKEN)
    logging.getLogger("bot.x").error("x", extra={"fields": {"place": "here"}})
    assert "secretsecret" not in log.getvalue()
    assert log.getvalue().count("\n") == 2


def test_an_error_in_a_thread_is_told_without_its_message(log: io.StringIO) -> None:
    """By kind and place."""
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert "ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()


async def test_an_error_in_a_forgotten_task_is_told_without_its_message(log: io.StringIO) -> None:
    """asyncio prints the task, and with it the error, once nobody can ask for it any more."""

    async def failing() -> None:
        fail()

    task = asyncio.create_task(failing())
    await asyncio.wait([task])
    del task
    gc.collect()
    assert "never retrieved" in log.getvalue()
    assert "ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_values_that_do_not_fit_are_left_out(log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    """The library's own habit is to print them."""
    logging.getLogger("bot.x").error("有 %d 个", SECRET)
    assert "有 %d 个" in log.getvalue()
    assert SECRET not in log.getvalue() + capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_no_error(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    """A line it cannot take is told of without its text; where nothing can be written, the bot goes on all the same."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="gbk", write_through=True)
    logs.set_up("text", "info", stream=stream)
    logging.getLogger("bot.x").error("%s", f"\ud83d{SECRET}")
    buffer = stream.detach()
    assert isinstance(buffer, io.BytesIO)
    assert buffer.getvalue().decode("gbk").startswith("有一行日志没有写成（UnicodeEncodeError）")
    logging.getLogger("bot.x").error("%s", SECRET)
    assert SECRET not in buffer.getvalue().decode("gbk") + capsys.readouterr().err


@pytest.mark.parametrize("form", FORMS)
def test_the_last_words_of_a_dying_process_are_kept_too(form: str) -> None:
    """An error that nobody catches goes to the log, without its message."""
    code = f"from bot import logs\nlogs.set_up({form!r}, 'info')\nraise ValueError('{SECRET}')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert "Traceback (most" not in done.stderr
    assert SECRET not in done.stderr
