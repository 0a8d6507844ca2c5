"""Inline mode: what is offered while somebody types after the bot's name, in any chat."""

import time
from pathlib import Path

import pytest

from bot.engine import Engine, load
from bot.formatting import LIMIT
from bot.inline import Inline, Offered
from bot.respond import respond
from bot.suggest import Suggestions
from bot.values import Context
from bot.wording import load_wording
from tests.botapi import BotApi
from tests.botapi_checks import parse_html
from tests.test_telegram import CHAT, done, serving

WORDING = load_wording()


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of the knowledge that comes with the program."""
    return load()


@pytest.fixture(scope="module")
def suggestions(engine: Engine) -> Suggestions:
    """All that can be offered."""
    return Suggestions(engine)


class TestReplies:
    """Which answers are offered."""

    def test_they_are_those_of_the_questions_nearest(self, engine: Engine, suggestions: Suggestions) -> None:
        """In characters, pinyin or first letters."""
        inline = Inline(engine, Offered(engine), WORDING)
        for typed in ("喀什 转移", "ks zhuanyi", "kashi zhuanyi"):
            replies = inline.replies(typed, suggestions)
            assert 1 <= len(replies) <= 10
            assert "90.3万人次" in replies[0].answer

    def test_nothing_typed_shows_the_commonest_kinds(self, engine: Engine, suggestions: Suggestions) -> None:
        """The examples first."""
        replies = Inline(engine, Offered(engine), WORDING).replies("", suggestions)
        assert [reply.question for reply in replies[: len(engine.examples)]] == list(engine.examples)
        assert len(replies) == 10

    def test_a_question_in_words_of_ones_own_comes_first(self, engine: Engine, suggestions: Suggestions) -> None:
        """Where it has an answer that none of the others gives."""
        question = "喀什和和田转移就业目标一共多少"
        replies = Inline(engine, Offered(engine), WORDING).replies(question, suggestions)
        assert replies[0].question == question
        assert "153.5" in replies[0].answer

    def test_what_is_only_begun_is_no_question_of_its_own(self, engine: Engine, suggestions: Suggestions) -> None:
        """All that is offered while one of the offered questions is being typed are such questions."""
        inline = Inline(engine, Offered(engine), WORDING)
        question = "喀什地区农村富余劳动力转移就业总数目标是多少"
        every = suggestions.every()
        for end in range(1, len(question)):
            assert all(reply.question in every for reply in inline.replies(question[:end], suggestions))

    def test_what_nothing_fits_offers_nothing(self, engine: Engine, suggestions: Suggestions) -> None:
        """No result is better than a wrong one."""
        for typed in ("qqqq", "火星上的税率", "qq" * 128):
            assert inline_answers(Inline(engine, Offered(engine), WORDING), typed, suggestions) == []

    def test_any_of_them_is_found_in_well_under_100_ms(self, engine: Engine, suggestions: Suggestions) -> None:
        """The median of many, none of which was asked before."""
        inline = Inline(engine, Offered(engine), WORDING)
        took = []
        for question in suggestions.every()[::40]:
            began = time.perf_counter()
            inline.replies(question[:7], suggestions)
            took.append(time.perf_counter() - began)
        assert sorted(took)[len(took) // 2] < 0.05


def inline_answers(inline: Inline, typed: str, suggestions: Suggestions) -> list[str]:
    """The direct answers that are offered."""
    return [reply.answer for reply in inline.replies(typed, suggestions)]


class TestQueries:
    """The real application against the server."""

    async def test_each_offer_is_a_finished_message(self, engine: Engine, tmp_path: Path) -> None:
        """With the answer and its source; the way to go on asking is a link that opens the question."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            offered = await api.offered(api.type_inline(CHAT, "喀什 转移"))
            assert not offered["is_personal"]
            assert offered["cache_time"] >= 60
            for result in offered["results"]:
                reply, _ = respond(result["title"], Context(), engine)
                text, _ = parse_html(result["input_message_content"]["message_text"])
                assert result["title"] in text
                assert reply.answer in text
                assert f"来源：{engine.knowledge.number}" in text
                assert reply.answer.startswith(result["description"].rstrip("…"))
                assert len(text) <= LIMIT
                link = result["reply_markup"]["inline_keyboard"][0][0]["url"]
                api.say(CHAT, f"/start {link.partition('?start=')[2]}")
                assert reply.answer in await api.answered(CHAT)

    async def test_where_nothing_fits_a_button_asks_in_private(self, engine: Engine, tmp_path: Path) -> None:
        """What was typed goes along, as much of it as a link holds."""
        async with BotApi() as api, serving(api, engine, tmp_path):
            for typed in ("火星上的税率", "火星上的税率是多少" * 20):
                offered = await api.offered(api.type_inline(CHAT, typed))
                assert not offered["results"]
                api.say(CHAT, f"/start {offered['button']['start_parameter']}")
                assert "没有" in await api.answered(CHAT)

    async def test_what_is_too_old_is_passed_over(self, engine: Engine, tmp_path: Path) -> None:
        """Without a word, and without holding up what comes after it."""
        async with BotApi() as api:
            api.expire(api.type_inline(CHAT, "喀什"))
            async with serving(api, engine, tmp_path) as store:
                await api.offered(api.type_inline(CHAT, "和田"))
                await done(store)
            assert not api.waiting(CHAT)

    async def test_who_types_without_end_is_not_answered_without_end(self, engine: Engine, tmp_path: Path) -> None:
        """Nobody is told off, and messages are counted apart."""
        async with BotApi() as api, serving(api, engine, tmp_path, burst=5) as store:
            queries = [api.type_inline(CHAT, str(number)) for number in range(9)]
            await api.confirmed()
            await done(store)
            assert 5 <= sum(query in api.telegram.inline for query in queries) < 9
            api.say(CHAT, engine.examples[0])
            assert respond(engine.examples[0], Context(), engine)[0].answer in await api.answered(CHAT)

    async def test_nothing_of_it_is_kept(self, engine: Engine, tmp_path: Path) -> None:
        """Neither what was typed nor by whom."""
        async with BotApi() as api, serving(api, engine, tmp_path) as store:
            await api.offered(api.type_inline(CHAT, "海王星的税率是多少"))
            await done(store)
            assert not store.list_unanswered()
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.sqlite*"))
        assert str(CHAT).encode() not in kept
        assert "海王星".encode() not in kept
        assert b"\\u6d77\\u738b" not in kept
