"""Mentions -> the indicators a message means, without those that it says it does not mean."""

import re
from dataclasses import replace
from functools import lru_cache
from os.path import commonprefix

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.numerals import chinese
from bot.phrases import slots
from bot.values import Entity

# An indicator behind these is the one that is not meant.
_NOT = re.compile(
    "(?:^|[^是要])(?:(?<![分个特区性])别|不要|不是|不问|不说|而非|而不是|含|包含|包括)(?:给我|报|看|算|指|说|要|问|答|回答|提|讲|扯|管|那个|这个|什么)?$"
)

_WORD, _NAME = 2, 6
_TABLE = re.compile("(?:附件|附表|表)([0-9一二三四五])")
_COLUMN = re.compile(
    "(?:附件|附表|表)(?P<table>[0-9])[^，。？！]{0,6}?(?:最后|最末|末尾)?(?:一|倒数第(?P<back>[一二三四五]))(?:列|栏)"
)
# … and so is one that is followed by these.
_LEFT_OUT = re.compile("的?(?:那个|那块|那些|的数|人数)?(?:都|就|先)?(?:不算|不要|不用|不问|不管|除外|别算|别管)")
# All that a word means are asked for, and not one of them.
_BOTH_KINDS = re.compile(
    "两[个项种样]|俩|前者|后者|分别|各自|各是|各占|各多少|都(?:说|要|报|给|列|查|是多)|一并|有哪些|哪几个"
)


@lru_cache(maxsize=16)
def indicator_ids(m: Mentions, knowledge: Knowledge) -> tuple[tuple[str, ...], tuple[Entity, ...]]:
    """The indicators named for certain, and those names that fit several."""
    by_span: dict[frozenset[int], list[Entity]] = {}
    for e in m.indicators:
        if any(_inside(e, other) for other in m.indicators):
            continue
        left = _meant(m, e)
        if left is None:
            by_span.setdefault(e.covered, []).append(e)
        elif other := _named(left, knowledge):
            by_span.setdefault(frozenset(e.covered), []).append(e._replace(kind="indicator", id=other))
    ids: list[str] = []
    shared: list[Entity] = []
    for entities in by_span.values():
        kinds = {(e.kind, e.id) for e in entities}
        if len(kinds) == 1 and entities[0].kind == "indicator":
            ids.append(entities[0].id)
        else:
            shared.append(next((e for e in entities if e.kind == "shared"), entities[0]))
    if not by_span and (column := _column(m.text.plain, knowledge)):
        ids.append(column)
    for e in shared:
        ids += [i for i in _apart(m, e, knowledge) if i not in ids]
    ids = _together(m, ids, {e.id for e in shared}, knowledge)
    # A family of which one member is meant is no word for several.
    open_ = [e for e in shared if e.id not in knowledge.shared or not set(ids) & set(knowledge.shared[e.id].members)]
    return tuple(dict.fromkeys(ids)), tuple(open_)


def _apart(m: Mentions, e: Entity, knowledge: Knowledge) -> tuple[str, ...]:
    """The one of a family that a lone character in its word is of, () if it is of none or several."""
    names = (
        {i: knowledge.indicators[i].name for i in knowledge.shared[e.id].members} if e.id in knowledge.shared else {}
    )
    beside = [t.word for t in m.leftover if len(t.word) == 1 and e.start <= t.end and t.start <= e.end]
    for word in beside:
        found = tuple(i for i, name in names.items() if word in name)
        if len(found) == 1:
            return found
    return ()


def _together(m: Mentions, ids: list[str], said_families: set[str], knowledge: Knowledge) -> list[str]:
    """The indicators, where a short name beside one of a family is that of another member (甲的培训、就业)."""
    for name, family in knowledge.shared.items():
        if not (set(ids) & set(family.members) or name in said_families):
            continue
        for at, id_ in enumerate(ids):
            said = [m.text.plain[e.start : e.end] for e in m.indicators if e.id == id_]
            akin = [i for i in family.members if i not in ids and any(s in knowledge.indicators[i].name for s in said)]
            if id_ not in family.members and not akin and not m.of("region", "whole"):
                # 甲领域培训多少、新上岗多少: what the name has beside that of the family stands in the other one.
                akin = [i for i in _rest(family.members, knowledge, knowledge.indicators[id_].name) if i not in ids]
            if id_ not in family.members and len(akin) == 1:
                ids = [*ids[:at], akin[0], *ids[at + 1 :]]
    return ids


def _rest(members: tuple[str, ...], knowledge: Knowledge, other: str) -> list[str]:
    """The members whose names, without what all of them begin with, stand in the other name."""
    names = [knowledge.indicators[i].name for i in members]
    begun = len(commonprefix(names))
    return [i for i, name in zip(members, names, strict=True) if begun > 1 and name[begun:] and name[begun:] in other]


def of_one_word(
    m: Mentions, ids: tuple[str, ...], members: tuple[str, ...], asks: bool, knowledge: Knowledge
) -> tuple[str, ...]:
    """The indicators of one word (`members`) where all of them are asked for, or set apart (登记的和调查的)."""
    if members and not ids and _BOTH_KINDS.search(m.text.plain):
        return members
    return _siblings(m, ids, knowledge) if asks else ()


def without_names(m: Mentions, ids: tuple[str, ...], knowledge: Knowledge) -> Mentions:
    """The message without the unexplained words that stand in the names of the indicators."""
    names = [knowledge.indicators[i].name for i in ids]
    return replace(m, leftover=tuple(t for t in m.leftover if len(t.word) < _WORD or not _among(t.word, names)))


def _among(word: str, names: list[str]) -> bool:
    return any(word in name for name in names)


def _siblings(m: Mentions, ids: tuple[str, ...], knowledge: Knowledge) -> tuple[str, ...]:
    """The indicators of one word of which one is named, and others by what sets them apart; () if there are none."""
    named = [knowledge.indicators[i].name for i in ids]
    words = [t.word for t in m.leftover if len(t.word) > 1 and not any(t.word in name for name in named)]
    for shared in knowledge.shared.values() if words else ():
        names = {i: knowledge.indicators[i].name for i in shared.members}
        apart = [w for w in words if sum(w in name for name in names.values()) == 1]
        found = tuple(i for i in shared.members if i in ids or any(w in names[i] for w in apart))
        if ids and len(found) > 1 and set(ids) <= set(found):
            return found
    return ()


def table_columns(plain: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The indicators of the one table that is named by its number (附件二), () if none or several are."""
    said = {str(int(chinese(n) or 0)) if not n.isdigit() else n for n in _TABLE.findall(plain)}
    named = [knowledge.tables[n] for n in said if n in knowledge.tables]
    return named[0].columns if len(named) == 1 else ()


def _inside(e: Entity, other: Entity) -> bool:
    """Is a short name part of what the other one speaks of: within it, or a mere word right before it?"""
    if e.id == other.id or not e.covered.isdisjoint(other.covered) or other.end - other.start <= _WORD:
        return False
    beside = e.end - e.start <= _WORD and e.end == other.start
    return beside or e.end - e.start <= _NAME and other.start <= e.start and e.end <= other.end


def _column(plain: str, knowledge: Knowledge) -> str:
    """The indicator of a table's column that is counted from its end (附件2最后一列), or ""."""
    said = _COLUMN.search(plain)
    if not said or said["table"] not in knowledge.tables:
        return ""
    columns = knowledge.tables[said["table"]].columns
    back = chinese(said["back"]) if said["back"] else 1
    return columns[-int(back)] if back and back <= len(columns) else ""


def _meant(m: Mentions, e: Entity) -> str | None:
    """What is left of an indicator's name of which a part is said not to be meant, None where all of it is."""
    text = m.text.plain
    starts = sorted(i for i in e.covered if i - 1 not in e.covered)
    refused = [i for i in starts if _NOT.search(text[:i]) or i + 1 in e.covered and _LEFT_OUT.match(text, _end(i, e))]
    if not refused:
        return None
    pieces = []
    for start in starts:
        pieces.append("" if start in refused else text[start : _end(start, e)])
    return " ".join(pieces)


def _end(start: int, e: Entity) -> int:
    """Where the unbroken piece of the name ends."""
    while start in e.covered:
        start += 1
    return start


def _named(words: str, knowledge: Knowledge) -> str:
    """The indicator whose name is the longest among the words, "" if there is none."""
    names = [
        (len(n), i.id)
        for i in knowledge.indicators.values()
        for n in (i.name, *i.aliases)
        if all(any(w in words for w in slot) for slot in slots(n))
    ]
    return max(names, default=(0, ""))[1]
