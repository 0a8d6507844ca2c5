"""Mentions and Context -> the reading of a message that leans on what went before.

A message that stands by itself never comes here with a reading better than its own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot import outline
from bot.elliptic import EACH, SHORT, completed
from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.leftovers import is_name
from bot.office_thread import bare, joins, offices_after
from bot.operations import place
from bot.role import role_of
from bot.subjects import SURE, WEAK, Subjects
from bot.values import (
    Aspect,
    Cells,
    Context,
    Facts,
    Missing,
    Parts,
    Passages,
    Query,
    Reading,
    Roles,
    Tasks,
)

_PICK = re.compile(
    r"^(?:选|第|选择|要|我选|我要|就|是|问的是)*(?P<n>[1-9一二三四五六七八九])(?:个|项|条|号|那个|吧|的)*$"
)

# Cues that point at something, within the message or before it.
_POINTING = ("pronoun_part", "pronoun_unit", "pronoun_region", "pair", "former", "correct", "also")
_OVER_ALL = ("which_region", "per_region", "highest", "lowest", "top", "reverse", "order")
_AMONG = ("里面", "里头", "其中")
_ENDING = ("呢", "嘞")
# 跟某地比: with what was spoken of.
_WITH = re.compile("(?:那|再)?(?:跟|和|与|同)[^，。？！]{2,12}?(?:相?比|[哪谁]|差|加)")
# 前三个, 最少的俩: as many of an order, and not those spoken of.
_COUNTING = re.compile("(?:[前后头哪]|最[多少高低大小重轻]的?)$")
# 十八项里头: of all of them.
_OF_ALL = re.compile("(?:[项条]|措施|文件|要点|附件|表格?|单位|名单)$")
# 都在里头的是哪项: the part is what is asked for.
_WHICH_PART = re.compile("的(?:是|有)?(?:哪|几)")
# 一项也没牵头吧, 牵头两项措施是吧, 某厅的措施里: of all parts, and not of the one spoken of.
_OF_EVERY = re.compile(
    "一[项条个](?:也|都)|[两二三四五六七八九十几0-9]+[项条个](?:措施|工作|任务)|措施(?:里|中|当中|[^，。？！]{0,3}[全都列])"
)
# 某词说的是什么 takes nothing back.
_ASKED = re.compile("的?(?:什么|啥|哪|谁|几)")
# 牵头一项 has no 头一项.
_HEADED = ("牵", "领", "带", "打", "排")

_NO_THREAD = Context()


# 同一条里还说了啥
_WHAT_ELSE = re.compile(
    "还(?:说|写|讲|提|规定|要求)(?:了|到|过|的?有)?(?:些)?(?:啥|什么|哪些|别的)|(?:都|还)有(?:啥|什么)内容"
)


def leans(m: Mentions) -> bool:
    """Does the message point back: a pronoun, 那…呢, two of them, a correction?"""
    if m.has("latter", "other_table", "negate"):
        return True
    if any(not any(e.end == start for e in m.indicators) for start, _ in m.cues.get("pronoun_cells", ())):
        return True
    if any(_free(m, cue, *span) for cue in _POINTING for span in m.cues.get(cue, ())):
        return True
    if len(m.text.plain) <= SHORT and m.text.plain.rstrip("？。").endswith("的") and not says_all(m):
        return True
    if m.of("region", "set") and not (m.indicators or m.programmes or m.parts) and _WITH.match(m.text.plain):
        return True
    checked = m.has("responsible", "lead") or len(m.text.plain) <= SHORT
    if m.of("unit") and m.has("confirm") and checked and not m.has("tasks", "count"):
        named = m.parts or m.programmes or m.ordinals or m.indicators or m.points
        # 甲与乙有没有共同参与的措施: of all that the two have.
        shared = m.has("both") and m.has("measure_word") and len(m.of("unit")) > 1
        return not (named or shared or _named_before(m, m.of("unit")[0].start) or _OF_EVERY.search(m.text.plain))
    words = m.words("follow")
    return any(w in _ENDING or w not in ("那", "又", "也", "那么") or m.text.plain.startswith(w) for w in words)


def points_at_part(m: Mentions) -> bool:
    """Does the message point at a part that was spoken of before it?"""
    return any(_free(m, "pronoun_part", *span) for span in m.cues.get("pronoun_part", ()))


def says_all(m: Mentions) -> bool:
    """Does the message name both a figure and where it is asked for, or a unit and what is asked of it?"""
    placed = m.of("region", "set", "whole") or m.has(*_OVER_ALL) or place(m)
    figures = bool(m.indicators) and placed or m.of("region") and set(m.words("overview")) - EACH
    asked = m.has("tasks") or m.has("lead", "responsible") and m.has("count", "measure_word")
    # 有甲没有乙的, 除甲和乙外: of all measures.
    sorted_out = len(m.of("unit")) > 1 and m.has("without", "except")
    return bool(figures) or bool(m.of("unit")) and asked or sorted_out


def _free(m: Mentions, cue: str, start: int, end: int) -> bool:
    """Does the word point out of the message, and not at what stands before it there?"""
    plain = m.text.plain
    if cue == "pronoun_part":
        if plain[start:end] in _AMONG:
            every = _OF_ALL.search(plain, 0, start) or _WHICH_PART.match(plain, end)
            return not (every or _named_before(m, start) or any(e.end <= start for e in m.of("set", "region")))
        # 某厅牵头的那几项: those of the unit.
        of_unit = "几" in plain[start:end] and any(e.end <= start for e in m.of("unit"))
        return not (_named_before(m, start) or _beside(m, start) or of_unit)
    if cue == "pronoun_unit" and plain[start] == "同" and plain[start - 1 : start] == "是":
        # 是不是同一个单位: of those that are asked for.
        return False
    if cue == "pronoun_unit" and plain.startswith("俩", end):
        # 它俩: two things, not units.
        return not any(t.end <= start and is_name(t) for t in m.tokens)
    if cue == "pronoun_unit" and plain[start] in "他她" and any(t.end <= start and is_name(t) for t in m.tokens):
        # 帮他, 给他们: people spoken of in the message.
        return False
    if cue in ("pronoun_region", "pronoun_unit"):
        kinds = ("region", "set", "unit") if cue == "pronoun_region" else ("region", "set", "unit", "office")
        # 政府这边: a side of what stands right before.
        return not (any(e.end <= start for e in m.of(*kinds)) or cue == "pronoun_region" and _beside(m, start))
    if cue == "pair":
        several = sum(e.end <= start for e in m.of("region", "unit")) > 1
        ends = {b for way in ("highest", "lowest") for _, b in m.cues.get(way, ())}
        counting = _COUNTING.search(plain, 0, start) or {start, start - 1} & ends
        of_things = "它" in plain[max(start - 1, 0) : start + 1]
        return not (several or counting or m.programmes or of_things)
    if cue == "former":
        return plain[start - 1 : start] not in _HEADED
    if cue == "correct":
        # 某地多少？我说的是…: of the question that the message began with.
        asked = any(e.end <= start for e in m.of("region", "unit")) and "？" in plain[:start]
        return not (asked or plain[start - 1 : start + 2] == "对不对" or _ASKED.match(plain, end))
    # 还有谁, 另外哪两个: besides what the message itself names.
    besides = m.has("except") or bool(m.programmes) or bool(m.indicators) and bool(m.of("region"))
    return not besides and not any(t.start < start < t.end for t in m.tokens)


def _beside(m: Mentions, at: int) -> bool:
    """Is a word right before that character what it points at (就业这件事), though it names nothing by itself?"""
    cues = {n for spans in m.cues.values() for a, b in spans for n in range(a, b)}
    # 他们那儿: a pronoun is nothing to point at.
    words = (t for t in m.tokens if t.end == at and len(t.word) > 1 and t.flag[:1] != "r")
    return any(cues.isdisjoint(range(t.start, t.end)) for t in words)


def _named_before(m: Mentions, at: int) -> bool:
    """Does the message name what it is about before that character?"""
    named = (*m.parts, *m.programmes, *m.indicators, *m.facts, *m.points)
    if any(e.start < at for e in named) or any(o.start < at for o in m.ordinals):
        return True
    return any(t.start < at and is_name(t) for t in m.leftover)


def pick(plain: str, context: Context) -> str | None:
    """The offered choice that the message picks by its number or by words only it has."""
    if not context.choices:
        return None
    match = _PICK.match(plain.strip("。！？ "))
    if match:
        written = match.group("n")
        number = int(written) if written.isdigit() else "一二三四五六七八九".index(written) + 1
        return context.choices[number - 1] if number <= len(context.choices) else ""
    if 2 <= len(plain) <= 12:
        words = re.sub(r"^(?:我要|我问的是|问的是|是|就|选)|(?:[那这]一?[个项条种块]|吧|的|呢|啊|。|？)+$", "", plain)
        fits = [c for c in context.choices if words and words in c]
        if len(fits) == 1:
            return fits[0]
    return None


def readings(
    m: Mentions, whole: Mentions, context: Context, knowledge: Knowledge, about: Subjects, alone: bool
) -> Iterator[Reading]:
    """Ways to complete what the message asks (`m`) from the thread; `alone`: `whole` has no good reading of its own."""
    if context == _NO_THREAD:
        # One under watch is no other's equal: it is not looked at for this.
        return
    short = len(m.text.plain) <= SHORT
    alike = bool(m.of("region")) and not m.leftover and not set(m.words("overview")) - EACH
    # 责任单位有哪些: of the part just spoken of, unless all of them are asked for.
    unnamed = m.has("responsible", "lead") and not (m.leftover or m.of("unit") or about.explicit)
    unnamed = unnamed and not (whole.leftover or m.has("all_words", "measure_word", "count", "most", "fewest"))
    # What the question points at may be what the message tells before it.
    pointing, joining = leans(m) and (m is whole or leans(whole)), joins(m)
    # The thread is looked at only by a message that may lean on it: the others are answered alike in every thread.
    if not (pointing or joining or alone or short or alike or unnamed) or not context.begun:
        return
    told = bool(about.matches) and about.matches[0].score >= SURE and len(m.leftover) > 1
    # 某厅参与几项 is short enough to be about what was spoken of.
    overview = bool(m.of("region")) and bool(set(m.words("overview")) - EACH) and not (m.indicators or short)
    complete = says_all(m) and (not alone and bool(m.indicators) or overview or bool(m.of("unit")) and not short)
    if not (pointing or joining) and (told and not short or complete):
        return
    query = context.query
    pointing = pointing or joining and isinstance(query, Tasks)
    if not (pointing or alone or short or alike or unnamed and context.refs):
        return
    rank = 0.8 if pointing else 1.35
    leftover = tuple(t.word for t in (m if pointing else whole).leftover)
    cells = completed(m, context, knowledge, pointing)
    if isinstance(cells, Missing) and about.matches and about.matches[0].score >= SURE:
        # A quarter or a month that the text itself speaks of.
        cells = None
    if isinstance(cells, Cells) and len(cells.regions) > 1:
        # What is not broken down has nothing to be set side by side.
        cells = cells if any(knowledge.indicators[i].annex for i in cells.indicators) else None
    if cells is not None:
        if isinstance(cells, Cells):
            # 调查的呢: a word of the figure's name is explained by it.
            names = "，".join(knowledge.indicators[i].name for i in cells.indicators)
            leftover = tuple(w for w in leftover if w not in names)
        if (short or alike) and not pointing and context.cells and any(r for r, _ in context.cells):
            rank = 0.95
        yield Reading(cells, rank + 0.25 * len(leftover), leftover, "接着上一问的数字")
    named = m.leftover or m.places or m.parts or m.programmes or m.indicators
    if m.has("why") and isinstance(query, Cells) and not named:
        # 为什么没有: of the figures just looked at.
        unsaid = Missing("reason", regions=query.regions[:1], indicators=query.indicators[:1])
        yield Reading(unsaid, rank, leftover, "接着上一问的原因")
    offices = offices_after(m, context, about, pointing)
    if offices is None and isinstance(query, Cells) and not (m.of("unit") or m.leftover or about.explicit):
        offices = _in_charge(m, query, knowledge)
    if offices is not None and isinstance(query, Roles) and bare(m):
        yield Reading(offices, 0.9, leftover, "接着上一问的单位")
    if offices is not None and not (m.indicators and m.has("quantity")):
        yield Reading(offices, rank + (0.15 if pointing else 0.3) * len(leftover), leftover, "接着上一问的单位")
    if short and (numbered := _required(m, context, knowledge)):
        yield Reading(numbered, 0.95, leftover, "接着上一问的条文")
    if short and (detail := _detail(m, context, about)):
        yield Reading(detail, 1.3, leftover, "接着上一问的条文")
    part = _part(m, context, knowledge)
    if part is not None:
        near = m.has("where") and not m.has("count", "all_words")
        yield Reading(part, (0.9 if near else rank + 0.1) + 0.2 * len(leftover), leftover, "接着上一问的条文")


def _in_charge(m: Mentions, query: Cells, knowledge: Knowledge) -> Query | None:
    """谁牵头, behind figures: the units of the measures that bring them about."""
    measures = tuple(dict.fromkeys(knowledge.indicators[i].measure for i in query.indicators))
    asks = m.has("lead", "responsible", "charge") and m.has("who", "units_word", "lead", "responsible")
    return Roles(measures, role_of(m)) if asks and all(measures) else None


def _required(m: Mentions, context: Context, knowledge: Knowledge) -> Query | None:
    """第三条叫什么, where requirements were spoken of: the third of them."""
    query = context.query
    spoken = (query.kind or (query.refs or ("",))[0].partition(":")[0]) if isinstance(query, Parts) else ""
    if spoken != "requirement" or len(m.ordinals) != 1 or not (bare(m) or m.has("title")):
        return None
    ref = f"requirement:{m.ordinals[0].number}"
    return Parts((ref,), "title") if ref in knowledge.parts else None


def _detail(m: Mentions, context: Context, about: Subjects) -> Query | None:
    """What a few words ask of the part just spoken of (什么时候推广), or of the notice (都叫什么)."""
    query = context.query
    if isinstance(query, Facts) and m.has("title") and not (m.parts or m.ordinals or m.leftover):
        return Facts(query.ids)
    best = about.matches[0] if about.matches else None
    if about.explicit or best is None or best.strange or best.score < WEAK or not isinstance(query, Passages):
        return None
    near = context.refs == (best.ref,) and not (m.of("unit", "region") or m.indicators or m.has("lead", "responsible"))
    return Passages((best.point,)) if near else None


def _part(m: Mentions, context: Context, knowledge: Knowledge) -> Query | None:
    if not context.refs or m.of("unit", "region") or m.has("lead", "responsible", "charge"):
        return None
    if isinstance(context.query, Facts) or len(context.refs) > 3:
        return None
    if len(context.refs) == 1 and (beside := outline.beside(context.refs[0], m.text.plain, knowledge)):
        return Parts((beside,), "title")
    if _WHAT_ELSE.search(m.text.plain) and not (m.leftover or m.programmes or m.parts):
        return Parts(context.refs[:1], "whole")
    listed = isinstance(context.query, Parts) and context.query.aspect in ("members", "count", "list")
    if m.has("title") and not m.facts and isinstance(context.query, Parts) and listed:
        # 名字列一下: of those that were counted.
        aspect: Aspect = "members" if context.refs else "list"
        return replace(context.query, refs=context.refs, aspect=aspect)
    if m.has("title") and not m.facts:
        return Parts(context.refs, "title")
    if m.has("group_word") and m.has("where"):
        return Parts(context.refs, "group")
    if m.has("count", "tasks") and m.has("measure_word") and all(r.startswith("group:") for r in context.refs):
        return Parts(context.refs, "members")
    bare = not (m.leftover or m.parts or m.programmes or m.indicators or m.ordinals)
    if m.has("where") and (leans(m) and not (m.programmes or m.parts) or bare):
        return Parts(context.refs, "number")
    if m.has("whole_text", "method") and not (m.leftover or m.numbers or m.points and not leans(m)):
        if isinstance(context.query, Passages) and not m.has("pronoun_part") and "全" not in m.text.plain:
            return context.query
        groups = all(r.startswith("group:") for r in context.refs)
        return Parts(context.refs, "members" if groups else "whole")
    return None
