"""Whatever is typed gets a reply, and leaves a context that can be kept."""

import random

import pytest

from bot.context import dump, load
from bot.engine import Engine
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
