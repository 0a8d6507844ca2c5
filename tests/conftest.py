"""What the tests share: one engine of the shipped knowledge, built once."""

import pytest

from bot.engine import Engine, load

# The fixtures for tests in a real browser.
pytest_plugins = ["tests.browser"]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()
