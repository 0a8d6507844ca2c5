"""Numbers in a question: Arabic, Chinese and mixed numerals, with what they count.

The packaged numeral libraries go through floats or return their input on failure, so the few forms
that occur in questions are read here, exactly.
"""

import re
from decimal import Decimal

from bot.values import Number

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_CHINESE = "零〇一二两三四五六七八九十百千万亿点半"
_NUMBER = re.compile(rf"(\d+(?:\.\d+)?)([十百千万亿]*)|([{_CHINESE}]+)")
# 1. and 2) before words number the items of a list.
_ITEM = re.compile(r"[1-9][.、)）]\s*[\u4e00-\u9fff]")
_UNITS = re.compile(
    r"人次|个百分点|%|％|人|名|个月|小时|天|日|号|月份|月|年|季度|季|项|条|个|家|点|组|部|级|类|倍|位|种|所|次|处|件|名次|元|块(?!儿)|钱|周岁|岁|亩|平方米|平米|公里|斤|吨|寸|页|分钟|秒|分"
)


def chinese(written: str) -> Decimal | None:
    """The value of a Chinese numeral (三百五十, 二〇二一, 两万, 一点五, 半), None if it is none."""
    if not written or written in ("点", "万", "亿", "百", "千"):
        return None
    if written == "半":
        return Decimal("0.5")
    if "点" in written:
        whole, _, rest = written.partition("点")
        scale = 1
        while rest and rest[-1] in "万亿":
            scale *= 10**4 if rest[-1] == "万" else 10**8
            rest = rest[:-1]
        if not rest or any(c not in _DIGITS for c in rest):
            return None
        head = chinese(whole) if whole else Decimal(0)
        if head is None:
            return None
        return (head + Decimal("0." + "".join(str(_DIGITS[c]) for c in rest))) * scale
    if all(c in _DIGITS for c in written):
        if len(written) > 1 and "两" in written:
            return None
        return Decimal("".join(str(_DIGITS[c]) for c in written))
    total, section, digit = 0, 0, -1
    for c in written:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _SCALES:
            section += (1 if digit < 0 else digit) * _SCALES[c]
            digit = -1
        elif c in "万亿":
            section += max(digit, 0)
            total = (total + section) * (10**4 if c == "万" else 10**8)
            section, digit = 0, -1
        else:
            return None
    return Decimal(total + section + max(digit, 0))


def numbers(text: str) -> tuple[Number, ...]:
    """Every number in the plain text, with its unit of count; the scale 万 is kept in the unit."""
    found = []
    for match in _NUMBER.finditer(text):
        arabic, scale, han = match.groups()
        end = match.end()
        if (
            arabic
            and _ITEM.match(text, match.start())
            and text[match.start() - 1 : match.start()] in ("", *" ：，。；、（")
        ):
            continue
        if arabic:
            value, prefix = Decimal(arabic), ""
            for c in scale:
                if c in "万亿":
                    prefix += c
                else:
                    value *= _SCALES[c]
        else:
            stripped = han.rstrip("万亿")
            prefix = han[len(stripped) :]
            read = (
                Decimal(_SCALES[stripped])
                if prefix and stripped in _SCALES
                else chinese(stripped)
                if stripped
                else None
            )
            if read is None:
                continue
            value = read
        unit = _UNITS.match(text, end)
        if han and unit and unit.group() == "块" and text[match.start() - 1 : match.start()] in ("这", "那", "哪"):
            # 就业这一块 is a field, and no money.
            continue
        if han and len(han) == 1 and not unit and not text[end : end + 1].isspace():
            continue
        found.append(Number(value, prefix + (unit.group() if unit else ""), match.start(), unit.end() if unit else end))
    return tuple(found)
