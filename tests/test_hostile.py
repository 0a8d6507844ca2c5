"""Whatever is typed gets a reply, and leaves a context that can be kept."""

import random

import pytest

from bot.context import dump, load
from bot.engine import Engine
from bot.normalise import _KEPT, _REMEMBERED, plain
from bot.respond import LONGEST, respond
from bot.values import Context

SCRIPTS = ((32, 127), (0x4E00, 0x9FFF), (0x300, 0x370), (0x1F300, 0x1F6FF), (0x200B, 0x202F), (9, 11))


def message(chance: random.Random) -> str:
    """Some characters of any kind, or one repeated."""
    if chance.random() < 0.3:
        return chance.choice(["喀", "就业", "，", "1", "？", "a", "第", "万"]) * chance.randrange(1, 300)
    return "".join(chr(chance.randrange(*chance.choice(SCRIPTS))) for _ in range(chance.randrange(1, 120)))


@pytest.mark.parametrize("seed", range(20))
def test_any_message_is_answered(seed: int, engine: Engine) -> None:
    """No exception, never an empty answer, never a choice of one."""
    chance, context = random.Random(seed), Context()
    for _ in range(10):
        reply, context = respond(message(chance)[:LONGEST], context, engine)
        assert reply.answer
        assert len(reply.choices) != 1
        assert load(dump(context)) == context


def test_an_unreadable_context_is_an_empty_one() -> None:
    """One of another version starts the conversation anew."""
    assert load("") == load("[]") == load('{"type":"Gone"}') == Context()


TURNS = (
    "公安厅和工商联都参与的措施", "哪个地州高技能人才任务最多", "只牵头了一项措施的是哪些单位", "登记失业率目标", "喀什的培训呢",
    "各是多少", "最高和最低的呢", "剩下的加起来", "都谁牵头", "前者比后者多百分之几", "平均每1个多少", "另外一张表里的呢",
    "牵头最多的是哪个单位", "责任单位呢", "责任单位最多的是哪条", "它谁牵头",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_any_turn_may_follow_any_other(seed: int, engine: Engine) -> None:
    """No exception, nothing that is not there is told, and the thread outlives being kept."""
    chance, context = random.Random(seed), Context()
    for _ in range(20):
        reply, context = respond(chance.choice(TURNS), context, engine)
        assert reply.answer
        assert "None" not in reply.answer
        assert load(dump(context)) == context


def test_all_characters_there_are_fill_no_memory() -> None:
    """What is found out of single characters is remembered of so many, and no more."""
    for start in range(0, 0x110000, 0x1000):
        plain("".join(map(chr, range(start, start + 0x1000))).encode("utf-8", "replace").decode())
    assert len(_KEPT) <= _REMEMBERED
