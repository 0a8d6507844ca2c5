"""What is said in a chat: worked out once for all who ask the same, and never confused."""

import pytest

from bot.context import load
from bot.engine import Engine
from bot.sayings import Asked, Sayings
from bot.wording import load_wording

FIGURE = "喀什转移就业目标"


@pytest.fixture
def sayings(engine: Engine) -> Sayings:
    """Sayings that have said nothing yet."""
    return Sayings(engine, load_wording())


def test_what_is_asked_again_is_not_worked_out_again(sayings: Sayings) -> None:
    """The very same is said."""
    assert sayings.said(Asked(FIGURE)) is sayings.said(Asked(FIGURE))


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
