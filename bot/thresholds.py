"""Mentions -> the thresholds a question sets (超过, 不足, 介于) and the numbers it only claims."""

import re
from decimal import Decimal

from bot.entities import Mentions
from bot.values import Bound, Number


def bounds(m: Mentions) -> tuple[tuple[Bound, ...], tuple[Number, ...]]:
    """Thresholds in the message, and the numbers that are none."""
    text = m.text.plain
    cue_of = {
        "above": ">", "at_least": ">=", "below": "<", "at_most": "<=", "exactly": "=",
    }  # fmt: skip
    found: list[Bound] = []
    rest: list[Number] = []
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
    for number in m.numbers:
        if number not in counted:
            rest.append(number)
            continue
        relation = ""
        for cue, sign in cue_of.items():
            for a, b in m.cues.get(cue, ()):
                before = (
                    b <= number.start
                    and not re.search(r"[，。！？；、0-9]", text[b : number.start])
                    and number.start - b <= 2
                )
                after = number.end <= a <= number.end + 1 and text[a:b] in (
                    "以上",
                    "以下",
                    "以内",
                    "及以上",
                    "及以下",
                    "以上的",
                    "以下的",
                    "往上",
                    "往下",
                    "整",
                )
                if (before and text[a:b] not in ("以上", "以下", "以内", "整", "及以上", "及以下")) or after:
                    relation = sign if not relation or b - a > 1 else relation
        if relation:
            found.append(Bound(relation, in_tables(number)))  # type: ignore[arg-type]
        else:
            rest.append(number)
    return tuple(found), tuple(rest)


def in_tables(number: Number) -> Decimal:
    """The number in the tables' unit of ten thousand, unless it is a percentage."""
    if number.unit.startswith("万") or number.unit in ("%", "％"):
        return number.value
    if number.value >= 100:
        return number.value / 10000
    return number.value


def is_figure(n: Number, text: str) -> bool:
    """Is the number a figure that is claimed, and not just a word such as 一下?"""
    return (
        n.unit.startswith("万")
        or n.unit in ("人", "人次", "%", "％", "名")
        or (n.unit == "" and text[n.start].isdigit())
    )
