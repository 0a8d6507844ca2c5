"""What the tests share: one engine of the shipped knowledge, built once, a store, and a client of the application."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from bot import web
from bot.engine import Engine, load
from bot.store import Store

# The fixtures for tests in a real browser.
pytest_plugins = ["tests.browser"]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of its own for each test."""
    opened = Store.open(tmp_path, b"0123456789abcdef", 1, 90)
    yield opened
    opened.close()


@pytest.fixture
async def client(engine: Engine, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    """A client that calls the application without a socket."""
    transport = httpx.ASGITransport(web.create_app(engine, store))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was left out for want of a browser is named at the end, where it is read."""
    # Imported here: what is imported before the fixtures are registered is not checked as theirs are.
    from tests.browser import chromium

    if chromium() is None:
        terminalreporter.write_line(
            "没有 Chromium：在浏览器里的测试没有运行。请安装 chromium，或用环境变量 CHROMIUM 指明它在哪里。"
        )
