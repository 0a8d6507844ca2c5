"""Mentions -> the two sides that are set against each other, where one of them is several regions taken together."""

import re

from bot.entities import Mentions
from bot.knowledge import Knowledge

_AGAINST = re.compile("(?<![占对相])比(?![例重如方])|是|为|相当于|顶得?上?|抵得?上?")
_WITH = re.compile("[跟和与同]$")


def sides(m: Mentions, knowledge: Knowledge) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The regions of either side: 甲和乙加起来比丙, 甲跟其他地方加一块儿比; None where none is a sum."""
    plain = m.text.plain
    rest = m.cues.get("rest", ())
    if not (m.has("sum") or rest):
        return None
    named = m.of("region", "set")
    places = [(e.start, e.end, knowledge.sets[e.id].members if e.kind == "set" else (e.id,)) for e in named]
    for match in _AGAINST.finditer(plain):
        left = tuple(dict.fromkeys(r for _, end, ids in places if end <= match.start() for r in ids))
        right = tuple(dict.fromkeys(r for start, _, ids in places if start >= match.end() for r in ids))
        if not right and any(_WITH.search(plain[:start]) or start >= match.end() for start, _ in rest):
            right = tuple(r for r in knowledge.regions if r not in left)
        if left and right and len(left) + len(right) > 2 and not set(left) & set(right):
            return left, right
    return None
