"""Every entry's own questions asked: each is answered, and by its own entry.

A question that another entry answers is named with both, so that an editor sees which alias to move.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot.engine import Engine
from bot.knowledge import Entry, Fact, Knowledge, Part, Point, squeeze
from bot.respond import respond
from bot.values import Context, Problem, Reply

_SHOWN = 30
_MEND = "请给它补上这样问的说法（aliases 或 words），或从抢答的那一条删去相同的说法，或改写这个问题"
_Entry = TypeVar("_Entry", bound=Entry)
Seen = Callable[[Reply], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the entry that must answer it, and how one sees in the reply that it did.

    `best` is seen where not only the entry's part answers, but the very words meant.
    """

    question: str
    owner: str
    place: tuple[str, int]
    answered: Seen
    best: Seen | None = None


def registers(knowledge: Knowledge) -> Iterator[Entry]:
    """The entries that people ask for by name."""
    yield from knowledge.facts.values()
    yield from knowledge.units.values()
    yield from knowledge.programmes.values()
    yield knowledge.whole
    yield from knowledge.regions.values()
    yield from knowledge.sets.values()
    yield from knowledge.indicators.values()
    yield from knowledge.shared.values()


def unanswered(questions: Iterable[Asked], engine: Engine) -> Iterator[Problem]:
    """A problem for each question that its own entry does not answer."""
    knowledge = engine.knowledge
    for asked in questions:
        reply, _ = respond(asked.question, Context(), engine)
        if not asked.answered(reply):
            what = f"{asked.owner}的问题「{asked.question}」{_instead(reply, knowledge)}"
            yield Problem(*asked.place, what, _MEND)
        elif asked.best and not asked.best(reply):
            what = f"{asked.owner}的问题「{asked.question}」答的不是这一段（答的是：{_short(reply.answer)}）"
            yield Problem(*asked.place, what, _MEND, warning=True)


def every(knowledge: Knowledge) -> Iterator[Asked]:
    """All questions of all entries, in the order of the files."""
    yield from _asked(knowledge.facts.values(), _states)
    for part in knowledge.parts.values():
        yield from (Asked(question, title(part), part.place, _cites({part.id})) for question in part.ask)
        for point in part.points:
            owner = f"{title(part)}的要点「{_short(point.text)}」"
            yield from (
                Asked(question, owner, point.place, _cites({point.ref}), _says(point)) for question in point.ask
            )
    yield from _asked(knowledge.units.values(), lambda unit: _names(unit.name))
    yield from _asked(knowledge.programmes.values(), lambda programme: _cites(_refs(programme.places, knowledge)))
    yield from _asked((knowledge.whole,), lambda _: _counts(None))
    yield from _asked(knowledge.regions.values(), lambda region: _counts(region.name))
    for group in knowledge.sets.values():
        names = [knowledge.regions[id_].name for id_ in group.members]
        yield from _asked((group,), lambda _, names=names: _counts(*names))  # type: ignore[misc]
    yield from _asked(knowledge.indicators.values(), lambda indicator: _counted(indicator.name))
    yield from _asked(knowledge.shared.values(), lambda _: lambda reply: reply.outcome == "choose")
    yield from _asked(knowledge.outside.values(), lambda _: lambda reply: reply.outcome == "no_answer")


def _asked(entries: Iterable[_Entry], seen: Callable[[_Entry], Seen]) -> Iterator[Asked]:
    for entry in entries:
        yield from (Asked(question, f"「{entry.name}」", entry.place, seen(entry)) for question in entry.ask)


def title(part: Part) -> str:
    """A part as an editor knows it: label and title."""
    label = part.label.strip()
    return f"「{label}{' ' if label.endswith('.') else ''}{part.title}」"


# --- what is seen in a reply ---------------------------------------------------------------------


def _cites(refs: set[str]) -> Seen:
    return lambda reply: reply.outcome == "answer" and any(c.ref in refs for c in reply.citations)


def _says(point: Point) -> Seen:
    """The point, or some of it, is what is said."""
    text = squeeze(point.text)

    def seen(reply: Reply) -> bool:
        quotes = [squeeze(c.quote) for c in reply.citations if c.ref == point.ref]
        return any(text in said or said in text for said in (*quotes, squeeze(reply.answer)))

    return seen


def _states(fact: Fact) -> Seen:
    """The notice is cited, and the fact (or some of it) is what is said."""
    text, value = squeeze(fact.text), squeeze(fact.value)

    def seen(reply: Reply) -> bool:
        quotes = [squeeze(c.quote) for c in reply.citations if c.ref == "notice"]
        return any(quote in text or text in quote or value in quote for quote in quotes)

    return seen


def _names(name: str) -> Seen:
    def seen(reply: Reply) -> bool:
        texts = (reply.answer, *(citation.quote for citation in reply.citations))
        return reply.outcome == "answer" and any(name in text for text in texts)

    return seen


def _counts(*regions: str | None) -> Seen:
    return lambda reply: set(regions) <= {figure.region for figure in reply.figures}


def _counted(indicator: str) -> Seen:
    return lambda reply: any(figure.indicator == indicator for figure in reply.figures)


def _refs(places: Iterable[str], knowledge: Knowledge) -> set[str]:
    return {knowledge.points[id_].ref for id_ in places}


# --- what came instead ---------------------------------------------------------------------------


def _instead(reply: Reply, knowledge: Knowledge) -> str:
    if reply.outcome == "choose":
        return f"被反问：{'；'.join(reply.choices)}"
    if reply.outcome != "answer":
        return f"没有答出来（答的是：{_short(reply.answer)}）"
    others = dict.fromkeys(title(knowledge.parts[c.ref]) for c in reply.citations if c.ref in knowledge.parts)
    figures = dict.fromkeys(f"「{f.region or knowledge.whole.name}{f.indicator}」" for f in reply.figures)
    thief = "、".join((*figures, *others)) or "通知"
    return f"被{_short(thief)}抢答了（答的是：{_short(reply.answer)}）"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
