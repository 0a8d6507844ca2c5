"""Fixtures for tests that use the site as a person does: the real server on a free port, and a real headless Chromium.

Tests that use `browser` must not be coroutines: while it runs, its own loop occupies the thread.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Nothing but the page that is tested may go out.
ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
    "--disable-domain-reliability", "--disable-sync", "--no-first-run", "--no-proxy-server", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
PATIENCE = 10_000


def chromium() -> str | None:
    """Where Chromium is: as the environment says, or on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def start(data: Path, **environ: str) -> tuple["subprocess.Popen[str]", str]:
    """The server as a user starts it, on a free port; the process and the page's address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "TELEGRAM_"))}
    given = {"BOT_PORT": "0", "BOT_DATA": str(data), "BOT_RATE_PER_MINUTE": "0", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env={**kept, **given, **environ},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout
    for line in process.stdout:
        if line.startswith("网页："):
            return process, line.strip().removeprefix("网页：")
    raise AssertionError("the server has not said its address")


def stop(process: "subprocess.Popen[str]") -> None:
    """End a server that `start` has started."""
    process.terminate()
    process.communicate(timeout=20)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site, without a limit of requests."""
    process, address = start(tmp_path_factory.mktemp("site"))
    yield address
    stop(process)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; where there is none at all, the test is left out and says so."""
    path = chromium()
    if path is None:
        pytest.skip("没有 Chromium，浏览器测试没有运行：请安装 chromium，或用环境变量 CHROMIUM 指明它在哪里")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A tab of its own at desktop width; an error in the page's console or script fails the test."""
    context = browser.new_context(base_url=site, locale="zh-CN", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield tab
    context.close()
    assert not faults
