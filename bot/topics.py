"""Mentions -> the points of the text that a question is about, best first.

Pairs of characters carry what word borders break; the editors' everyday words count as wholes.
"""

import math
import re
from collections import defaultdict
from typing import NamedTuple

from rapidfuzz import fuzz, process

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.normalise import plain

_PAIR = re.compile(r"[\u3400-\u9fff0-9a-z%+]{2}")
_EMPTY = re.compile("[的是了在有我你他她它这那哪么个一就都也还要能会吗呢啊吧给把被让到得着过们没不]{2}")
# What a pair of characters is worth by where in the entry it stands.
_TEXT, _TITLE, _WORD, _ASK, _NAME = 1.0, 0.5, 0.9, 0.9, 1.0
_PHRASE = 1.6
# A question is an editor's own if so many percent of it are the same, once it is long enough to tell.
_SAME, _LONG, _EDGE = 92, 8, 3
_MARKS = re.compile(r"[^\w%+]")
_BARE = re.compile(r"[^\w%]")
# A printed word says which point is meant where no more points than these have it.
_RARE = 4
# What has nearly as much for it and explains so much more of the words goes before.
_NEARLY, _MORE = 0.8, 0.2
# How much must speak for what explains all of them.
_HALFWAY = 0.65
# So many points are told of each message.
_BEST = 6


def without_marks(text: str) -> str:
    """The text in plain form without punctuation and spaces, as quotations are compared."""
    return _MARKS.sub("", plain(text))


class Match(NamedTuple):
    """A point, how much speaks for it, which share of the words left it explains, and how many not at all."""

    point: str
    ref: str
    score: float
    coverage: float
    strange: int = 0


def grams(text: str) -> list[str]:
    """Pairs of neighbouring characters that say something, none across a separator."""
    pairs = (text[i : i + 2] for i in range(len(text) - 1))
    return [pair for pair in pairs if _PAIR.fullmatch(pair) and not _EMPTY.fullmatch(pair)]


class Topics:
    """The points of one knowledge, indexed for looking up by what a question says."""

    def __init__(self, knowledge: Knowledge, generic: frozenset[str], with_asks: bool = True) -> None:
        self._generic = generic
        self.points = list(knowledge.points.values())
        self._number = {point.id: i for i, point in enumerate(self.points)}
        self._asks: dict[str, str] = {}
        if with_asks:
            entries = [(p.id, p.ask) for p in self.points] + [(p.id, p.ask) for p in knowledge.parts.values()]
            self._asks = {_BARE.sub("", plain(ask)): id_ for id_, asks in entries for ask in asks}
        self._near = _by_edges(tuple(self._asks))
        texts = [
            *(part.printed for part in knowledge.parts.values()),
            *(fact.text for fact in knowledge.facts.values()),
            *(table.title for table in knowledge.tables.values()),
        ]
        self._wording = "\n".join(without_marks(text) for text in texts)
        self._texts = [plain(point.text) for point in self.points]
        self._having: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self._texts):
            for pair in {text[i : i + 2] for i in range(len(text) - 1)}:
                self._having[pair].append(number)
        weights: list[dict[str, float]] = []
        names: dict[str, list[str]] = defaultdict(list)
        for programme in knowledge.programmes.values():
            for place in programme.places:
                names[place].extend((programme.name, *programme.aliases))
        for point in self.points:
            part = knowledge.parts[point.ref]
            found: dict[str, float] = {}
            sources = [(_TEXT, point.text), (_TITLE, part.title)]
            # Of several words that only together mean the point, none speaks for it alone.
            sources += [(_WORD, word) for word in point.words if " " not in word]
            sources += [(_NAME, word) for word in names[point.id]]
            sources += [(_TITLE, alias) for alias in part.aliases]
            if with_asks:
                sources += [(_ASK, ask) for ask in point.ask]
            for weight, source in sources:
                for piece in plain(source).split(" "):
                    for gram in grams(piece):
                        found[gram] = max(found.get(gram, 0.0), weight)
            weights.append(found)
        spread: dict[str, int] = defaultdict(int)
        for found in weights:
            for gram in found:
                spread[gram] += 1
        # What is printed is weighed by how often it is printed, however many everyday words the editors add.
        printed: dict[str, int] = defaultdict(int)
        for point in self.points:
            for gram in set(grams(plain(point.text))):
                printed[gram] += 1
        spread |= printed
        size = max(len(self.points), 1)
        self._idf = {gram: math.log(1 + size / count) for gram, count in spread.items()}
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, found in enumerate(weights):
            for gram, weight in found.items():
                self._postings[gram].append((number, weight * self._idf[gram]))
        self._grams = [frozenset(found) for found in weights]
        self._places = {name: p.places for name, p in knowledge.programmes.items()}
        self._parts = knowledge.parts
        self._shared_words: dict[str, int] = defaultdict(int)
        for point in self.points:
            for word in point.words:
                self._shared_words[word] += 1

    def words(self, bare: str) -> bool:
        """Do these words, without punctuation, stand somewhere in the document?"""
        return bare in self._wording

    def asked(self, text: str) -> str:
        """The part or point whose own question this is, give or take a slip; "" if it is nobody's."""
        bare = _BARE.sub("", text)
        if bare in self._asks:
            return self._asks[bare]
        if len(bare) < _LONG:
            return ""
        # What is nearly the same begins or ends the same.
        rivals = [*self._near.get((bare[:_EDGE], 0), ()), *self._near.get((bare[-_EDGE:], 1), ())]
        near = process.extractOne(bare, rivals, scorer=fuzz.ratio, score_cutoff=_SAME) if rivals else None
        return self._asks[near[0]] if near else ""

    def rank(self, mentions: Mentions, hidden: frozenset[int] = frozenset(), within: str = "") -> list[Match]:
        """The points something speaks for, of all parts or one; `hidden` characters (units, roles) are passed over."""
        text = mentions.text.plain
        postings = self._postings
        pairs = [(i, gram) for i in range(len(text) - 1) if (gram := text[i : i + 2]) in postings]
        scores = [0.0] * len(self.points)
        for gram in dict.fromkeys(gram for i, gram in pairs if i not in hidden and i + 1 not in hidden):
            for number, value in postings[gram]:
                scores[number] += value
        size = math.log(1 + len(self.points))
        counted: set[tuple[str, frozenset[int]]] = set()
        for e in mentions.points:
            key = (e.id, e.covered)
            if key in counted or len(e.covered & hidden) * 2 > len(e.covered):
                continue
            counted.add(key)
            share = size - math.log(self._shared_words.get(e.name, 1))
            scores[self._number[e.id]] += _PHRASE * share * min(len(e.covered), 5) / 3
        for token in mentions.leftover:
            if len(token.word) > 1 and token.start not in hidden:
                held = self._holding(token.word)
                for number in held if len(held) <= _RARE else ():
                    scores[number] += (size - math.log(len(held))) * min(len(token.word), 5) / 4
        for e in mentions.programmes:
            for place in self._places[e.id]:
                scores[self._number[place]] += 2.0 * size * min(len(e.covered), 6) / 4
        for e in mentions.parts:
            for point in self._parts[e.id].points:
                scores[self._number[point.id]] += 0.5 * size * min(len(e.covered), 6) / 4
        words = [
            (token.start, {token.word[i : i + 2] for i in range(len(token.word) - 1)})
            for token in mentions.leftover
            if len(token.word) > 1 and token.word not in self._generic and token.start not in hidden
        ]
        candidates = [n for n, score in enumerate(scores) if score and (not within or self.points[n].ref == within)]
        best = sorted(candidates, key=scores.__getitem__, reverse=True)[:_BEST]
        left = frozenset([i for token in mentions.leftover for i in range(token.start, token.end)]) - hidden
        standing: dict[str, set[int]] = {}
        for i, gram in pairs if left else ():
            standing.setdefault(gram, set()).update((i, i + 1))
        named: dict[str, frozenset[int]] = {}
        for e in mentions.points:
            named[e.id] = named.get(e.id, frozenset()) | e.covered
        spoken = dict(named) if mentions.programmes else named
        for e in mentions.programmes:
            for place in self._places[e.id]:
                spoken[place] = spoken.get(place, frozenset()) | e.covered
        found = []
        for n in best:
            point, here = self.points[n], self._grams[n]
            coverage = _coverage(here, standing, spoken.get(point.id, frozenset()), left, hidden) if left else 1.0
            strange = _strange(here, words, named.get(point.id, frozenset())) if words else 0
            found.append(Match(point.id, point.ref, scores[n], coverage, strange))
        fuller = next((x for x in found[1:] if _fuller(x, found[0])), None)
        return [fuller, *(x for x in found if x is not fuller)] if fuller else found

    def _holding(self, word: str) -> list[int]:
        """The points whose printed text has the word, which is longer than one character."""
        return [number for number in self._having.get(word[:2], ()) if word in self._texts[number]]

    def supports(self, point: str, word: str) -> bool:
        """Does the point have some pair of the word's characters?"""
        return any(word[i : i + 2] in self._grams[self._number[point]] for i in range(len(word) - 1))


def _strange(here: frozenset[str], words: list[tuple[int, set[str]]], named: frozenset[int]) -> int:
    """Of how many leftover words, given by their start and pairs of characters, a point has nothing and names none."""
    return sum([pairs.isdisjoint(here) and start not in named for start, pairs in words])


def _coverage(
    here: frozenset[str],
    standing: dict[str, set[int]],
    spoken: frozenset[int],
    left: frozenset[int],
    hidden: frozenset[int],
) -> float:
    """The share of the words left for the topic that a point has words for.

    `here` are its pairs of characters, `standing` says where pairs stand, `spoken` where it is named.
    """
    support = spoken.union(*[places for gram, places in standing.items() if gram in here]) - hidden
    return len(support) / len(left | support)


def _fuller(other: Match, best: Match) -> bool:
    """Does a point for which nearly as much speaks explain the words of which the best one has nothing?"""
    share = _NEARLY if other.strange or other.coverage < 1 else _HALFWAY
    near = other.score >= share * best.score and other.coverage >= best.coverage + _MORE
    return near and other.strange < best.strange


def _by_edges(asks: tuple[str, ...]) -> dict[tuple[str, int], list[str]]:
    """The asks by their first and by their last characters."""
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for ask in asks:
        found[ask[:_EDGE], 0].append(ask)
        found[ask[-_EDGE:], 1].append(ask)
    return dict(found)
