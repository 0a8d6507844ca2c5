"""A message -> the questions in it, each with its best reading: as a whole, or clause by clause."""

import re

from bot import several
from bot.corrected import Taken, read, taken
from bot.elliptic import this_year
from bot.engine import Engine
from bot.entities import Mentions, mentions
from bot.knowledge import WHOLE
from bot.office_thread import joins
from bot.query import LIMIT, is_sure
from bot.segments import Span, asking, clauses, within
from bot.subjects import FAIR, SURE
from bot.telling import REFERS, asked_of
from bot.thread import leans, says_all
from bot.values import Cells, Context, Facts, Missing, Parts, Passages, Query, Roles, Tasks, Text

_SEVERAL, _MOST_PARTS = 2, 6
_FAR_MORE = 1.3
# What is told along with it.
_WITHIN: dict[str, tuple[str, ...]] = {"rank": ("order",), "highest": ("compare",), "lowest": ("compare",)}
_ASKING = re.compile("[谁啥几吗哪怎咋何么]|多少|多大|多久|不$|没$|想了解|想知道|想问|目标|任务")
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
    settled = is_sure(whole.understanding.best) and several.clear(whole, engine)
    if len(spans) < 2 or settled and sum(asking(whole.understanding.mentions, spans)) < 2:
        return (whole,)
    stands = not (whole.ellipsis or leans(m) or joins(m)) and whole.understanding.rank < LIMIT
    asked, passed = several.questions(whole, spans, Context() if stands else context, engine)
    asked = [q for n, q in enumerate(asked) if not (_opens(q) and any(map(several.declines, asked[n + 1 :])))]
    clear = [q for q in asked if several.clear(q, engine) or several.likely(q) and not m.ordinals]
    if clear:
        clear = [q for q in asked if q in clear or several.beside(q, whole)]
    if len({repr(q.query) for q in clear}) >= 2 and _apart(whole, clear, engine):
        return (*_with_family(whole, clear)[:_MOST_PARTS], *passed)
    # What leans on an earlier clause is not the one question of the message.
    sure = [q for q in asked if is_sure(q.understanding.best) and not (q.ellipsis and q is not asked[0])]
    if _refused(whole) and any(beside := _beside_refused(whole, clear, engine)):
        return (*beside[0], whole, *beside[1])
    if _refused(whole) or not sure:
        return (whole,)
    if settled:
        return (whole, *passed) if any(q.query == whole.query for q in asked) else (whole,)
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


def _opens(part: Taken) -> bool:
    """Does the part say what is to be asked of, and not yet what is asked (想问一下那个贷款，要带什么材料)?"""
    plain = part.understanding.mentions.text.plain
    return isinstance(part.query, Passages | Parts) and not _ASKING.search(_OPENING.sub("", plain))


def _apart(whole: Taken, asked: list[Taken], engine: Engine) -> bool:
    """Are the questions better answered one by one than as a whole?"""
    sure = [q for q in asked if is_sure(q.understanding.best)]
    if not sure:
        return False
    if _refused(whole) and not _narrower_alone(whole, asked):
        # What is refused first holds for all; what is refused later leaves the figures and names before it.
        m = whole.understanding.mentions
        said = [a for _, a, _ in m.years] + [a for spans in m.missing.values() for a, _ in spans]
        first = m.text.plain.find(asked[0].understanding.mentions.text.plain)
        early = any(a < first for a in said)
        return not early and asked[0] in sure and all(not isinstance(q.query, Passages) for q in sure)
    return not _covers(whole, asked, engine) and not _of_a_family(whole, asked)


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


def _with_family(whole: Taken, asked: list[Taken]) -> list[Taken]:
    """The questions, those for figures that go by short names as the message as a whole names them."""
    figures = [part for part in asked if isinstance(part.query, Cells)]
    if len(figures) < 2 or not _of_a_family(whole, figures):
        return asked
    return [whole if part is figures[0] else part for part in asked if part not in figures[1:]]


def _narrower_alone(whole: Taken, asked: list[Taken]) -> bool:
    """Is a figure by the quarter refused only because one of several questions, each sure, speaks of quarters?"""
    narrower = isinstance(whole.query, Missing) and whole.query.reason == "narrower"
    return narrower and all(is_sure(q.understanding.best) for q in asked)


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


def _beside_refused(whole: Taken, asked: list[Taken], engine: Engine) -> tuple[list[Taken], list[Taken]]:
    """The questions before and behind what is refused that have nothing to do with it."""
    m = whole.understanding.mentions
    said = [a for year, a, _ in m.years if year != engine.knowledge.year]
    said += [a for spans in m.missing.values() for a, _ in spans]
    before: list[Taken] = []
    behind: list[Taken] = []
    for part in asked:
        text = part.understanding.mentions.text.plain
        start = m.text.plain.find(text)
        if isinstance(part.query, Passages) or not said or start < 0 or not is_sure(part.understanding.best):
            continue
        if all(at >= start + len(text) for at in said):
            before.append(part)
        elif all(at < start for at in said) and this_year(text, engine.knowledge.year):
            behind.append(part)
    return before, behind


def _covers(whole: Taken, asked: list[Taken], engine: Engine) -> bool:
    """Does the reading of the whole message hold all that its clauses ask?"""
    known = is_sure(whole.understanding.best) or isinstance(whole.query, Missing) and whole.query.reason == "not_split"
    # What is stated of the whole alone is not told of a region that another clause names.
    placed = isinstance(whole.query, Cells) and any(whole.query.regions)
    stated = placed and any(_of_whole_alone(q.query, engine) for q in asked)
    return known and not stated and all(_holds(whole.query, q.query) for q in asked)


def _of_whole_alone(query: Query, engine: Engine) -> bool:
    """Is the query about figures of the whole that no table breaks down?"""
    if not isinstance(query, Cells) or any(query.regions):
        return False
    return not any(engine.knowledge.indicators[i].annex for i in query.indicators)


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
        case Passages(), Parts() if other.aspect == "number" and not query.where:
            return False
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


def _forgets(query: Query, whole: Taken) -> bool:
    """Does a piece of the message ask for figures without the region or indicator that the rest of it names?"""
    if not isinstance(query, Cells):
        return False
    m = whole.understanding.mentions
    regions = {e.id for e in m.of("region")}
    ours = len(query.regions) <= len(regions) and regions & set(query.regions)
    elsewhere = query.operation == "show" and bool(regions) and not ours
    return elsewhere or isinstance(whole.query, Cells) and not set(whole.query.indicators) <= set(query.indicators)
