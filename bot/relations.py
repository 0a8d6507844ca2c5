"""Mentions -> how the regions or figures of a question stand to one another: shares, the next one, those like one."""

import re
from decimal import Decimal

from bot.arithmetic import positions
from bot.entities import Mentions
from bot.knowledge import NO_TARGET, Knowledge
from bot.operations import Scope, relation
from bot.values import Bound

_SECOND_TO = re.compile("(?:仅?次于|紧跟|紧随|紧挨着?)$")
# 最多的是某地，紧随其后的是哪里
_BEHIND_IT = re.compile(
    "(?:紧随|紧跟|紧接)其后|(?:紧跟|紧随|排|跟)(?:着|在)?(?:它|他|其)?后面?的?是?(?:谁|哪)|其次是?(?:谁|哪)"
)
_PAIR, _LOW = 2, "少小低轻"
_ASKED = re.compile("[吗么]|对不对|是不是|属实|真的|对吧|是吧|没错|对[？。]*$|这话|说法")
_HOW_MUCH = re.compile("多少|几|差|[哪谁]")
# 高于乙; 比乙 … 高
_STANDS = re.compile("(?P<way>[多高大少低小])于$|超过$")
_WAY = re.compile("的?[^，。？！；]{0,12}?(?:要|还|更)?(?P<way>[多高大重少低小轻])")
_AMONG = re.compile("(?:的|人数|目标)*(?:当中|之中|里面|里头|里|中|内)")
# 甲多少，乙是它的几倍
_TIMES_IT = re.compile("是(?:它|他|前者|前一个|前面那个)的?(?:大概|大约|约)?(?:几|多少)倍")
_STOP = re.compile("[，。？！；]")


def part_first(m: Mentions, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Of two figures the one whose share is asked for, and then the one it is a share of (甲当中，乙占多少)."""
    first, second = sorted(ids, key=lambda i: min(e.start for e in m.indicators if e.id == i))
    end = max(e.end for e in m.indicators if e.id == first)
    # 甲占乙, 甲在乙里头占
    straight = re.match("(?:[^。？！]{0,4}占|(?:人数|目标)?在)", m.text.plain[end:]) and not _AMONG.match(
        m.text.plain, end
    )
    return (first, second) if straight else (second, first)


def claimed(m: Mentions) -> tuple[tuple[str, str], Bound] | None:
    """Two regions and how the asker says the first stands to the second, for it to be confirmed (甲比乙多，对吗)."""
    named, plain = m.of("region"), m.text.plain
    if len({e.id for e in named}) != _PAIR or not _ASKED.search(plain) or _HOW_MUCH.search(plain) or m.has("why"):
        return None
    for first, second in zip(named, named[1:], strict=False):
        stands = _STANDS.search(plain, first.end, second.start)
        behind = _WAY.match(plain, second.end) if plain.endswith("比", first.end, second.start) else None
        if first.id != second.id and (stands or behind):
            way = stands["way"] or "多" if stands else behind["way"] if behind else ""
            return (first.id, second.id), Bound("<" if way in _LOW else ">", Decimal(0))
    return None


def next_after(m: Mentions, indicator: str, knowledge: Knowledge) -> int:
    """The place behind that of a region (仅次于某地的), 0 where none is asked for."""
    named = m.of("region")
    after = next((e for e in named if _SECOND_TO.search(m.text.plain[: e.start])), None)
    if len(named) == 1 and _BEHIND_IT.search(m.text.plain, named[0].end):
        after = named[0]
    if not after:
        return 0
    cells = {r: c for r in knowledge.regions if (c := knowledge.cell(r, indicator)) not in (None, NO_TARGET)}
    place = positions({r: Decimal(str(c)) for r, c in cells.items()})
    behind = [p for p in place.values() if after.id in place and p > place[after.id]]
    return min(behind, default=0)


def like(m: Mentions, where: Scope, ids: tuple[str, ...], knowledge: Knowledge) -> Bound | None:
    """The limit that one region's own figure sets for the others: 高于某地的有哪些, 跟某地一样的还有谁."""
    if (
        len(where.regions) != 1
        or len(ids) != 1
        or where.excluded
        or not (m.has("which_region", "who", "count", "rest", "tasks") or m.region_words)
    ):
        return None
    cell = knowledge.cell(where.regions[0], ids[0])
    if cell is None or cell == NO_TARGET:
        return None
    sign = next((r for e in m.of("region") if (r := relation(m, e.start, e.end))), None)
    return Bound(sign, Decimal(cell)) if sign else None


def share(
    m: Mentions, regions: tuple[str, ...], where: Scope, knowledge: Knowledge
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which regions' share, and of what: of the whole, unless regions stand behind 占."""
    at = min(a for a, _ in m.cues["share"])
    within = _part_of(m, at, knowledge)
    if within:
        return tuple(r for r in regions if r not in within), within
    sides: dict[bool, list[str]] = {True: [], False: []}
    stop = next((at + x.start() for x in [_STOP.search(m.text.plain[at:])] if x), len(m.text.plain))
    for e in (e for e in m.of("region", "set") if e.start < stop):
        sides[e.start > at] += knowledge.sets[e.id].members if e.kind == "set" else (e.id,)
    behind, ahead = tuple(sides[True]), tuple(r for r in sides[False] if r in regions)
    if behind and ahead and m.text.plain[at] == "占":
        return ahead, behind
    return regions, ()


def _part_of(m: Mentions, at: int, knowledge: Knowledge) -> tuple[str, ...]:
    """The region of which another is a part in 甲是乙的几分之几; `at`: where the share is asked for."""
    places = [e for e in m.of("region") if e.end <= at]
    if len({e.id for e in places}) != 2:
        return ()
    last, plain = places[-1], m.text.plain
    linked = re.search(r"(?:是|为|相当于|等于|占|占到|占了)$", plain[: last.start])
    return (last.id,) if linked and "，" not in plain[last.end : at] else ()


def turned(m: Mentions) -> bool:
    """Is the second one to be told as so many times the first (后者是前者的几倍, 乙是它的几倍)?"""
    former, latter = m.cues.get("former", ()), m.cues.get("latter", ())
    if former and latter:
        return latter[0][0] < former[0][0]
    return bool(_TIMES_IT.search(m.text.plain))


def first_is_whole(m: Mentions) -> bool:
    """Does the whole stand before the regions?"""
    found = m.of("region", "whole")
    return bool(found) and found[0].kind == "whole"
