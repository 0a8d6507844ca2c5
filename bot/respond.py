"""The path from a question to a reply: the only module that knows the order of the others.

question --normalise--> Text --entities--> Mentions --query--> Understanding --answer--> Answer --render--> Reply
"""

import re
from dataclasses import dataclass, replace

from bot import thread
from bot.answer import answer
from bot.aspects import asks_time
from bot.correction import broken, correct
from bot.engine import Engine
from bot.entities import Mentions, mentions
from bot.knowledge import WHOLE
from bot.normalise import normalise
from bot.query import Understanding, is_sure, names, social, understand
from bot.render import render, understood
from bot.segments import Span, asks, clauses, windows, within
from bot.subjects import SURE
from bot.values import (
    Answer,
    Cells,
    Choose,
    Context,
    Correction,
    Facts,
    Missing,
    Parts,
    Passages,
    Query,
    Reply,
    Roles,
    Say,
    Social,
    Tasks,
    Text,
)

LONGEST = 1000
_LATIN = re.compile(r"[a-z]{2}")
_MOST_PARTS = 6
# Facts of the notice that are asked by its name, not just in words that fit them too.
_ANCHORED = 1.0
# How unclear a question may be that is plainly one and that the rest of the message bears out.
_FAINT = 2.4
# A question is given the clauses that lead up to it as long as they do not make it less clear.
# One that says where is better than one about the whole, and one with an answer better than one without.
_ROOMY, _UNPLACED, _DECLINED = 0.05, 0.8, 1.2
_ASKING = re.compile("[谁啥几吗哪怎咋何么]|多少|多大|多久|不$|没$|想了解|想知道|想问|目标|任务")
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


@dataclass(frozen=True)
class Taken:
    """One question of a message: what it was understood as, and how that is shown."""

    understanding: Understanding
    corrections: tuple[Correction, ...]
    ellipsis: bool

    @property
    def query(self) -> Query:
        return self.understanding.best.query


def respond(question: str, context: Context, engine: Engine) -> tuple[Reply, Context]:
    """The reply to one message of a conversation, and the context for its next one."""
    if len(question) > LONGEST:
        return _plain(question, "long", engine, n=str(len(question)), limit=str(LONGEST)), context
    text = normalise(question, engine.language.replace)
    if not text.plain:
        return _plain(question, "empty", engine), context
    picked = thread.pick(text.plain, context)
    if picked == "":
        return _plain(question, "missing_choice", engine), context
    if picked:
        text, context = normalise(picked), replace(context, choices=())
    small = None if picked else social(text.plain, engine.language)
    if small:
        return render(question, answer(small, engine.knowledge), None, engine.knowledge, engine.language), context
    taken = take(text, context, engine)
    answers = [answer(t.query, engine.knowledge) for t in taken]
    joined = _joined(answers)
    corrections = tuple(c for t in taken for c in t.corrections)
    ellipsis = _said(taken[0].query, engine) if len(taken) == 1 and taken[0].ellipsis else picked
    shown = understood(corrections, ellipsis, engine.language)
    reply = render(question, joined, shown, engine.knowledge, engine.language)
    return reply, _next(context, taken, answers, reply)


def take(text: Text, context: Context, engine: Engine) -> tuple[Taken, ...]:
    """The questions of a message in order, each with its best reading; at least one."""
    whole = _taken(mentions(text, engine.lexicon, engine.language), context, engine)
    spans = clauses(whole.understanding.mentions.text.plain)
    if len(spans) < 2:
        return (whole,)
    asked = _questions(whole, spans, context, engine)
    clear = [q for q in asked if _clear(q, engine)]
    if clear:
        clear = [q for q in asked if q in clear or _beside(q, whole)]
    if len({repr(q.query) for q in clear}) >= 2 and _apart(whole, clear):
        return tuple(clear[:_MOST_PARTS])
    # What leans on an earlier clause is not the one question of the message.
    sure = [q for q in asked if is_sure(q.understanding.best) and not (q.ellipsis and q is not asked[0])]
    if _refused(whole) or not sure:
        return (whole,)
    if is_sure(whole.understanding.best) and _clear(whole, engine):
        return (whole,)
    one = min(sure, key=lambda q: (_loss(q, whole), q.understanding.rank))
    if _better(one, whole):
        return (one,)
    return (whole,)


def _questions(whole: Taken, spans: list[Span], context: Context, engine: Engine) -> list[Taken]:
    """What the clauses that ask are about, each with the clauses that belong to it, in order."""
    m = whole.understanding.mentions
    found: list[Taken] = []
    last = -1
    for number, span in enumerate(spans):
        if number <= last or not asks(m, span):
            continue
        best: tuple[float, int, Taken] | None = None
        for start, end in windows(m, spans, number, last):
            piece = within(m, (start, end))
            if len(piece.text.plain) < 2 or social(piece.text.plain, engine.language):
                continue
            taken = Taken(_read(piece, context, engine), piece.text.corrections, False)
            if not (is_sure(taken.understanding.best) or _declines(taken) or _beside(taken, whole)):
                continue
            size = sum(start <= a and b <= end for a, b in spans)
            cost = taken.understanding.rank - _ROOMY * min(size, 3)
            if _declines(taken):
                cost += _DECLINED
            elif _unplaced(taken, m, spans[last][1] if last >= 0 else 0):
                cost += _UNPLACED
            if best is None or cost < best[0]:
                best = (cost, next(i for i, s in enumerate(spans) if s[1] == end), taken)
        if best is not None:
            last = best[1]
            found.append(replace(best[2], ellipsis="接着" in best[2].understanding.best.why))
            context = _about(_context_after(context, best[2].query), best[2])
    return found


def _beside(part: Taken, whole: Taken) -> bool:
    """Is the part a question of its own about the text of what the message as a whole asks the units of?"""
    query, about = part.query, whole.query
    if not (isinstance(query, Passages) and isinstance(about, Roles) and part.understanding.rank < _FAINT):
        return False
    plain = part.understanding.mentions.text.plain
    asked = plain.endswith("？") or asks_time(plain)
    return asked and {p.partition("#")[0] for p in query.points} <= set(about.refs)


def _unplaced(part: Taken, m: Mentions, since: int) -> bool:
    """Is the part about the whole, though the message names places from there on?"""
    about_whole = isinstance(part.query, Cells) and part.query.regions == (WHOLE,)
    if not about_whole or part.understanding.mentions.of("whole"):
        return False
    return any(e.start >= since for e in m.of("region", "set", "inside", "outside", "place"))


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
    if isinstance(best.query, Passages):
        match = part.understanding.about.matches[0]
        return part.understanding.about.explicit or match.score >= SURE and not match.strange
    if part.understanding.about.explicit and isinstance(best.query, Roles | Parts):
        return True
    return not any(names(t, engine.language) for t in m.leftover)


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
    return not _covers(whole, asked)


def _refused(whole: Taken) -> bool:
    """Is the message as a whole about another year or place, or does it ask for what the document leaves out?"""
    query, m = whole.query, whole.understanding.mentions
    if not isinstance(query, Missing):
        return False
    if query.reason in ("year", "actual", "narrower"):
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
                other.operation in (query.operation, "show", "order" if query.operation == "rank" else "show")
                and set(other.indicators) <= set(query.indicators)
                and set(other.regions) <= {*query.regions, WHOLE}
            )
        case Missing(), Cells():
            return set(other.indicators) <= set(query.indicators)
        case Roles(), Roles():
            return set(other.refs) <= set(query.refs) and "any" in (query.role, other.role) or query == other
        case Roles() | Tasks(), Tasks():
            return set(other.units) <= set(query.units)
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
    if not is_sure(whole.understanding.best):
        return True
    if isinstance(whole.query, Cells) and _loss(one, whole):
        return False
    unexplained = bool(whole.understanding.best.unexplained)
    return one.understanding.rank + _loss(one, whole) < whole.understanding.rank - (0.0 if unexplained else 0.3)


def _loss(one: Taken, whole: Taken) -> float:
    """What the message says and the one question of it does not take in."""
    ours, theirs = one.understanding.mentions, whole.understanding.mentions
    lost = 0.4 * sum(ours.has(cue) != theirs.has(cue) for cue in _OPERATIONS)
    return lost + 0.8 * _forgets(one.query, whole)


def _declines(part: Taken) -> bool:
    """Is the part a question of its own about something that the document does not hold?"""
    query = part.query
    return isinstance(query, Missing) and query.reason not in ("nothing", "word", "item", "other", "context")


def _forgets(query: Query, whole: Taken) -> bool:
    """Does a piece of the message ask for figures without the region or indicator that the rest of it names?"""
    if not isinstance(query, Cells):
        return False
    m = whole.understanding.mentions
    regions = {e.id for e in m.of("region")}
    ours = len(query.regions) <= len(regions) and regions & set(query.regions)
    elsewhere = query.operation == "show" and bool(regions) and not ours
    return elsewhere or isinstance(whole.query, Cells) and not set(whole.query.indicators) <= set(query.indicators)


def _taken(m: Mentions, context: Context, engine: Engine) -> Taken:
    """The best reading, correcting what is not understood: layer by layer, and only as far as it helps."""
    first = found = _read(m, context, engine)
    current = m.text
    for boldness in (False, True):
        needs = bool(found.mentions.leftover) or bool(_LATIN.search(current.plain))
        needs = needs or boldness and found.rank > 1.3 and bool(broken(found.mentions, engine.lexicon))
        if not needs or (boldness and is_sure(found.best) and found.rank <= 1.3):
            break
        for _ in range(2):
            changed = correct(found.mentions, engine.lexicon, boldness)
            if changed is None or changed.plain == current.plain:
                break
            other = _read(mentions(changed, engine.lexicon, engine.language), context, engine)
            if other.rank > found.rank + 0.05 and is_sure(found.best):
                break
            if boldness and not (other.rank < found.rank - 0.1):
                break
            found, current = other, changed
    if isinstance(found.best.query, Missing) and found.best.query.reason == "nothing" and current.corrections:
        found, current = first, m.text
    return Taken(found, current.corrections, "接着" in found.best.why)


def _read(m: Mentions, context: Context, engine: Engine) -> Understanding:
    return understand(m, context, engine.knowledge, engine.lexicon, engine.language, engine.topics)


def _joined(answers: list[Answer]) -> Answer:
    """Several answers as one, in order."""
    if len(answers) == 1:
        return answers[0]
    outcome = "answer" if any(a.outcome == "answer" for a in answers) else answers[0].outcome
    return Answer(
        outcome,
        tuple(s for a in answers for s in a.says),
        tuple(dict.fromkeys(c for a in answers for c in a.citations)),
        tuple(dict.fromkeys(f for a in answers for f in a.figures)),
        next((a.view for a in answers if a.view), None),
        tuple(c for a in answers for c in a.choices) if outcome == "choose" else (),
        tuple(s for a in answers for s in a.follow_ups)[:3],
    )


def _said(query: Query, engine: Engine) -> str | None:
    """An elliptical question in full, as the asker is shown it was taken."""
    knowledge = engine.knowledge
    match query:
        case Cells():
            names = "、".join(knowledge.region_name(r) for r in query.regions[:4])
            return names + "、".join(knowledge.indicators[i].name for i in query.indicators[:3])
        case Roles() | Parts():
            return "、".join(f"{knowledge.parts[r].title}" for r in query.refs[:3]) or None
        case Tasks():
            return "、".join(knowledge.units[u].name for u in query.units) or None
        case _:
            return None


def _context_after(context: Context, query: Query) -> Context:
    """The thread after a query: what it was about, for the next message to lean on."""
    match query:
        case Social() | Choose():
            return context
        case Cells():
            cells = tuple((r, i) for r in query.regions for i in query.indicators)[:6]
            kept = context.cells if isinstance(context.query, Cells) else ()
            kept = tuple(c for c in kept if c not in cells)
            return Context(query, (*kept, *cells)[-6:], (), ())
        case Roles() | Parts():
            units = query.units if isinstance(query, Roles) else ()
            return Context(query, (), units or context.units, query.refs)
        case Tasks():
            return Context(query, (), query.units, context.refs)
        case Passages():
            refs = tuple(dict.fromkeys(p.partition("#")[0] for p in query.points))
            return Context(query, (), (), refs)
        case Missing() if query.reason in ("nothing", "other", "item"):
            return context
        case Missing():
            return Context(query, context.cells, (), query.refs or context.refs)
        case Facts():
            return Context(query, (), (), ())


def _about(context: Context, taken: Taken) -> Context:
    """The thread with the measure that a question about figures named too, for the question who is in charge of it."""
    about = taken.understanding.about
    if isinstance(taken.query, Cells) and about.explicit and not context.refs:
        return replace(context, refs=tuple(r for r in about.refs if r.startswith("measure:"))[:1])
    if isinstance(taken.query, Missing) and taken.query.reason == "nothing" and about.how == "topic":
        return Context(taken.query, context.cells, (), tuple(r for r in about.refs if r.startswith("measure:")))
    return context


def _next(context: Context, taken: tuple[Taken, ...], answers: list[Answer], reply: Reply) -> Context:
    for one, given in zip(taken, answers, strict=True):
        context = _about(_context_after(context, one.query), one)
        if given.units:
            context = replace(context, units=given.units)
        if given.refs:
            context = replace(context, refs=given.refs)
    return replace(context, choices=reply.choices)


def _plain(question: str, key: str, engine: Engine, **fields: str) -> Reply:
    """A reply that rests on nothing in the document."""
    return render(question, Answer("no_answer", (Say(key, fields),)), None, engine.knowledge, engine.language)
