"""Mentions and Context -> the question about figures that a message makes of the one before it."""

import re
from dataclasses import replace
from decimal import Decimal

from bot import operations
from bot.entities import Mentions
from bot.indicators import indicator_ids
from bot.knowledge import NO_TARGET, WHOLE, Knowledge
from bot.narrowing import narrower
from bot.numerals import chinese
from bot.scope import scope
from bot.thresholds import bounds
from bot.turns import chooses
from bot.values import Bound, Cells, Context, Limit, Missing, Operation, Query
from bot.verdicts import meets

# A message so short leans on the one before.
SHORT = 9
_BOTH = re.compile("(?:这|那)?(?:两项|俩项|两个指标|两个数)")
# 各是多少 asks for one figure of each, not for all figures.
EACH = frozenset(("各是多少", "分别多少", "分别是多少"))
_SO_MANY = re.compile("(?:这|那)?(?P<n>[二两三四五六])个?(?:地方|地区|州|地州|家)")
_ALL_OF_IT = re.compile("(?:还有)?(?:哪些|什么|其他|别的)(?:的)?(?:目标|指标|任务)")
_THIS_YEAR = re.compile("今年|本年|当年")
# 高的那个, 低的那一个
_NAMED = 4
# The other way round.
_TURNED = re.compile("反过来|倒过来|反着|掉过来|调过来|换过来")
# 高的那个: the one of those compared that has more, or less.
_WINNER = re.compile("(?P<low>[低少小]|垫底)?(?:[高多大]|第一)?(?:的|名)?(?:那个|那一个|那家|那一家|那边|那头|那一方)")
_JOINS = re.compile("那?(?:跟|和|与|同|加上|再加|比|较)")
# 把甲、乙的也加上
_ADDED_TOO = re.compile("[也都一](?:起|块儿?|并)?(?:加上|算上|加进|算进|加起|加到)|再加上")
_EACH_ONE = re.compile("各|分别")
# The one named now, so many times the one before.
_OF_IT = re.compile("(?:它|那个|前面|前者|刚才)\\S{0,3}的?(?:几|多少)倍")


def this_year(plain: str, year: str) -> bool:
    """Does the text say the year of the document?"""
    return bool(_THIS_YEAR.search(plain)) or year in plain


def _previous_cells(query: Query | None) -> Cells | None:
    if isinstance(query, Cells):
        return query
    if isinstance(query, Missing) and query.indicators:
        return Cells(query.regions or (WHOLE,), query.indicators)
    return None


def completed(m: Mentions, context: Context, knowledge: Knowledge, pointing: bool) -> Cells | Missing | None:
    """The query about figures that the message makes of the one before it; `pointing`: it points back in words."""
    before = _previous_cells(context.query)
    if before is not None and chooses(before) and before.top == 1:
        before = _answered(m, before, knowledge)
    if before is None or m.programmes or m.has("lead", "responsible", "charge") or m.of("unit") or m.facts:
        return None
    if m.has("measure_word", "requirement_word") and m.has("tasks", "count") and not m.has("quantity"):
        return None
    if m.ordinals and m.has("title", "whole_text", "who"):
        return None
    where = scope(m, knowledge)
    ids, shared = indicator_ids(m, knowledge)
    if shared and not ids:
        members = [i for i in knowledge.shared[shared[0].id].members] if shared[0].id in knowledge.shared else []
        family = [
            i
            for i in members
            if knowledge.indicators[i].of
            and knowledge.indicators[i].of == knowledge.indicators[before.indicators[0]].of
        ]
        if len(family) != 1:
            return None
        ids = (family[0],)
    if where.whole and not ids and set(m.words("overview")) - EACH:
        # 全区有哪些目标 stands by itself.
        return None
    if not ids and not where.regions and _ALL_OF_IT.search(m.text.plain) and len(before.regions) == 1:
        tabled = tuple(i for table in knowledge.tables.values() for i in table.columns)
        return Cells(before.regions, tabled)
    if m.has("other_table") and not ids:
        return _other_table(where.regions or before.regions, before, knowledge)
    if m.has("rest") and not ids and len(where.excluded) == 0 and len(_chosen(before, knowledge)) > 1:
        others = tuple(r for r in knowledge.regions if r not in _chosen(before, knowledge))
        asked = _operation_on_earlier(m) or "show"
        return Cells(others, before.indicators, asked, excluded=_chosen(before, knowledge)) if others else None
    if not ids and where.regions and _BOTH.search(m.text.plain):
        ids = tuple(dict.fromkeys(i for _, i in context.cells[-2:]))
    if not ids and pointing and not where.regions:
        ids = _by_word(m, before, knowledge)
    less = narrower(m)
    if less and not where.regions and not ids:
        return Missing("narrower", less, before.regions[:1], before.indicators[:1])
    op, ascending = operations.operation(m, where, ids or before.indicators)
    limits, claims = bounds(m)
    like = _like(m, before, where, knowledge)
    if like:
        return like
    operated = op != "show" or bool(limits)
    # 差多少, 加起来, 哪个多 with nothing named: over the cells just looked at.
    back = _operation_on_earlier(m)
    if _TURNED.search(m.text.plain) and before.operation in ("ratio", "difference", "excess", "share"):
        return replace(before, regions=before.regions[::-1], indicators=before.indicators[::-1], base=(), claims=())
    dropped = tuple(e.id for e in m.of("region")) if m.has("except") and not m.has("rest") else ()
    if dropped and not ids and set(dropped) < set(before.regions) and len(before.regions) < len(knowledge.regions):
        return replace(before, regions=tuple(r for r in before.regions if r not in dropped), excluded=(), claims=())
    if (ids or m.leftover or m.has("quantity")) and (winner := _winner(m, before, knowledge)):
        return Cells((winner,), ids or before.indicators)
    if not ids and not where.regions and not where.whole and not where.everywhere:
        if m.has("persons") and op == "show":
            return replace(before, persons=True, claims=())
        other_year = isinstance(context.query, Missing) and context.query.reason == "year"
        if other_year and this_year(m.text.plain, knowledge.year):
            # 去年的…，那今年的呢
            return before
        if claims and m.has("confirm") and len(before.regions) == len(before.indicators) == 1 and back is None:
            return replace(before, operation="show", claims=claims, bounds=(), top=1)
        if back is None and not operated:
            return None
        places = operations.leading(m, knowledge, before.indicators[0], before.ascending)
        if back == "difference" and len(places) == 2 and operations.two_places(m):
            return Cells(places, before.indicators, "difference")
        ends = before.operation in ("highest", "lowest") or m.has("highest") and m.has("lowest")
        if back == "difference" and ends and len(before.regions) > 2:
            return replace(before, operation="difference", top=1, bounds=(), claims=())
        if (
            back == "compare"
            and chooses(before)
            and op in ("highest", "lowest", "nth")
            and not m.has("pair", "former", "latter")
        ):
            # 哪个最少, behind 哪个最多: of all that were looked at.
            return replace(before, operation=op, top=operations.top(m), ascending=ascending, claims=())
        chosen = _chosen(before, knowledge) if before.operation == "filter" else ()
        if back in ("sum", "average", "share") and len(chosen) > 1 and len(before.indicators) == 1:
            return Cells(chosen, before.indicators, back)
        recent = _recent(context, m)
        if back in ("sum", "difference", "ratio", "compare", "average", "excess") and len(recent) >= 2:
            regions = tuple(dict.fromkeys(r for r, _ in recent))
            indicators = tuple(dict.fromkeys(i for _, i in recent))
            if len(regions) > 1 and len(indicators) > 1:
                indicators = indicators[-1:]
            if back == "ratio" and m.has("latter") and not _former_first(m):
                regions, indicators = regions[::-1], indicators[::-1]
            return Cells(regions, indicators, back, ascending=ascending)
        if back == "share" and m.has("pair") and len(recent) >= 2:
            regions = tuple(dict.fromkeys(r for r, _ in recent if r))
            return replace(before, regions=regions, operation="share", bounds=(), top=1, base=(), claims=())
        if back in ("share", "rank") or op in ("share", "rank"):
            if before.regions == (WHOLE,):
                # 全区的呢, 占多少: the share of the region asked of before.
                before = replace(before, regions=_earlier(before, context, (WHOLE,)) or before.regions)
            return replace(before, operation=back or op, bounds=(), top=1, ascending=ascending, base=(), claims=())
        if op in ("highest", "lowest", "nth", "order", "missing", "average") or limits:
            return Cells(
                before.regions if len(before.regions) > 1 else tuple(knowledge.regions),
                before.indicators,
                "filter" if limits else op,
                limits,
                operations.top(m),
                ascending,
            )
        return None
    regions = where.regions
    if where.everywhere and not regions and not ids and (back or op) == "rank" and len(before.regions) == 1:
        # 在各地里排第几
        return replace(before, operation="rank", bounds=(), top=1, ascending=ascending, base=(), claims=())
    if where.everywhere and not regions:
        regions = tuple(knowledge.regions)
    joined = _JOINS.match(m.text.plain)
    # 和田的呢 joins nothing.
    joins = joined is not None and all(e.start >= joined.end() for e in m.of("region")) or m.has("pronoun_region")
    if regions and not ids:
        if back in ("sum", "difference", "ratio", "compare", "average") and (
            len(regions) == 1 or back == "sum" and _ADDED_TOO.search(m.text.plain)
        ):
            earlier = _earlier(before, context, regions)
            if back == "ratio" and _OF_IT.search(m.text.plain):
                return Cells((*regions, *earlier), before.indicators, back)
            if m.text.plain.find("比") >= 0 and back == "difference":
                return Cells((*earlier, *regions), before.indicators, back)
            return Cells((*earlier, *regions), before.indicators, back, ascending=ascending)
        if where.whole and (back or op) == "share":
            return replace(before, regions=regions, operation="share", base=(WHOLE,), claims=())
        if set(m.words("overview")) - EACH and not pointing:
            return None
        if not operated and back is None:
            kept: Operation = (
                before.operation if before.operation in ("rank", "share") and len(regions) == 1 else "show"
            )
            if joins and not pointing:
                regions = tuple(dict.fromkeys((*before.regions, *regions)))
            return Cells(regions, before.indicators, kept, named_set=where.named_set, claims=())
        return Cells(
            regions,
            before.indicators,
            "filter" if limits else (back or op),
            limits,
            operations.top(m),
            ascending,
            named_set=where.named_set,
        )
    if where.whole and not ids and not regions:
        if (back or op) == "share" and m.has("pair", "sum") and len(recent := _recent(context, m)) >= 2:
            regions = tuple(dict.fromkeys(r for r, i in recent if r and i == before.indicators[0]))
            return replace(before, regions=regions or before.regions, operation="share", base=(), bounds=(), claims=())
        if (back or op) in ("share", "rank"):
            # What share of the whole, of two figures: each of that of the whole, and not the one of the other.
            base = (WHOLE,) if (back or op) == "share" else ()
            return replace(before, operation=back or op, base=base, claims=(), bounds=())
        if op in ("highest", "lowest", "order"):
            return Cells(tuple(knowledge.regions), before.indicators, op, (), operations.top(m), ascending)
        return Cells((WHOLE,), before.indicators)
    if ids and not regions:
        if where.whole and op in ("share", "rank") and len(before.regions) == 1 and before.regions[0]:
            return Cells(before.regions, ids, op)
        if where.whole:
            return None
        if not (pointing or len(m.text.plain) <= SHORT):
            return None
        kin = _family(ids, before, knowledge)
        regions = _so_many(m, context) or before.regions
        goal_only = all(not knowledge.indicators[i].annex for i in kin)
        if goal_only and any(regions):
            return Cells((WHOLE,), kin) if len(regions) > 3 else None
        kept = (
            before.operation
            if before.operation
            in ("rank", "share", "highest", "lowest", "order", "show", "sum", "average", "compare", "difference")
            else "show"
        )
        if operated:
            kept = op
        elif back and len(regions) > 1:
            # 那两地的合起来呢
            kept = back
        elif _EACH_ONE.search(m.text.plain):
            kept = "show"
        return Cells(regions, kin, kept, limits, before.top, before.ascending, named_set=before.named_set)
    if ids and regions and back and len(regions) == 1 and before.indicators == ids:
        earlier = tuple(r for r in before.regions if r not in regions)
        return Cells((*earlier, *regions), ids, back) if earlier and joins else None
    return None


def _by_word(m: Mentions, before: Cells, knowledge: Knowledge) -> tuple[str, ...]:
    """The one other figure of the tables, or of the goals, that has a word of the message in its name (带动呢)."""
    tabled = bool(knowledge.indicators[before.indicators[0]].annex)
    words = [t.word for t in m.tokens if len(t.word) > 1]
    others = (i for i in knowledge.indicators.values() if bool(i.annex) == tabled and i.id not in before.indicators)
    found = {i.id for i in others if any(word in i.name for word in words)}
    return tuple(found) if len(found) == 1 else ()


def _other_table(regions: tuple[str, ...], before: Cells, knowledge: Knowledge) -> Cells | None:
    """All figures that the tables without the indicator asked of before have for its regions."""
    annex = knowledge.indicators[before.indicators[0]].annex
    ids = tuple(i for key, table in knowledge.tables.items() if key != annex for i in table.columns)
    return Cells(regions, ids) if annex and ids else None


def _chosen(before: Cells, knowledge: Knowledge) -> tuple[str, ...]:
    """The regions that the answer before was about, where they were not all of them."""
    if before.operation == "filter":
        limits = before.limits or tuple(Limit(before.indicators[0], b.relation, b.value) for b in before.bounds)
        with_target = (r for r in before.regions if knowledge.cell(r, before.indicators[0]) not in (None, NO_TARGET))
        return tuple(r for r in with_target if all(meets(r, limit, knowledge) for limit in limits))
    if before.operation in ("highest", "lowest") and len(before.regions) > 2:
        return operations.leaders(knowledge, before.indicators[0], before.top, before.operation == "lowest")
    return before.regions if len(before.regions) < len(knowledge.regions) else ()


def _earlier(before: Cells, context: Context, regions: tuple[str, ...]) -> tuple[str, ...]:
    """The regions asked of before; of one that is named again, the last other one."""
    found = tuple(r for r in before.regions if r not in regions)
    return found or tuple(r for r, _ in context.cells if r not in regions)[-1:]


def _winner(m: Mentions, before: Cells, knowledge: Knowledge) -> str:
    """The region of those just compared that the message calls the higher or the lower one, "" if there is none."""
    said = _WINNER.search(m.text.plain)
    if (
        not said
        or len(said.group()) < _NAMED
        or not (chooses(before) or before.operation == "compare")
        or m.of("region")
    ):
        return ""
    if len(before.regions) < 2 or len(before.indicators) != 1:
        return ""
    cells = ((r, knowledge.cell(r, before.indicators[0])) for r in before.regions)
    values = {r: Decimal(c) for r, c in cells if c is not None and c != NO_TARGET}
    if len(values) < len(before.regions) or len(set(values.values())) < len(values):
        return ""
    return (min if said["low"] else max)(values, key=lambda r: values[r])


def _answered(m: Mentions, before: Cells, knowledge: Knowledge) -> Cells:
    """What was asked before, about the regions that were the answer, where the message is about them."""
    about = m.has("pronoun_unit", "pronoun_region", "pronoun_cells") or m.has("share", "rank") and not m.indicators
    if not about or before.operation == "nth" or m.has("highest", "lowest"):
        return before
    found = operations.leaders(knowledge, before.indicators[0], 1, before.operation == "lowest")
    regions = tuple(r for r in before.regions if r in found) or before.regions
    return replace(before, regions=regions, operation="show")


def _like(m: Mentions, before: Cells, where: operations.Scope, knowledge: Knowledge) -> Cells | None:
    """The regions that stand to the one just looked at as the message says: 谁比它高."""
    if where.regions or len(before.regions) != 1 or not before.regions[0] or len(before.indicators) != 1:
        return None
    if not m.has("who", "which_region", "count"):
        return None
    cell = knowledge.cell(before.regions[0], before.indicators[0])
    spans = [s for cue in ("pronoun_unit", "pronoun_region", "pronoun_cells") for s in m.cues.get(cue, ())]
    sign = next((r for a, b in spans if (r := operations.relation(m, a, b))), None)
    if sign is None or cell is None or cell == NO_TARGET:
        return None
    others = tuple(r for r in knowledge.regions if r not in before.regions)
    return Cells(others, before.indicators, "filter", (Bound(sign, Decimal(cell)),), base=before.regions)


def _family(ids: tuple[str, ...], before: Cells, knowledge: Knowledge) -> tuple[str, ...]:
    """Within one family (two figures of one trade) an indicator means its member there."""
    family = knowledge.indicators[before.indicators[0]].of
    if not family:
        return ids
    kin = [i for i in knowledge.indicators.values() if i.of == family and i.id not in before.indicators]
    plain_names = {knowledge.indicators[i].name for i in ids}
    for candidate in kin:
        if any(candidate.name.endswith(name.removesuffix("人数").removesuffix("数")[-4:]) for name in plain_names):
            return (candidate.id,)
    return ids


def _operation_on_earlier(m: Mentions) -> Operation | None:
    if operations.asks_excess(m):
        return "excess"
    for cue, op in (
        ("share", "share"),
        ("ratio", "ratio"),
        ("average", "average"),
        ("difference", "difference"),
        ("rank", "rank"),
    ):
        if m.has(cue):
            return op  # type: ignore[return-value]
    if m.has("compare", "same") or (m.has("highest", "lowest") and m.has("pair")):
        return "compare"
    if m.has("sum"):
        return "sum"
    return None


def _former_first(m: Mentions) -> bool:
    former, latter = m.cues.get("former", ()), m.cues.get("latter", ())
    return bool(former) and bool(latter) and former[0][0] < latter[0][0]


def _so_many(m: Mentions, context: Context) -> tuple[str, ...]:
    """The last few regions looked at, where so many are meant (这三个地方的…)."""
    said = _SO_MANY.search(m.text.plain)
    looked = tuple(dict.fromkeys(r for r, _ in context.cells if r))
    number = int(chinese(said["n"]) or 0) if said else 0
    return looked[-number:] if 1 < number <= len(looked) else ()


def _recent(context: Context, m: Mentions) -> tuple[tuple[str, str], ...]:
    """The cells just looked at: two where two are meant, else all of the run."""
    if m.has("pair", "former", "latter", "difference", "ratio") and not re.search("三|仨|四|几个|都", m.text.plain):
        return context.cells[-2:]
    return context.cells
