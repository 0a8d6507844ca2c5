"""Words long enough to survive a slip of the finger, looked up by what is left of them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

_CJK = re.compile(r"[\u3400-\u9fff]+")
_SHORT = 3


class Slips:
    """Which words a written stretch may be a slip of; only `targets` are what a slip is taken for."""

    def __init__(self, words: Iterable[str], targets: frozenset[str]) -> None:
        self._near: dict[int, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
        self._threes: dict[str, dict[str, None]] = defaultdict(dict)
        for word in dict.fromkeys(words):
            if len(word) < _SHORT or not _CJK.fullmatch(word):
                continue
            pairs = {word[i : i + 2] for i in range(len(word) - 1)}
            for gram in pairs | {_ends(word)} if len(word) == _SHORT else pairs:
                if len(word) == _SHORT:
                    self._threes[gram][word] = None
                if word in targets:
                    # Also by the lengths that a slip of one character leaves it with.
                    for size in range(len(word) - 1, len(word) + 2):
                        self._near[size][gram][word] = None

    def near(self, written: str) -> list[str]:
        """What the written stretch may be a slip of: of its length give or take one, with a pair of its characters."""
        size = len(written)
        sized = self._near.get(size, {})
        grams = [written[i : i + 2] for i in range(size - 1)]
        held = [sized[gram] for gram in ([*grams, _ends(written)] if size == _SHORT else grams) if gram in sized]
        return list(dict.fromkeys(chain.from_iterable(held)))

    def rivals(self, written: str) -> Iterable[str]:
        """The words of three characters that share a pair with the written stretch."""
        pairs = (written[:2], written[1:], _ends(written))
        return dict.fromkeys(word for pair in pairs for word in self._threes.get(pair, ()))


def _ends(word: str) -> str:
    """What is left of a short word when the character in its midst is wrong."""
    return f"{word[0]} {word[-1]}"
