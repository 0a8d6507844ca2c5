"""What the tests share: one engine of the shipped knowledge, built once."""

import pytest

from bot.engine import Engine, load

# The fixtures for tests in a real browser.
pytest_plugins = ["tests.browser"]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was left out for want of a browser is named at the end, where it is read."""
    # Imported here: what is imported before the fixtures are registered is not checked as theirs are.
    from tests.browser import chromium

    if chromium() is None:
        terminalreporter.write_line(
            "没有 Chromium：在浏览器里的测试没有运行。请安装 chromium，或用环境变量 CHROMIUM 指明它在哪里。"
        )
