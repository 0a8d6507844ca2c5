"""What can be asked, for type-ahead: an index of answerable questions, built once, looked up as one types.

The questions are those that answers offer as next ones, for everything the knowledge holds, and the
editors' own about points of the text. Characters, pinyin and first letters find them, in any order.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from pypinyin import lazy_pinyin

from bot.engine import Engine
from bot.knowledge import NO_TARGET, Entry, Knowledge, Part
from bot.normalise import plain
from bot.numerals import chinese
from bot.render import sentence
from bot.values import Say

# Nobody types more than this and still needs to be offered what to type.
LONGEST = 40
_MOST_PIECES = 5
_MOST = 20
_OWN = "point"
# Of one region among all of them: there are so many that they would crowd out what is said of all.
_OF_ONE = frozenset({"ask_cell", "ask_rank", "ask_share"})
# Of all offered, at most this share is of one kind while there are others.
_SHARE = 0.6
# One character in so many may be foreign to the question that is offered.
_SLIPS = 4
# What is asked most, in this order, offered before anything is typed; other kinds follow.
_COMMONEST = (
    "ask_tasks_lead", "ask_column", "ask_text", "ask_overview", "ask_highest", "ask_responsible", "ask_whole",
)  # fmt: skip
# What is typed, in runs of letters and of the rest.
_RUN = re.compile(r"[a-zü]+|[^\sa-zü，。？！；：、]+")
# What an input method writes between syllables while one is still typing.
_APOSTROPHE = re.compile(r"(?<=[a-zA-Zü])['’](?=[a-zA-Zü])")
_LETTERS = re.compile(r"[a-zü]")
_NUMBERED = re.compile("第([一二三四五六七八九十]+)")
_END = re.compile(r"[？。！]$")


@dataclass(frozen=True, slots=True)
class Offer:
    """A question that can be answered, its kind, and the other names of what it is about."""

    question: str
    kind: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Indexed:
    """An offer as it is searched: its characters, its syllables run together, and their first letters."""

    offer: Offer
    text: str
    aside: str
    sound: str
    starts: frozenset[int]
    initials: str


class Suggestions:
    """Looks up answerable questions by what has been typed so far."""

    def __init__(self, engine: Engine) -> None:
        found = {offer.question: offer for offer in reversed(list(offers(engine)))}
        self._all = [_indexed(offer) for offer in reversed(found.values())]
        self._filler = frozenset(word for word in engine.language.filler if len(word) == 1)
        # For each character the offers that hold it, as the bits of one number.
        self._holding: dict[str, int] = defaultdict(int)
        for number, one in enumerate(self._all):
            for char in set(one.text + one.aside):
                self._holding[char] |= 1 << number
        self._common = _one_of_each(self._all, engine.examples)

    def __len__(self) -> int:
        return len(self._all)

    def every(self) -> tuple[str, ...]:
        """Every question there is to offer."""
        return tuple(one.offer.question for one in self._all)

    def find(self, typed: str, limit: int = 8) -> tuple[str, ...]:
        """The best questions for what has been typed, the best first; the commonest kinds for nothing."""
        limit = max(1, min(limit, _MOST))
        runs = _RUN.findall(_plain(_APOSTROPHE.sub("", typed[:LONGEST])))
        if not runs:
            return self._common[:limit]
        letters = [run.replace("ü", "v") for run in runs if _LETTERS.match(run)]
        words = [run for run in runs if not _LETTERS.match(run)]
        ranked = []
        for number in self._candidates("".join(words)):
            cost = _cost(self._all[number], words, letters, self._filler)
            if cost is not None:
                ranked.append((cost, number))
        ranked.sort()
        return _mixed([self._all[number].offer for _, number in ranked], limit)

    def _candidates(self, chars: str) -> Iterator[int]:
        """The offers that hold the characters, a few of which may be slips."""
        left, slips = (1 << len(self._all)) - 1, len(chars) // _SLIPS
        for char in dict.fromkeys(char for char in chars if char not in self._filler):
            narrowed = left & self._holding.get(char, 0)
            if narrowed:
                left = narrowed
            elif slips:
                slips -= 1
            else:
                return
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest


def offers(engine: Engine) -> Iterator[Offer]:
    """Every question that is offered, in the order of its document within each kind."""
    knowledge = engine.knowledge

    def say(kind: str, entries: Iterable[Entry], **fields: str) -> Offer:
        names = tuple(alias for entry in entries for alias in entry.aliases if " " not in alias)
        return Offer(sentence(Say(kind, fields), engine.language), kind, names)

    place = knowledge.region_words[0] if knowledge.region_words else ""
    whole = knowledge.whole
    for region in knowledge.regions.values():
        yield say("ask_overview", [region], region=region.name)
    for indicator in knowledge.indicators.values():
        names = {"indicator": indicator.name, "whole": whole.name, "place": place}
        if not indicator.annex:
            yield say("ask_whole", [indicator, whole], **names)
            continue
        for kind in ("ask_whole", "ask_column", "ask_highest", "ask_lowest"):
            yield say(kind, [indicator, whole] if kind == "ask_whole" else [indicator], **names)
    broken_down = [indicator for indicator in knowledge.indicators.values() if indicator.annex]
    for kind in ("ask_cell", "ask_rank", "ask_share"):
        for region, indicator in product(knowledge.regions.values(), broken_down):
            if kind == "ask_cell" or knowledge.cell(region.id, indicator.id) != NO_TARGET:
                yield say(kind, [region, indicator], region=region.name, indicator=indicator.name, whole=whole.name)
    for part in knowledge.measures:
        for kind in ("ask_lead", "ask_responsible", "ask_text"):
            yield say(kind, [part], number=str(part.number), title=part.title)
    for unit in knowledge.units.values():
        for kind in ("ask_tasks_lead", "ask_tasks_resp"):
            yield say(kind, [unit], unit=unit.name)
    for programme in knowledge.programmes.values():
        yield say("ask_programme", [programme], programme=programme.name)
    yield say("ask_measures", [])
    yield say("ask_requirements", [])
    for part in knowledge.of_kind("group"):
        yield say("ask_group", [part], number=str(part.number))
    for part in knowledge.of_kind("requirement"):
        yield say("ask_requirement", [part], number=str(part.number), title=part.title)
    for fact in knowledge.facts.values():
        yield say("ask_fact", [fact], name=fact.name)
    yield from _points(knowledge)


def _points(knowledge: Knowledge) -> Iterator[Offer]:
    """The editors' own questions about the text, as questions."""

    def own(part: Part) -> Iterator[str]:
        yield from part.ask
        for point in part.points:
            yield from point.ask

    for part in knowledge.parts.values():
        for question in own(part):
            yield Offer(question if _END.search(question) else f"{question}？", _OWN)


def _indexed(offer: Offer) -> _Indexed:
    text = _squeezed(offer.question)
    syllables = lazy_pinyin(text)
    starts, at = set(), 0
    for syllable in syllables:
        starts.add(at)
        at += len(syllable)
    initials = "".join(syllable[0] for syllable in syllables)
    return _Indexed(offer, text, " ".join(map(_squeezed, offer.names)), "".join(syllables), frozenset(starts), initials)


def _squeezed(text: str) -> str:
    return _plain(text).replace(" ", "").rstrip("？")


def _plain(text: str) -> str:
    """The plain form with numbers of parts in figures, as the offers have them."""
    return _NUMBERED.sub(lambda found: f"第{chinese(found[1])}", plain(text))


def _cost(one: _Indexed, words: list[str], letters: list[str], filler: frozenset[str]) -> tuple[int, ...] | None:
    """How far the offer is from what was typed, small is near; None if it is something else.

    First the pieces that what was typed falls into (and twice what fits nowhere); then whether it is the
    editors' own, whose wording is a matter of taste; then the small words that are not in it; then whether
    it is of one region; then where it begins.
    """
    pieces, missed, small, typed, begins = 0, 0, 0, 0, len(one.text)
    for word in words:
        at = 0
        typed += len(word)
        while at < len(word):
            size, where = _longest(word, at, one)
            if size:
                pieces += 1
                if pieces > _MOST_PIECES:
                    return None
                begins = min(begins, where)
                at += size
            else:
                if word[at] in filler:
                    small += 1
                else:
                    missed += 1
                at += 1
    for run in letters:
        found = _heard(run, one)
        if found is None:
            return None
        pieces += 1
        begins = min(begins, found)
    if missed * _SLIPS > typed or not pieces:
        return None
    kind = one.offer.kind
    return pieces + 2 * missed, kind == _OWN, small, kind in _OF_ONE, begins


def _longest(word: str, at: int, one: _Indexed) -> tuple[int, int]:
    """How much of the word from there on stands in the offer in one piece, and where; names aside come last."""
    size, where = 0, 0
    while at + size < len(word):
        piece = word[at : at + size + 1]
        found = one.text.find(piece)
        if found < 0 and piece in one.aside:
            found = len(one.text)
        if found < 0:
            break
        size, where = size + 1, found
    return size, where


def _heard(run: str, one: _Indexed) -> int | None:
    """Where the letters begin in the offer, as syllables (the last may be unfinished) or as first letters."""
    at = one.sound.find(run)
    while at >= 0:
        if at in one.starts:
            return at
        at = one.sound.find(run, at + 1)
    at = one.initials.find(run) if len(run) > 1 else -1
    return None if at < 0 else at


def _mixed(ranked: list[Offer], limit: int) -> tuple[str, ...]:
    """The best, but not all of one kind while others fit as well."""
    most = max(1, round(limit * _SHARE))
    taken: Counter[str] = Counter()
    first: list[str] = []
    rest: list[str] = []
    for offer in ranked:
        taken[offer.kind] += 1
        (first if taken[offer.kind] <= most else rest).append(offer.question)
        if len(first) == limit:
            break
    return tuple([*first, *rest][:limit])


def _one_of_each(all_: list[_Indexed], examples: tuple[str, ...]) -> tuple[str, ...]:
    """The examples, then the first question of each other kind, the commonest kinds first."""
    kinds = {one.offer.question: one.offer.kind for one in all_}
    seen = {kinds.get(question) for question in examples}
    first: dict[str, str] = {}
    for one in all_:
        first.setdefault(one.offer.kind, one.offer.question)
    others = [kind for kind in dict.fromkeys([*_COMMONEST, *first]) if kind in first and kind not in seen]
    return tuple([*examples, *(first[kind] for kind in others)][:_MOST])
