"""The path from a question to a reply: the only module that knows the order of the others.

question --normalise--> Text --entities--> Mentions --query--> Understanding --answer--> Answer --render--> Reply
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot import thread
from bot.answer import answer
from bot.correction import broken, correct
from bot.engine import Engine
from bot.entities import mentions
from bot.normalise import normalise
from bot.query import Understanding, is_sure, social, understand
from bot.render import render, understood
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
_GOOD = 1.8
_SENTENCE = re.compile(r"[^。？！；]+[。？！；]?")
_CLAUSE = re.compile(r"[^，。？！；：]+[，。？！；：]?")
_LATIN = re.compile(r"[a-z]{2}")
_MOST_PARTS = 6
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
    whole = _taken(text, context, engine)
    if isinstance(whole.query, Missing) and whole.query.reason in ("year", "place", "inside", "outside"):
        placed = whole.understanding.mentions.of("region") and whole.query.reason != "year"
        if not placed:
            return (whole,)
    if _asked_last(whole, text.plain):
        return (whole,)
    sentences = [s.strip() for s in _SENTENCE.findall(text.plain) if s.strip("。？！； ")]
    sure = is_sure(whole.understanding.best)
    if len(sentences) > 1:
        parts = list(_parts(sentences, text, context, engine))
        good = [p for p in parts if is_sure(p.understanding.best)]
        if len({repr(p.query) for p in good}) >= 2 and not _covers(whole, good):
            return tuple(p for p in parts if is_sure(p.understanding.best) or _declines(p))[:_MOST_PARTS]
        if good and (not sure or whole.understanding.rank > good[-1].understanding.rank + 0.3):
            return (good[-1],)
    if not sure or whole.understanding.best.unexplained:
        better = _clause(context, engine, whole)
        if better is not None:
            return (better,)
    return (whole,)


def _asked_last(whole: Taken, plain: str) -> bool:
    """Is what the document leaves out also the last thing that the message asks?"""
    query, m = whole.query, whole.understanding.mentions
    if not isinstance(query, Missing) or query.reason not in m.missing or m.text.plain != plain:
        return False
    return not _ASKING.search(plain, max(end for _, end in m.missing[query.reason]))


def _covers(whole: Taken, good: list[Taken]) -> bool:
    """Does the reading of the whole message hold all that its sentences ask?"""
    if not isinstance(whole.query, Cells) or not is_sure(whole.understanding.best):
        return False
    return all(
        isinstance(p.query, Cells)
        and p.query.operation == whole.query.operation
        and set(p.query.indicators) <= set(whole.query.indicators)
        and set(p.query.regions) <= set(whole.query.regions)
        for p in good
    )


def _declines(part: Taken) -> bool:
    """Is the part a question of its own about something that the document does not hold?"""
    query = part.query
    return isinstance(query, Missing) and query.reason not in ("nothing", "word", "item", "other")


def _parts(sentences: list[str], text: Text, context: Context, engine: Engine) -> Iterator[Taken]:
    for sentence in sentences:
        if social(sentence.strip("。？！；，"), engine.language):
            continue
        taken = _taken(Text(text.raw, sentence.strip("。；"), text.corrections), context, engine)
        context = _context_after(context, taken.query)
        yield taken


def _within(corrections: tuple[Correction, ...], piece: str) -> tuple[Correction, ...]:
    """The corrections that the piece of the message shows."""
    return tuple(c for c in corrections if c.read in piece)


def _clause(context: Context, engine: Engine, whole: Taken) -> Taken | None:
    """The one clause (or its tail of the message) that asks, in a message which tells a story around it."""
    text = whole.understanding.mentions.text
    clauses = _CLAUSE.findall(text.plain)
    if len(clauses) < 2:
        return None
    asking = _ASKING.search(text.plain)
    best: tuple[float, int, Taken] | None = None
    for first in range(len(clauses)):
        for last in range(first + 1, min(first + 5, len(clauses)) + 1):
            piece = "".join(clauses[first:last]).strip("，。；：")
            if len(piece) < 4 or last - first == len(clauses):
                continue
            found = _understood(Text(text.raw, piece, text.corrections), context, engine)
            taken = Taken(found, _within(text.corrections, piece), "接着" in found.best.why)
            if not is_sure(taken.understanding.best):
                continue
            if isinstance(taken.query, Cells) and not _asks(taken):
                continue
            forgets = _forgets(taken.query, whole)
            if forgets and isinstance(whole.query, Cells):
                continue
            ours, theirs = taken.understanding.mentions, whole.understanding.mentions
            lost = sum(ours.has(cue) != theirs.has(cue) for cue in _OPERATIONS)
            silent = bool(asking) and not _ASKING.search(piece)
            cost = taken.understanding.rank - 0.05 * (last - first) + 0.4 * lost + 0.3 * silent
            cost += 0.8 * forgets
            if best is None or cost < best[0]:
                best = (cost, first, taken)
    if best is None or best[0] >= whole.understanding.rank and is_sure(whole.understanding.best):
        return None
    return best[2]


def _forgets(query: Query, whole: Taken) -> bool:
    """Does a piece of the message ask for figures without the region or indicator that the rest of it names?"""
    if not isinstance(query, Cells):
        return False
    m = whole.understanding.mentions
    regions = {e.id for e in m.of("region")}
    elsewhere = query.operation == "show" and bool(regions) and not regions & set(query.regions)
    return elsewhere or isinstance(whole.query, Cells) and not set(whole.query.indicators) & set(query.indicators)


def _asks(taken: Taken) -> bool:
    """Does the piece ask for figures, and not just mention them?"""
    m = taken.understanding.mentions
    cues = (
        "highest",
        "lowest",
        "rank",
        "which_region",
        "share",
        "sum",
        "difference",
        "compare",
        "overview",
        "quantity",
    )
    return m.has(*cues) or bool(_ASKING.search(m.text.plain))


def _taken(text: Text, context: Context, engine: Engine) -> Taken:
    """The best reading, correcting what is not understood: layer by layer, and only as far as it helps."""
    found = _understood(text, context, engine)
    current = text
    for boldness in (False, True):
        needs = bool(found.mentions.leftover) or bool(_LATIN.search(current.plain))
        needs = needs or boldness and found.rank > 1.3 and bool(broken(found.mentions, engine.lexicon))
        if not needs or (boldness and is_sure(found.best) and found.rank <= 1.3):
            break
        for _ in range(2):
            changed = correct(found.mentions, engine.lexicon, boldness)
            if changed is None or changed.plain == current.plain:
                break
            other = _understood(changed, context, engine)
            if other.rank > found.rank + 0.05 and is_sure(found.best):
                break
            if boldness and not (other.rank < found.rank - 0.1):
                break
            found, current = other, changed
    if isinstance(found.best.query, Missing) and found.best.query.reason == "nothing" and current.corrections:
        found, current = _understood(text, context, engine), text
    return Taken(found, current.corrections, "接着" in found.best.why)


def _understood(text: Text, context: Context, engine: Engine) -> Understanding:
    found = mentions(text, engine.lexicon, engine.language)
    return understand(found, context, engine.knowledge, engine.lexicon, engine.language, engine.topics)


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


def _next(context: Context, taken: tuple[Taken, ...], answers: list[Answer], reply: Reply) -> Context:
    for one, given in zip(taken, answers, strict=True):
        context = _context_after(context, one.query)
        if given.units:
            context = replace(context, units=given.units)
        if given.refs:
            context = replace(context, refs=given.refs)
    return replace(context, choices=reply.choices)


def _plain(question: str, key: str, engine: Engine, **fields: str) -> Reply:
    """A reply that rests on nothing in the document."""
    return render(question, Answer("no_answer", (Say(key, fields),)), None, engine.knowledge, engine.language)
