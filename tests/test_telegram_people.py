"""Telegram as people use it: buttons, votes, edits, pictures; the real application against the server on loopback."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import chart
from bot.addressee import chat_name
from bot.buttons import short, width
from bot.engine import Engine, load
from bot.formatting import LIMIT, Stretch, Style, compose, markup
from bot.messages import length
from bot.respond import respond
from bot.store import FILE
from bot.values import Context, Reply
from bot.wording import load_wording
from tests.botapi import BotApi, Cut, Hang, Page, Refused
from tests.botapi_checks import Json, parse_html
from tests.botapi_requests import Fault
from tests.crowd import Serving
from tests.screens import screen
from tests.test_telegram import ASKER, CHAT, GROUP, done, serving, shows

WORDING = load_wording()
FIGURE, BARS, LONG = "喀什转移就业目标", "各地州市城镇新增就业目标", "第5项和第8项的内容"
CHOICE, OFFICE = "失业率控制在多少", "创业服务活动谁牵头"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


def reply_to(question: str, engine: Engine, context: Context | None = None) -> Reply:
    """What the path says."""
    return respond(question, context or Context(), engine)[0]


def unfolded(*texts: str) -> str:
    """What was begun and goes on in the next message, joined; what stands below the beginning comes last."""
    begun, _, below = texts[0].partition(WORDING.unfinished)
    return "".join([begun, *texts[1:], below])


async def settled(folder: Path) -> None:
    """Until a process has nothing left to answer."""
    with closing(sqlite3.connect(folder / FILE)) as other:
        async with asyncio.timeout(10):
            while other.execute("select count(*) from updates where content is not null").fetchone()[0]:
                await asyncio.sleep(0.01)


def labels(message: Json) -> list[str]:
    """What stands on the buttons under a message."""
    return [button["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def last(api: BotApi, chat: int = CHAT) -> Json:
    """The last message of the chat, as Telegram keeps it."""
    return list(api.telegram.chats[chat].messages.values())[-1]


def offer(api: BotApi, label: str, code: str) -> None:
    """Put a button under the last message in the chat, as an earlier version may have left it."""
    last(api)["reply_markup"] = {"inline_keyboard": [[{"text": label, "callback_data": code}]]}


def styled(message: Json, kind: str) -> list[str]:
    """The words of the message that are set like that."""
    units = message["text"].encode("utf-16-le")
    return [
        units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")
        for entity in message.get("entities", ())
        if entity["type"] == kind
    ]


async def asked(api: BotApi, question: str, chat: int = CHAT) -> Json:
    """The message that answers a question in a private chat, as Telegram keeps it."""
    api.say(chat, question)
    sent = await api.sent(chat)
    return api.telegram.chats[chat].messages[int(sent["message_id"])]


class TestLooks:
    """How an answer is set."""

    async def test_the_answer_comes_first_and_bold_the_wording_last_and_folded(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        """Between them how it was understood, and the source."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await asked(api, "喀甚的职业培训目标")
            reply = reply_to("喀甚的职业培训目标", engine)
            assert message["text"].startswith(reply.answer)
            assert styled(message, "bold") == [reply.answer]
            assert styled(message, "italic") == [f"（{reply.understood}）"]
            assert styled(message, "expandable_blockquote") == [f"原文：{reply.citations[0].quote}"]
            places = [message["text"].index(part) for part in (reply.answer, "按「", "来源：", "原文：")]
            assert places == sorted(places)

    async def test_what_can_be_asked_next_is_on_buttons(self, engine: Engine, tmp_path: Path) -> None:
        """And not in the text; below them the votes."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await asked(api, FIGURE)
            reply = reply_to(FIGURE, engine)
            assert not [question for question in reply.follow_ups if question in message["text"]]
            names = [entry.name for entry in engine.knowledge.indicators.values()]
            next_ = [short(question, reply.answer, names) for question in reply.follow_ups]
            assert labels(message) == [*next_, WORDING.vote_up, WORDING.vote_down]

    async def test_a_greeting_is_not_voted_on(self, engine: Engine, tmp_path: Path) -> None:
        """Nor is a question back."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for text in ("谢谢", CHOICE):
                assert WORDING.vote_up not in labels(await asked(api, text))

    @pytest.mark.parametrize("question", ["一共有哪些措施", "教育厅负责什么", LONG, BARS])
    def test_nothing_is_lost_in_setting_it(self, question: str, engine: Engine) -> None:
        """All of the answer and of what stands below is shown, at once or behind the button."""
        reply = reply_to(question, engine)
        composed = compose(reply, WORDING)
        whole = unfolded(*(parse_html(text)[0] for text in (*composed.shown, *composed.rest)))
        assert shows(whole, reply)
        assert all(quote in whole for quote in reply.text.split("原文：")[1:] for quote in [quote.strip()])

    def test_what_does_not_fit_is_cut_and_every_tag_closed(self) -> None:
        """Counted as Telegram counts, after the tags."""
        texts = markup([Stretch("<甲>&。" * 3000, Style.BOLD), Stretch("𠮷。" * 3000, Style.FOLDED)])
        shown = [parse_html(text) for text in texts]
        assert all(length(text) <= LIMIT for text, _ in shown)
        assert "".join(text for text, _ in shown).replace("\n", "") == "<甲>&。" * 3000 + "𠮷。" * 3000
        assert all(entities for _, entities in shown)

    def test_no_label_is_wider_than_a_phone(self, engine: Engine) -> None:
        """Each is shown whole, however long the names in the question."""
        knowledge = engine.knowledge
        names = [entry.name for entry in (*knowledge.indicators.values(), *knowledge.units.values())]
        for indicator in knowledge.indicators.values():
            for region in knowledge.regions.values():
                reply = reply_to(f"{region.name}{indicator.name}是多少", engine)
                shown = [short(question, reply.answer, names) for question in reply.follow_ups]
                assert not [label for label in shown if width(label) > 20 or "…" in label or len(label) < 4]


class TestButtons:
    """What is pressed."""

    async def test_a_next_question_is_shown_and_answered(self, engine: Engine, tmp_path: Path) -> None:
        """The conversation goes on from there."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            message = await asked(api, FIGURE)
            question = reply_to(FIGURE, engine).follow_ups[0]
            pressed = api.press(CHAT, labels(message)[0])
            text = await api.answered(CHAT)
            _, before = respond(FIGURE, Context(), engine)
            reply, thread = respond(question, before, engine)
            assert text.startswith(f"您问：{question}\n{reply.answer}")
            assert (await api.pressed(pressed))["text"] == ""
            await done(store)
            assert store.context(chat_name(CHAT)) == thread

    async def test_a_choice_is_pressed_or_typed(self, engine: Engine, tmp_path: Path) -> None:
        """Its number stands on the button as in the text."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await asked(api, CHOICE)
            choices = reply_to(CHOICE, engine).choices
            assert [label[:3] for label in labels(message)] == [f"{number}. " for number in range(1, len(choices) + 1)]
            api.press(CHAT, labels(message)[1])
            assert (await api.answered(CHAT)).startswith(f"您问：{choices[1]}")
            assert all(f"{number}. {choice}" in message["text"] for number, choice in enumerate(choices, 1))

    async def test_buttons_work_after_a_restart(self, engine: Engine, tmp_path: Path) -> None:
        """Any number of times."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                label = labels(await asked(api, OFFICE))[0]
            for _ in range(2):
                api.press(CHAT, label)
                async with serving(api, engine, tmp_path):
                    assert reply_to(OFFICE, engine).follow_ups[0] in await api.answered(CHAT)

    async def test_a_press_is_answered_once_whenever_the_bot_is_killed(self, engine: Engine, tmp_path: Path) -> None:
        """The process as an operator runs it, killed before the text and before the picture."""
        async with BotApi() as api, Serving(api, tmp_path) as bot:
            await bot.ready()
            label = labels(await asked(api, FIGURE))[0]
            await settled(bot.data)
            api.refuse["sendMessage"].append(Hang())
            query = api.press(CHAT, label)
            await api.until(lambda: api.begun["sendMessage"] == 2)
            await bot.kill()
            api.refuse["sendPhoto"].append(Hang())
            await bot.ready()
            await api.until(lambda: api.begun["sendPhoto"] == 1)
            await bot.kill()
            await bot.ready()
            assert (await api.sent(CHAT))["text"].startswith(f"<i>您问：{reply_to(FIGURE, engine).follow_ups[0]}</i>")
            assert "photo" in await api.sent(CHAT)
            await settled(bot.data)
            assert (await api.pressed(query))["text"] == ""
            assert (await bot.stop())[0] == 0
            assert not api.waiting(CHAT)

    async def test_a_button_of_which_nothing_is_known_offers_the_way_on(self, engine: Engine, tmp_path: Path) -> None:
        """It stops turning; below, questions that work."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            label = labels(await asked(api, FIGURE))[0]
            with sqlite3.connect(tmp_path / FILE) as other:
                other.execute("delete from buttons")
            other.close()
            assert (await api.pressed(api.press(CHAT, label)))["text"] == WORDING.button_gone
            assert await api.answered(CHAT) == WORDING.way_on
            api.press(CHAT, labels(last(api))[1])
            assert engine.examples[1] in await api.answered(CHAT)

    @pytest.mark.parametrize(
        "code", ["zz:from another time", "q:", "q:9", "v:u", "m:", "q:0" + "A" * 32, "v:x===", "é"]
    )
    async def test_no_code_does_harm(self, code: str, engine: Engine, tmp_path: Path) -> None:
        """Whatever an earlier version, or somebody's own client, has put there."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            await asked(api, FIGURE)
            offer(api, "旧按钮", code)
            assert (await api.pressed(api.press(CHAT, "旧按钮")))["text"] == WORDING.button_gone
            assert await api.answered(CHAT) == WORDING.way_on

    async def test_a_press_that_is_too_old_is_no_fault(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Telegram takes no answer to it any more; what was asked is answered all the same."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            label = labels(await asked(api, FIGURE))[0]
            api.expire(api.press(CHAT, label))
            assert reply_to(FIGURE, engine).follow_ups[0] in await api.answered(CHAT)
        assert "出错" not in caplog.text

    async def test_who_presses_too_often_is_told_each_time(self, engine: Engine, tmp_path: Path) -> None:
        """No button is left turning."""
        async with BotApi() as api, serving(api, engine, tmp_path, burst=2):
            label = labels(await asked(api, FIGURE))[0]
            # All at once, so that a slow machine gives no time for another press.
            presses = [api.press(CHAT, label) for _ in range(4)]
            toasts = [(await api.pressed(press))["text"] for press in presses]
            assert toasts == [""] + [WORDING.press_slower] * 3

    async def test_a_long_answer_is_begun_and_goes_on_at_a_tap(self, engine: Engine, tmp_path: Path) -> None:
        """Then the button is gone, and the others are still there."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            begun = await asked(api, LONG)
            assert length(begun["text"]) < 500 and labels(begun)[0] == WORDING.more
            api.press(CHAT, WORDING.more)
            rest = await api.answered(CHAT)
            assert shows(unfolded(begun["text"], rest), reply_to(LONG, engine))
            await api.edited(CHAT)
            message = api.telegram.chats[CHAT].messages[begun["message_id"]]
            assert WORDING.more not in labels(message) and WORDING.vote_up in labels(message)

    async def test_what_a_button_means_is_sealed(self, engine: Engine, tmp_path: Path) -> None:
        """Nobody who has the file alone can read what was asked."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            assert labels(await asked(api, f"劳驾问一句，{FIGURE}"))
            await done(store)
            store.tidy()
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.sqlite*"))
        assert "劳驾".encode() not in kept and "占全区的比例".encode() not in kept

    async def test_where_nothing_can_be_kept_everything_is_said(self, engine: Engine, tmp_path: Path) -> None:
        """Buttons that would mean nothing are not shown."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            message = await asked(api, FIGURE)
            other.close()
            assert not labels(message)
            assert all(question in message["text"] for question in reply_to(FIGURE, engine).follow_ups)

    async def test_in_a_group_whoever_presses_is_answered_below_the_message(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        """In its topic, and in a thread of their own; nobody is asked to vote there."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say_in_group(GROUP, ASKER, f"@policy_bot {FIGURE}", thread=5, forum=True)
            ours = int((await api.sent(GROUP))["message_id"])
            assert WORDING.vote_up not in labels(last(api, GROUP))
            api.press(GROUP, labels(last(api, GROUP))[0], sender=ASKER + 1)
            sent = await api.sent(GROUP)
            assert sent["reply_parameters"]["message_id"] == ours and sent["message_thread_id"] == 5
            await done(store)
            assert store.context(chat_name(GROUP, ASKER + 1)) != Context()


class TestVotes:
    """👍 and 👎."""

    async def test_a_vote_is_one_tap_thanked_and_marked(self, engine: Engine, tmp_path: Path) -> None:
        """It can be changed, and taken back; the last one counts."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            await asked(api, FIGURE)
            up, down = WORDING.vote_up, WORDING.vote_down
            steps = [
                (up, WORDING.vote_thanks, [f"✓ {up}", down], (0, 1)),
                (down, WORDING.vote_down_thanks, [up, f"✓ {down}"], (1, 0)),
                (f"✓ {down}", WORDING.vote_taken_back, [up, down], None),
            ]
            for label, toast, shown, kept in steps:
                assert (await api.pressed(api.press(CHAT, label)))["text"] == toast
                await api.edited(CHAT)
                assert labels(last(api))[-2:] == shown
                votes = store.list_feedback()
                assert [(vote.down, vote.up) for vote in votes] == ([kept] if kept else [])
            assert not api.waiting(CHAT)

    async def test_what_is_kept_is_the_masked_question_and_the_kind_of_answer(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        """A vote outlives a restart; nothing else of the asker is kept."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                await asked(api, f"{FIGURE}，我的电话是13800138000")
            async with serving(api, engine, tmp_path) as store:
                await api.pressed(api.press(CHAT, WORDING.vote_down))
                (vote,) = store.list_feedback()
                reply = reply_to(f"{FIGURE}，我的电话是13800138000", engine)
                assert (vote.question, vote.outcome) == (f"{FIGURE}，我的电话是#", reply.outcome)


class TestChanges:
    """A question that is changed after it was answered."""

    async def test_its_answer_is_changed(self, engine: Engine, tmp_path: Path) -> None:
        """And so is what the conversation goes on from; nothing new is sent."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            number = api.say(CHAT, FIGURE)
            ours = int((await api.sent(CHAT))["message_id"])
            await done(store)
            other = FIGURE.replace("喀什", "和田")
            api.edit(CHAT, number, other)
            edited = await api.edited(CHAT)
            assert edited["message_id"] == ours
            assert shows(parse_html(edited["text"])[0], reply_to(other, engine))
            await done(store)
            assert not api.waiting(CHAT)
            assert store.context(chat_name(CHAT)) == respond(other, Context(), engine)[1]

    async def test_an_earlier_question_is_understood_in_its_place(self, engine: Engine, tmp_path: Path) -> None:
        """What was asked since stays what the conversation goes on from; also after a restart."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                await asked(api, FIGURE)
                number = api.say(CHAT, "那和田呢？")
                await api.sent(CHAT)
                await asked(api, "第13项谁牵头")
            async with serving(api, engine, tmp_path) as store:
                thread = store.context(chat_name(CHAT))
                api.edit(CHAT, number, "那阿克苏呢？")
                expected = reply_to("那阿克苏呢？", engine, respond(FIGURE, Context(), engine)[1])
                assert shows(parse_html((await api.edited(CHAT))["text"])[0], expected)
                await done(store)
                assert store.context(chat_name(CHAT)) == thread

    async def test_a_change_that_changes_nothing_is_passed_over(self, engine: Engine, tmp_path: Path) -> None:
        """So is one of a message that had no answer, or of a command."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            number, command = api.say(CHAT, "谢谢"), api.say(CHAT, "/help")
            await api.sent(CHAT), await api.sent(CHAT)
            picture = api.photo(CHAT, "谁牵头")
            await api.sent(CHAT)
            api.edit(CHAT, number, "谢谢！")
            api.edit(CHAT, command, "/start")
            api.edit(CHAT, picture, "谁牵头？")
            await asked(api, FIGURE)
            await done(store)
            assert not api.waiting(CHAT)

    async def test_a_picture_comes_and_goes_with_its_answer(self, engine: Engine, tmp_path: Path) -> None:
        """It is taken back where there is nothing to draw any more."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            number = api.say(CHAT, BARS)
            await api.sent(CHAT)
            picture = int((await api.sent(CHAT))["message_id"])
            await done(store)
            api.edit(CHAT, number, FIGURE)
            await api.edited(CHAT)
            await done(store)
            assert api.telegram.chats[CHAT].deleted == [picture]
            api.edit(CHAT, number, BARS)
            assert "photo" in await api.sent(CHAT)

    async def test_an_answer_that_was_deleted_is_given_anew(self, engine: Engine, tmp_path: Path) -> None:
        """Somebody has cleared it away."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            number = api.say(CHAT, FIGURE)
            ours = int((await api.sent(CHAT))["message_id"])
            await done(store)
            del api.telegram.chats[CHAT].messages[ours]
            api.edit(CHAT, number, FIGURE.replace("喀什", "和田"))
            assert "和田地区" in await api.answered(CHAT)

    async def test_in_a_group_what_names_the_bot_only_now_is_answered(self, engine: Engine, tmp_path: Path) -> None:
        """And what was answered is changed."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            number = api.say_in_group(GROUP, ASKER, FIGURE)
            api.edit(GROUP, number, f"@policy_bot {FIGURE}")
            assert "90.3" in await api.answered(GROUP)
            await done(store)
            api.edit(GROUP, number, f"@policy_bot {FIGURE.replace('喀什', '和田')}")
            assert "和田地区" in (await api.edited(GROUP))["text"]

    async def test_forget_forgets_what_could_be_changed(self, engine: Engine, tmp_path: Path) -> None:
        """Then a change is passed over."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            number = api.say(CHAT, FIGURE)
            await api.sent(CHAT)
            await done(store)
            api.say(CHAT, "/forget")
            assert await api.answered(CHAT) == WORDING.forgotten
            api.edit(CHAT, number, FIGURE.replace("喀什", "和田"))
            await asked(api, "谢谢")
            assert not api.telegram.chats[CHAT].edits


class TestPictures:
    """Charts."""

    async def test_a_chart_follows_the_text(self, engine: Engine, tmp_path: Path) -> None:
        """With what it shows in words; the next time Telegram has it already, also after a restart."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                await asked(api, BARS)
                sent = await api.sent(CHAT)
                view = reply_to(BARS, engine).view
                assert view and parse_html(sent["caption"])[0] == chart.alt(view)
                assert api.telegram.files[sent["photo"]] == chart.png(view)
            async with serving(api, engine, tmp_path):
                await asked(api, BARS, CHAT + 1)
                assert (await api.sent(CHAT + 1))["photo"] == sent["photo"]
            assert len(api.telegram.files) == 1

    async def test_a_question_without_bars_gets_none(self, engine: Engine, tmp_path: Path) -> None:
        """One figure is no chart."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            await asked(api, FIGURE)
            await done(store)
            assert "sendPhoto" not in {call.method for call in api.calls}

    async def test_one_that_telegram_has_lost_is_sent_again(self, engine: Engine, tmp_path: Path) -> None:
        """And known by its new name."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            await asked(api, BARS)
            lost = (await api.sent(CHAT))["photo"]
            del api.telegram.files[lost]
            api.telegram.files["another"] = b""
            await asked(api, BARS)
            found = (await api.sent(CHAT))["photo"]
            assert found != lost
            await asked(api, BARS)
            assert (await api.sent(CHAT))["photo"] == found

    async def test_a_chat_that_takes_none_has_its_answer_all_the_same(self, engine: Engine, tmp_path: Path) -> None:
        """Without an apology."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.refuse["sendPhoto"].append(Refused(400, "Bad Request: not enough rights to send photos to the chat"))
            await asked(api, BARS)
            await done(store)
            assert not api.waiting(CHAT)
            assert store.context(chat_name(CHAT)) != Context()


class TestFaults:
    """What befalls messages befalls the rest too, and is coped with alike."""

    @pytest.mark.parametrize(
        "fault",
        [Page(), Cut(), Cut(acted=True), Refused(429, "Too Many Requests: retry after 1", retry_after=1)],
        ids=str,
    )
    async def test_every_call_is_made_again(self, fault: Fault, engine: Engine, tmp_path: Path) -> None:
        """A picture, an answer to a press, a changed keyboard, a changed text: each comes out as if nothing had been."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            for method in ("sendPhoto", "answerCallbackQuery", "editMessageReplyMarkup", "editMessageText"):
                api.refuse[method].append(fault)
            number = api.say(CHAT, BARS)
            await api.sent(CHAT)
            assert "photo" in await api.sent(CHAT)
            await done(store)
            assert (await api.pressed(api.press(CHAT, WORDING.vote_up)))["text"] == WORDING.vote_thanks
            await api.edited(CHAT)
            await done(store)
            api.edit(CHAT, number, FIGURE)
            assert shows(parse_html((await api.edited(CHAT))["text"])[0], reply_to(FIGURE, engine))
            await done(store)
            assert [vote.up for vote in store.list_feedback()] == [1]
            for call in api.calls:
                assert call.outcome != "400" or call.method in (
                    "answerCallbackQuery",
                    "editMessageReplyMarkup",
                    "editMessageText",
                )

    async def test_a_chat_that_has_stopped_the_bot_is_no_error(
        self, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither after a press nor before a picture."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            label = labels(await asked(api, OFFICE))[0]
            api.blocked.add(CHAT)
            api.press(CHAT, label)
            api.say(CHAT, BARS)
            await asked(api, "谢谢", CHAT + 1)
            await done(store)
        assert not [record for record in caplog.records if record.levelname == "ERROR"]


class TestWaiting:
    """While an answer takes time."""

    async def test_typing_is_shown_only_where_it_lasts(self, engine: Engine, tmp_path: Path) -> None:
        """Not for an answer that comes at once, but for one that waits its turn."""
        async with BotApi() as api, serving(api, engine, tmp_path, per_chat=1):
            await asked(api, FIGURE)
            assert not api.telegram.chats[CHAT].actions
            for _ in range(3):
                api.say(CHAT, FIGURE)
            for _ in range(3):
                await api.answered(CHAT)
            assert set(api.telegram.chats[CHAT].actions) == {"typing"}

    async def test_what_is_no_text_gets_one_friendly_line(self, engine: Engine, tmp_path: Path) -> None:
        """Voice, pictures and stickers alike."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for send in (api.voice, api.photo, api.sticker):
                send(CHAT)
                assert await api.answered(CHAT) == WORDING.text_only


class TestScreens:
    """The view by which the chats are looked at."""

    async def test_it_shows_what_telegram_would(self, engine: Engine, tmp_path: Path) -> None:
        """The text as it is set, the buttons, the picture."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            await asked(api, BARS)
            await api.sent(CHAT)
            shown = screen(api, CHAT, "聊天", dark=True)
            message = next(m for m in api.telegram.chats[CHAT].messages.values() if "reply_markup" in m)
            assert f"<b>{styled(message, 'bold')[0]}</b>" in shown and "<img" in shown and "<blockquote" in shown
            assert all(f"<span>{label}</span>" in shown for label in labels(message))
