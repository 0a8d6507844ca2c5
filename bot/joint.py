"""Mentions -> readings that set figures of a region beside one another: several limits, its places in the orders."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.entities import Mentions
from bot.indicators import indicator_ids
from bot.knowledge import Knowledge
from bot.leftovers import unsaid
from bot.operations import Scope, mean, operation, place, relation, top
from bot.relations import claimed
from bot.segments import Span, within
from bot.thresholds import bounds
from bot.values import Cells, Limit, Reading
from bot.verdicts import meets

# What stands between two conditions; the second begins behind it.
_EACH = re.compile("[每各]一?[项个]")
_BOTH = re.compile("都|均|全部")
_APART = re.compile("[0-9，、；又且但却并]")
_AND = re.compile("而且|并且|同时|以及|但是|可是|不过|另外|[，、；又且但却并]|和")
# Without a number or one of these nothing is set beside anything.
_SET_TOGETHER = (
    "which_indicator", "compare", "highest", "lowest", "rank", "top", "no_target", "above", "below", "at_least",
    "at_most", "ratio", "difference", "same", "confirm",
)  # fmt: skip


def readings(m: Mentions, where: Scope, knowledge: Knowledge, tabled: tuple[str, ...]) -> Iterator[Reading]:
    """The ways to take the message as one about several figures of each region, or about two regions' one figure.

    `tabled`: the indicators with cells.
    """
    if not (m.numbers or m.has(*_SET_TOGETHER)):
        return
    unexplained = tuple(t.word for t in m.leftover)
    rank = 0.8 + unsaid(m)
    if where.named and not where.named_set and not where.excluded:
        query = _standing(m, where, tabled)
    elif where.everywhere or where.named_set or m.region_words or m.has("which_region", "who"):
        query = _limited(m, where, knowledge, tabled)
    else:
        query = None
    if query:
        yield Reading(query, rank, unexplained, "几个指标一起看")
    ids = indicator_ids(m, knowledge)[0] if len(m.of("region")) > 1 else ()
    if len(ids) == 1 and ids[0] in tabled and (said := claimed(m)):
        yield Reading(Cells(said[0], ids, "compare", (said[1],)), rank, unexplained, "两地比较的说法")


def _standing(m: Mentions, where: Scope, tabled: tuple[str, ...]) -> Cells | None:
    """In which orders one region has a certain place: 某地哪项排第一."""
    if (
        len(where.regions) != 1
        or m.indicators
        or not (m.has("which_indicator", "overview", "count", "tasks") or _EACH.search(m.text.plain))
    ):
        return None
    found = place(m)
    if not found and m.has("rank"):
        return Cells(where.regions, tabled, "rank")
    if not found:
        return Cells(where.regions, tabled, "unset") if m.has("no_target") else None
    bound, low = found
    return Cells(where.regions, tabled, "standing", (bound,), ascending=low)


def _limited(m: Mentions, where: Scope, knowledge: Knowledge, tabled: tuple[str, ...]) -> Cells | None:
    """The regions within several limits, or the figures of those within one of another indicator."""
    limits: list[Limit] = []
    others: list[tuple[Mentions, str]] = []
    for piece in _pieces(m):
        ids, shared = indicator_ids(piece, knowledge)
        if shared or not ids or not set(ids) <= set(tabled):
            return None
        found = list(_limits(piece, ids, knowledge))
        if not found and len(ids) > 1:
            return None
        if len(found) == 1 and others and _BOTH.search(piece.text.plain):
            # 甲和乙都超过…: the limit of the last is that of all.
            limits += [replace(found[0], indicator=i) for _, i in others]
            others = []
        limits += found
        others += [] if found else [(piece, ids[0])]
    regions = where.regions or tuple(knowledge.regions)
    if not limits or len(others) > 1:
        return None
    named = tuple(dict.fromkeys(i for limit in limits for i in (limit.indicator, limit.other) if i))
    if not others:
        return Cells(regions, named, "filter", limits=tuple(limits)) if len(named) > 1 else None
    piece, asked = others[0]
    if asked in named:
        return None
    kept = tuple(r for r in regions if all(meets(r, limit, knowledge) for limit in limits))
    op, low = operation(piece, replace(where, regions=kept, everywhere=True), (asked,))
    op = "sum" if op in ("total", "sum") else op
    if op == "highest" or op == "lowest" or op in ("show", "sum", "average", "share", "order"):
        return Cells(kept, (asked,), op, top=top(piece), ascending=low, limits=tuple(limits))
    return None


def _pieces(m: Mentions) -> Iterator[Mentions]:
    """The stretches of the message each of which names one indicator, or two that are compared."""
    spans: list[Span] = []
    for e in sorted(m.indicators, key=lambda e: e.start):
        gap = m.text.plain[spans[-1][1] : e.start] if spans else ""
        beside = spans and (e.start < spans[-1][1] or relation(m, e.start, e.end) and not _APART.search(gap))
        if beside:
            spans[-1] = (spans[-1][0], max(spans[-1][1], e.end))
        else:
            spans.append((e.start, e.end))
    start = 0
    if not spans:
        return
    for (_, end), following in zip(spans, (*spans[1:], None), strict=True):
        stop = len(m.text.plain)
        if following:
            cuts = [end + c.end() for c in _AND.finditer(m.text.plain[end : following[0]])]
            stop = cuts[-1] if cuts else following[0]
        yield within(m, (start, stop))
        start = stop


def _limits(piece: Mentions, ids: tuple[str, ...], knowledge: Knowledge) -> Iterator[Limit]:
    """The limits that one stretch sets."""
    if len(ids) == 2:
        units = {knowledge.indicators[i].unit for i in ids}
        second = next((e for e in piece.indicators if e.id == ids[1]), None)
        sign = relation(piece, second.start, second.end) if second else None
        if sign and len(units) == 1:
            yield Limit(ids[0], sign, other=ids[1])
        return
    found, _ = bounds(piece)
    if not found and piece.has("no_target"):
        yield Limit(ids[0], "/")
    for bound in found or mean(piece, ids[0], knowledge):
        yield Limit(ids[0], bound.relation, bound.value)
