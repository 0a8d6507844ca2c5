"""The Telegram channel: the real application against a Bot API server on loopback."""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.addressee import chat_name
from bot.buttons import short
from bot.commands import IN_GROUPS, IN_PRIVATE
from bot.engine import Engine, load
from bot.errors import UsageError
from bot.evidence import evidence
from bot.messages import length, split
from bot.respond import respond
from bot.settings import Settings
from bot.store import Store
from bot.telegram import run
from bot.values import Context, Reply
from bot.wording import load_wording
from tests.botapi import LONGEST, TOKEN, BotApi, Refused
from tests.botapi_checks import parse_html
from tests.crowd import flat

CHAT = 70000001
WORDING = load_wording()
UNLIMITED = Settings(telegram_token=TOKEN, per_chat=0, per_group=0, overall=0, burst=0)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


@asynccontextmanager
async def serving(api: BotApi, engine: Engine, folder: Path, **given: Any) -> AsyncIterator[Store]:
    """The channel at work on the server, with the settings given; ends in good order."""
    store = Store.open(folder)
    stop = asyncio.Event()
    settings = replace(UNLIMITED, telegram_base_url=api.base_url, data=folder, **given)
    running = asyncio.create_task(run(settings, engine, store, stop))
    polling = asyncio.create_task(api.called("getUpdates"))
    try:
        await asyncio.wait([running, polling], return_when=asyncio.FIRST_COMPLETED)
        if polling.done():
            yield store
    finally:
        polling.cancel()
        stop.set()
        try:
            await asyncio.wait_for(running, 10)
        finally:
            store.close()


def shows(text: str, reply: Reply) -> bool:
    """Whether a message shows the answer and the place that it cites; a list may stand in lines."""
    return all(flat(part) in flat(text) for part in (reply.answer, *evidence(reply)[:1]))


async def done(store: Store) -> None:
    """Until everything received is dealt with; what comes of a message is kept once its reply has been accepted."""
    async with asyncio.timeout(5):
        while list(store.inbox(TOKEN.partition(":")[0]).pending()):
            await asyncio.sleep(0.005)


class TestAnswers:
    """What a private chat gets."""

    async def test_a_question_gets_its_answer_with_the_source(self, engine: Engine, tmp_path: Path) -> None:
        """Whatever is asked."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for question in engine.examples:
                reply, _ = respond(question, Context(), engine)
                api.say(CHAT, question)
                assert shows(await api.answered(CHAT), reply)
                assert reply.citations

    async def test_an_official_gets_the_unit_and_the_figure(self, engine: Engine, tmp_path: Path) -> None:
        """The two questions everybody asks first."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.say(CHAT, "谁牵头高校毕业生就业")
            assert "自治区人力资源和社会保障厅" in await api.answered(CHAT)
            api.say(CHAT, "喀什转移就业目标")
            text = await api.answered(CHAT)
            assert "90.3万人次" in text
            assert "13 喀什地区 19 90.3 0.7" in text

    async def test_no_character_breaks_the_markup(self, engine: Engine, tmp_path: Path) -> None:
        """The server refuses what it cannot read."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for question in ("*_[`<b>&lt;", "<a href='x'>", "_" * 50, "\\u0000 \ud83d", "{}", "%s"):
                api.say(CHAT, question)
                assert await api.answered(CHAT) != WORDING.apology
            assert not [call for call in api.calls if call.outcome == "400"]

    async def test_the_conversation_goes_on(self, engine: Engine, tmp_path: Path) -> None:
        """The context of a chat is kept from message to message, and apart from other chats."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say(CHAT, engine.examples[0])
            await api.answered(CHAT)
            await done(store)
            _, context = respond(engine.examples[0], Context(), engine)
            assert store.context(chat_name(CHAT)) == context != Context()
            assert store.context(chat_name(CHAT + 1)) == Context()

    async def test_messages_are_answered_in_their_order(self, engine: Engine, tmp_path: Path) -> None:
        """Several at once in two chats: each chat gets its answers in the order asked."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for _ in range(5):
                for question in engine.examples:
                    api.say(CHAT, question)
                    api.say(CHAT + 1, question)
            for chat in (CHAT, CHAT + 1):
                for _ in range(5):
                    for question in engine.examples:
                        expected, _ = respond(question, Context(), engine)
                        assert shows(await api.answered(chat), expected)

    async def test_a_question_without_an_answer_is_noted(self, engine: Engine, tmp_path: Path) -> None:
        """Masked, and without a trace of who asked."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say(CHAT, "火星上的税率是多少，我的电话是13800138000")
            await api.answered(CHAT)
            await done(store)
            (noted,) = store.list_unanswered()
            assert noted.question == "火星上的税率是多少，我的电话是#"
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.sqlite*"))
        for trace in (str(CHAT), "小明", "xiaoming", "13800138000"):
            assert trace.encode() not in kept

    async def test_a_question_over_the_limit_is_told_so(self, engine: Engine, tmp_path: Path) -> None:
        """One message, however long the question was."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.say(CHAT, "问" * 4096)
            assert "1000" in await api.answered(CHAT)

    async def test_a_long_answer_comes_in_several_messages(self, engine: Engine, tmp_path: Path) -> None:
        """Cut at sentence ends, in order, each under the limit."""
        sentence = "这里是一句不短的话，说了很多，一直说到句号为止。"
        names = replace(engine.knowledge, name=sentence * 400)
        async with BotApi() as api, serving(api, replace(engine, knowledge=names), tmp_path):
            api.say(CHAT, "/start")
            parts = [await api.answered(CHAT) for _ in range(3)]
            assert all(length(part) <= LONGEST for part in parts)
            assert parts[0].endswith("。")
            assert parts[1].startswith("这里是") and parts[1].endswith("。")
            assert "".join(parts).count(sentence) == 400


class TestCommands:
    """/start, /help, /forget and the rest."""

    async def test_the_menu_is_set(self, engine: Engine, tmp_path: Path) -> None:
        """Each command with a short description, for private chats and for groups."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            private, groups = api.menu("all_private_chats"), api.menu("all_group_chats")
            assert [command["command"] for command in private] == list(IN_PRIVATE)
            assert [command["command"] for command in groups] == list(IN_GROUPS)
            assert all(3 < len(command["description"]) < 16 for command in (*private, *groups))

    @pytest.mark.parametrize("command", ["/start", "/start abc-_123", "/start %%%", "/help", "/help@policy_bot"])
    async def test_an_introduction_names_the_document_and_examples(
        self, command: str, engine: Engine, tmp_path: Path
    ) -> None:
        """Whatever stands after the command."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.say(CHAT, command)
            sent = await api.sent(CHAT)
            buttons = [row[0]["text"] for row in sent.get("reply_markup", {}).get("inline_keyboard", [])]
            assert all(example in sent["text"] or short(example) in buttons for example in engine.examples)
            assert "{" not in sent["text"]

    async def test_forget_removes_the_conversation(self, engine: Engine, tmp_path: Path) -> None:
        """At once; a second time there is nothing left."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say(CHAT, engine.examples[0])
            await api.answered(CHAT)
            api.say(CHAT, "/forget")
            assert await api.answered(CHAT) == WORDING.forgotten
            assert store.context(chat_name(CHAT)) == Context()
            api.say(CHAT, "/forget")
            assert await api.answered(CHAT) == WORDING.nothing_to_forget

    async def test_an_unknown_command_gets_one_line(self, engine: Engine, tmp_path: Path) -> None:
        """It points to /help."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.say(CHAT, "/nosuchthing 1")
            assert await api.answered(CHAT) == WORDING.unknown_command


PHOTO = {"photo": [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1}]}
STICKER = {
    "sticker": {
        "file_id": "a", "file_unique_id": "a", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False
    }
}  # fmt: skip


class TestOtherContent:
    """What is not a question."""

    @pytest.mark.parametrize(
        "content", [PHOTO, {**PHOTO, "caption": "谁牵头？"}, STICKER], ids=["photo", "caption", "sticker"]
    )
    async def test_it_gets_one_line(self, content: dict[str, object], engine: Engine, tmp_path: Path) -> None:
        """Text is wanted."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.send(CHAT, content)
            assert await api.answered(CHAT) == WORDING.text_only

    async def test_silence_on_service_messages_edits_and_groups(self, engine: Engine, tmp_path: Path) -> None:
        """Then the next question is answered as ever."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.send(CHAT, {"pinned_message": {"message_id": 1, "date": 1, "chat": {"id": CHAT, "type": "private"}}})
            api.send(CHAT, {"text": engine.examples[0], "edit_date": 1}, update="edited_message")
            api.send(-100, {"text": engine.examples[0]}, kind="supergroup")
            api.say(CHAT, engine.examples[1])
            assert shows(await api.answered(CHAT), respond(engine.examples[1], Context(), engine)[0])
            assert not api.waiting(CHAT) and not api.waiting(-100)


GROUP, ASKER = -1001234567, 70000009
BOT = TOKEN.partition(":")[0]


def left_behind(store: Store, *texts: str, hours: float = 0, chat: int = CHAT) -> None:
    """What an earlier run has received and not answered."""
    person = {"id": chat, "is_bot": False, "first_name": "小明"}
    place = {"id": chat, "type": "private", "first_name": "小明"}
    date = int(time.time() - hours * 3600)
    store.inbox(BOT).add(
        {"update_id": 900 + number, "message": {"message_id": 1, "date": date, "chat": place, "from": person, "text": text}}
        for number, text in enumerate(texts)
    )  # fmt: skip


class TestNothingIsLost:
    """Stops, crashes, redeliveries."""

    async def test_what_was_left_is_answered_at_the_next_start(self, engine: Engine, tmp_path: Path) -> None:
        """In order, before what has come since, and once."""
        store = Store.open(tmp_path)
        left_behind(store, *engine.examples)
        store.close()
        async with BotApi() as api:
            api.say(CHAT, "/start")
            async with serving(api, engine, tmp_path) as store:
                for question in engine.examples:
                    assert shows(await api.answered(CHAT), respond(question, Context(), engine)[0])
                assert "您好" in await api.answered(CHAT)
                await done(store)
            assert not api.waiting(CHAT)

    async def test_a_reply_in_parts_goes_on_after_the_parts_that_were_accepted(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        """They are not said again."""
        sentence = "这里是一句不短的话，说了很多，一直说到句号为止。"
        engine = replace(engine, knowledge=replace(engine.knowledge, name=sentence * 400))
        store = Store.open(tmp_path)
        left_behind(store, "/start")
        store.close()
        database = sqlite3.connect(tmp_path / "bot.sqlite")
        entities = [{"type": "bot_command", "offset": 0, "length": 6}]
        (content,) = database.execute("select content from updates").fetchone()
        update = json.loads(content)
        update["message"]["entities"] = entities
        with database:
            database.execute("update updates set content = ?, sent = 2", (json.dumps(update),))
        database.close()
        async with BotApi() as api:
            api.say(CHAT, "/help")
            async with serving(api, engine, tmp_path) as store:
                last = await api.answered(CHAT)
                assert last.endswith(WORDING.start[-10:]) and not last.startswith("您好")
                await done(store)

    async def test_what_is_too_old_gets_one_apology(self, engine: Engine, tmp_path: Path) -> None:
        """However much there is of it; what is younger is answered."""
        store = Store.open(tmp_path)
        left_behind(store, *engine.examples, hours=25)
        store.close()
        async with BotApi() as api:
            api.say(CHAT, engine.examples[1])
            async with serving(api, engine, tmp_path):
                assert await api.answered(CHAT) == WORDING.late
                assert respond(engine.examples[1], Context(), engine)[0].answer in await api.answered(CHAT)

    async def test_a_stop_leaves_what_it_cannot_answer_to_the_next_start(
        self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A chat that has to wait is not waited for beyond the time there is; nothing is said twice."""
        monkeypatch.setattr("bot.telegram._DRAIN_SECONDS", 0.3)
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                api.refuse["sendMessage"].append(Refused(429, "Too Many Requests: retry after 2", retry_after=2))
                api.say(CHAT, engine.examples[0])
                api.say(CHAT, engine.examples[1])
                await api.called("sendMessage")
                began = time.monotonic()
            assert time.monotonic() - began < 1.5
            await asyncio.sleep(1.6)
            async with serving(api, engine, tmp_path):
                for question in engine.examples[:2]:
                    assert respond(question, Context(), engine)[0].answer in await api.answered(CHAT)
            assert not api.waiting(CHAT)

    async def test_a_stop_answers_what_it_holds(self, engine: Engine, tmp_path: Path) -> None:
        """If there is time."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                for number in range(20):
                    api.say(CHAT + number, engine.examples[0])
                await api.called("sendMessage")
            assert all(api.waiting(CHAT + number) == 1 for number in range(20))

    async def test_a_token_revoked_in_service_loses_no_question(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is answered once the token is good again."""
        async with BotApi() as api:
            with pytest.raises(UsageError, match="TELEGRAM_TOKEN"):
                async with serving(api, engine, tmp_path):
                    api.refuse["sendMessage"].append(Refused(401, "Unauthorized"))
                    api.say(CHAT, engine.examples[0])
                    async with asyncio.timeout(5):
                        while "还有 1 条" not in caplog.text:
                            await asyncio.sleep(0.01)
            async with serving(api, engine, tmp_path):
                assert respond(engine.examples[0], Context(), engine)[0].answer in await api.answered(CHAT)

    async def test_what_was_said_is_off_the_disk_soon_after(
        self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While the bot goes on running: out of the database, and out of its log of writes."""
        monkeypatch.setattr("bot.updates._WIPE_SECONDS", 0.05)
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say(CHAT, "谁也不该记得的一句话")
            await api.answered(CHAT)
            await done(store)
            traces = ("不该记得".encode("ascii", "backslashreplace"), str(CHAT).encode())
            async with asyncio.timeout(5):
                while any(trace in path.read_bytes() for path in tmp_path.glob("bot.sqlite*") for trace in traces):
                    await asyncio.sleep(0.02)


class TestGroups:
    """Among others."""

    async def test_whoever_calls_it_is_answered_in_reply(self, engine: Engine, tmp_path: Path) -> None:
        """By name, by command, by a reply to it; the name is no part of the question."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            number = api.say_in_group(GROUP, ASKER, f"@policy_bot {engine.examples[0]}")
            sent = await api.sent(GROUP)
            assert shows(parse_html(sent["text"])[0], respond(engine.examples[0], Context(), engine)[0])
            assert sent["reply_parameters"]["message_id"] == number
            ours = max(api.telegram.chats[GROUP].messages)
            api.say_in_group(GROUP, ASKER, engine.examples[1], reply_to=ours)
            sent = await api.sent(GROUP)
            assert shows(parse_html(sent["text"])[0], respond(engine.examples[1], Context(), engine)[0])
            assert "message_thread_id" not in sent
            api.say_in_group(GROUP, ASKER, "/help@policy_bot")
            assert await api.answered(GROUP) == WORDING.help.format(username="policy_bot")
            api.say_in_group(GROUP, ASKER, "@policy_bot")
            assert await api.answered(GROUP) == WORDING.help_short.format(username="policy_bot")

    async def test_what_others_say_is_neither_answered_nor_stored(self, engine: Engine, tmp_path: Path) -> None:
        """Not for a moment."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say_in_group(GROUP, ASKER, "我们的悄悄话")
            api.say_in_group(GROUP, ASKER, "/weather")
            api.say_in_group(GROUP, ASKER, "/help@other_bot")
            api.say_in_group(GROUP, ASKER, "/help")
            assert await api.answered(GROUP) == WORDING.help.format(username="policy_bot")
            await done(store)
            assert not api.waiting(GROUP)
            kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.sqlite*"))
            assert "悄悄话".encode("ascii", "backslashreplace") not in kept
            assert b"other_bot" not in kept

    async def test_each_asker_has_a_thread(self, engine: Engine, tmp_path: Path) -> None:
        """One person's question is no context for another's."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say_in_group(GROUP, ASKER, f"@policy_bot {engine.examples[0]}")
            await api.answered(GROUP)
            await done(store)
            assert store.context(chat_name(GROUP, ASKER)) != Context()
            assert store.context(chat_name(GROUP, ASKER + 1)) == store.context(chat_name(GROUP)) == Context()

    async def test_a_topic_is_kept_and_the_general_one_not_named(self, engine: Engine, tmp_path: Path) -> None:
        """As forums want it."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.say_in_group(GROUP, ASKER, "/help", thread=5, forum=True)
            assert (await api.sent(GROUP))["message_thread_id"] == 5
            api.say_in_group(GROUP, ASKER, "/help", forum=True)
            assert "message_thread_id" not in await api.sent(GROUP)


class TestAbuse:
    """Too much."""

    async def test_a_burst_is_answered_up_to_a_limit_then_told_once(self, engine: Engine, tmp_path: Path) -> None:
        """Others are answered as ever; what was passed over is handled."""
        async with BotApi() as api, serving(api, engine, tmp_path, burst=3) as store:
            for _ in range(12):
                api.say(CHAT, engine.examples[0])
            api.say(CHAT + 1, engine.examples[0])
            await api.answered(CHAT + 1)
            texts = [await api.answered(CHAT) for _ in range(4)]
            assert [text == WORDING.slow_down for text in texts] == [False] * 3 + [True]
            await done(store)
            assert not api.waiting(CHAT)

    async def test_hostile_texts_cost_next_to_nothing(self, engine: Engine, tmp_path: Path) -> None:
        """Each of them gets one message."""
        texts = ("a\u0301" * 2000, "\u202e\u200b" * 2000, "谁牵头？\n" * 600, "😀" * 2000, "\ud83d" * 4000, "(" * 4096)
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.say(CHAT, "你好")
            await api.answered(CHAT)
            for text in texts:
                began = time.process_time()
                api.say(CHAT, text)
                assert await api.answered(CHAT) != WORDING.apology
                # The server's own share included.
                assert time.process_time() - began < 0.1


class TestOperators:
    """/status and /unanswered."""

    async def test_they_tell_operators_how_it_goes(self, engine: Engine, tmp_path: Path) -> None:
        """The knowledge, the time, the queue, the errors; and the questions without an answer."""
        async with BotApi() as api, serving(api, engine, tmp_path, operators=(CHAT,)):
            api.say(CHAT, "/unanswered")
            assert await api.answered(CHAT) == WORDING.none_unanswered
            api.say(CHAT + 1, "火星上的税率是多少")
            await api.answered(CHAT + 1)
            api.say(CHAT, "/status")
            status = await api.answered(CHAT)
            assert engine.knowledge.fingerprint in status and "0 小时 0 分" in status
            api.say(CHAT, "/unanswered")
            assert "1 × 火星上的税率是多少" in await api.answered(CHAT)

    async def test_they_do_not_exist_for_anybody_else(self, engine: Engine, tmp_path: Path) -> None:
        """Nor in the menu, nor where others read along."""
        async with BotApi() as api, serving(api, engine, tmp_path, operators=(CHAT,)):
            for command in ("/status", "/unanswered"):
                api.say(CHAT + 1, command)
                assert await api.answered(CHAT + 1) == WORDING.unknown_command
                api.say_in_group(GROUP, CHAT, f"{command}@policy_bot")
                assert await api.answered(GROUP) == WORDING.unknown_command
            assert not {"status", "unanswered"} & {command["command"] for command in api.commands}


class TestTrouble:
    """What goes wrong, and what is seen of it."""

    async def test_a_blocked_chat_is_no_error(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The others go on."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.blocked.add(CHAT)
            api.say(CHAT, engine.examples[0])
            api.say(CHAT + 1, engine.examples[0])
            await api.answered(CHAT + 1)
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

    async def test_too_many_requests_are_waited_for(self, engine: Engine, tmp_path: Path) -> None:
        """Nothing is lost."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.refuse["sendMessage"].append(Refused(429, "Too Many Requests: retry after 1", retry_after=1))
            api.say(CHAT, engine.examples[0])
            assert await api.answered(CHAT)

    async def test_a_fault_gets_an_apology_and_no_question_in_the_log(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """One line for the asker, the place in the code for the maintainer."""
        broken = replace(engine, topics=None)  # type: ignore[arg-type]
        async with BotApi() as api, serving(api, broken, tmp_path):
            api.say(CHAT, "谁负责一件秘密的事情")
            assert await api.answered(CHAT) == WORDING.apology
            api.say(CHAT, "/start")
            assert await api.answered(CHAT) != WORDING.apology
        assert "respond.py" in caplog.text
        assert "秘密" not in caplog.text

    async def test_a_refused_answer_gets_an_apology(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Rather than silence."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.refuse["sendMessage"].append(Refused(400, "Bad Request: No reason given"))
            api.say(CHAT, engine.examples[0])
            assert await api.answered(CHAT) == WORDING.apology
        assert "No reason given" in caplog.text

    async def test_a_store_that_cannot_be_written_costs_no_answer(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The file is locked by another program: logged, and answered; /forget says that it was not done."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            other = sqlite3.connect(tmp_path / "bot.sqlite", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            api.say(CHAT, engine.examples[0])
            assert shows(await api.answered(CHAT), respond(engine.examples[0], Context(), engine)[0])
            api.say(CHAT, "/forget")
            assert await api.answered(CHAT) == WORDING.not_forgotten
            other.close()
        assert "锁住" in caplog.text
        assert engine.examples[0] not in caplog.text

    async def test_a_poll_that_fails_is_tried_again(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """One line in the log; what is asked meanwhile is answered afterwards."""
        async with BotApi() as api:
            api.refuse["getUpdates"].append(Refused(502, "Bad Gateway"))
            async with serving(api, engine, tmp_path):
                api.say(CHAT, engine.examples[0])
                assert await api.answered(CHAT)
        assert "暂时连不上" in caplog.text

    async def test_a_second_process_steps_back(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It says so, and rarely tries again."""
        async with BotApi() as api:
            api.refuse["getUpdates"].append(Refused(409, "Conflict: terminated by other getUpdates request"))
            async with serving(api, engine, tmp_path):
                async with asyncio.timeout(5):
                    while "同一个令牌" not in caplog.text:
                        await asyncio.sleep(0.01)
                await asyncio.sleep(1)
                assert len(await api.called("getUpdates")) == 1

    async def test_what_was_answered_is_not_answered_again(self, engine: Engine, tmp_path: Path) -> None:
        """A stop in good order confirms it."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                api.say(CHAT, engine.examples[0])
                await api.answered(CHAT)
            await api.confirmed()


class TestStart:
    """What is said when the channel cannot start, and what is never said."""

    async def run(self, settings: Settings, engine: Engine, folder: Path) -> str:
        """What the refusal says."""
        store = Store.open(folder)
        try:
            with pytest.raises(UsageError) as caught:
                await run(settings, engine, store, asyncio.Event())
        finally:
            store.close()
        assert caught.value.__suppress_context__ or not caught.value.__context__
        return str(caught.value)

    async def test_a_wrong_token(self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """It is named as the fault, but not printed."""
        caplog.set_level(logging.DEBUG)
        wrong = "987654321:" + TOKEN[::-1].replace(":", "")
        async with BotApi() as api:
            said = await self.run(Settings(telegram_token=wrong, telegram_base_url=api.base_url), engine, tmp_path)
        assert "TELEGRAM_TOKEN" in said
        assert wrong not in said + caplog.text

    async def test_no_server_is_waited_for(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The channel starts as soon as Telegram can be reached; until then it says so, and stops when asked to."""
        async with BotApi() as api:
            gone = api.base_url
        store, stop = Store.open(tmp_path), asyncio.Event()
        async with asyncio.timeout(5):
            running = asyncio.create_task(run(replace(UNLIMITED, telegram_base_url=gone), engine, store, stop))
            while "没有回应" not in caplog.text:
                await asyncio.sleep(0.01)
            stop.set()
            await running
        store.close()

    async def test_no_token(self, engine: Engine, tmp_path: Path) -> None:
        """It is asked for."""
        assert "TELEGRAM_TOKEN" in await self.run(Settings(), engine, tmp_path)

    async def test_a_token_revoked_in_service_ends_it(self, engine: Engine, tmp_path: Path) -> None:
        """Rather than a channel that looks alive and hears nothing."""
        async with BotApi() as api, asyncio.timeout(10):
            api.refuse["getUpdates"].append(Refused(401, "Unauthorized"))
            settings = Settings(telegram_token=TOKEN, telegram_base_url=api.base_url)
            assert "TELEGRAM_TOKEN" in await self.run(settings, engine, tmp_path)

    async def test_the_token_is_in_no_log(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Not even with every logger at its most talkative, and through failures."""
        caplog.set_level(logging.DEBUG)
        async with BotApi() as api:
            api.refuse["getUpdates"].append(Refused(502, "Bad Gateway"))
            async with serving(api, engine, tmp_path):
                api.say(CHAT, engine.examples[0])
                await api.answered(CHAT)
        assert caplog.records
        assert TOKEN.partition(":")[2] not in caplog.text


class TestSplit:
    """Long texts in parts."""

    def test_a_short_text_stays_whole(self) -> None:
        """Line breaks inside included."""
        assert split("一。\n\n二。", 10) == ("一。\n\n二。",)

    def test_it_is_cut_after_a_sentence(self) -> None:
        """With the quotes that close after it."""
        assert split("「一二三。」四五六。七", 6) == ("「一二三。」", "四五六。七")

    def test_a_sentence_over_the_limit_is_cut_by_force(self) -> None:
        """Nothing is lost."""
        assert split("一" * 25, 10) == ("一" * 10, "一" * 10, "一" * 5)

    def test_characters_of_two_units_count_double_and_stay_whole(self) -> None:
        """As Telegram counts."""
        parts = split("𠮷" * 9, 5)
        assert "".join(parts) == "𠮷" * 9
        assert all(length(part) <= 5 for part in parts)

    def test_an_empty_text_has_no_parts(self) -> None:
        """White space alone cannot be sent."""
        assert split(" \n ", 5) == ()
