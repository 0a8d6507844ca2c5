"""Names as editors write them: several parts in any order, and words that say the same."""

import pytest

from bot.phrases import Phrase, Phrases, slots


def _find(written: str, text: str) -> list[str]:
    """What of the text the name covers, "·" for a gap."""
    found = Phrases([Phrase(slots(written), "indicator", "x", written)]).find(text)
    return ["".join(text[i] if i in covered else "·" for i in range(start, end)) for _, covered, start, end in found]


@pytest.mark.parametrize(
    ("written", "text", "covered"),
    [
        ("果树", "种果树", ["果树"]),
        ("果树 嫁接", "嫁接了三百棵果树", ["嫁接····果树"]),
        ("果树 嫁接", "嫁接了三百棵", []),
        ("果树/梨树/树 嫁接/接", "给梨树嫁接", ["梨树嫁接"]),
        ("果树/梨树/树 嫁接/接", "接树", ["接树"]),
        # The longest that leaves room for all: 果树 takes the tree away.
        ("果树/果 树/林", "果树", ["果树"]),
        ("果树/梨树 嫁接/接", "果树", []),
    ],
)
def test_a_name_is_found_in_any_of_its_words(written: str, text: str, covered: list[str]) -> None:
    """Each part by one of its words, no character twice."""
    assert _find(written, text) == covered


def test_a_name_is_found_once_however_many_of_its_words_stand_in_the_text() -> None:
    """果树 and 梨树 are both there: the name is one name."""
    assert len(_find("果树/梨树 嫁接", "果树和梨树的嫁接")) == 1


def test_parts_and_words_are_read_in_plain_form() -> None:
    """Traditional characters and wide letters as questions are read; what is empty says nothing."""
    assert slots("轉移/Ｂ類  就業/") == (("转移", "b类"), ("就业",))
