"""Mentions -> the thresholds a question sets (超过, 不足, 介于) and the numbers it only claims."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from bot.entities import Mentions
from bot.values import Bound, Number

_Relation = Literal[">", ">=", "<", "<=", "="]
_SIGNS: tuple[tuple[str, _Relation], ...] = (
    ("above", ">"), ("at_least", ">="), ("below", "<"), ("at_most", "<="), ("exactly", "="),
)  # fmt: skip
# Words that stand behind their number only, and those (不到 and the like) that may stand on either side.
_BEHIND = re.compile("(?:及|和|或)?(?:以上|以下|以内|往上|往下|整)的?$|^(?:打住|封顶|出头)$")
# 3000人（含）以上, 3000的以上.
_INCLUDING = ("", "含", "含本数", "的", "及")
# 附件1 names a table and counts nothing.
_LABEL = re.compile("(?:附件|附表|表|图)$")
_STRICT = re.compile(r"[（(，、]?\s*(?:但)?(?:不含|不包括|不包含|不算)(?:本数|它)?\s*$")
_STRICTER: dict[_Relation, _Relation] = {">=": ">", "<=": "<"}
# Nobody sets more limits than these in one message.
_MANY = 24
_NOT_COUNTED = re.compile("的?(?:那个|那些)?(?:都|就)?(?:不算|不要|不计|除外|甭算|别算)")
_NOT_BETWEEN = re.compile(r"[，。！？；、0-9]")


def bounds(m: Mentions) -> tuple[tuple[Bound, ...], tuple[Number, ...]]:
    """Thresholds in the message, and the numbers that are none."""
    text = m.text.plain
    counted = [
        n
        for n in m.numbers
        if n.unit in ("", "万", "万人次", "万人", "人", "人次", "%", "％", "名", "千") or n.unit.startswith("万")
    ]
    if len(counted) >= 2 and (
        m.has("between")
        or re.search(r"[到至和~，-]", text[counted[0].end : counted[1].start])
        and counted[1].start - counted[0].end <= 2
    ):
        low, high = sorted((in_tables(counted[0]), in_tables(counted[1])))
        if counted[0].unit == "" and counted[1].unit.startswith("万"):
            low, high = sorted((counted[0].value, in_tables(counted[1])))
        return (Bound(">=", low), Bound("<=", high)), ()
    found: list[tuple[Number, _Relation]] = []
    rest: list[Number] = []
    for number in m.numbers[:_MANY]:
        if _LABEL.search(text[: number.start]):
            continue
        if number in counted and _STRICT.search(text[: number.start]) and found and _same(number, found[-1][0]):
            found[-1] = (found[-1][0], _STRICTER.get(found[-1][1], found[-1][1]))
            continue
        signs = list(_signs(m, number)) if number in counted else []
        if signs and max(signs)[1] == "=" and _NOT_COUNTED.match(text, number.end):
            # 刚好…的不算: said once more what the other limit says.
            continue
        if signs:
            found.append((number, max(signs)[1]))
        else:
            rest.append(number)
    if found and text[found[-1][0].end :].find("不含本数") >= 0:
        found[-1] = (found[-1][0], _STRICTER.get(found[-1][1], found[-1][1]))
    return tuple(Bound(sign, in_tables(number)) for number, sign in found), tuple(rest)


def _same(one: Number, other: Number) -> bool:
    return in_tables(one) == in_tables(other)


def _signs(m: Mentions, number: Number) -> Iterator[tuple[int, _Relation]]:
    """The comparisons that stand right before or behind the number, each with its length: the longest word counts."""
    text = m.text.plain
    starts = {n.start for n in m.numbers}
    for cue, sign in _SIGNS:
        for a, b in m.cues.get(cue, ()):
            if _BEHIND.search(text[a:b]):
                fits = number.end <= a and text[number.end : a].strip("（()） ") in _INCLUDING
            else:
                fits = b <= number.start <= b + 2 and not _NOT_BETWEEN.search(text[b : number.start])
                trails = cue == "below" and number.end <= a and b not in starts
                fits = fits or trails and text[number.end : a] in ("", "都", "也", "还", "也都", "都还")
            if fits:
                yield b - a, sign


def in_tables(number: Number) -> Decimal:
    """The number in the tables' unit of ten thousand, unless it is a percentage."""
    if number.unit.startswith("万") or number.unit in ("%", "％"):
        return number.value
    if number.value >= 100:
        return number.value / 10000
    return number.value


def is_figure(n: Number, text: str) -> bool:
    """Is the number a figure that is claimed, and not just a word such as 一下?"""
    return not _LABEL.search(text[: n.start]) and (
        n.unit.startswith("万")
        or n.unit in ("人", "人次", "%", "％", "名")
        or (n.unit == "" and text[n.start].isdigit())
    )
