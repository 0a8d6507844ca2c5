"""Long messages: what of them is read, what the asker is told of that, and what they cost."""

import time
from statistics import median

import pytest

from bot.engine import Engine
from bot.excerpt import MOST, excerpt
from bot.respond import LONGEST, respond
from bot.values import Context

STORY = "我从小在山里长大，后来跟着师傅学了木匠，走南闯北二十多年。" * 12


def test_what_is_short_is_read_whole() -> None:
    """Nothing is left out of a message that is not long."""
    assert excerpt("甲" * MOST) == "甲" * MOST


@pytest.mark.parametrize("before", [0, len(STORY) // 2, len(STORY)])
def test_the_question_in_a_story_is_read(before: int, engine: Engine) -> None:
    """Wherever it stands; the asker is told what was read."""
    told = f"{STORY[:before]}喀什培训目标是多少？{STORY[before:]}"
    reply, _ = respond(told, Context(), engine)
    assert "19万人次" in reply.answer
    assert reply.understood
    assert "只看了其中的" in reply.understood
    assert "喀什培训目标是多少" in excerpt(told)


def test_a_place_named_far_from_the_question_is_kept(engine: Engine) -> None:
    """Without it the question would be about the whole."""
    reply, _ = respond(f"我在喀什上班。{STORY}培训目标是多少？", Context(), engine)
    assert "19万人次" in reply.answer


def test_what_is_asked_last_is_read_where_nothing_is_marked() -> None:
    """Without a question mark or a word that asks, it is the end of a message that asks for something."""
    assert excerpt(STORY + "把喀什的培训目标报给我").endswith("把喀什的培训目标报给我。")


def test_what_is_left_out_between_two_clauses_ends_a_sentence() -> None:
    """Clauses that stand far apart are not read as one."""
    read = excerpt(f"喀什培训多少，{STORY}和田培训多少")
    assert "喀什培训多少，和田" not in read
    assert len(read) <= MOST + read.count("。")


QUESTIONS = ("谁牵头高校毕业生就业", "喀什转移就业目标", "和田的培训任务是多少", "春风行动是哪一项里的")
HOSTILE = (
    "甲" * LONGEST, "打错了，不是甲，是乙，" * 90, "提到在哪几条" * 160, "<1" * 490, "第1到第18项" * 140, "喀什比和田加起来是" * 110,
    "城镇新增就业超过5万、" * 90, "\u4e00\u4e8c\u9fa5\u8d5b\u7cd6" * 200, "，".join(QUESTIONS * 22)[:LONGEST],
)  # fmt: skip


def test_the_longest_message_costs_no_more_than_some_short_ones(engine: Engine) -> None:
    """Whatever it holds: eighty questions as people ask them, of a fraction of a millisecond each, are the most."""

    def cost(question: str) -> float:
        taken = []
        for _ in range(3):
            began = time.perf_counter()
            respond(question, Context(), engine)
            taken.append(time.perf_counter() - began)
        return min(taken)

    usual = median(map(cost, QUESTIONS))
    assert max(map(cost, HOSTILE)) < 60 * usual
