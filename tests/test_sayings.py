"""What is said in a chat: worked out once for all who ask the same, and never confused."""

import json
import random

import pytest

from bot.context import load
from bot.engine import Engine
from bot.sayings import Asked, Sayings
from bot.standpoint import turn_from
from bot.values import Context
from bot.watched import alike, looks, watched
from bot.wording import load_wording
from tests.crowd import ROOT

FIGURE = "喀什转移就业目标"


@pytest.fixture
def sayings(engine: Engine) -> Sayings:
    """Sayings that have said nothing yet."""
    return Sayings(engine, load_wording())


def test_what_is_asked_again_is_not_worked_out_again(sayings: Sayings) -> None:
    """The very same is said."""
    assert sayings.said(Asked(FIGURE)) is sayings.said(Asked(FIGURE))


def test_what_does_not_lean_is_not_worked_out_again_in_another_thread(sayings: Sayings) -> None:
    """The thread after it is that of the chat all the same."""
    whole = "阿克苏出疆务工（政府组织的那种）定了多少人"
    first = sayings.said(Asked(whole))
    before = sayings.said(Asked("自治区教育厅负责哪些工作")).after
    second = sayings.said(Asked(whole, before))
    assert second.texts is first.texts
    assert load(second.after).run and not load(first.after).run


def test_a_long_talk_goes_as_if_nothing_were_remembered(engine: Engine) -> None:
    """Real questions in any order, whether they lean on earlier ones or not."""
    paths = sorted((ROOT / "tests" / "questions").glob("*.jsonl"))
    lines = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    chance = random.Random(3)
    few = chance.sample([line for line in lines if len(line["turns"]) > 1], 40) + chance.sample(lines, 60)
    turns = [turn for line in few for turn in line["turns"]]
    sayings, wording = Sayings(engine, load_wording()), load_wording()
    before = ""
    for question in turns + chance.sample(turns * 2, 200):
        asked = Asked(question, before)
        said = sayings.said(asked)
        assert said == Sayings(engine, wording).said(asked), (question, before)
        before = said.after


def test_what_is_looked_at_decides_whether_another_thread_is_alike(engine: Engine) -> None:
    """Of a question that leans; one that does not looks at no more than the choices offered."""
    thread = load(Sayings(engine, load_wording()).said(Asked(FIGURE)).after)
    seen = {}
    for question in ("那和田呢？", "阿克苏出疆务工（政府组织的那种）定了多少人"):
        turn_from(Asked("").standpoint, question, under := watched(thread), engine)
        seen[question] = looks(under)
        assert alike(looks(under), thread)
    leaning, other = seen.values()
    assert not alike(leaning, Context())
    assert dict(other).keys() <= {"choices"} and alike(other, Context())


def test_what_says_all_of_a_figure_looks_at_no_question_before_it(engine: Engine) -> None:
    """However short it is: it may ask whether there was one, so that it is worked out twice, and not for each thread."""
    thread = load(Sayings(engine, load_wording()).said(Asked("第五项谁牵头")).after)
    for question in (
        FIGURE,
        "和田培训几万",
        "全区城镇新增就业多少",
        "哪些地州培训超过6万人次",
        "转移就业最多的三个地州",
    ):
        turn_from(Asked("").standpoint, question, under := watched(thread), engine)
        assert dict(looks(under)).keys() <= {"choices", "begun"}, question


def test_a_question_that_may_tell_of_somebody_is_not_remembered(sayings: Sayings) -> None:
    """It is answered all the same."""
    asked = Asked(f"{FIGURE}，电话13900001111")
    assert sayings.said(asked) == sayings.said(asked)
    assert sayings.said(asked) is not sayings.said(asked)


def test_what_went_before_tells_the_same_words_apart(sayings: Sayings) -> None:
    """那和田呢 is another question after another one."""
    texts = set()
    for first in (FIGURE, "喀什城镇新增就业目标"):
        before = sayings.said(Asked(first)).after
        assert load(before).query
        texts.add(sayings.said(Asked("那和田呢？", before)).texts)
    assert len(texts) == 2


def test_where_others_talk_there_are_no_votes(sayings: Sayings) -> None:
    """But the same next questions."""
    private, group = sayings.said(Asked(FIGURE)), sayings.said(Asked(FIGURE, private=False))
    assert private.labels[: len(group.labels)] == group.labels
    assert len(private.labels) == len(group.labels) + 1


def test_without_buttons_everything_is_said_at_once(sayings: Sayings) -> None:
    """The next questions stand in the text."""
    asked = Asked(FIGURE)
    matter = sayings.said(asked).matter
    assert matter and matter.next
    said = "".join(sayings.without_buttons(asked))
    assert all(question in said for question in matter.next)
