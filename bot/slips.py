"""Words long enough to survive a slip of the finger, looked up by what is left of them."""

import re
from collections import defaultdict
from collections.abc import Iterable

_CJK = re.compile(r"[\u3400-\u9fff]+")
_SHORT = 3


class Slips:
    """Which words a written stretch may be a slip of; only `targets` are what a slip is taken for."""

    def __init__(self, words: Iterable[str], targets: frozenset[str]) -> None:
        self._near: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
        self._threes: dict[str, dict[str, None]] = defaultdict(dict)
        for word in dict.fromkeys(words):
            if len(word) < _SHORT or not _CJK.fullmatch(word):
                continue
            for gram in {word[i : i + 2] for i in range(len(word) - 1)}:
                if len(word) == _SHORT:
                    self._threes[gram][word] = None
                if word in targets:
                    # Also by the lengths that a slip of one character leaves it with.
                    for size in range(len(word) - 1, len(word) + 2):
                        self._near[gram, size][word] = None

    def near(self, written: str) -> Iterable[str]:
        """What the written stretch may be a slip of: of its length give or take one, with a pair of its characters."""
        found: dict[str, None] = {}
        size = len(written)
        for i in range(size - 1):
            if held := self._near.get((written[i : i + 2], size)):
                found |= held
        return found

    def rivals(self, written: str) -> Iterable[str]:
        """The words of three characters that share a pair with the written stretch."""
        return self._threes.get(written[:2], {}) | self._threes.get(written[1:], {})
