"""Type-ahead: only answerable questions, found by characters, pinyin, first letters and other names, and fast."""

import time
from pathlib import Path

import pytest

from bot.engine import Engine, load
from bot.respond import respond
from bot.suggest import Suggestions
from bot.values import Context

TYPED = [
    "", "喀什", "喀什 转移", "喀什的转移就业", "ks", "kashi", "ka shi", "喀什zhuan'yi", "zy ks", "就业", "j", "第五项", "牵头 创业",
    "今天天气如何", "？？？", "a" * 60, "就业" * 30, "１２３", "…", "\ud800", "创业担保贷款",
]  # fmt: skip


@pytest.fixture(scope="module")
def suggestions(engine: Engine) -> Suggestions:
    """The index of the shipped knowledge."""
    return Suggestions(engine)


def test_every_suggestion_is_answered(engine: Engine, suggestions: Suggestions) -> None:
    """All of them: nobody is offered a question only to be turned away."""
    questions = suggestions.every()
    assert len(questions) > 500
    assert not [question for question in questions if respond(question, Context(), engine)[0].outcome != "answer"]


def test_every_suggestion_of_another_document_is_answered() -> None:
    """Nothing about it lies in the one that ships."""
    engine = load(Path(__file__).with_name("other"))
    questions = Suggestions(engine).every()
    assert len(questions) > 100
    assert not [question for question in questions if respond(question, Context(), engine)[0].outcome != "answer"]


def test_no_suggestion_is_there_twice(suggestions: Suggestions) -> None:
    """Nor as a statement where it is a question."""
    questions = suggestions.every()
    assert len(set(questions)) == len(questions) == len(suggestions)
    assert all(question[-1] in "？。！" for question in questions)


def test_nothing_typed_gives_the_commonest_kinds(engine: Engine, suggestions: Suggestions) -> None:
    """The examples first, then one question of each other kind."""
    found = suggestions.find("", 8)
    assert found[: len(engine.examples)] == engine.examples
    assert len(set(found)) == 8


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("喀什", "喀什地区有哪些目标？"),
        ("喀什 转移", "喀什地区农村富余劳动力转移就业总数目标是多少？"),
        ("转移 喀什", "喀什地区农村富余劳动力转移就业总数目标是多少？"),
        ("喀什的转移就业", "喀什地区农村富余劳动力转移就业总数目标是多少？"),
        ("kashi zhuanyi", "喀什地区农村富余劳动力转移就业总数目标是多少？"),
        ("喀什zhuan'yi", "喀什地区农村富余劳动力转移就业总数目标是多少？"),
        ("ks zy", "喀什地区职业技能培训数目标是多少？"),
        ("htdq", "和田地区有哪些目标？"),
        ("博尔塔拉", "博州有哪些目标？"),
        ("发改委", "自治区发展改革委牵头哪几项措施？"),
        ("第五项", "第5项「大力促进高校毕业生就业」由谁牵头？"),
        ("谁牵头创业服务", "第13项「开展创业服务活动」由谁牵头？"),
        ("最高", "哪个地州市新增创业人数目标最高？"),
        ("转移", "全区有组织转移内地省市就业目标是多少？"),
        ("今天天气如何", None),
        ("xyzxyz", None),
    ],
)  # fmt: skip
def test_what_is_typed_finds_what_is_meant(suggestions: Suggestions, typed: str, first: str | None) -> None:
    """Other names lead to the printed one; what is not there leads nowhere."""
    assert (suggestions.find(typed) or (None,))[0] == first


def test_what_is_said_of_all_regions_comes_before_each_of_them(suggestions: Suggestions) -> None:
    """There are too many of them for the few lines that are offered."""
    found = suggestions.find("带动就业", 8)
    assert found[:2] == ("全区带动就业人数目标是多少？", "各地州市带动就业人数目标分别是多少？")
    assert "哪个地州市带动就业人数目标最高？" in found


def test_one_kind_does_not_crowd_out_the_others(suggestions: Suggestions) -> None:
    """A region's name alone says not yet what is asked of it."""
    kinds = {question.rsplit("目标")[-1] for question in suggestions.find("喀什", 8)}
    assert len(kinds) >= 3


@pytest.mark.parametrize("typed", TYPED)
def test_no_call_takes_long_or_gives_too_many(suggestions: Suggestions, typed: str) -> None:
    """The best of three takes less than ten milliseconds of the processor, whatever is typed."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        found = suggestions.find(typed, 8)
        times.append(time.thread_time() - start)
    assert len(found) <= 8
    assert min(times) < 0.01
