"""What is unexplained is read as the name it is a slip away from, each time as the same one."""

import os
import subprocess
import sys

import pytest

from bot.correction import correct
from bot.engine import Engine
from bot.entities import mentions
from bot.normalise import normalise

# Seeds under which sets of these words used to come in different orders.
SEEDS = ("0", "1")
QUESTION = "吐鲁番市就业困难实现就业业人数"
ASK = (
    "from bot.engine import load; from bot.respond import respond; from bot.values import Context;"
    f"print(respond({QUESTION!r}, Context(), load())[0].understood)"
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("喀十地区", "喀什地区"),
        ("喀什新増就业", "喀什新增就业"),
    ],
)
def test_a_slip_is_read_as_the_name(typed: str, read: str, engine: Engine) -> None:
    found = mentions(normalise(typed), engine.lexicon, engine.language)
    changed = correct(found, engine.lexicon, False)
    assert changed is not None and changed.plain == read


@pytest.mark.parametrize("plain", ["喀什新增就业多少人", "你好", ""])
def test_what_is_understood_is_left_alone(plain: str, engine: Engine) -> None:
    assert correct(mentions(normalise(plain), engine.lexicon, engine.language), engine.lexicon, False) is None


def test_of_two_names_that_fit_alike_always_the_same() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", ASK],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
        ).stdout
        for seed in SEEDS
    }
    assert said == {"按「就业人数」理解\n"}
