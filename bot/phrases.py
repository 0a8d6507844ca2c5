"""The names and cues as phrases, and where they stand in a text.

A phrase of several parts is found when all of them stand in the text, in any order; a part may be any of several
words that say the same.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise, product
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from bot.normalise import plain
from bot.values import Entity

# Between parts of a phrase, and between words that say the same.
PART, _OR = " ", "/"
# So many ways to choose among the words of a phrase that stand in the text are tried.
_WAYS = 16


@dataclass(frozen=True, slots=True)
class Phrase:
    """One name in plain form: of each part the words that say it; and the entry or cue it names."""

    slots: tuple[tuple[str, ...], ...]
    kind: str
    id: str
    written: str

    @property
    def words(self) -> tuple[str, ...]:
        """All words of it; that of a name of one part is the name."""
        return tuple(word for slot in self.slots for word in slot)

    @property
    def fixed(self) -> bool:
        """Whether it is said in just these words."""
        return all(len(slot) == 1 for slot in self.slots)

    @property
    def lone(self) -> bool:
        """Whether it has but one part."""
        return len(self.slots) == 1


class _Bag(NamedTuple):
    """A phrase of several parts, with its number: what has to stand beside the part by which it is looked for."""

    number: int
    phrase: Phrase
    needed: frozenset[str]
    any_of: tuple[frozenset[str], ...]


class _Held(NamedTuple):
    """A word, the phrases that are just this word, and those of several parts that are looked for by it."""

    word: str
    lone: tuple[Phrase, ...]
    bags: tuple[_Bag, ...]


Found = tuple[Phrase, frozenset[int], int, int]


def slots(written: str) -> tuple[tuple[str, ...], ...]:
    """The parts of a name as editors write it (「甲/乙 丙」), each with its words in plain form."""
    parts = ([w for w in map(plain, part.split(_OR)) if w] for part in written.split(PART))
    return tuple(dict.fromkeys(tuple(dict.fromkeys(words)) for words in parts if words))


class Phrases:
    """Finds phrases in plain text."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        holders: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            for word in phrase.words:
                holders[word].append(phrase)
        bags: dict[str, list[_Bag]] = defaultdict(list)
        for number, phrase in enumerate(phrases):
            if not phrase.lone:
                # Looked for by the part whose words are the rarest; single characters stand everywhere.
                rarest = min(phrase.slots, key=lambda slot: (1 in map(len, slot), sum(len(holders[w]) for w in slot)))
                others = [slot for slot in phrase.slots if slot is not rarest]
                needed = frozenset(slot[0] for slot in others if len(slot) == 1)
                any_of = tuple(frozenset(slot) for slot in others if len(slot) > 1)
                for word in rarest:
                    bags[word].append(_Bag(number, phrase, needed, any_of))
        self._held = [
            _Held(word, tuple(p for p in held if p.lone), tuple(bags.get(word, ()))) for word, held in holders.items()
        ]
        self._words = AhoCorasick(list(holders))

    def find(self, text: str) -> list[Found]:
        """Every phrase that stands in the text, with the characters it covers, where it begins and where it ends."""
        places: dict[str, list[int]] = {}
        standing: list[_Held] = []
        for number, start, _ in self._words.find_matches_as_indexes(text, overlapping=True):
            held = self._held[number]
            if held.word in places:
                places[held.word].append(start)
            else:
                places[held.word] = [start]
                standing.append(held)
        found: list[Found] = []
        several: dict[int, Phrase] = {}
        there = places.keys()
        for word, lone, bags in standing:
            if lone:
                for at in places[word]:
                    end = at + len(word)
                    covered = span(at, end)
                    for phrase in lone:
                        found.append((phrase, covered, at, end))
            for number, phrase, needed, any_of in bags:
                if there >= needed and (not any_of or not any(map(there.isdisjoint, any_of))):
                    several[number] = phrase
        for _, phrase in sorted(several.items()):
            if spans := _said(phrase, places):
                covered = span(*spans[0]).union(*[span(*other) for other in spans[1:]])
                found.append((phrase, covered, spans[0][0], max([end for _, end in spans])))
        return found


def _said(phrase: Phrase, places: dict[str, list[int]]) -> list[tuple[int, int]]:
    """Where the parts of the phrase stand, in order; of words that say the same the longest that leave room for all."""
    standing = [slot if len(slot) == 1 else [word for word in slot if word in places] for slot in phrase.slots]
    only = [words[0] for words in standing if len(words) == 1]
    if len(only) == len(standing):
        return _placed(only, places)
    ways = product(*(sorted(words, key=len, reverse=True) for words in standing))
    return next(filter(None, (_placed(words, places) for words in islice(ways, _WAYS))), [])


@lru_cache(maxsize=8192)
def span(start: int, end: int) -> frozenset[int]:
    """The characters from start to before end; the same set each time, as many names stand at the same places."""
    return frozenset(range(start, end))


def _placed(words: Sequence[str], places: dict[str, list[int]]) -> list[tuple[int, int]]:
    """Where the words stand closest together, none over another, in order; nothing when they cannot all be placed."""
    only = sorted([(places[word][0], places[word][0] + len(word)) for word in words if len(places[word]) == 1])
    if len(only) == len(words):
        return only if all([a[1] <= b[0] for a, b in pairwise(only)]) else []
    longest, *others = sorted(words, key=len, reverse=True)
    best: list[tuple[int, int]] = []
    for anchor in places[longest]:
        spans = [(anchor, anchor + len(longest))]
        for word in others:
            near = sorted(places[word], key=lambda at: abs(at - anchor))
            free = (at for at in near if all(at + len(word) <= a or b <= at for a, b in spans))
            at = next(free, None)
            if at is None:
                break
            spans.append((at, at + len(word)))
        else:
            if not best or _extent(spans) < _extent(best):
                best = spans
    return sorted(best)


def _extent(spans: list[tuple[int, int]]) -> int:
    return max(end for _, end in spans) - min(start for start, _ in spans)


def entity(phrase: Phrase, covered: frozenset[int], start: int, end: int) -> Entity:
    """The thing that a phrase names, at the place where it was found."""
    return Entity(phrase.kind, phrase.id, phrase.written, start, end, covered)
