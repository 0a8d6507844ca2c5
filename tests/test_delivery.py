"""What goes out to Telegram: the library's own bot, with our transport and delivery, against the server on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot

from bot.delivery import Delivery
from bot.observer import Observer
from bot.pace import Limits, Pace
from bot.transport import Transport, proxy_of
from tests.botapi import TOKEN, BotApi, Cut, Hang, Page, Refused, Slow

CHAT, OTHER, GROUP = 7, 8, -100
UNLIMITED = Limits(0, 0, 0)


@asynccontextmanager
async def sending(
    api: BotApi, limits: Limits = UNLIMITED, patience: float = 60, timeout: float = 5, token: str = TOKEN
) -> AsyncIterator[tuple[ExtBot[None], list[tuple[str, str]]]]:
    """A bot that may write to the chats, and what its delivery tells of retries."""
    retries: list[tuple[str, str]] = []
    delivery = Delivery(Pace(limits), Observer(retry=lambda *retry: retries.append(retry)), patience)
    bot = ExtBot(
        token, api.base_url, request=Transport(timeout), get_updates_request=Transport(1), rate_limiter=delivery
    )
    for chat, kind in ((CHAT, "private"), (OTHER, "private"), (GROUP, "group")):
        api.send(chat, {"text": "你好"}, kind)
    async with bot:
        yield bot, retries


class TestRetries:
    """Faults that pass."""

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            (Refused(500, "Internal Server Error"), "server"),
            (Page(502), "server"),
            (Page(200), "server"),
            (Cut(), "network"),
            (Hang(), "network"),
            (Refused(429, "Too Many Requests: retry after 1", retry_after=1), "flood"),
        ],
        ids=lambda value: getattr(value, "description", str(value)),
    )
    async def test_a_call_is_made_again(self, fault: Refused | Page | Cut | Hang, reason: str) -> None:
        """Until it is accepted, and no more often."""
        async with BotApi() as api, sending(api, timeout=0.5) as (bot, retries):
            api.refuse["sendMessage"].extend([fault, fault])
            await bot.send_message(CHAT, "一")
            assert await api.answered(CHAT) == "一"
            assert retries == [("sendMessage", reason)] * 2
            assert len(await api.called("sendMessage", 3)) == 3
            assert not api.waiting(CHAT)

    async def test_a_slow_answer_is_waited_for(self) -> None:
        """Asking again would send it twice."""
        async with BotApi() as api, sending(api) as (bot, retries):
            api.refuse["sendMessage"].append(Slow(0.7))
            await bot.send_message(CHAT, "一")
            assert (api.waiting(CHAT), retries) == (1, [])

    async def test_patience_has_an_end(self) -> None:
        """Then the caller is told."""
        async with BotApi() as api, sending(api, patience=0.1) as (bot, _):
            api.refuse["sendMessage"].extend([Refused(500, "Internal Server Error")] * 9)
            with pytest.raises(NetworkError):
                await bot.send_message(CHAT, "一")

    async def test_no_error_holds_the_token(self) -> None:
        """Nor does its cause."""
        async with BotApi() as api, sending(api, patience=0) as (bot, _):
            for fault in (Cut(), Refused(500, "Internal Server Error"), Refused(400, "Bad Request: no")):
                api.refuse["sendMessage"].append(fault)
                with pytest.raises(TelegramError) as caught:
                    await bot.send_message(CHAT, "一")
                error: BaseException | None = caught.value
                while error:
                    assert TOKEN.partition(":")[2] not in repr(error) + str(error)
                    error = error.__cause__


class TestFlood:
    """Waits that Telegram asks for."""

    async def test_one_chats_wait_holds_up_nobody_else(self) -> None:
        """And all that goes to the chat keeps it."""
        async with BotApi() as api, sending(api) as (bot, _):
            api.refuse["sendMessage"].append(Refused(429, "Too Many Requests: retry after 1", retry_after=1))
            began = time.monotonic()
            first = asyncio.create_task(bot.send_message(CHAT, "一"))
            await api.called("sendMessage")
            await asyncio.sleep(0.05)
            second = asyncio.create_task(bot.send_message(CHAT, "二"))
            for number in range(20):
                await bot.send_message(OTHER, str(number))
            assert time.monotonic() - began < 0.9
            assert api.waiting(OTHER) == 20 and not api.waiting(CHAT)
            await asyncio.gather(first, second)
            assert time.monotonic() - began >= 1
            assert (api.waits.obeyed, api.waits.disobeyed) == (1, [])


class TestPace:
    """Telegram's documented figures."""

    async def test_a_chat_gets_one_message_a_second(self) -> None:
        """Others go out meanwhile."""
        async with BotApi() as api, sending(api, Limits()) as (bot, retries):
            began = time.monotonic()
            await asyncio.gather(
                bot.send_message(CHAT, "一"), bot.send_message(CHAT, "二"), bot.send_message(OTHER, "三")
            )
            assert 1 <= time.monotonic() - began < 1.9
            sent = {call.parameters["text"]: call.at - began for call in api.calls if call.method == "sendMessage"}
            assert sent["三"] < 0.9 and not retries

    async def test_a_strict_server_has_nothing_to_refuse(self) -> None:
        """Forty chats at once, at thirty a second."""
        async with BotApi(limits=None) as api, sending(api, Limits()) as (bot, retries):
            for chat in range(1000, 1040):
                api.say(chat, "你好")
            await asyncio.gather(*(bot.send_message(chat, "一") for chat in range(1000, 1040)))
            times = sorted(call.at for call in api.calls if call.method == "sendMessage")
            assert times[30] - times[0] >= 0.95
            assert not retries

    def test_a_group_gets_twenty_messages_a_minute(self) -> None:
        """The next one waits for the first to be a minute old; a private chat does not."""
        pace = Pace(Limits(chat=0))
        assert [pace.for_chat(GROUP, 10.0 + number) for number in range(20)] == [10.0 + number for number in range(20)]
        assert pace.for_chat(GROUP, 31.0) == pytest.approx(70, abs=0.1)
        assert [pace.for_chat(CHAT, 1.0) for _ in range(50)] == [1.0] * 50

    def test_a_pace_can_be_switched_off(self) -> None:
        """Each by 0."""
        pace = Pace(UNLIMITED)
        assert {pace.for_chat(GROUP, 1.0) for _ in range(99)} | {pace.for_all(1.0) for _ in range(99)} == {1.0}

    async def test_a_sign_that_would_hold_up_messages_is_not_shown(self) -> None:
        """While as many calls as may be are in flight, messages go first."""
        async with BotApi() as api, sending(api) as (bot, _):
            api.latency = 0.5
            full = [asyncio.create_task(bot.send_message(CHAT, str(number))) for number in range(60)]
            await asyncio.sleep(0.1)
            began = time.monotonic()
            await bot.send_chat_action(OTHER, "typing")
            assert time.monotonic() - began < 0.2
            api.latency = 0.0
            await asyncio.gather(*full)
            assert "sendChatAction" not in {call.method for call in api.calls}


class TestRefusals:
    """What trying again would not mend."""

    async def test_blocked_is_told_at_once(self) -> None:
        """Once."""
        async with BotApi() as api, sending(api) as (bot, retries):
            api.blocked.add(CHAT)
            with pytest.raises(Forbidden):
                await bot.send_message(CHAT, "一")
            assert not retries

    async def test_a_migrated_group_is_followed(self) -> None:
        """From then on without asking again."""
        async with BotApi() as api, sending(api) as (bot, retries):
            api.migrate(GROUP, -1001)
            await bot.send_message(GROUP, "一")
            await bot.send_message(GROUP, "二")
            assert [await api.answered(-1001) for _ in range(2)] == ["一", "二"]
            assert retries == [("sendMessage", "migrated")]

    async def test_broken_formatting_falls_back_to_plain_text(self) -> None:
        """What was meant as formatting is gone, what was meant as text stays."""
        async with BotApi() as api, sending(api) as (bot, retries):
            await bot.send_message(CHAT, "<b>甲</b> 1 &lt; 2 <i>乙", parse_mode="HTML")
            sent = await api.sent(CHAT)
            assert (sent["text"], sent.get("parse_mode")) == ("甲 1 < 2 乙", None)
            assert retries == [("sendMessage", "formatting")]

    async def test_any_other_refusal_comes_through(self) -> None:
        """The caller knows what to say."""
        async with BotApi() as api, sending(api) as (bot, _):
            with pytest.raises(BadRequest, match="too long"):
                await bot.send_message(CHAT, "一" * 4097)

    async def test_a_wrong_token_comes_through(self) -> None:
        """At the first call."""
        async with BotApi(token="1:another-token-than-ours") as api:
            with pytest.raises(InvalidToken):
                async with sending(api):
                    pass


class TestTransport:
    """Requests over the wire."""

    async def test_a_picture_is_uploaded(self) -> None:
        """With its caption; afterwards it is sent by its id."""
        png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
        async with BotApi() as api, sending(api) as (bot, _):
            sent = await bot.send_photo(CHAT, png, caption="甲")
            await bot.send_photo(CHAT, sent.photo[-1].file_id)
            assert (await api.sent(CHAT))["caption"] == "甲"
            assert (await api.sent(CHAT))["photo"] == sent.photo[-1].file_id

    def test_the_proxy_is_the_environments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Unless it is not to be used for that address."""
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:3128")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert proxy_of("https://api.telegram.org/bot") == "http://127.0.0.1:3128"
        assert proxy_of("https://127.0.0.1:8081/bot") is None
