"""Telegram as people use it: buttons, votes, edits, pictures; the real application against the server on loopback."""

from pathlib import Path

import pytest

from bot.engine import Engine, load
from bot.wording import load_wording
from tests.botapi import BotApi
from tests.test_telegram import CHAT, done, serving

WORDING = load_wording()


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


def offer(api: BotApi, label: str, code: str) -> None:
    """Put a button of ours under the last message in the chat, as an earlier version may have left it."""
    message = list(api.telegram.chats[CHAT].messages.values())[-1]
    message["reply_markup"] = {"inline_keyboard": [[{"text": label, "callback_data": code}]]}


class TestButtons:
    """What is pressed."""

    async def test_a_button_of_which_nothing_is_known_says_so(self, engine: Engine, tmp_path: Path) -> None:
        """It stops turning, and nothing else happens."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say(CHAT, "/help")
            await api.answered(CHAT)
            offer(api, "旧按钮", "zz:from another time")
            assert (await api.pressed(api.press(CHAT, "旧按钮")))["text"] == WORDING.button_gone
            await done(store)
            assert not api.waiting(CHAT)

    async def test_a_press_that_is_too_old_is_no_fault(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Telegram takes no answer to it any more; nothing is said about that."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say(CHAT, "/help")
            await api.answered(CHAT)
            offer(api, "旧按钮", "zz:")
            api.expire(api.press(CHAT, "旧按钮"))
            await api.called("answerCallbackQuery")
            await done(store)
            assert not api.waiting(CHAT)
        assert "出错" not in caplog.text

    async def test_who_presses_too_often_is_told_each_time(self, engine: Engine, tmp_path: Path) -> None:
        """No button is left turning."""
        async with BotApi() as api, serving(api, engine, tmp_path, burst=2):
            api.say(CHAT, "/help")
            await api.answered(CHAT)
            offer(api, "旧按钮", "zz:")
            toasts = [(await api.pressed(api.press(CHAT, "旧按钮")))["text"] for _ in range(4)]
            assert toasts == [WORDING.button_gone] + [WORDING.press_slower] * 3
