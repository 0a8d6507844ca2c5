"""A query -> the thread it leaves for the next turn of the conversation."""

from dataclasses import dataclass, replace

from bot.subjects import Subjects
from bot.values import Cells, Choose, Context, Facts, Missing, Parts, Passages, Query, Reply, Roles, Social, Tasks

_FEW, _CELLS = 3, 6
# Of many regions these choose some.
_CHOOSING = ("highest", "lowest", "nth")


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a message as it was understood, and the units, parts and cells that its answer named."""

    query: Query
    about: Subjects
    units: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """The reply to a message, and its steps; without any, the thread stays as it was."""

    reply: Reply
    steps: tuple[Step, ...] = ()

    def thread(self, context: Context) -> Context:
        """The thread after the turn, for the one before it."""
        for step in self.steps:
            before, context = context, after(context, step.query, step.about)
            if step.cells:
                # What was looked for is what was found, and not all that it was looked for among.
                kept = before.cells if isinstance(before.query, Cells) else ()
                context = replace(context, cells=(*(c for c in kept if c not in step.cells), *step.cells)[-_CELLS:])
            if step.units:
                context = replace(context, units=step.units)
            if step.refs:
                context = replace(context, refs=step.refs)
        return replace(context, choices=self.reply.choices) if self.steps else context


def chooses(query: Query) -> bool:
    """Does the query look for some of many regions?"""
    return isinstance(query, Cells) and query.operation in _CHOOSING


def after(context: Context, query: Query, about: Subjects) -> Context:
    """The thread after a query: what it was about, for the next message to lean on.

    With figures also the measure that was named like them, for the question who is in charge of it.
    """
    found = replace(_after(context, query), run=_run(context, query))
    if isinstance(query, Cells) and about.explicit and not found.refs:
        return replace(found, refs=tuple(r for r in about.refs if r.startswith("measure:"))[:1])
    return found


def _run(context: Context, query: Query) -> tuple[str, ...]:
    """The last few units asked of, each once."""
    units = query.units if isinstance(query, Roles | Tasks) else ()
    return (*(u for u in context.run if u not in units), *units)[-_FEW:]


def _after(context: Context, query: Query) -> Context:
    """The thread after a query: what it was about, for the next message to lean on."""
    match query:
        case Social() | Choose():
            return context
        case Cells():
            cells = (query.pairs or tuple((r, i) for r in query.regions for i in query.indicators))[:_CELLS]
            kept = context.cells if isinstance(context.query, Cells) else ()
            kept = tuple(c for c in kept if c not in cells)
            return Context(query, (*kept, *cells)[-_CELLS:], (), ())
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
        case Missing() if not query.indicators and isinstance(context.query, Cells) and not query.refs:
            # 某某县呢: what was asked of stays.
            return context
        case Missing():
            return Context(query, context.cells, (), query.refs or context.refs)
        case Facts():
            return Context(query, (), (), ())
