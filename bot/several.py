"""The clauses of a message that ask -> a question for each, with the clauses that belong to it; those passed over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.aspects import asks_time, tells_time
from bot.corrected import Taken, read
from bot.engine import Engine
from bot.entities import Mentions, mentions
from bot.knowledge import WHOLE
from bot.leftovers import names
from bot.query import Understanding, is_sure
from bot.segments import Span, asking, windows, within
from bot.small_talk import social
from bot.subjects import SURE, Subjects
from bot.telling import REFERS
from bot.turns import after
from bot.values import Cells, Context, Facts, Missing, Parts, Passages, Query, Reading, Roles, Tasks

# Facts of the notice that are asked by its name, not just in words that fit them too.
_ANCHORED = 1.0
# How unclear a question may be that is plainly one and that the rest of the message bears out.
_FAINT = 2.4
# How unclear one about the text may be that is surely about one point.
_LIKELY = 2.1
# What speaks so much for a point that a strange word beside does not speak against it.
_SURELY = 1.8 * SURE
# A question is given the clauses that lead up to it as long as they do not make it less clear.
# One that says where is better than one about the whole, and one with an answer better than one without.
_ROOMY, _UNPLACED, _DECLINED = 0.05, 0.8, 1.2
# What asks for something, be it in passing: politeness and asides have other words.
_ASKS_MORE = re.compile(r"多少|哪|(?<!没)[谁啥](?![也都])|什么(?![的也都])|怎么|咋|如何|(.)[不没]\1")
# Shorter ones only repeat how much (是多少万人).
_COUNTED = 8
_HOW_MANY = re.compile("(?:多少|几万)(?!.*来着)")
_ASIDE = re.compile("[我咱俺]|谁也|顺便|文件|原话|讲究|说法|哪[里儿]?都")


def questions(
    whole: Taken, spans: tuple[Span, ...], context: Context, engine: Engine
) -> tuple[list[Taken], list[Taken]]:
    """What the clauses that ask are about, each with the clauses that belong to it, in order; those passed over."""
    m = whole.understanding.mentions
    asked = asking(m, spans)
    found: list[Taken] = []
    passed: list[int] = []
    # Clauses that ask and are not understood by themselves: what follows may make them clear.
    unclear: list[int] = []
    # Up to where what is named belongs to questions that have an answer.
    last, answered = -1, 0
    for number in range(len(spans)):
        if number <= last or not asked[number]:
            continue
        tried = list(_tries(whole, spans, asked, number, last, answered, context, engine))
        if not tried:
            unclear.append(number)
            continue
        best = min(tried, key=lambda t: t.cost)
        chosen = [best]
        if unclear and best.first <= unclear[-1]:
            near = [t for t in tried if t.first > unclear[-1] and (clear(t.part, engine) or likely(t.part))]
            alone = min(near, key=lambda t: t.cost, default=None)
            if alone and alone.part.query == best.part.query:
                # What stands before says nothing of it.
                chosen = [alone]
            elif alone and clear(best.part, engine):
                # It asks for itself, and makes clear what was asked before.
                chosen = [best, alone]
        if unclear and chosen[0].first > unclear[-1]:
            passed += unclear
        unclear = []
        last = chosen[-1].last
        answered = answered if declines(chosen[-1].part) else spans[last][1]
        for one in chosen:
            part = one.part
            found.append(replace(part, ellipsis="接着" in part.understanding.best.why))
            context = after(context, part.query, part.understanding.about)
            if led := _led(part.query, engine):
                context = replace(context, refs=led)
    pieces = [within(m, spans[number]) for number in (*passed, *unclear)]
    answers = [q.query for q in (*found, whole)]
    silent = [p for p in pieces if _asks_more(p, engine) and not any(_told(p, query, engine) for query in answers)]
    return found, [_passed(piece) for piece in silent]


@dataclass(frozen=True, slots=True)
class _Try:
    """A clause that asks read together with others: from which to which, and how unclear that is."""

    cost: float
    first: int
    last: int
    part: Taken


def _tries(
    whole: Taken, spans: tuple[Span, ...], asked: tuple[bool, ...], number: int, last: int,
    answered: int, context: Context, engine: Engine,
) -> Iterator[_Try]:  # fmt: skip
    """The ways to read the clause with what leads up to it or is added to it, as far as they are questions."""
    m = whole.understanding.mentions
    later = [s for s, asks in zip(spans[number + 1 :], asked[number + 1 :], strict=True) if asks]
    for start, end in windows(m, spans, asked, number, last):
        piece = _piece(m, (start, end), engine)
        if len(piece.text.plain) < 2 or social(piece.text.plain, engine.language):
            continue
        if number > last + 1 and start == spans[number][0] and REFERS.search(piece.text.plain):
            # 这类培训有没有 is asked of what stands before it.
            continue
        part = Taken(read(piece, context, engine), piece.text.corrections, False)
        if not (is_sure(part.understanding.best) or likely(part) or declines(part) or beside(part, whole)):
            continue
        size = sum(start <= a and b <= end for a, b in spans)
        cost = part.understanding.rank - _ROOMY * min(size, 3)
        if declines(part):
            cost += _DECLINED
        elif _about_goals(part, engine) and m.of("region"):
            continue
        elif _unplaced(part, m, answered, later):
            part, cost = _placed(part, m), cost + _UNPLACED
        first = next(i for i, s in enumerate(spans) if s[0] == start)
        yield _Try(cost, first, next(i for i, s in enumerate(spans) if s[1] == end), part)


def _told(m: Mentions, query: Query, engine: Engine) -> bool:
    """Does the text that answers another clause speak of what this one names?"""
    points = query.points if isinstance(query, Passages) and not (m.of("region", "unit") or m.indicators) else ()
    if asks_time(m.text.plain) and any(tells_time(engine.knowledge.points[p].text) for p in points):
        return True
    return any(engine.topics.supports(p, t.word) for p in points for t in m.leftover) or bool(points and not m.leftover)


def likely(part: Taken) -> bool:
    """Is it surely about one point or measure, though not clear by itself? It may be one of several answers."""
    best, about = part.understanding.best, part.understanding.about
    if isinstance(best.query, Roles):
        m = part.understanding.mentions
        return best.rank < _LIKELY and len(best.query.refs) == 1 and m.has("lead", "charge") and not m.ordinals
    if not isinstance(best.query, Passages) or best.rank >= _LIKELY or not about.matches:
        return False
    return about.matches[0].score >= (_SURELY if about.matches[0].strange else SURE)


def _piece(m: Mentions, span: Span, engine: Engine) -> Mentions:
    """What the stretch names; looked for anew where a name of the message lies across its ends."""
    start, end = span
    piece = within(m, span)
    crossing = any(e.start < start < e.end or e.start < end < e.end for e in m.programmes)
    return mentions(piece.text, engine.lexicon, engine.language) if crossing else piece


def _asks_more(m: Mentions, engine: Engine) -> bool:
    """Is a clause that was not understood a question about something, and not just said along with one?"""
    plain = m.text.plain
    if not _ASKS_MORE.search(plain) or _ASIDE.search(plain) or social(plain, engine.language) or m.of("document"):
        return False
    named = (*m.places, *m.indicators, *m.parts, *m.programmes)
    counted = bool(_HOW_MANY.search(plain)) and len(plain) >= _COUNTED
    return bool(named) or counted or any(names(t, engine.language) for t in m.leftover)


def _passed(m: Mentions) -> Taken:
    """A question among several that is not understood, to be said so."""
    missing = Missing("clause", m.text.plain.strip("，。？！；：、"))
    return Taken(Understanding(m, Subjects(), (Reading(missing, 0.0, (), "没有看懂的一问"),)), (), False)


def beside(part: Taken, whole: Taken) -> bool:
    """Is the part a question of its own about the text of what the message as a whole asks the units of?"""
    query, about = part.query, whole.query
    if not (isinstance(query, Passages) and isinstance(about, Roles) and part.understanding.rank < _FAINT):
        return False
    plain = part.understanding.mentions.text.plain
    asked = plain.endswith("？") or asks_time(plain)
    return asked and {p.partition("#")[0] for p in query.points} <= set(about.refs)


def _led(query: Query, engine: Engine) -> tuple[str, ...]:
    """The one measure that a unit leads, of which what follows may ask (某厅牵头哪一项？内容是什么？)."""
    if not isinstance(query, Tasks) or query.role != "lead":
        return ()
    found = tuple(p.id for p in engine.knowledge.measures if set(p.lead) & set(query.units))
    return found if len(found) == 1 else ()


def _about_goals(part: Taken, engine: Engine) -> bool:
    """Is the part about a figure of the goals, though not as a figure?"""
    points = part.query.points if isinstance(part.query, Passages) else ()
    return bool(points) and all(engine.knowledge.points[p].ref == "goals" for p in points)


def _unplaced(part: Taken, m: Mentions, since: int, others: list[Span]) -> bool:
    """Is the part about the whole, though the message names places from there on, and not in other questions?"""
    about_whole = isinstance(part.query, Cells) and part.query.regions == (WHOLE,)
    if not about_whole or part.understanding.mentions.of("whole"):
        return False
    named = m.of("region", "set", "inside", "outside", "place")
    return any(e.start >= since and not any(a <= e.start < b for a, b in others) for e in named)


def _placed(part: Taken, m: Mentions) -> Taken:
    """The question about the region that the message names, if it names just one, and nothing within one or beyond."""
    named = {e.id for e in m.of("region")}
    if len(named) != 1 or m.of("set", "inside", "outside", "place") or not isinstance(part.query, Cells):
        return part
    best = part.understanding.best
    placed = best._replace(query=replace(part.query, regions=tuple(named)))
    return replace(part, understanding=replace(part.understanding, readings=(placed,)))


def clear(part: Taken, engine: Engine) -> bool:
    """Is the part, read alone, plainly a question that has an answer or a name for what is missing?"""
    best, m = part.understanding.best, part.understanding.mentions
    if declines(part):
        return True
    if not is_sure(best):
        return False
    if isinstance(best.query, Facts):
        return best.rank <= _ANCHORED
    if isinstance(best.query, Parts) and best.query.aspect == "whole" and not m.has("whole_text", "method", "overview"):
        return False
    if isinstance(best.query, Passages) and best.rank > _ANCHORED:
        about = part.understanding.about
        return about.explicit or any(x.score >= SURE and not x.strange for x in about.matches[:1])
    if part.understanding.about.explicit and isinstance(best.query, Roles | Parts):
        return True
    # What the asker tells of himself is no part of a question about figures.
    loose = [t for t in m.leftover if not isinstance(best.query, Cells) or t.word in best.unexplained]
    if isinstance(best.query, Roles) and part.understanding.about.how == "topic":
        # 技能大赛: said in other words by what it is about.
        point = part.understanding.about.matches[0].point
        loose = [t for t in loose if not engine.topics.supports(point, t.word)]
    return not any(names(t, engine.language) for t in loose)


def declines(part: Taken) -> bool:
    """Is the part a question of its own about something that the document does not hold?"""
    query = part.query
    return isinstance(query, Missing) and query.reason not in ("nothing", "word", "item", "other")
