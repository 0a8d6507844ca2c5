"""Mentions -> the regions that a message is about."""

import re
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.numerals import chinese
from bot.operations import Scope
from bot.values import Entity

_KIND = re.compile("(?P<n>[0-9]+|[一二两三四五六七八九十]+)个")
_LONGEST_KIND, _KINDS = 3, 3
_FOREMOST = re.compile("最|第一|头一|头号|数一数二|排")
# What ends that which is left out: 不算，只问….
_NEGATED = re.compile("(?<!是)(?:不是|不要|不问|别给)(?:我?说|我?要)?(?:整个|全|整|光)$")
_APART = re.compile("[，。；！？]|只|就问")


def negated(e: Entity, m: Mentions) -> bool:
    """Is it said that the region is not meant (是某县，不是整个某地)?"""
    return bool(_NEGATED.search(m.text.plain, 0, e.start))


@lru_cache(maxsize=16)
def scope(m: Mentions, knowledge: Knowledge) -> Scope:
    """The regions a message names: one by one, as a set, all of them, all but some, or the whole."""
    text = m.text.plain
    excepts = [(a, b) for a, b in m.cues.get("except", ())]
    regions: list[str] = []
    excluded: list[str] = []
    named_set, whole, last_excluded = "", False, -9
    many = len(m.of("region")) > 1
    for e in m.of("region", "set", "whole"):
        near = [
            b
            for _, b in excepts
            if b <= e.start
            and not _APART.search(text[b : e.start])
            and (e.start - b <= 3 or last_excluded >= b and e.start - last_excluded <= 2)
        ]
        trailing = re.match(r"(?:除外|以外|之外)", text[e.end : e.end + 4])
        if negated(e, m):
            continue
        members = knowledge.sets[e.id].members if e.kind == "set" else (e.id,)
        if e.kind == "set" and any(
            n.id in members and text[e.end : n.start] in ("", "的") for n in m.of("region") if n.start >= e.end
        ):
            continue
        if e.kind == "whole":
            # 全区最高: among all of them, and not the whole itself.
            whole = whole or not (many and _FOREMOST.match(text, e.end))
        elif near or trailing:
            excluded.extend(members)
            last_excluded = e.end
        else:
            if e.kind == "set":
                named_set = e.id
            regions.extend(members)
    if not regions and not excluded:
        regions = _of_kind(text, knowledge)
    # 咱州 is one region, whichever it is, and not all of them.
    own = m.cues.get("pronoun_region", ())
    words = [e for e in m.region_words if not any(a <= e.start and e.end <= b for a, b in own)]
    everywhere = m.has("per_region", "which_region") or bool(excluded) and not regions or m.has("rest")
    if m.has("rest") and regions and not excluded:
        excluded, regions = regions, []
    if excluded:
        base = regions or list(knowledge.regions)
        regions = [r for r in base if r not in excluded]
        if named_set == "":
            named_set = _set_named(m, knowledge)
    return Scope(
        tuple(dict.fromkeys(regions)),
        named_set,
        everywhere or (bool(words) and not regions and not m.has("pair")),
        whole,
        tuple(dict.fromkeys(excluded)),
    )


def _of_kind(text: str, knowledge: Knowledge) -> list[str]:
    """The regions of one kind, where as many are asked for as there are (五个自治州)."""
    for match in islice(_KIND.finditer(text), _KINDS):
        number = Decimal(match["n"]) if match["n"].isdigit() else chinese(match["n"])
        for size in range(_LONGEST_KIND, 0, -1):
            kind = text[match.end() : match.end() + size]
            if len(kind) < size or kind in knowledge.region_words:
                continue
            found = [r.id for r in knowledge.regions.values() if any(n.endswith(kind) for n in (r.name, *r.aliases))]
            if found and len(found) == number:
                return found
    return []


def _set_named(m: Mentions, knowledge: Knowledge) -> str:
    return next((e.id for e in m.of("set")), "")
