"""The path from a question to a reply: the only module that knows the order of the others.

question --normalise--> Text --entities--> Mentions --query--> Understanding --answer--> Answer --render--> Reply
"""

from dataclasses import replace

from bot import thread
from bot.answer import answer
from bot.corrected import Taken
from bot.engine import Engine
from bot.excerpt import excerpt, shown
from bot.knowledge import Knowledge
from bot.normalise import normalise
from bot.render import render, understood
from bot.retraction import meant
from bot.segments import asking, clauses
from bot.small_talk import in_passing, social
from bot.subjects import surplus
from bot.taking import take
from bot.turns import Step, Turn, chooses
from bot.values import (
    Answer,
    Cells,
    Context,
    Missing,
    Parts,
    Query,
    Reply,
    Roles,
    Say,
    Tasks,
)

LONGEST = 1000
_MOST_NAMED = 4


def respond(question: str, context: Context, engine: Engine) -> tuple[Reply, Context]:
    """The reply to one message of a conversation, and the context for its next one."""
    made = turn(question, context, engine)
    return made.reply, made.thread(context)


def turn(question: str, context: Context, engine: Engine) -> Turn:
    """The same, with the next context still to be made; looked at is what of the context the reply depends on."""
    if len(question) > LONGEST:
        return _plain(question, "long", engine, n=str(len(question)), limit=str(LONGEST))
    typed = normalise(question, engine.language.replace)
    part = excerpt(typed.plain, engine.lexicon.named)
    text = meant(typed if part == typed.plain else replace(typed, plain=part))
    if not text.plain:
        return _plain(question, "empty", engine)
    picked = thread.pick(text.plain, context)
    if picked == "":
        return _plain(question, "missing_choice", engine)
    if picked:
        text, context = normalise(picked), replace(context, choices=())
    small = None if picked else social(text.plain, engine.language)
    taken = () if small else take(text, context, engine)
    if len(taken) == 1 and _asks_nothing(taken[0]):
        # 谢谢，回头我跟他说一声
        small = in_passing(text.plain, engine.language)
    if small:
        return Turn(render(question, answer(small, engine.knowledge), None, engine.knowledge, engine.language))
    answers = [answer(t.query, engine.knowledge) for t in taken]
    joined = _joined(answers)
    if joined.outcome == "answer" and (unheld := _unheld(taken, engine)):
        joined = replace(joined, says=(unheld, *joined.says))
    corrections = tuple(c for t in taken for c in t.corrections)
    ellipsis = _said(taken[0].query, engine) if len(taken) == 1 and taken[0].ellipsis else picked
    left_out = shown(part) if part != typed.plain else ""
    taken_as = understood(corrections, ellipsis, left_out, engine.language)
    reply = render(question, joined, taken_as, engine.knowledge, engine.language)
    steps = (
        Step(t.query, t.understanding.about, a.units, a.refs, _cells(t.query, a, engine.knowledge))
        for t, a in zip(taken, answers, strict=True)
    )
    return Turn(reply, tuple(steps))


def _unheld(taken: tuple[Taken, ...], engine: Engine) -> Say | None:
    """What is said of a part, or a number of parts, that is spoken of beside others and that is not there."""
    knowledge = engine.knowledge
    for one in taken:
        u = one.understanding
        what = u.about.absent or surplus(u.mentions, knowledge)
        if what:
            counts = {"measures": len(knowledge.measures), "requirements": len(knowledge.of_kind("requirement"))}
            return Say("missing_part", {"what": what, **{key: str(n) for key, n in counts.items()}})
    return None


def _asks_nothing(taken: Taken) -> bool:
    """Does the message neither ask nor name anything that is known?"""
    m = taken.understanding.mentions
    nothing = isinstance(taken.query, Missing) and taken.query.reason == "nothing"
    return nothing and not any(asking(m, clauses(m.text.plain)))


def _cells(query: Query, answer: Answer, knowledge: Knowledge) -> tuple[tuple[str, str], ...]:
    """The region and indicator, by their ids, of each figure that was chosen out of several for the answer."""
    if not chooses(query):
        return ()
    told = {(f.region, f.indicator): None for f in answer.figures if f.region and f.value}
    regions = {r.name: r.id for r in knowledge.regions.values()}
    indicators = {i.name: i.id for i in knowledge.indicators.values()}
    return tuple((regions[r], indicators[i]) for r, i in told if r in regions and i in indicators)


def _joined(answers: list[Answer]) -> Answer:
    """Several answers as one, in order."""
    if len(answers) == 1:
        return answers[0]
    says: list[Say] = []
    for one in answers:
        # What is declined twice in one message is said once.
        says += [say for say in one.says if say not in says]
    outcome = "answer" if any(a.outcome == "answer" for a in answers) else answers[0].outcome
    return Answer(
        outcome,
        tuple(says),
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
            many = len(query.regions) > _MOST_NAMED
            names = "" if many else "、".join(knowledge.region_name(r) for r in query.regions)
            return names + "、".join(knowledge.indicators[i].name for i in query.indicators[:3])
        case Roles() | Parts():
            return "、".join(f"{knowledge.parts[r].title}" for r in query.refs[:3]) or None
        case Tasks():
            return "、".join(knowledge.units[u].name for u in query.units) or None
        case _:
            return None


def _plain(question: str, key: str, engine: Engine, **fields: str) -> Turn:
    """A reply that rests on nothing in the document."""
    return Turn(render(question, Answer("no_answer", (Say(key, fields),)), None, engine.knowledge, engine.language))
