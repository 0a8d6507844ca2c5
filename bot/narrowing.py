"""Mentions -> words that ask for less than a printed figure holds: a month, a quarter, an age, one kind of people."""

from bot.entities import Mentions

_KINDS = ("period", "group")
_UNITS = ("月", "月份", "季度", "季", "个月", "天", "岁", "周岁", "亩", "平方米", "平米", "公里", "斤", "吨")


def narrower(m: Mentions) -> str:
    """The word for a period or a group by which no figure is divided, "" if there is none."""
    found = [span for kind in _KINDS for span in m.missing.get(kind, ())]
    found += [(n.start, n.end) for n in m.numbers if n.unit in _UNITS]
    if not found:
        return ""
    start, end = min(found, key=lambda s: (s[0], -s[1]))
    return m.text.plain[start:end]
