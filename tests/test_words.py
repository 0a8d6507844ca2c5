"""The cut of a text into words is jieba's own, word for word."""

import json
from pathlib import Path

import jieba
import pytest

from bot.normalise import plain
from bot.words import Words, common_words

NAMES = ("甲乙地区", "新增劳动力转移", "a1计划")
FILLER = ("请问", "那个啥")
TEXTS = (
    "",
    "甲乙地区新增劳动力转移目标",
    "请问那个啥a1计划和abc d12是3.5%还是100万",
    "\r\n。 ，1-2#&+_x\u3000y\r\r\nz",
    "𠀀㐀龥龦é２",
)


def _jieba() -> jieba.Tokenizer:
    """jieba with the same words, each beginning of a word known as one."""
    common, _ = common_words()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = dict(Words(common, NAMES, FILLER).frequencies)
    for word in list(tokenizer.FREQ):
        for end in range(1, len(word)):
            tokenizer.FREQ.setdefault(word[:end], 0)
    tokenizer.total, tokenizer.initialized = sum(frequency for _, frequency in common), True
    return tokenizer


@pytest.fixture(scope="module")
def questions() -> list[str]:
    paths = sorted(Path(__file__).with_name("questions").glob("*.jsonl"))
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [turn for line in lines for turn in json.loads(line)["turns"]]


def test_cuts_as_jieba_does(questions: list[str]) -> None:
    words, theirs = Words(common_words()[0], NAMES, FILLER), _jieba()
    for text in (*TEXTS, *questions, *map(plain, questions)):
        assert words.cut(text) == theirs.lcut(text, HMM=False)
    assert words.cut("甲乙地区新增劳动力转移目标") == ["甲乙地区", "新增劳动力转移", "目标"]
