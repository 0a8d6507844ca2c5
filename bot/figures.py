"""Mentions -> readings about figures: which cells, and what to do with them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from bot import joint, relations
from bot.entities import Mentions
from bot.indicators import indicator_ids, of_one_word, table_columns, without_names
from bot.knowledge import WHOLE, Knowledge
from bot.leftovers import unsaid
from bot.narrowing import narrower
from bot.operations import Scope, claimed_place, leaders, leading, mean, operation, top
from bot.scope import scope
from bot.sides import sides
from bot.thresholds import bounds, is_figure
from bot.values import Bound, Cells, Choose, Entity, Missing, Number, Operation, Reading

# Words that ask for an account of something, and words that ask for its number.
_OPEN = re.compile("怎么|咋|如何|哪些|哪样|什么|有没有|谁|吗|啥|(?:有|了)[^，。？！]*没有?[？。]?$")
_COUNTED = re.compile("多少|几|目标|任务|指标|数|合计|总|最|第")
_OTHER_COUNT = re.compile(r"(?:几|多少)个?(年|天|月|小时|级|批|种|类)")
_MEMBERS = re.compile("^(?:这片|都|具体|分别|到底)*(?:包括|包含|是哪|指哪|是指|指的|有哪|哪几|都是哪)")
# What a name means is asked, which no figure tells.
_DEFINED = re.compile(
    "是?指的?是?(?:什么|哪些|哪类|啥)样?的?人|什么叫|啥叫|是什么意思|是啥意思|的定义|怎么界定|咋界定|怎么认定|咋认定"
)
_NEAREST = re.compile("最(?:接近|靠近|贴近)")
_PER_ONE = re.compile("每[^，。？！家地州市区]{0,4}[1一]?[个名]")
# What is asked of all regions where none is named.
_OVER_ALL = ("extremes", "highest", "lowest", "nth", "order", "missing")
_PAIR = 2
# Without one of these or a figure, none is asked for.
_PLACES = ("region", "set", "whole", "inside", "outside")
_OVER_REGIONS = ("which_region", "per_region", "which_indicator", "all_words")
# 培训什么: what, and not how many.
_WHAT = re.compile("(?:(?<![标务数字额是的填])(?:什么|啥)|(?:什么|啥)(?:内容|东西))[？。呢啊]*$")
_EVERY = re.compile(
    "(?:各项|所有|全部|每项|每一项|全套)的?[^，。？！]{0,6}?(?:目标|指标|任务|数)|(?:目标|指标|任务)数?(?:全都?|都|统统|一并)(?:列|给|报|说)"
)
# 而不是90%: what is ruled out is not claimed.
_NOT_IT = re.compile("(?:而不是|而非|不是定成|不定成)$")
# 有…任务的有几个
_HAVING = re.compile("有[^，。？！；]{1,14}(?:任务|目标|指标)的")
_TEXTUAL = ("method", "whole_text", "where")


def broken_down(knowledge: Knowledge) -> tuple[str, ...]:
    """The indicators that a table gives for each region, in printed order."""
    return tuple(column for table in knowledge.tables.values() for column in table.columns)


@lru_cache(maxsize=16)
def readings(m: Mentions, knowledge: Knowledge) -> tuple[Reading, ...]:
    """The ways to take the message as a question about figures; remembered, as these are looked at first, and alone."""
    return tuple(_readings(m, knowledge))


def _readings(m: Mentions, knowledge: Knowledge) -> Iterator[Reading]:
    if not (m.indicators or m.numbers or m.facts or m.region_words or m.of(*_PLACES) or m.has(*_OVER_REGIONS)):
        return
    where = scope(m, knowledge)
    ids, shared = indicator_ids(m, knowledge)
    if m.indicators and not ids and not shared:
        return
    yield from joint.readings(m, where, knowledge, broken_down(knowledge))
    if _NEAREST.search(m.text.plain):
        # Which is nearest to a number is not compared, and no other figure tells it.
        yield Reading(Missing("nothing"), 1.0, (), "最接近的")
        return
    if not (ids or shared or m.numbers or where.regions or where.whole):
        # No figure is named, and none can be looked for.
        return
    limits, claims = bounds(m)
    op, ascending = operation(m, where, ids)
    asks = m.has(
        "quantity",
        "sum",
        "difference",
        "ratio",
        "share",
        "average",
        "highest",
        "lowest",
        "rank",
        "order",
        "compare",
        "top",
        "no_target",
    )
    asks = asks or op != "show"
    textual = m.has(*_TEXTUAL) and not m.has("quantity") and op not in ("consistent", "rank")
    textual = textual and not m.has("per_region")
    unexplained = tuple(t.word for t in m.leftover)
    penalty = unsaid(m)
    led = bool(where.regions and ids) and m.has("count") and not m.has("who", "units_word", "charge", "role")
    if m.has("lead", "charge", "role") and not led or (m.has("responsible") and (m.of("unit") or m.has("units_word"))):
        penalty += 2.0
    if textual and op != "consistent":
        penalty += 1.0
    if m.has("who") and m.has("units_word"):
        penalty += 2.0
    if m.programmes and (m.has("where") or m.has("confirm") and not (asks or where.regions)):
        # Where, or whether, a thing stands whose name has a word of a figure's.
        penalty += 0.5
    columns = () if ids or shared or where.regions else table_columns(m.text.plain, knowledge)
    if columns and "合计" in m.words("sum"):
        yield Reading(Cells((WHOLE,), columns), 0.8 + penalty, unexplained, "一张表的合计行")
        return
    if m.has("tasks") and not where.named and m.of("unit"):
        penalty += 2.0
    members = knowledge.shared[shared[0].id].members if shared and shared[0].id in knowledge.shared else ()
    if several := of_one_word(m, ids, members, asks, knowledge):
        # What sets them apart is explained by their names.
        m = without_names(m, several, knowledge)
        ids, asks, unexplained, penalty = several, True, tuple(t.word for t in m.leftover), unsaid(m)
        op, ascending = operation(m, where, ids)
    if shared and not ids:
        if asks or not m.leftover:
            yield Reading(
                _choose_shared(shared[0], members, where, knowledge), 1.2 + penalty, unexplained, "一个说法合几个指标"
            )
        return
    groups = m.of("set")
    if groups and not ids and not m.has("overview") and _MEMBERS.search(m.text.plain[groups[0].end :]):
        members = knowledge.sets[groups[0].id].members
        yield Reading(Missing("members", knowledge.sets[groups[0].id].name, members), 0.9, unexplained, "一片有哪些")
    listed = any(t.word in "、和跟及" for t in m.tokens) and _EVERY.search(m.text.plain)
    if not ids and where.regions and m.facts and (columns := table_columns(m.text.plain, knowledge)):
        # 附件2里某地的三个数: all that the table has of it.
        ids = columns
    if ids and listed and len(where.regions) == 1:
        # Named by the way, as some of all of them.
        ids, unexplained, penalty = broken_down(knowledge), (), 0.0
    if not ids:
        yield from _found(m, knowledge, where, claims, unexplained)
        yield from _without_indicator(m, knowledge, where, op, limits, unexplained, penalty)
        return
    less = narrower(m)
    if less:
        yield Reading(
            Missing("narrower", less, where.regions[:1], ids[:1]), 1.0 + penalty, unexplained, "数字没有这样细分"
        )
        return
    if _counts_other(m, ids, knowledge):
        penalty += 2.0
    bare = not m.leftover and not m.has("who", "method", "where", "whole_text", "title", "why")
    placed = where.named or where.everywhere or where.whole or bool(limits or claims)
    ranked = m.has("highest", "lowest", "rank", "reverse")
    if _OPEN.search(m.text.plain) and not ranked and not _COUNTED.search(m.text.plain) and not placed:
        penalty += 1.2
    if op == "show" and _WHAT.search(m.text.plain):
        penalty += 1.2
    defined = _DEFINED.search(m.text.plain)
    if op == "show" and defined and not claims:
        reading = Missing("detail", defined.group(), indicators=ids[:1])
        yield Reading(reading, 0.95 + unsaid(m), unexplained, "没有解释这个名称")
        return
    if not (asks or where.named or where.everywhere or where.whole or bare or limits or claims):
        penalty += 1.5
    regions = where.regions if op != "nth" or len(where.regions) > 1 else tuple(knowledge.regions)
    base: tuple[str, ...] = ()
    if m.has("average") and not limits and not where.named:
        limits = mean(m, ids[0], knowledge)
    if after := relations.next_after(m, ids[0], knowledge):
        second = Cells(tuple(knowledge.regions), ids[:1], "nth", top=after)
        yield Reading(second, 0.9 + penalty, unexplained, "仅次于它的")
        return
    like = relations.like(m, where, ids, knowledge) if not limits else None
    if like:
        limits, base = (like,), where.regions
        regions = tuple(r for r in knowledge.regions if r not in base)
        where = replace(where, regions=(), everywhere=True)
    if op in ("highest", "lowest") and len(where.regions) == 1 and not where.excluded:
        # 最高的是某地: whether it is has to be told, among all of them.
        op = "rank"
    if op in ("highest", "lowest") and m.has("highest") and m.has("lowest") and not where.regions:
        op = "extremes"
    if op == "ratio" and m.has("highest") and m.has("lowest") and not where.regions:
        # 最大的是最小的几倍
        regions = tuple(r for low in (False, True) for r in leaders(knowledge, ids[0], 1, low)[:1])
    if op == "total":
        op, where = "show", replace(where, everywhere=False)
    if where.everywhere and not regions:
        regions = tuple(knowledge.regions)
    if op in ("share", "average", "sum", "difference") and not where.named and knowledge.indicators[ids[0]].annex:
        regions = leading(m, knowledge, ids[0], ascending) or regions
    stated_only = all(not knowledge.indicators[i].annex for i in ids)
    if op in (*_OVER_ALL, "alike", "difference") and not where.whole and not regions and not stated_only:
        regions = tuple(knowledge.regions)
    if op in _OVER_ALL and (not where.named or len(regions) == 1 and where.whole):
        regions = tuple(knowledge.regions)
    if op == "rank" and len(regions) != 1:
        op = "order"
    if op == "rank":
        limits = claimed_place(m, where)
    if stated_only and op in ("highest", "lowest", "nth", "order") and not where.named and not where.everywhere:
        # 最多几个点: the limit itself, not the region with most.
        op, regions = "show", ()
    if op == "consistent":
        claims, limits = m.numbers, ()
    typed = where.named and m.has("confirm") and all(b.relation == "=" for b in limits)
    if limits and op != "rank" and (stated_only or typed):
        claims, limits = m.numbers, ()
        op = "show" if op == "compare" else op
    summed = op == "sum" and where.named and not m.has("which_region", "who")
    if limits and op != "rank" and not summed and not (len(regions) == 1 and where.named):
        op = "filter"
        if not where.named:
            regions = tuple(knowledge.regions)
    if limits and len(regions) == 1 and where.named:
        claims = tuple(n for n in m.numbers)
    per_one = _PER_ONE.search(m.text.plain) if op == "average" and len(ids) > 1 else None
    behind = [e.id for e in m.indicators if per_one and e.id in ids and e.end > per_one.start()]
    if behind:
        # 每新增一个…平均带动几个: one figure by the one that stands behind 每.
        op, ids = "ratio", (*(i for i in ids if i != behind[0]), behind[0])
        regions = where.regions or (WHOLE,)
    if op == "average" and not regions:
        regions = tuple(knowledge.regions)
    if op == "ratio" and len(ids) > 1 and len(regions) > 2:
        # Which regions have so many times more of one than of the other is not compared, and no single figure tells it.
        yield Reading(Missing("nothing"), 1.0, unexplained, "两个指标的倍数逐地比较")
        return
    against = sides(m, knowledge) if op in ("difference", "ratio", "compare", "sum") else None
    if against and len(ids) == 1 and knowledge.indicators[ids[0]].annex:
        said = Cells(against[0], ids, "ratio" if m.has("ratio") else "difference", base=against[1])
        yield Reading(said, 0.9 + penalty, unexplained, "两边比")
        return
    rates = all(knowledge.indicators[i].unit == "%" for i in ids)
    if op == "share" and (rates or set(ids) - {e.id for e in m.indicators}):
        # 两个率各是百分之几: figures that are shares themselves.
        op = "show"
    if op == "share" and len(ids) == _PAIR and len(regions) < _PAIR:
        ids = relations.part_first(m, ids)
    if op == "share" and not regions and len(ids) == 1:
        # Of nothing that is named.
        op = "show"
    if op == "share":
        regions, base = relations.share(m, regions, where, knowledge)
        if not regions and len({knowledge.indicators[i].unit for i in ids}) > 1:
            # Of figures in unlike units none is a share of the other.
            return
    if where.whole and len(regions) == 1 and op == "ratio":
        regions = (WHOLE, *regions) if relations.first_is_whole(m) else (*regions, WHOLE)
    elif (
        where.whole
        and regions
        and op in ("difference", "compare")
        or where.whole
        and regions
        and op == "show"
        and not where.everywhere
    ):
        regions = (*regions, WHOLE)
    if not regions:
        regions = (WHOLE,)
        if op in ("sum", "compare", "order") and len(ids) == 1:
            op = "show"
    if op == "missing" and len(regions) < len(knowledge.regions):
        op = "show"
    if op == "ratio" and relations.turned(m):
        regions, ids = regions[::-1], ids[::-1]
    goal_only = tuple(i for i in ids if not knowledge.indicators[i].annex)
    if goal_only and any(regions) and op != "consistent":
        if set(goal_only) == set(ids):
            yield Reading(
                Missing("not_split", regions=regions, indicators=ids), 1.4 + penalty, unexplained, "指标没有分解到地区"
            )
            return
        # Shown side by side, each says for itself that it is not broken down.
        ids = ids if op == "show" else tuple(i for i in ids if i not in goal_only)
    query = Cells(
        regions, ids, op, limits, top(m), ascending,
        _claimed(claims, m.text.plain), m.has("why"), where.named_set, base, where.excluded,
        m.has("persons"), pairs=_pairs(m, regions, ids) if op == "show" else (),
    )  # fmt: skip
    counted = m.has("count") and (m.has("which_region") or _HAVING.search(m.text.plain))
    if op == "show" and not limits and not where.named and counted and len(regions) > 1:
        query = replace(query, operation="filter")
    # Where a table is named along with what it counts, the figures are asked for, not the table.
    rank = 0.85 if m.facts and asks and not m.has("title", "where") else 1.0
    yield Reading(query, rank + penalty, unexplained, "地区和指标")


def _claimed(numbers: tuple[Number, ...], text: str) -> tuple[Number, ...]:
    """The figures that the asker takes for printed ones."""
    return tuple(n for n in numbers if is_figure(n, text) and not _NOT_IT.search(text[: n.start]))


def _pairs(m: Mentions, regions: tuple[str, ...], ids: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each region with the one indicator that stands beside it, where they come in turns (甲的…和乙的…)."""
    places = [e for e in m.of("region") if e.id in regions]
    named = sorted({(min(e.covered), e.id) for e in m.indicators if e.id in ids})
    if len(places) < 2 or not len(places) == len(named) == len(regions) or len(ids) < 2:
        return ()
    turns = sorted([(e.start, True, e.id) for e in places] + [(at, False, i) for at, i in named])
    kinds = [is_place for _, is_place, _ in turns]
    if any(a == b for a, b in zip(kinds, kinds[1:], strict=False)):
        return ()
    couples = [(turns[k][2], turns[k + 1][2]) for k in range(0, len(turns), 2)]
    return tuple(couples) if kinds[0] else tuple((region, i) for i, region in couples)


def _counts_other(m: Mentions, ids: tuple[str, ...], knowledge: Knowledge) -> bool:
    """Does the message ask for a count of something (years, hours) that the indicators do not count?"""
    counted = _OTHER_COUNT.findall(m.text.plain) + ["年" for n in m.numbers if n.unit == "年" and 1 < n.value < 50]
    return any(not any(c in knowledge.indicators[i].unit for i in ids) for c in counted)


def _found(
    m: Mentions, knowledge: Knowledge, where: Scope, claims: tuple[Number, ...], unexplained: tuple[str, ...]
) -> Iterator[Reading]:
    """A printed number whose place in the tables is asked for."""
    typed = [n for n in claims if is_figure(n, m.text.plain)]
    if len(typed) != 1 or where.named or not m.has("which_region", "which_indicator"):
        return
    if m.text.plain[typed[0].start].isdigit() and ("." in m.text.plain[typed[0].start : typed[0].end] or m.facts):
        query = Cells(tuple(knowledge.regions), tuple(knowledge.indicators), "find", claims=tuple(typed))
        yield Reading(query, 0.85 + 0.2 * len(unexplained), unexplained, "表里的数字")


def _choose_shared(shared: Entity, members: tuple[str, ...], where: Scope, knowledge: Knowledge) -> Choose:
    region = where.regions[0] if len(where.regions) == 1 else WHOLE
    names = [knowledge.indicators[i].name for i in members]
    place = knowledge.region_name(region)
    about = knowledge.shared[shared.id].name if shared.id in knowledge.shared else shared.name
    return Choose(tuple(f"{place}{name}目标是多少？" for name in names), about)


def _without_indicator(
    m: Mentions, knowledge: Knowledge, where: Scope, op: Operation, limits: tuple[Bound, ...],
    unexplained: tuple[str, ...], penalty: float,
) -> Iterator[Reading]:  # fmt: skip
    """A region alone: all its targets where they are asked for."""
    if not where.regions and not where.whole:
        return
    if len(where.regions) > 3 and not where.named_set:
        return
    less = narrower(m)
    if less and where.regions and m.has("quantity") and not m.of("unit"):
        yield Reading(Missing("narrower", less, where.regions[:1]), 1.5 + penalty / 2, unexplained, "数字没有这样细分")
        return
    bare = (
        not m.leftover
        and not m.ordinals
        and not m.of("unit")
        and not m.has("who", "method", "why", "where", "whole_text")
    )
    if m.has("overview") and op == "show" and not limits:
        rank = 1.3
    elif bare and op == "show" and where.regions:
        rank = 2.2
    else:
        return
    if m.of("unit"):
        rank += 1.5
    if less:
        yield Reading(Missing("narrower", less, where.regions[:1]), rank + penalty, unexplained, "数字没有这样细分")
        return
    if where.regions:
        yield Reading(
            Cells(where.regions, broken_down(knowledge), "show", named_set=where.named_set),
            rank + penalty,
            unexplained,
            "地区的全部目标",
        )
    elif m.has("overview"):
        every = tuple(i for i in knowledge.indicators if knowledge.cell(WHOLE, i) is not None)
        yield Reading(Cells((WHOLE,), every, "show"), rank + 0.4 + penalty, unexplained, "全区的全部目标")
