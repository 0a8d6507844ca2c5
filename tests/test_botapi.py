"""The Bot API server of the tests: it is as strict as Telegram documents, so that what passes here passes there."""

import asyncio
import json
import struct
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.botapi import TOKEN, BotApi, Cut, Hang, Limits, Page, Refused, Slow
from tests.botapi_checks import parse_html

CHAT, GROUP = 70000001, -1001


class Bot:
    """A bot of a few lines: each call gives its status and the whole answer."""

    def __init__(self, api: BotApi, session: aiohttp.ClientSession) -> None:
        self.api, self.session = api, session

    async def __call__(self, method: str, token: str = TOKEN, **parameters: Any) -> Any:
        async with self.session.post(f"{self.api.base_url}{token}/{method}", json=parameters) as response:
            body = await response.json()
        assert body["ok"] == (response.status == 200)
        return body["result"] if body["ok"] else (response.status, body["description"], body.get("parameters"))

    async def refused(self, method: str, **parameters: Any) -> str:
        """Why it was refused, with 400."""
        status, description, _ = await self(method, **parameters)
        assert status == 400
        return str(description).removeprefix("Bad Request: ")


@asynccontextmanager
async def started(**given: Any) -> AsyncIterator[tuple[BotApi, Bot]]:
    """A server and a bot, in a chat that has begun."""
    async with BotApi(**given) as api, aiohttp.ClientSession() as session:
        bot = Bot(api, session)
        yield api, bot


def numbers(updates: list[dict[str, Any]]) -> list[int]:
    """The updates' numbers."""
    return [update["update_id"] for update in updates]


def picture(width: int = 4, height: int = 4) -> bytes:
    """A small PNG."""
    rows = zlib.compress((b"\0" + b"\0" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)

    def chunks() -> Iterator[bytes]:
        for name, data in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")):
            yield struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks())


class TestPolling:
    """getUpdates."""

    async def test_updates_stay_until_an_offset_confirms_them(self) -> None:
        """Asked again without one, they come again."""
        async with started() as (api, bot):
            for text in "abc":
                api.say(CHAT, text)
            assert numbers(await bot("getUpdates")) == [1, 2, 3]
            assert numbers(await bot("getUpdates", limit=2)) == [1, 2]
            assert numbers(await bot("getUpdates", offset=3)) == [3]
            assert numbers(await bot("getUpdates", offset=1)) == [3]
            assert numbers(await bot("getUpdates", offset=4)) == []
            await api.confirmed()

    async def test_a_negative_offset_leaves_the_last(self) -> None:
        """The ones before are forgotten."""
        async with started() as (api, bot):
            for text in "abc":
                api.say(CHAT, text)
            assert numbers(await bot("getUpdates", offset=-1)) == [3]
            assert numbers(await bot("getUpdates")) == [3]

    async def test_a_long_poll_ends_with_the_first_update(self) -> None:
        """And with its time, if none comes."""
        async with started() as (api, bot):
            asyncio.get_running_loop().call_later(0.1, api.say, CHAT, "a")
            assert numbers(await bot("getUpdates", timeout=30)) == [1]
            assert await bot("getUpdates", offset=2, timeout=0) == []

    async def test_one_program_polls_at_a_time(self) -> None:
        """The earlier poll is cut short with 409."""
        async with started() as (api, bot):
            first = asyncio.create_task(bot("getUpdates", timeout=30))
            await api.called("getUpdates")
            second = asyncio.create_task(bot("getUpdates", timeout=30))
            assert (await first)[0] == 409
            api.say(CHAT, "a")
            assert numbers(await second) == [1]
            assert api.telegram.updates.conflicts == 1

    async def test_kinds_that_were_not_asked_for_are_not_made(self) -> None:
        """Kept from call to call; what is waiting already stays."""
        async with started() as (api, bot):
            number = api.say(CHAT, "a")
            api.edit(CHAT, number, "b")
            assert len(await bot("getUpdates", allowed_updates=["message"])) == 2
            api.edit(CHAT, number, "c")
            api.say(CHAT, "d")
            assert [sorted(update)[0] for update in await bot("getUpdates", offset=3)] == ["message"]
            assert "unknown" in await bot.refused("getUpdates", allowed_updates=["messages"])


class Receiver:
    """A webhook of a bot: answers with the statuses it is given, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.seen, self.secrets = list(statuses), [], []  # type: ignore[var-annotated]
        self.wanted = asyncio.Event()
        self.expected = 0

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """One push."""
        self.seen.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if len(self.seen) >= self.expected:
            self.wanted.set()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @asynccontextmanager
    async def listening(self, expected: int) -> AsyncIterator[str]:
        """The address."""
        self.expected = expected
        runner = web.ServerRunner(web.Server(self.handle, access_log=None))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        finally:
            await runner.cleanup()


class TestWebhook:
    """setWebhook and what follows."""

    async def test_each_update_is_pushed_until_it_is_taken_in_order_per_chat(self) -> None:
        """With the secret in its header; another chat does not wait."""
        receiver = Receiver(500, 404)
        async with started() as (api, bot), receiver.listening(6) as url:
            for text in "ab":
                api.say(CHAT, text)
            assert await bot("setWebhook", url=url, secret_token="s-1_A")
            api.say(CHAT + 1, "c")
            api.say(CHAT, "d")
            async with asyncio.timeout(5):
                await receiver.wanted.wait()
                await api.confirmed()
            info = await bot("getWebhookInfo")
        own = [update["update_id"] for update in receiver.seen if update["message"]["chat"]["id"] == CHAT]
        assert own == sorted(own)
        assert {update["message"]["text"] for update in receiver.seen} == set("abcd")
        assert set(receiver.secrets) == {"s-1_A"}
        assert info["pending_update_count"] == 0 and "500" in " ".join(api.webhook.failures if api.webhook else [])
        assert api.webhook and api.webhook.listened

    async def test_nobody_listening_is_seen_and_tried_again(self) -> None:
        """A webhook that is set too early shows."""
        async with started() as (api, bot):
            async with Receiver().listening(1) as url:
                pass
            await bot("setWebhook", url=url)
            assert api.webhook and not api.webhook.listened
            api.say(CHAT, "a")
            async with asyncio.timeout(5):
                while api.webhook.pushes < 2:
                    await asyncio.sleep(0.01)
            assert "last_error_message" in await bot("getWebhookInfo")
            await bot("deleteWebhook")
            assert numbers(await bot("getUpdates")) == [1]

    async def test_it_and_polling_exclude_each_other(self) -> None:
        """A poll is refused while there is a webhook, and ended when one is set."""
        async with started() as (api, bot), Receiver().listening(1) as url:
            poll = asyncio.create_task(bot("getUpdates", timeout=30))
            await api.called("getUpdates")
            await bot("setWebhook", url=url)
            assert (await poll)[0] == 409
            assert (await bot("getUpdates"))[0] == 409
            await bot("setWebhook", url="")
            assert await bot("getUpdates") == []

    @pytest.mark.parametrize(
        "given",
        [{"url": "http://example.org/x"}, {"secret_token": "a b"}, {"secret_token": "a" * 257}, {"max_connections": 0}],
    )
    async def test_bad_parameters_are_refused(self, given: dict[str, Any]) -> None:
        """An address without TLS, a secret of other characters, too few connections."""
        async with started() as (_, bot):
            await bot.refused("setWebhook", **{"url": "https://example.org/x", **given})


class TestTexts:
    """What is checked of a text."""

    async def test_lengths_count_in_utf16_after_entities(self) -> None:
        """Tags do not count, a rare character twice; 4,096 for a text, 1,024 for a caption."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            assert (await bot("sendMessage", chat_id=CHAT, text="<b>" + "𠮷" * 2048 + "</b>", parse_mode="HTML"))[
                "text"
            ]
            assert await bot.refused("sendMessage", chat_id=CHAT, text="𠮷" * 2048 + "a") == "message is too long"
            photo = (await upload(bot, CHAT, picture()))["result"]["photo"][-1]["file_id"]
            assert await bot("sendPhoto", chat_id=CHAT, photo=photo, caption="一" * 1024)
            assert "too long" in await bot.refused("sendPhoto", chat_id=CHAT, photo=photo, caption="一" * 1025)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("<h1>a</h1>", 'Unsupported start tag "h1" at byte offset 0'),
            ("一<b>二", 'Can\'t find end tag corresponding to start tag "b"'),
            ("一</b>", "Unexpected end tag at byte offset 3"),
            ("<b><i>一</b></i>", 'Unmatched end tag at byte offset 9, expected "</i>", found "</b>"'),
            ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
            ("<b 一", "Unclosed start tag at byte offset 0"),
            ("<span>一</span>", 'Tag "span" must have class "tg-spoiler"'),
            ("<blockquote>一<blockquote>二</blockquote></blockquote>", "Blockquotes can't be nested"),
        ],
    )
    async def test_broken_formatting_is_refused(self, text: str, reason: str) -> None:
        """In Telegram's words, with the place."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            said = await bot.refused("sendMessage", chat_id=CHAT, text=text, parse_mode="HTML")
            assert said == f"can't parse entities: {reason}"
            assert not api.waiting(CHAT)
            assert (await bot("sendMessage", chat_id=CHAT, text=text))["text"] == text

    def test_formatting_becomes_entities(self) -> None:
        """Nested, with characters of the markup written out, and what is no name of one left alone."""
        text, entities = parse_html(
            '𠮷<b>一<i>二</i></b>&lt;&amp;&nbsp;<blockquote expandable>三</blockquote><a href="x">四</a>'
        )
        assert text == "𠮷一二<&&nbsp;三四"
        assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == [
            ("bold", 2, 2), ("italic", 3, 1), ("expandable_blockquote", 12, 1), ("text_link", 13, 1),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "entity",
        [
            {"type": "bold", "offset": 0, "length": 4},
            {"type": "bold", "offset": 1, "length": 1},
            {"type": "loud", "offset": 0, "length": 2},
            {"type": "bold", "offset": 0, "length": 0},
        ],
        ids=["beyond", "half a character", "unknown", "empty"],
    )
    async def test_entities_lie_within_the_text(self, entity: dict[str, Any]) -> None:
        """On whole characters."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            assert "entities" in await bot.refused("sendMessage", chat_id=CHAT, text="𠮷一", entities=[entity])

    async def test_what_is_empty_strange_or_for_nobody_is_refused(self) -> None:
        """Empty texts, half characters, unknown chats, methods, parameters and types."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            assert await bot.refused("sendMessage", chat_id=CHAT, text=" \n ") == "message text is empty"
            assert await bot.refused("sendMessage", chat_id=CHAT) == "message text is empty"
            assert "UTF-8" in await bot.refused("sendMessage", chat_id=CHAT, text="\ud83d")
            assert await bot.refused("sendMessage", chat_id=CHAT + 1, text="a") == "chat not found"
            assert "unexpected colour" in await bot.refused("sendMessage", chat_id=CHAT, text="a", colour=1)
            assert "must be int" in await bot.refused("sendMessage", chat_id=[1], text="a")
            assert (await bot("sendMail"))[0] == 404
            assert (await bot("getMe", token="1:x"))[0] == 401
            api.member(CHAT, "kicked")
            assert (await bot("sendMessage", chat_id=CHAT, text="a"))[0] == 403


async def upload(bot: Bot, chat: int, data: bytes, **given: str) -> Any:
    """A picture sent as a form with a file."""
    form = aiohttp.FormData({"chat_id": str(chat), "photo": "attach://file0", **given})
    form.add_field("file0", data, filename="chart.png")
    async with bot.session.post(f"{bot.api.base_url}{TOKEN}/sendPhoto", data=form) as response:
        return await response.json()


class TestMessages:
    """Keyboards, replies, topics, edits and pictures."""

    @pytest.mark.parametrize(
        "button",
        [
            {"text": "一", "callback_data": "二" * 22},
            {"text": "一", "callback_data": ""},
            {"text": "", "callback_data": "a"},
            {"text": "一"},
            {"text": "一", "callback_data": "a", "url": "https://example.org"},
            {"text": "一", "url": "example"},
            {"text": "一", "colour": "a"},
        ],
        ids=["65 bytes", "no data", "no text", "no action", "two actions", "no address", "unknown action"],
    )
    async def test_a_bad_keyboard_is_refused(self, button: dict[str, Any]) -> None:
        """64 bytes of data, one action, a text."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            good = {"inline_keyboard": [[{"text": "一", "callback_data": "二" * 21}]]}
            assert (await bot("sendMessage", chat_id=CHAT, text="a", reply_markup=good))["reply_markup"] == good
            bad = {"inline_keyboard": [[button]]}
            await bot.refused("sendMessage", chat_id=CHAT, text="a", reply_markup=bad)

    async def test_a_button_is_answered_once_and_in_time(self) -> None:
        """The press carries the data; an old query cannot be answered."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            keys = {"inline_keyboard": [[{"text": "一", "callback_data": "x1"}]]}
            await bot("sendMessage", chat_id=CHAT, text="a", reply_markup=keys)
            first, second = api.press(CHAT, "一"), api.press(CHAT, "一")
            update = (await bot("getUpdates", offset=2))[0]["callback_query"]
            assert (update["id"], update["data"], update["message"]["text"]) == (first, "x1", "a")
            assert await bot("answerCallbackQuery", callback_query_id=first, text="好")
            assert (await api.pressed(first))["text"] == "好"
            api.expire(second)
            for query in (first, second):
                assert "query is too old" in await bot.refused("answerCallbackQuery", callback_query_id=query)
            with pytest.raises(LookupError):
                api.press(CHAT, "二")

    async def test_a_reply_is_to_a_message_that_exists(self) -> None:
        """Unless it may go without."""
        async with started() as (api, bot):
            number = api.say(CHAT, "a")
            sent = await bot("sendMessage", chat_id=CHAT, text="b", reply_parameters={"message_id": number})
            assert sent["reply_to_message"]["text"] == "a"
            gone = {"message_id": number + 99}
            assert "not found" in await bot.refused("sendMessage", chat_id=CHAT, text="b", reply_parameters=gone)
            free = {**gone, "allow_sending_without_reply": True}
            assert "reply_to_message" not in await bot("sendMessage", chat_id=CHAT, text="b", reply_parameters=free)

    async def test_topics_are_those_of_the_forum(self) -> None:
        """The General topic's id is refused; a thread of replies outside of a forum is no topic."""
        async with started() as (api, bot):
            api.say_in_group(GROUP, 5, "@policy_bot 一", thread=12, forum=True)
            assert (await bot("sendMessage", chat_id=GROUP, text="a", message_thread_id=12))["is_topic_message"]
            for thread in (1, 13):
                said = await bot.refused("sendMessage", chat_id=GROUP, text="a", message_thread_id=thread)
                assert said == "message thread not found"
            first = api.say_in_group(GROUP - 1, 5, "二")
            api.say_in_group(GROUP - 1, 6, "三", reply_to=first)
            update = (await bot("getUpdates"))[-1]["message"]
            assert update["message_thread_id"] == first and "is_topic_message" not in update
            await bot.refused("sendMessage", chat_id=GROUP - 1, text="a", message_thread_id=first)

    async def test_an_edit_changes_something_of_the_bots_own(self) -> None:
        """The same content is refused; a keyboard goes unless it is given again."""
        async with started() as (api, bot):
            theirs = api.say(CHAT, "a")
            keys = {"inline_keyboard": [[{"text": "一", "callback_data": "x"}]]}
            number = (await bot("sendMessage", chat_id=CHAT, text="b", reply_markup=keys))["message_id"]
            place = {"chat_id": CHAT, "message_id": number}
            assert "not modified" in await bot.refused("editMessageText", **place, text="b", reply_markup=keys)
            assert "reply_markup" not in await bot("editMessageText", **place, text="b")
            assert "not modified" in await bot.refused("editMessageReplyMarkup", **place)
            assert await bot("editMessageReplyMarkup", **place, reply_markup=keys)
            assert (await api.edited(CHAT))["text"] == "b"
            assert "can't be edited" in await bot.refused("editMessageText", chat_id=CHAT, message_id=theirs, text="c")
            assert "not found" in await bot.refused("editMessageText", chat_id=CHAT, message_id=999, text="c")
            assert await bot("deleteMessage", **place)
            assert "not found" in await bot.refused("deleteMessage", **place)

    async def test_a_picture_is_uploaded_once_and_sent_again_by_its_id(self) -> None:
        """What is no picture, or one of a wrong shape, is refused."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            sent = (await upload(bot, CHAT, picture(), caption="<b>图</b>", parse_mode="HTML"))["result"]
            name = sent["photo"][-1]["file_id"]
            assert sent["caption"] == "图"
            again = await bot("sendPhoto", chat_id=CHAT, photo=name)
            assert again["photo"][-1]["file_id"] == name
            assert "wrong file identifier" in await bot.refused("sendPhoto", chat_id=CHAT, photo="AgACother")
            assert (await upload(bot, CHAT, b"<svg/>"))["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
            assert "DIMENSIONS" in (await upload(bot, CHAT, picture(100, 4)))["description"]
            other = (await upload(bot, CHAT, picture(8, 8)))["result"]["photo"][-1]["file_id"]
            place = {"chat_id": CHAT, "message_id": again["message_id"]}
            media = {"type": "photo", "media": other, "caption": "二"}
            assert (await bot("editMessageMedia", **place, media=media))["caption"] == "二"
            assert "not modified" in await bot.refused("editMessageMedia", **place, media=media)
            assert (await bot("editMessageCaption", **place, caption="三"))["caption"] == "三"

    async def test_a_group_that_moved_says_where(self) -> None:
        """Sending to the old number is refused with the new one."""
        async with started() as (api, bot):
            api.send(-5, {"text": "一"}, "group", sender=5)
            api.migrate(-5, GROUP)
            status, _, parameters = await bot("sendMessage", chat_id=-5, text="a")
            assert (status, parameters) == (400, {"migrate_to_chat_id": GROUP})
            assert await bot("sendMessage", chat_id=GROUP, text="a")

    async def test_typing_is_shown_in_a_chat_that_there_is(self) -> None:
        """Only actions that exist."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            assert await bot("sendChatAction", chat_id=CHAT, action="typing")
            await bot.refused("sendChatAction", chat_id=CHAT, action="thinking")
            await bot.refused("sendChatAction", chat_id=CHAT + 1, action="typing")


class TestInline:
    """answerInlineQuery."""

    def results(self, *ids: str, text: str = "一") -> list[dict[str, Any]]:
        """One article for each id."""
        content = {"message_text": text, "parse_mode": "HTML"}
        return [{"type": "article", "id": name, "title": "题", "input_message_content": content} for name in ids]

    async def test_good_results_are_offered(self) -> None:
        """For a query that is still open, once."""
        async with started() as (api, bot):
            query = api.type_inline(5, "喀什 转移")
            update = (await bot("getUpdates"))[0]["inline_query"]
            assert (update["id"], update["query"]) == (query, "喀什 转移")
            assert await bot("answerInlineQuery", inline_query_id=query, results=self.results("a", "b"), cache_time=0)
            assert len((await api.offered(query))["results"]) == 2
            assert "too old" in await bot.refused("answerInlineQuery", inline_query_id=query, results=[])

    async def test_bad_results_are_refused(self) -> None:
        """Over 50, doubled or long ids, broken or empty content."""
        async with started() as (api, bot):
            query = api.type_inline(5, "")
            for results in (
                self.results(*map(str, range(51))), self.results("a", "a"), self.results("二" * 22),
                self.results("a", text="<b>"), self.results("a", text=" "), [{"type": "article", "id": "a", "title": "题"}],
                [{"type": "photo", "id": "a", "photo_file_id": "none"}],
            ):  # fmt: skip
                await bot.refused("answerInlineQuery", inline_query_id=query, results=results)


class TestMenus:
    """setMyCommands."""

    async def test_a_menu_is_kept_by_scope(self) -> None:
        """A scope without one shows the default."""
        async with started() as (api, bot):
            start, ask = ({"command": name, "description": "说明"} for name in ("start", "ask"))
            await bot("setMyCommands", commands=[start])
            await bot("setMyCommands", commands=[ask], scope={"type": "all_group_chats"})
            assert api.commands == [start] and api.menu("all_group_chats") == [ask]
            assert await bot("getMyCommands", scope={"type": "all_group_chats"}) == [ask]
            await bot("deleteMyCommands", scope={"type": "all_group_chats"})
            assert api.menu("all_group_chats") == [start]

    async def test_bad_ones_are_refused(self) -> None:
        """Names, descriptions, scopes and languages."""
        async with started() as (_, bot):
            for command in ("Start", "a-b", "a" * 33):
                await bot.refused("setMyCommands", commands=[{"command": command, "description": "说明"}])
            good = [{"command": "start", "description": "说明"}]
            await bot.refused("setMyCommands", commands=[{**good[0], "description": ""}])
            await bot.refused("setMyCommands", commands=good, scope={"type": "everybody"})
            await bot.refused("setMyCommands", commands=good, scope={"type": "chat"})
            await bot.refused("setMyCommands", commands=good, language_code="zh-hans")


class TestFaults:
    """What can be made to go wrong."""

    async def test_429_holds_for_its_chat_until_the_time_is_over(self) -> None:
        """A bot that comes too early is refused again, and that is noted; other chats are free."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            api.say(CHAT + 1, "a")
            api.refuse["sendMessage"].append(Refused(429, "Too Many Requests: retry after 1", retry_after=1))
            begun = time.monotonic()
            assert (await bot("sendMessage", chat_id=CHAT, text="a"))[2] == {"retry_after": 1}
            assert await bot("sendMessage", chat_id=CHAT + 1, text="a")
            assert (await bot("sendMessage", chat_id=CHAT, text="a"))[0] == 429
            assert [what for what, _ in api.waits.disobeyed] == [str(CHAT)]
            await asyncio.sleep(1.01 - (time.monotonic() - begun))
            assert await bot("sendMessage", chat_id=CHAT, text="a")
            assert api.waits.obeyed == 1

    async def test_the_documented_limits_can_be_kept(self) -> None:
        """One a second to a chat, twenty a minute to a group, thirty a second overall."""
        limits = Limits()
        assert limits.wait(1, 0.0) == 0 and 0 < limits.wait(1, 0.5) < 1 and limits.wait(1, 1.0) == 0
        assert [limits.wait(-1, 2 + second) for second in range(20)] == [0] * 20
        assert limits.wait(-1, 22.0) > 30
        assert [limits.wait(chat, 100.0) for chat in range(2, 32)] == [0] * 30
        assert limits.wait(99, 100.5) > 0
        async with started(limits=Limits()) as (api, bot):
            api.say(CHAT, "a")
            assert await bot("sendMessage", chat_id=CHAT, text="a")
            assert (await bot("sendMessage", chat_id=CHAT, text="a"))[0] == 429

    async def test_a_connection_is_cut_before_or_after_acting(self) -> None:
        """The bot sees the same; the chat does not."""
        async with started() as (api, bot):
            api.say(CHAT, "a")
            for fault, sent in ((Cut(), 0), (Cut(acted=True), 1), (Hang(False, 0.05), 1), (Hang(True, 0.05), 2)):
                api.refuse["sendMessage"].append(fault)
                with pytest.raises(aiohttp.ClientError):
                    await bot("sendMessage", chat_id=CHAT, text="a")
                assert api.waiting(CHAT) == sent

    async def test_a_hanging_or_slow_answer_ends_with_the_server(self) -> None:
        """No test waits for it."""
        async with started() as (api, bot):
            api.refuse["getMe"].extend([Slow(0.05), Hang()])
            assert (await bot("getMe"))["is_bot"]
            hanging = asyncio.create_task(bot("getMe"))
            await api.called("getMe", 2)
        with pytest.raises(aiohttp.ClientError):
            await hanging

    async def test_a_gateway_answers_with_a_page(self) -> None:
        """No JSON in it."""
        async with started() as (api, bot):
            api.refuse["getMe"].append(Page())
            async with bot.session.post(f"{api.base_url}{TOKEN}/getMe") as response:
                assert (response.status, response.content_type) == (502, "text/html")

    async def test_any_call_can_be_befallen(self) -> None:
        """As the mix draws; what happened is counted."""
        async with started(mix=lambda method: Refused(500, "Internal Server Error")) as (api, bot):
            assert (await bot("getMe"))[0] == 500
            assert api.outcomes["getMe", "500"] == 1

    async def test_latency_is_there_and_back(self) -> None:
        """Half of it before anything is done."""
        async with started(latency=0.1) as (_, bot):
            begun = time.monotonic()
            await bot("getMe")
            assert 0.1 <= time.monotonic() - begun < 1


async def test_forms_are_read_as_json_is() -> None:
    """The library sends forms: numbers and objects in them are JSON, texts are plain."""
    async with started() as (api, bot):
        api.say(CHAT, "a")
        form = {"chat_id": str(CHAT), "text": "123", "link_preview_options": json.dumps({"is_disabled": True})}
        async with bot.session.post(f"{api.base_url}{TOKEN}/sendMessage", data=form) as response:
            assert (await response.json())["result"]["text"] == "123"
        assert (await api.sent(CHAT))["link_preview_options"] == {"is_disabled": True}
