"""The commands and the buttons of their panels: the real application against a Bot API server on loopback."""

import re
import shutil
from pathlib import Path

import pytest

from bot import startlinks
from bot.engine import Engine, build, load
from bot.knowledge import NO_TARGET, TARGETS
from bot.loading import load as load_knowledge
from bot.panel import handle, named
from bot.respond import respond
from bot.standpoint import Standpoint
from bot.values import Context
from bot.wording import load_wording
from tests.botapi import BotApi, Cut, Page, Refused
from tests.botapi_checks import Json
from tests.test_telegram import ASKER, CHAT, GROUP, chat_name, done, serving

MENU = load_wording().menu
OTHER_CHAT = CHAT + 5


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


@pytest.fixture(scope="module")
def other() -> Engine:
    """An invented document of another kind."""
    return build(load_knowledge(Path(__file__).parent / "other"))


def labels(sent: Json) -> list[str]:
    """What the buttons of a message say."""
    return [button["text"] for row in sent.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


async def shown(api: BotApi, chat: int, command: str) -> Json:
    """The message that a command is answered by, as Telegram holds it."""
    api.say(chat, command)
    sent = await api.sent(chat)
    return api.telegram.chats[chat].messages[sent["message_id"]]


async def pressed(api: BotApi, chat: int, label: str) -> Json:
    """The message whose button was pressed, after what came of it."""
    await api.pressed(api.press(chat, label))
    edit = await api.edited(chat)
    return api.telegram.chats[chat].messages[edit["message_id"]]


class TestMeasures:
    """/measures"""

    async def test_every_measure_is_reached_group_by_group(self, engine: Engine, tmp_path: Path) -> None:
        """The pages stand in one message, which is turned."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await shown(api, CHAT, "/measures")
            seen = [label for label in labels(message) if label[0].isdecimal() and "." in label]
            groups = engine.knowledge.of_kind("group")
            for group in groups[1:]:
                message = await pressed(api, CHAT, MENU["turn_on"])
                assert group.title in message["text"]
                seen += [label for label in labels(message) if "." in label]
            assert seen == [f"{part.number}. {part.title}" for part in engine.knowledge.measures]
            assert MENU["turn_on"] not in labels(message)
            assert f"{len(groups)}/{len(groups)}" in labels(message)
            assert not api.waiting(CHAT)

    async def test_one_opens_with_text_units_and_figures(self, engine: Engine, tmp_path: Path) -> None:
        """And leads on to the next and back to its list."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            part = engine.knowledge.measures[6]
            await shown(api, CHAT, "/measures")
            await pressed(api, CHAT, MENU["turn_on"])
            message = await pressed(api, CHAT, f"{part.number}. {part.title}")
            text = message["text"]
            assert text.startswith(f"第{part.number}项「{part.title}」")
            assert part.text in text
            for unit in (*part.lead, *part.responsible):
                assert engine.knowledge.units[unit].name in text
            assert "275万人次" in text
            assert f"来源：{engine.knowledge.number}" in text
            message = await pressed(api, CHAT, MENU["after"].format(number=part.number + 1))
            assert message["text"].startswith(f"第{part.number + 1}项")
            message = await pressed(api, CHAT, MENU["all_measures"])
            assert engine.knowledge.parts[engine.knowledge.measures[7].group].title in message["text"]

    async def test_the_number_may_stand_after_the_command(self, engine: Engine, tmp_path: Path) -> None:
        """What is no number of a measure shows the list."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            assert (await shown(api, CHAT, "/measures 第13项"))["text"].startswith("第13项")
            for junk in ("99", "0", "abc", "9" * 50, "²"):
                assert "18" in (await shown(api, CHAT, f"/measures {junk}"))["text"]

    async def test_what_is_asked_next_leans_on_what_was_opened(self, engine: Engine, tmp_path: Path) -> None:
        """The card is a turn of the conversation."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            await shown(api, CHAT, "/measures 13")
            await done(store)
            api.say(CHAT, "谁牵头")
            assert "第13项" in await api.answered(CHAT)


class TestTargets:
    """/targets"""

    async def test_a_region_shows_its_figures(self, engine: Engine, tmp_path: Path) -> None:
        """Exactly those of the tables, with the place among all; each leads to the chart of all regions."""
        knowledge = engine.knowledge
        async with BotApi() as api, serving(api, engine, tmp_path):
            await shown(api, CHAT, "/targets")
            await pressed(api, CHAT, MENU["by_region"])
            await pressed(api, CHAT, MENU["turn_on"])
            region = knowledge.regions["kashgar"]
            message = await pressed(api, CHAT, region.name)
            for table in knowledge.tables.values():
                for indicator, cell in zip(table.columns, table.rows[region.id], strict=True):
                    name = knowledge.indicators[indicator].name
                    assert f"{name}{cell}{knowledge.indicators[indicator].unit}" in message["text"]
                    assert name in labels(message)
            indicator = knowledge.indicators["transfer"].name
            await api.pressed(api.press(CHAT, indicator))
            expected, _ = respond(f"{region.name}{indicator}目标排第几？", Context(), engine)
            assert expected.answer in await api.answered(CHAT)

    async def test_what_has_no_target_is_said_to_have_none(self, engine: Engine, tmp_path: Path) -> None:
        """And has no button that leads nowhere."""
        knowledge = engine.knowledge
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await shown(api, CHAT, "/targets 克拉玛依")
            for indicator in ("transfer", "transfer_out"):
                assert knowledge.cell("karamay", indicator) == NO_TARGET
                name = knowledge.indicators[indicator].name
                assert MENU["figure_none"].format(indicator=name) in message["text"]
                assert name not in labels(message)

    async def test_an_indicator_is_answered_for_all_regions(self, engine: Engine, tmp_path: Path) -> None:
        """As the question about its column is."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            name = engine.knowledge.indicators["training"].name
            await shown(api, CHAT, "/targets")
            await pressed(api, CHAT, MENU["by_indicator"])
            await api.pressed(api.press(CHAT, name))
            said = await api.answered(CHAT)
            assert all(region.name in said for region in engine.knowledge.regions.values())
            api.say(CHAT, "/targets 培训")
            assert "19" in await api.answered(CHAT)


class TestUnits:
    """/units"""

    async def test_every_unit_is_reached_and_shows_what_it_does(self, engine: Engine, tmp_path: Path) -> None:
        """What it leads and takes part in, as the document lists it."""
        knowledge = engine.knowledge
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await shown(api, CHAT, "/units")
            seen = labels(message)
            while MENU["turn_on"] in labels(message):
                message = await pressed(api, CHAT, MENU["turn_on"])
                seen += labels(message)
            assert {unit.name for unit in knowledge.units.values()} <= set(seen)
            message = await shown(api, CHAT, "/units 教育厅")
            takes = [part for part in knowledge.measures if "jyt" in part.responsible]
            assert MENU["leads_none"] in message["text"]
            assert MENU["takes_part"].format(n=len(takes)) in message["text"]
            for part in takes:
                assert MENU["task"].format(number=part.number, title=part.title) in message["text"]
            number = takes[0].number
            message = await pressed(api, CHAT, MENU["measure_tap"].format(number=number))
            assert message["text"].startswith(f"第{number}项")


class TestOwn:
    """/region, /unit, and what they do to questions."""

    async def test_picked_once_it_is_understood_until_it_is_forgotten(self, engine: Engine, tmp_path: Path) -> None:
        """Across a restart; shown in /region and /about; gone after /forget."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path) as store:
                await shown(api, CHAT, "/region")
                await pressed(api, CHAT, MENU["turn_on"])
                message = await pressed(api, CHAT, "喀什地区")
                assert message["text"] == MENU["own_region_done"].format(name="喀什地区") + MENU["own_try"]
                await done(store)
                assert store.standpoint(chat_name(CHAT)) == Standpoint("kashgar")
            async with serving(api, engine, tmp_path) as store:
                await api.pressed(api.press(CHAT, labels(message)[0]))
                assert "喀什地区" in await api.answered(CHAT)
                api.say(CHAT, "我们的转移就业目标")
                answer = await api.answered(CHAT)
                assert "按「喀什地区」理解" in answer
                assert "90.3万人次" in answer
                api.say(OTHER_CHAT, "我们的转移就业目标")
                assert "275万人次" in await api.answered(OTHER_CHAT)
                for command in ("/region", "/about"):
                    assert "喀什地区" in (await shown(api, CHAT, command))["text"]
                api.say(CHAT, "/forget")
                assert await api.answered(CHAT) == load_wording().forgotten
                assert store.standpoint(chat_name(CHAT)) == Standpoint()
                assert MENU["about_unset"] in (await shown(api, CHAT, "/about"))["text"]

    async def test_named_after_the_command_it_is_set_at_once(self, engine: Engine, tmp_path: Path) -> None:
        """By any of its names; what is nearly a name is asked back, and can be taken back."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            assert "自治区教育厅" in (await shown(api, CHAT, "/unit 教育厅"))["text"]
            api.say(CHAT, "本单位牵头什么")
            answer = await api.answered(CHAT)
            assert "按「自治区教育厅」理解" in answer
            assert "没有牵头" in answer
            message = await shown(api, CHAT, "/region 喀石")
            assert "喀什地区" in labels(message)
            await pressed(api, CHAT, "喀什地区")
            await done(store)
            assert store.standpoint(chat_name(CHAT)) == Standpoint("kashgar", "jyt")
            await shown(api, CHAT, "/unit")
            message = await pressed(api, CHAT, MENU["own_clear"])
            assert message["text"] == MENU["own_unit_cleared"]
            assert store.standpoint(chat_name(CHAT)) == Standpoint("kashgar")
            message = await shown(api, CHAT, "/region 火星")
            assert message["text"].startswith(MENU["not_found"]) and "伊犁州" in labels(message)

    async def test_who_has_set_nothing_is_told_how(self, engine: Engine, tmp_path: Path) -> None:
        """Together with an answer to the question as it stands."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            for question, kind in (("我们这儿转移就业目标", "region"), ("本单位牵头什么", "unit")):
                api.say(CHAT, question)
                await api.confirmed()
                await done(store)
                said = [message.get("text", "") for message in api.telegram.chats[CHAT].messages.values()]
                assert any(MENU[f"own_{kind}_unset"] in text for text in said)

    async def test_in_a_group_it_is_each_ones_own(self, engine: Engine, tmp_path: Path) -> None:
        """Whoever presses a button sets it for himself, and nobody else's message is changed."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.say_in_group(GROUP, ASKER, "/region@policy_bot")
            sent = await api.sent(GROUP)
            toast = await api.pressed(api.press(GROUP, "伊犁州", sender=ASKER + 1))
            assert "伊犁州" in toast["text"]
            await done(store)
            assert not api.telegram.chats[GROUP].edits
            assert store.standpoint(chat_name(GROUP, ASKER + 1)) == Standpoint("ili")
            assert store.standpoint(chat_name(GROUP, ASKER)) == Standpoint()
            assert sent["message_id"] in api.telegram.chats[GROUP].messages

    async def test_a_card_sets_it_with_a_word_and_stays(self, engine: Engine, tmp_path: Path) -> None:
        """The figures are not taken away."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            await shown(api, CHAT, "/targets 和田")
            toast = await api.pressed(api.press(CHAT, MENU["as_own_region"]))
            assert "和田地区" in toast["text"]
            await done(store)
            assert store.standpoint(chat_name(CHAT)) == Standpoint("hotan")
            assert not api.telegram.chats[CHAT].edits


class TestButtons:
    """What they survive."""

    async def test_they_work_after_a_restart(self, engine: Engine, tmp_path: Path) -> None:
        """Pressed while the bot was away, too, and by each is done what it says, once."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                await shown(api, CHAT, "/units")
            query = api.press(CHAT, MENU["turn_on"])
            async with serving(api, engine, tmp_path) as store:
                await api.pressed(query)
                edit = await api.edited(CHAT)
                message = api.telegram.chats[CHAT].messages[edit["message_id"]]
                assert "2/3" in labels(message)
                assert "3/3" in labels(await pressed(api, CHAT, MENU["turn_on"]))
                await done(store)
                assert not api.waiting(CHAT)
                assert not api.telegram.chats[CHAT].edits

    async def test_one_whose_matter_is_gone_says_so(self, engine: Engine, other: Engine, tmp_path: Path) -> None:
        """Another knowledge has been put in."""
        async with BotApi() as api:
            async with serving(api, engine, tmp_path):
                await shown(api, CHAT, "/targets 喀什")
                await shown(api, CHAT, "/units")
                assert not api.waiting(CHAT)
            async with serving(api, other, tmp_path):
                name = engine.knowledge.indicators["transfer"].name
                unit = next(iter(engine.knowledge.units.values())).name
                for label in (name, unit):
                    assert (await api.pressed(api.press(CHAT, label)))["text"] == load_wording().button_gone
                    message = await api.sent(CHAT)
                    assert message["text"] == load_wording().way_on
                    assert len(labels(message)) == len(other.examples)

    async def test_one_under_a_message_that_is_gone_sends_a_new_one(self, engine: Engine, tmp_path: Path) -> None:
        """Somebody has deleted it meanwhile."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await shown(api, CHAT, "/units")
            query = api.press(CHAT, MENU["turn_on"])
            del api.telegram.chats[CHAT].messages[message["message_id"]]
            await api.pressed(query)
            assert "2/3" in labels(await api.sent(CHAT))

    async def test_what_goes_wrong_on_the_way_is_tried_again(self, engine: Engine, tmp_path: Path) -> None:
        """Pages, presses and offers alike: each comes, and comes once."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            busy = Refused(429, "Too Many Requests: retry after 1", retry_after=1)
            api.refuse["sendMessage"].extend([Page(502), Cut(acted=False)])
            api.refuse["editMessageText"].extend([Page(502), busy, Cut(acted=True)])
            api.refuse["answerCallbackQuery"].append(Cut(acted=False))
            api.refuse["answerInlineQuery"].append(Page(500))
            await shown(api, CHAT, "/units")
            query = api.type_inline(CHAT, "喀什 转移")
            message = await pressed(api, CHAT, MENU["turn_on"])
            assert "2/3" in labels(message)
            assert (await api.offered(query))["results"]
            await api.confirmed()
            await done(store)
            assert not api.waiting(CHAT)
            assert len(api.telegram.chats[CHAT].edits) == 0

    def test_every_code_fits_into_a_button(self, engine: Engine, other: Engine) -> None:
        """Whatever the editors call their things."""
        for name in ("a" * 100, "喀什", "x_y-z", ""):
            assert len(handle(name)) <= 24
            assert named(handle(name), {name: 1, "b": 2}) == name
        assert named("nothing", {"b": 2}) is None


class TestLinks:
    """/start with something after it."""

    async def test_a_link_opens_what_it_names(self, engine: Engine, tmp_path: Path) -> None:
        """A question, a measure, a region, an indicator, a unit."""
        question = "喀什转移就业目标"
        long = "喀什地区农村富余劳动力转移就业总数目标占全区的比例是多少？"
        assert startlinks.for_question(long).startswith("k-")
        async with BotApi() as api, serving(api, engine, tmp_path):
            for payload, says in (
                (startlinks.for_question(question), "90.3万人次"), (startlinks.for_question(long), "32.84%"),
                ("m-13", "第13项"), ("r-kashgar", "喀什地区"), ("i-training", "19"), ("u-jyt", "自治区教育厅"),
            ):  # fmt: skip
                api.say(CHAT, f"/start {payload}")
                assert says in await api.answered(CHAT)

    @pytest.mark.parametrize(
        "junk",
        [
            "m-99",
            "r-nowhere",
            "q-",
            "q-!!!",
            "q-_____w",
            "k-000000000000",
            "x-1",
            "-",
            "abc",
            "%%%",
            "q-AA",
            "🦊",
            "m-" + "9" * 62,
        ],
    )
    async def test_junk_is_as_nothing(self, junk: str, engine: Engine, tmp_path: Path) -> None:
        """The introduction, with its examples to press."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await shown(api, CHAT, f"/start {junk}")
            assert engine.knowledge.number in message["text"]
            assert len(labels(message)) == len(engine.examples)

    async def test_the_examples_are_answered_by_pressing(self, engine: Engine, tmp_path: Path) -> None:
        """Each of the three."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            message = await shown(api, CHAT, "/start")
            for label, says in zip(labels(message), ("牵头单位", "90.3万人次", "18项"), strict=True):
                await api.pressed(api.press(CHAT, label))
                while says not in await api.answered(CHAT):
                    assert api.waiting(CHAT)


class TestGroups:
    """A group that takes the bot in."""

    async def test_it_is_greeted_in_one_line(self, engine: Engine, tmp_path: Path) -> None:
        """Which says how to ask; not when the bot is made an administrator, nor when it is thrown out."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            api.member(GROUP, "member", "supergroup", by=ASKER)
            text = await api.answered(GROUP)
            assert "@policy_bot" in text
            assert "\n" not in text
            change = {"chat": {"id": GROUP, "type": "supergroup", "title": "群"}, "date": 1, "from": api.person(ASKER)}
            bot = api.telegram.bot
            promoted = {
                "old_chat_member": {"status": "member", "user": bot},
                "new_chat_member": {
                    "status": "administrator", "user": bot, "can_be_edited": False, "is_anonymous": False,
                },
            }  # fmt: skip
            api.telegram.updates.add("my_chat_member", {**change, **promoted}, GROUP)
            api.member(GROUP, "kicked", "supergroup", by=ASKER)
            await api.confirmed()
            await done(store)
            assert not api.waiting(GROUP)

    async def test_the_commands_work_there_in_reply(self, engine: Engine, tmp_path: Path) -> None:
        """In the topic, where there is one; the pages are turned in place."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            number = api.say_in_group(GROUP, ASKER, "/units@policy_bot", thread=5, forum=True)
            sent = await api.sent(GROUP)
            assert sent["reply_parameters"]["message_id"] == number
            assert sent["message_thread_id"] == 5
            await api.pressed(api.press(GROUP, MENU["turn_on"], sender=ASKER))
            assert (await api.edited(GROUP))["message_id"] == sent["message_id"]


async def test_a_document_without_tables_has_no_dead_ends(tmp_path: Path) -> None:
    """What it does not have is said; links to it lead to the introduction."""
    folder = tmp_path / "knowledge"
    shutil.copytree(Path(__file__).parent / "other", folder)
    targets = (folder / TARGETS).read_text(encoding="utf-8")
    targets = re.sub(r"\nannexes:.*?\noutside:", "\nannexes: []\noutside:", targets, flags=re.DOTALL)
    for indicator in ("litter", "harbour", "mudflat"):
        targets = re.sub(rf"  - id: {indicator}\n(?:    .*\n)+", "", targets)
    (folder / TARGETS).write_text(targets, encoding="utf-8")
    engine = build(load_knowledge(folder))
    region = next(iter(engine.knowledge.regions.values()))
    async with BotApi() as api, serving(api, engine, tmp_path):
        for command in ("/targets", f"/targets {region.name}"):
            assert (await shown(api, CHAT, command))["text"] == MENU["nothing"]
        assert engine.knowledge.number in (await shown(api, CHAT, f"/start r-{region.id}"))["text"]
        assert region.name in (await shown(api, CHAT, f"/region {region.name}"))["text"]


async def test_another_document_has_all_of_it(other: Engine, tmp_path: Path) -> None:
    """Nothing in the panels knows the document."""
    knowledge = other.knowledge
    region, unit = next(iter(knowledge.regions.values())), next(iter(knowledge.units.values()))
    async with BotApi() as api, serving(api, other, tmp_path):
        for command, says in (
            ("/measures 1", knowledge.measures[0].title), (f"/targets {region.name}", region.name),
            (f"/units {unit.name}", unit.name), ("/about", knowledge.fingerprint), ("/start", knowledge.number),
            (f"/region {region.name}", region.name),
        ):  # fmt: skip
            assert says in (await shown(api, CHAT, command))["text"]
