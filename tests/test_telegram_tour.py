"""What a first-time user tripped over, walked through once more by the real application."""

from pathlib import Path

import pytest

from bot.cards import heading
from bot.engine import Engine, load
from bot.formatting import compose
from bot.inline import Inline, Offered
from bot.respond import respond
from bot.suggest import Suggestions
from bot.values import Context
from bot.wording import load_wording
from tests.botapi import BotApi
from tests.botapi_checks import parse_html
from tests.test_telegram import ASKER, CHAT, GROUP, chat_name, done, serving
from tests.test_telegram_commands import labels, pressed, shown
from tests.test_telegram_people import asked, styled

WORDING = load_wording()
MENU = WORDING.menu


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


def text_of(question: str, engine: Engine) -> str:
    """The first message that answers the question, as it is shown."""
    return parse_html(compose(respond(question, Context(), engine)[0], WORDING).shown[0])[0]


class TestReading:
    """How an answer lies on a phone."""

    def test_several_figures_stand_one_on_a_line(self, engine: Engine) -> None:
        """So do several measures; no line ends in a stop."""
        for question, begins in (("喀什有哪些目标", "· 城镇新增就业人数"), ("发改委牵头什么", "· 第3项")):
            lines = text_of(question, engine).split("\n\n")[0].splitlines()
            assert lines[1].startswith(begins) and len(lines) > 5
            assert not [line for line in lines[1:] if line[:2] != "· " or line[-1] in "；、。"]

    def test_places_found_stand_one_on_a_line(self, engine: Engine) -> None:
        """Each with its words."""
        lines = text_of("春风行动", engine).split("\n\n")[0].splitlines()
        assert [line[:5] for line in lines[1:]] == ["· 第6项", "· 第14"]

    def test_a_short_list_stays_in_its_sentence(self, engine: Engine) -> None:
        """Lines are for what would be a wall."""
        assert "\n" not in compose(respond("第13项谁牵头", Context(), engine)[0], WORDING).shown[0].split("\n\n")[0]

    async def test_only_what_introduces_a_row_of_figures_is_bold(self, engine: Engine, tmp_path: Path) -> None:
        """However short the row."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await asked(api, "各地职业培训目标")
            assert styled(message, "bold") == [message["text"].partition("伊犁州")[0]]

    async def test_a_greeting_is_not_shouted(self, engine: Engine, tmp_path: Path) -> None:
        """Bold is for answers."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for text in ("你好", "你是谁", "谢谢"):
                assert not styled(await asked(api, text), "bold")

    def test_each_part_begins_a_paragraph(self, engine: Engine) -> None:
        """Where the words of several are given."""
        reply, _ = respond("第5项和第8项的内容", Context(), engine)
        composed = compose(reply, WORDING, whole=True)
        title = next(part.title for part in engine.knowledge.measures if part.number == 8)
        assert f"。\n\n{title}：" in parse_html("".join(composed.shown))[0]

    def test_a_source_that_lists_much_is_folded(self, engine: Engine) -> None:
        """What the answer has just listed is not read a second time."""
        assert (
            "<blockquote expandable>来源："
            in compose(respond("教育厅负责什么", Context(), engine)[0], WORDING).shown[0]
        )


class TestVotes:
    """Where 👍 and 👎 stand."""

    @pytest.mark.parametrize("text", ["😀", "啊" * 1001])
    async def test_not_under_what_answers_no_question(self, text: str, engine: Engine, tmp_path: Path) -> None:
        """There is nothing to be right or wrong about."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            assert WORDING.vote_up not in labels(await asked(api, text))

    async def test_but_under_what_could_not_be_answered(self, engine: Engine, tmp_path: Path) -> None:
        """That may well be wrong."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            assert WORDING.vote_down in labels(await asked(api, "火星上的税率是多少"))


class TestNext:
    """What is offered to go on with."""

    async def test_what_was_just_asked_is_not_asked_again(self, engine: Engine, tmp_path: Path) -> None:
        """Neither by button nor in words."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for question in ("工作要求有哪些", "哪个地州市职业技能培训数目标最高？"):
                reply, _ = respond(question, Context(), engine)
                assert reply.follow_ups and question.rstrip("？") not in {q.rstrip("？") for q in reply.follow_ups}
                assert question.rstrip("？") not in labels(await asked(api, question))

    async def test_help_has_its_examples_at_a_tap(self, engine: Engine, tmp_path: Path) -> None:
        """And so has the bot's bare name in a group, which brings no page of help."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            assert len(labels(await shown(api, CHAT, "/help"))) == len(engine.examples)
            api.say_in_group(GROUP, ASKER, "@policy_bot")
            sent = await api.sent(GROUP)
            assert len(labels(sent)) == len(engine.examples) and len(sent["text"]) < 60
            api.press(GROUP, labels(sent)[0], sender=ASKER + 1)
            assert respond(engine.examples[0], Context(), engine)[0].answer in await api.answered(GROUP)

    async def test_a_command_behind_the_bots_name_is_put_right(self, engine: Engine, tmp_path: Path) -> None:
        """In a group, where one begins with the name."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            api.say_in_group(GROUP, ASKER, "@policy_bot /targets")
            assert await api.answered(GROUP) == WORDING.command_alone.format(username="policy_bot")

    async def test_what_telegram_takes_for_no_command_is_not_repeated(self, engine: Engine, tmp_path: Path) -> None:
        """It stands just above as it was typed."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            assert not (await asked(api, "/喀什"))["text"].startswith("您问")


POLL = {
    "id": "1", "question": "好不好", "options": [{"persistent_id": "0", "text": "好", "voter_count": 0}], "is_closed": False,
    "total_voter_count": 0, "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "content", [{"poll": POLL}, {"checklist": {"title": "一", "tasks": []}}], ids=["poll", "checklist"]
)
async def test_polls_and_checklists_get_the_friendly_line_too(
    content: dict[str, object], engine: Engine, tmp_path: Path
) -> None:
    """A person has sent them."""
    async with BotApi() as api, serving(api, engine, tmp_path):
        api.send(CHAT, content)
        assert await api.answered(CHAT) == WORDING.text_only


class TestNames:
    """A name after a command that nothing has."""

    @pytest.mark.parametrize("command", ["/targets", "/units", "/region", "/unit"])
    async def test_it_is_said_to_be_unknown_above_the_list(self, command: str, engine: Engine, tmp_path: Path) -> None:
        """From which it can be picked at once."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            listed = await shown(api, CHAT, command)
            message = await shown(api, CHAT, f"{command} 火星")
            assert message["text"] == f"{MENU['not_found']}\n\n{listed['text']}"
            assert labels(message) == labels(listed)

    async def test_one_that_is_nearly_right_leads_to_its_card(self, engine: Engine, tmp_path: Path) -> None:
        """And to all the others."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            first, *_, last = labels(await shown(api, CHAT, "/targets 喀石"))
            assert (first, last) == ("喀什地区", MENU["from_all_regions"])
            message = await pressed(api, CHAT, "喀什地区")
            assert "90.3" in message["text"] and MENU["all_regions"] in labels(message)
            assert labels(await shown(api, CHAT, "/units 教育听"))[0] == "自治区教育厅"
            assert "没有牵头" in (await pressed(api, CHAT, "自治区教育厅"))["text"]

    async def test_a_number_that_no_measure_has_is_told(self, engine: Engine, tmp_path: Path) -> None:
        """The list follows."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            assert (await shown(api, CHAT, "/measures 99"))["text"].startswith(MENU["no_such_measure"])

    async def test_what_is_said_of_the_whole_alone_is_answered(self, engine: Engine, tmp_path: Path) -> None:
        """Of all that is set for it, or of an indicator that no table breaks down."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for wanted, figure in (("全区", "275万人次"), ("登记失业率", "4.5%以内")):
                api.say(CHAT, f"/targets {wanted}")
                assert figure in await api.answered(CHAT)


class TestCards:
    """What opens at a tap."""

    async def test_figures_on_a_measure_say_where_they_stand(self, engine: Engine, tmp_path: Path) -> None:
        """They are not in the measure's own words."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            text = (await shown(api, CHAT, "/measures 7"))["text"]
            assert "275万人次" in text
            assert "附件2" in text.partition("来源：")[2] and "目标任务" in text.partition("来源：")[2]

    def test_brackets_of_headings_are_of_one_kind(self, engine: Engine) -> None:
        """The document prints both."""
        assert not [group for group in engine.knowledge.of_kind("group") if "(" in heading(group)]

    async def test_the_word_on_setting_is_whole(self, engine: Engine, tmp_path: Path) -> None:
        """Nothing follows that a toast could not show."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            await shown(api, CHAT, "/targets 和田")
            toast = await api.pressed(api.press(CHAT, MENU["as_own_region"]))
            assert toast["text"].endswith("「和田地区」。")
            await done(store)
            assert store.standpoint(chat_name(CHAT)).region == "hotan"

    async def test_privacy_tells_how_long_buttons_last(self, engine: Engine, tmp_path: Path) -> None:
        """They outlive /forget, which is to be known."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            assert "按钮能用30天" in (await shown(api, CHAT, "/about"))["text"]


class TestChoices:
    """What to choose from."""

    async def test_labels_are_not_cut_inside_a_name(self, engine: Engine, tmp_path: Path) -> None:
        """Nor inside the number that goes with it."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for question in ("我想创业，有什么支持", "失业率控制在多少"):
                message = await asked(api, question)
                assert len(labels(message)) > 1
                for number, label in enumerate(labels(message), 1):
                    assert label.startswith(f"{number}. ") and label.count("「") == label.count("」")
                    assert label.partition(". ")[2] in message["text"]
                    assert ("项" in label) == (f"{number}. 第" in label)


class TestInline:
    """What is offered while typing."""

    async def test_an_answer_sent_in_the_bots_own_chat_is_not_answered(self, engine: Engine, tmp_path: Path) -> None:
        """Nor where it is sent as a reply to the bot in a group."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            offered = await api.offered(api.type_inline(CHAT, "喀什 转移"))
            text, _ = parse_html(offered["results"][0]["input_message_content"]["message_text"])
            api.say(CHAT, text, via_bot=api.telegram.bot)
            api.say_in_group(GROUP, ASKER, "@policy_bot 谢谢")
            ours = (await api.sent(GROUP))["message_id"]
            api.send(
                GROUP,
                {
                    "text": text,
                    "via_bot": api.telegram.bot,
                    "reply_to_message": api.telegram.chats[GROUP].messages[ours],
                },
                "supergroup",
                sender=ASKER,
            )
            await api.confirmed()
            await done(store)
            assert not api.waiting(CHAT) and not api.waiting(GROUP)

    def test_the_same_answer_is_offered_once(self, engine: Engine) -> None:
        """Under the question that fits best."""
        inline, suggestions = Inline(engine, Offered(engine), WORDING), Suggestions(engine)
        for typed in ("失业率", "教育厅", "春风行动", "喀什"):
            answers = [reply.answer for reply in inline.replies(typed, suggestions)]
            assert answers and len(set(answers)) == len(answers)

    def test_nothing_typed_shows_offices_and_texts_beside_figures(self, engine: Engine) -> None:
        """Each kind of question that people ask."""
        found = Suggestions(engine).find("", 8)
        for words in ("由谁牵头", "牵头哪几项", "内容是什么", "有哪些目标", "分别是多少", "最高"):
            assert [question for question in found if words in question]
