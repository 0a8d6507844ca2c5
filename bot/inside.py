"""Mentions and Context -> what is asked of the part just spoken of: 同一条里还说了哪些计划, 这条里对…怎么说."""

import re
from collections.abc import Iterator

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.subjects import FAIR, hidden
from bot.thread import points_at_part
from bot.topics import Topics
from bot.values import Cells, Context, Passages, Reading

# What else of a kind the part has.
_ALSO = re.compile(
    "还(?:说|提|讲|写|列|有|点)(?:到|了|及)*(?:哪些|哪几[个项种]|什么|啥)(?P<kind>[\u4e00-\u9fff]{2,4}?)[？。吗呢啊]*$"
)


def readings(m: Mentions, context: Context, knowledge: Knowledge, topics: Topics) -> Iterator[Reading]:
    """The points of the one part of the thread that the message asks of, where it points back to that part."""
    if not points_at_part(m) or m.has("lead", "responsible") or m.of("unit"):
        return
    if len(context.refs) != 1 or isinstance(context.query, Cells):
        return
    ref = context.refs[0]
    known = context.query.points if isinstance(context.query, Passages) else ()
    also = _ALSO.search(m.text.plain)
    if also:
        points = [p for p in knowledge.parts[ref].points if also["kind"] in p.text and p.id not in known]
        if points:
            yield Reading(Passages(tuple(p.id for p in points)), 0.7, (), "同一条里还有的")
            return
    named = {place for e in m.programmes for place in knowledge.programmes[e.id].places}
    best = next(iter(topics.rank(m, hidden(m), ref)), None)
    if best and (best.score >= FAIR or best.point in named) and not best.strange:
        yield Reading(Passages((best.point,)), 0.75, (), "同一条里的要点")
