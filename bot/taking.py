"""A message -> the questions in it, each with its best reading: as a whole, or clause by clause."""

import re
from dataclasses import replace

from bot.aspects import asks_time
from bot.corrected import Taken, read, taken
from bot.engine import Engine
from bot.entities import Mentions, mentions
from bot.knowledge import WHOLE
from bot.leftovers import names
from bot.office_thread import joins
from bot.query import LIMIT, Understanding, is_sure
from bot.segments import Span, asking, clauses, windows, within
from bot.small_talk import social
from bot.subjects import FAIR, SURE, Subjects
from bot.telling import REFERS, asked_of
from bot.thread import leans, says_all
from bot.turns import after
from bot.values import Cells, Context, Facts, Missing, Parts, Passages, Query, Reading, Roles, Tasks, Text

_SEVERAL, _MOST_PARTS = 2, 6
# Facts of the notice that are asked by its name, not just in words that fit them too.
_ANCHORED = 1.0
# How unclear a question may be that is plainly one and that the rest of the message bears out.
_FAINT = 2.4
# A question is given the clauses that lead up to it as long as they do not make it less clear.
# One that says where is better than one about the whole, and one with an answer better than one without.
_ROOMY, _UNPLACED, _DECLINED = 0.05, 0.8, 1.2
_FAR_MORE = 1.3
# What is told along with it.
_WITHIN: dict[str, tuple[str, ...]] = {"rank": ("order",), "highest": ("compare",), "lowest": ("compare",)}
_ASKING = re.compile("[谁啥几吗哪怎咋何么]|多少|多大|多久|不$|没$|想了解|想知道|想问|目标|任务")
# What asks for something, be it in passing: politeness and asides have other words.
_ASKS_MORE = re.compile("多少|哪|[谁啥](?![也都])|什么(?![的也都])|怎么|咋|如何")
_ASIDE = re.compile("[我咱俺]|谁也|顺便|文件")
_OPENING = re.compile("想?(?:了解|知道|问)(?:问|一?下)?|打听(?:一?下)?")
_OPERATIONS = (
    "same",
    "share",
    "rank",
    "sum",
    "difference",
    "ratio",
    "average",
    "highest",
    "lowest",
    "lead",
    "responsible",
    "where",
)


def take(text: Text, context: Context, engine: Engine) -> tuple[Taken, ...]:
    """The questions of a message in order, each with its best reading; at least one."""
    m = mentions(text, engine.lexicon, engine.language)
    # Found out without a look at the thread: such a message is answered once for all of them.
    if _begins_anew(m, engine):
        context = Context()
    whole = taken(m, context, engine)
    spans = clauses(whole.understanding.mentions.text.plain)
    settled = is_sure(whole.understanding.best) and _clear(whole, engine)
    if len(spans) < 2 or settled and sum(asking(whole.understanding.mentions, spans)) < 2:
        return (whole,)
    stands = not (whole.ellipsis or leans(m) or joins(m)) and whole.understanding.rank < LIMIT
    asked, passed = _questions(whole, spans, Context() if stands else context, engine)
    asked = [q for n, q in enumerate(asked) if not (_opens(q) and any(map(_declines, asked[n + 1 :])))]
    clear = [q for q in asked if _clear(q, engine)]
    if clear:
        clear = [q for q in asked if q in clear or _beside(q, whole)]
    if len({repr(q.query) for q in clear}) >= 2 and _apart(whole, clear):
        return (*clear[:_MOST_PARTS], *passed)
    # What leans on an earlier clause is not the one question of the message.
    sure = [q for q in asked if is_sure(q.understanding.best) and not (q.ellipsis and q is not asked[0])]
    if _refused(whole) or not sure:
        return (whole,)
    if settled:
        return (whole,)
    one = min(sure, key=lambda q: (_loss(q, whole), q.understanding.rank))
    if _better(one, whole) and not _referred_to(one, whole, spans):
        return (one, *passed)
    return (whole,)


def _begins_anew(m: Mentions, engine: Engine) -> bool:
    """Does the first of several clauses that ask say all itself? What the others lean on is then in the message."""
    spans = clauses(m.text.plain)
    asks = asking(m, spans) if len(spans) > 1 else ()
    if sum(asks) < _SEVERAL:
        return False
    piece = within(m, (0, spans[asks.index(True)][1]))
    if leans(piece) or not (says_all(piece) or piece.parts or piece.programmes or piece.ordinals):
        return False
    alone = read(piece, Context(), engine)
    return is_sure(alone.best) and (says_all(piece) or alone.about.explicit and not piece.indicators)


def _questions(
    whole: Taken, spans: tuple[Span, ...], context: Context, engine: Engine
) -> tuple[list[Taken], list[Taken]]:
    """What the clauses that ask are about, each with the clauses that belong to it, in order; those passed over."""
    m = whole.understanding.mentions
    found: list[Taken] = []
    passed: list[Taken] = []
    last = -1
    asked = asking(m, spans)
    for number in range(len(spans)):
        if number <= last or not asked[number]:
            continue
        best: tuple[float, int, Taken] | None = None
        for start, end in windows(m, spans, asked, number, last):
            piece = within(m, (start, end))
            if len(piece.text.plain) < 2 or social(piece.text.plain, engine.language):
                continue
            if number > last + 1 and start == spans[number][0] and REFERS.search(piece.text.plain):
                # 这类培训有没有 is asked of what stands before it.
                continue
            part = Taken(read(piece, context, engine), piece.text.corrections, False)
            if not (is_sure(part.understanding.best) or _declines(part) or _beside(part, whole)):
                continue
            size = sum(start <= a and b <= end for a, b in spans)
            cost = part.understanding.rank - _ROOMY * min(size, 3)
            if _declines(part):
                cost += _DECLINED
            elif _about_goals(part, engine) and m.of("region"):
                continue
            elif _unplaced(part, m, spans[last][1] if last >= 0 else 0):
                part, cost = _placed(part, m), cost + _UNPLACED
            if best is None or cost < best[0]:
                best = (cost, next(i for i, s in enumerate(spans) if s[1] == end), part)
        if best is None and _asks_more(within(m, spans[number]), engine):
            passed.append(_passed(within(m, spans[number])))
        if best is not None:
            last = best[1]
            found.append(replace(best[2], ellipsis="接着" in best[2].understanding.best.why))
            context = after(context, best[2].query, best[2].understanding.about)
            if led := _led(best[2].query, engine):
                context = replace(context, refs=led)
    return found, passed


def _asks_more(m: Mentions, engine: Engine) -> bool:
    """Is a clause that was not understood a question about something, and not just said along with one?"""
    plain = m.text.plain
    if not _ASKS_MORE.search(plain) or _ASIDE.search(plain) or social(plain, engine.language) or m.of("document"):
        return False
    named = (*m.places, *m.indicators, *m.parts, *m.programmes)
    return bool(named) or any(names(t, engine.language) for t in m.leftover)


def _passed(m: Mentions) -> Taken:
    """A question among several that is not understood, to be said so."""
    missing = Missing("clause", m.text.plain.strip("，。？！；：、"))
    return Taken(Understanding(m, Subjects(), (Reading(missing, 0.0, (), "没有看懂的一问"),)), (), False)


def _opens(part: Taken) -> bool:
    """Does the part say what is to be asked of, and not yet what is asked (想问一下那个贷款，要带什么材料)?"""
    plain = part.understanding.mentions.text.plain
    return isinstance(part.query, Passages | Parts) and not _ASKING.search(_OPENING.sub("", plain))


def _beside(part: Taken, whole: Taken) -> bool:
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


def _unplaced(part: Taken, m: Mentions, since: int) -> bool:
    """Is the part about the whole, though the message names places from there on?"""
    about_whole = isinstance(part.query, Cells) and part.query.regions == (WHOLE,)
    if not about_whole or part.understanding.mentions.of("whole"):
        return False
    return any(e.start >= since for e in m.of("region", "set", "inside", "outside", "place"))


def _placed(part: Taken, m: Mentions) -> Taken:
    """The question about the region that the message names, if it names just one, and nothing within one or beyond."""
    named = {e.id for e in m.of("region")}
    if len(named) != 1 or m.of("set", "inside", "outside", "place") or not isinstance(part.query, Cells):
        return part
    best = part.understanding.best
    placed = best._replace(query=replace(part.query, regions=tuple(named)))
    return replace(part, understanding=replace(part.understanding, readings=(placed,)))


def _clear(part: Taken, engine: Engine) -> bool:
    """Is the part, read alone, plainly a question that has an answer or a name for what is missing?"""
    best, m = part.understanding.best, part.understanding.mentions
    if _declines(part):
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


def _apart(whole: Taken, asked: list[Taken]) -> bool:
    """Are the questions better answered one by one than as a whole?"""
    sure = [q for q in asked if is_sure(q.understanding.best)]
    if not sure:
        return False
    if _refused(whole):
        # What is refused first holds for all; what is refused later leaves the figures and names before it.
        m = whole.understanding.mentions
        said = [a for _, a, _ in m.years] + [a for spans in m.missing.values() for a, _ in spans]
        first = m.text.plain.find(asked[0].understanding.mentions.text.plain)
        early = any(a < first for a in said)
        return not early and asked[0] in sure and all(not isinstance(q.query, Passages) for q in sure)
    return not _covers(whole, asked) and not _of_a_family(whole, asked)


def _of_a_family(whole: Taken, asked: list[Taken]) -> bool:
    """Does the message as a whole name as many figures as its clauses, some of which are short names (…、新增多少)?"""
    if not (isinstance(whole.query, Cells) and is_sure(whole.understanding.best) and whole.query.operation == "show"):
        return False
    found: list[str] = []
    for part in asked:
        if not isinstance(part.query, Cells) or part.query.operation != "show":
            return False
        if part.query.regions != whole.query.regions:
            return False
        found += part.query.indicators
    return len(found) == len(whole.query.indicators) and bool(set(found) & set(whole.query.indicators))


def _refused(whole: Taken) -> bool:
    """Is the message as a whole about another year or place, or does it ask for what the document leaves out?"""
    query, m = whole.query, whole.understanding.mentions
    if not isinstance(query, Missing):
        return False
    if query.reason in ("year", "actual", "narrower", "list", "address", "reason"):
        return True
    if query.reason in ("place", "inside", "outside") and not m.of("region"):
        return True
    if query.reason not in m.missing:
        return False
    return not _ASKING.search(m.text.plain, max(end for _, end in m.missing[query.reason]))


def _covers(whole: Taken, asked: list[Taken]) -> bool:
    """Does the reading of the whole message hold all that its clauses ask?"""
    known = is_sure(whole.understanding.best) or isinstance(whole.query, Missing) and whole.query.reason == "not_split"
    return known and all(_holds(whole.query, q.query) for q in asked)


def _holds(query: Query, other: Query) -> bool:
    """Does the answer to the one settle the other too?"""
    match query, other:
        case Cells(), Parts() | Passages() | Facts() if query.operation == "consistent":
            return True
        case Cells(), Cells():
            return (
                other.operation in (query.operation, "show", *_WITHIN.get(query.operation, ()))
                and set(other.indicators) <= set(query.indicators)
                and set(other.regions) - set(query.excluded) <= {*query.regions, WHOLE}
            )
        case Missing(), Cells():
            return set(other.indicators) <= set(query.indicators)
        case Roles(), Roles():
            # Whether a unit is among them does not tell which they are.
            tells = not query.units or bool(other.units)
            return tells and set(other.refs) <= set(query.refs) and "any" in (query.role, other.role) or query == other
        case Roles() | Tasks(), Tasks():
            crossed = isinstance(query, Tasks) and query.operation == "match" != other.operation
            return not crossed and set(other.units) <= set(query.units)
        case Passages(), Parts():
            return {p.partition("#")[0] for p in query.points} >= set(other.refs) or other.aspect == "whole"
        case Passages(), Passages():
            return set(other.points) <= set(query.points)
        case _:
            return query == other


def _better(one: Taken, whole: Taken) -> bool:
    """Is the one question of a message better understood without what is told around it?"""
    if isinstance(one.query, Cells) and _forgets(one.query, whole):
        return False
    if isinstance(one.query, Parts | Tasks) and not one.query.refs and _beyond(one, whole):
        return False
    if isinstance(one.query, Facts) and isinstance(whole.query, Facts) and set(one.query.ids) < set(whole.query.ids):
        return False
    if isinstance(one.query, Passages) and (_fewer_figures(one, whole) or _compares_others(one, whole)):
        return False
    if isinstance(one.query, Passages) and isinstance(whole.query, Passages) and _elsewhere(one, whole):
        return False
    if not is_sure(whole.understanding.best):
        return True
    if isinstance(whole.query, Cells) and _loss(one, whole):
        return False
    unexplained = bool(whole.understanding.best.unexplained)
    return one.understanding.rank + _loss(one, whole) < whole.understanding.rank - (0.0 if unexplained else 0.3)


def _fewer_figures(one: Taken, whole: Taken) -> bool:
    """Does the message name a figure that is not of the one question (甲行业，今年新添多少)?"""
    ours, theirs = one.understanding.mentions, whole.understanding.mentions
    return bool({e.id for e in theirs.indicators} - {e.id for e in ours.indicators}) and theirs.has("quantity")


def _compares_others(one: Taken, whole: Taken) -> bool:
    """Does the one question compare regions that the message names elsewhere (甲跟乙，哪边多)?"""
    ours, theirs = one.understanding.mentions, whole.understanding.mentions
    return len(theirs.of("region")) > 1 and not ours.of("region") and ours.has("compare", "which_region")


def _referred_to(one: Taken, whole: Taken, spans: tuple[Span, ...]) -> bool:
    """Does another clause that asks refer to the one question (…，给不给这方面打分)? It is then asked along with it."""
    m, plain = whole.understanding.mentions, one.understanding.mentions.text.plain
    clauses_ = (m.text.plain[slice(*s)].rstrip("，。；：") for s, a in zip(spans, asking(m, spans), strict=True) if a)
    return any(REFERS.search(said) and said not in plain for said in clauses_)


def _elsewhere(one: Taken, whole: Taken) -> bool:
    """Does what is told around the one question speak for another point far more than the question does for its own?"""
    ours, theirs = one.understanding.about.matches[:1], whole.understanding.about.matches[:1]
    if not (ours and theirs) or ours[0].ref == theirs[0].ref:
        return False
    return theirs[0].score >= max(SURE, _FAR_MORE * ours[0].score)


def _beyond(one: Taken, whole: Taken) -> bool:
    """Does the message have words around the one question of it that nothing explains, and that it may be about?"""
    ours, theirs = one.understanding, whole.understanding
    if len(theirs.mentions.of("unit")) > len(ours.mentions.of("unit")):
        return True
    # What is told before it is no part of the question, unless it is what it is about.
    told = theirs.about.matches[:1]
    m = theirs.mentions if told and told[0].score >= FAIR else asked_of(theirs.mentions)
    return len(m.leftover) > len(ours.mentions.leftover)


def _loss(one: Taken, whole: Taken) -> float:
    """What the message says and the one question of it does not take in."""
    ours, theirs = one.understanding.mentions, whole.understanding.mentions
    lost = 0.4 * sum(ours.has(cue) != theirs.has(cue) for cue in _OPERATIONS)
    return lost + 0.8 * _forgets(one.query, whole)


def _declines(part: Taken) -> bool:
    """Is the part a question of its own about something that the document does not hold?"""
    query = part.query
    return isinstance(query, Missing) and query.reason not in ("nothing", "word", "item", "other")


def _forgets(query: Query, whole: Taken) -> bool:
    """Does a piece of the message ask for figures without the region or indicator that the rest of it names?"""
    if not isinstance(query, Cells):
        return False
    m = whole.understanding.mentions
    regions = {e.id for e in m.of("region")}
    ours = len(query.regions) <= len(regions) and regions & set(query.regions)
    elsewhere = query.operation == "show" and bool(regions) and not ours
    return elsewhere or isinstance(whole.query, Cells) and not set(whole.query.indicators) <= set(query.indicators)
