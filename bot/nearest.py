"""Which of several likely points of the text is meant: by a unit, a number or a span of time that is named."""

import re

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.numerals import numbers
from bot.subjects import SURE, Subjects
from bot.topics import Match
from bot.values import Number

# What has almost as much in its favour as the likeliest.
CLOSE = 0.82
DATED = ("月", "月份", "日", "号", "小时", "天", "年")
# How much must speak for a point with the kinds of numbers that the asker tells.
_NEAR = 0.5
_MORE = 0.2
# So many characters name a thing.
_SHORTEST_NAMED, _PAIR = 2, 2
_JOINED = re.compile("的?(?:和|与|跟|及|以及|还有|、)")
# … and with the span of time that he names.
_FAIRLY = 0.6


def told(m: Mentions) -> bool:
    """Does the asker say something for it to be confirmed?"""
    return m.has("confirm") or m.text.plain.rstrip("？。！").endswith("吧")


def named_too(other: Match, point: str, m: Mentions, knowledge: Knowledge) -> bool:
    """Is another point of the part asked for beside this one, in words of its own joined to the words for it?"""
    if other.point == point or other.ref != knowledge.points[point].ref or other.score < SURE:
        return False
    own, its = _words_for(point, m, knowledge), _words_for(other.point, m, knowledge)
    more = its - own
    if len(more) < _SHORTEST_NAMED or not own - its:
        return False
    low, high = sorted((min(own - its), min(more)))
    return any(m.text.plain[i] in "和与跟及、" for i in range(low, high))


def with_named(point: str, m: Mentions, about: Subjects, knowledge: Knowledge) -> tuple[str, ...]:
    """The point and the one that is asked for beside it, if there is one, in the order of the text."""
    beside = [x.point for x in about.matches if named_too(x, point, m, knowledge)][:1]
    return tuple(sorted((point, *beside), key=list(knowledge.points).index))


def side_by_side(m: Mentions, knowledge: Knowledge) -> bool:
    """Are two names that stand in different places joined, so that both are asked for?"""
    if len(m.programmes) != _PAIR:
        return False
    first, second = m.programmes
    places = [set(knowledge.programmes[e.id].places) for e in (first, second)]
    return not places[0] & places[1] and bool(_JOINED.fullmatch(m.text.plain[first.end : second.start]))


def _words_for(point: str, m: Mentions, knowledge: Knowledge) -> set[int]:
    """The characters of the message that name the point, or something in it."""
    named = [e for e in m.points if e.id == point]
    named += [e for e in m.programmes if point in knowledge.programmes[e.id].places]
    return {i for e in named for i in e.covered}


def of_unit(m: Mentions, candidates: list[Match], knowledge: Knowledge) -> list[Match]:
    """The points, those of the same part first that name the unit of the question, where the likeliest does not."""
    said = [m.text.plain[e.start : e.end] for e in m.of("unit")]
    best = candidates[0]
    if not said or any(word in knowledge.points[best.point].text for word in said):
        return candidates
    own = [
        x
        for x in candidates
        if x.ref == best.ref
        and x.score >= _NEAR * best.score
        and any(word in knowledge.points[x.point].text for word in said)
    ]
    return [*own, *(x for x in candidates if x not in own)]


def counting(m: Mentions, candidates: list[Match], knowledge: Knowledge) -> Match:
    """The likeliest point; where numbers are told to be confirmed, one that has numbers of all their kinds."""
    best = candidates[0]
    units = {n.unit for n in m.numbers if n.unit} if told(m) else set()
    if len(units) < 2:
        spans = [n for n in m.numbers if n.unit in DATED]
        # 三年要培训多少人: the point that tells of so many years.
        near = [x for x in candidates if x.score >= _FAIRLY * best.score]
        return next((x for x in near if any(_in_text(n, knowledge.points[x.point].text) for n in spans)), best)
    near = [x for x in candidates if x.score >= _NEAR * best.score]
    return next((x for x in near if all(u in knowledge.points[x.point].text for u in units)), best)


def _in_text(number: Number, text: str) -> bool:
    """Does the text have the number, in digits or characters?"""
    return any(found.unit == number.unit and found.value == number.value for found in numbers(text))


def fuller(points: tuple[str, ...], about: Subjects, knowledge: Knowledge) -> tuple[str, ...]:
    """Another point of the same part that explains clearly more of the words beside the name."""
    refs = {knowledge.points[p].ref for p in points}
    known = max((x.coverage for x in about.matches if x.point in points), default=0.0)
    least = CLOSE * about.matches[0].score
    for x in about.matches:
        if x.point not in points and x.ref in refs and x.score >= least and x.coverage >= known + _MORE:
            return (x.point,)
    return ()
