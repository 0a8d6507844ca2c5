"""Mentions -> readings about offices: who leads what, who is responsible, what a unit has to do."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.asked import (
    HERE,
    asks_for_office,
    beside,
    done,
    group_named,
    matching,
    naming,
    sizes,
    times,
    topical,
    unheeded,
)
from bot.conditions import conditions
from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.role import others_in_charge, role_of
from bot.strangers import strangers, with_strangers
from bot.subjects import FAIR, SURE, WEAK, Subjects
from bot.values import Choose, Condition, Missing, Parts, Reading, Role, Roles, TaskOperation, Tasks

_ASKS_TIME = re.compile(
    r"几月|几号|什么时候|什么日子|哪天|时间|多久|期限|最迟|最晚|截止|往哪|报给谁|报到哪|交给谁|交到哪"
)
# 以谁为主体: what stands in the text, and no office.
_AS_WHAT = re.compile("(?:留|分|发|派|面向|针对)给?谁|以谁为|谁是(?:龙头|主体|基础|主力|重点)")
_TO_WHOM = re.compile("(?:是|都是?|专门)(?:给|为|帮|面向|针对)谁")
# Behind the unit: that a measure is without it.
_ONE_WITHOUT = re.compile("[有就][^，。？！；]{0,3}[一几哪两][项条个][^，。？！；]{0,3}[没未不]")
# Without a unit or one of these, no office is asked for.
_OF_OFFICES = ("lead", "responsible", "who", "charge", "role", "units_word")
# So many measures are offered where none is named.
_OFFERED = 3
# 某厅牵头的那一项的责任单位
_ITS_MEASURE = re.compile("牵头的?那?一?[项条](?:措施|工作)?(?:里|中)?的?(?:责任|配合|参与)")
# 某厅参与的那几项，牵头单位分别是谁
_OF_ITS_MEASURES = re.compile(
    "(?P<own>牵头|参与|负责|配合|有份|在列)的(?:那|这)?[几些]?(?:[项条]措施|[项条]|些?措施|任务)[，里中]?的?(?:都|各自?|分别)*(?:由谁)?"
    "(?P<asked>牵头|责任|配合)"
)
# 由哪个部门来建: an office, whatever the text says of the deed.
_BY_OFFICE = re.compile("由(?:哪|什么|啥)[个家些]?几?[个家]?(?:单位|部门|机构|厅局)")
# 都参加的只有一项: so many measures, and not one unit alone.
_ONLY_SO_MANY = re.compile("只有?[一二两三四五六七八九十几0-9]+[项条个件]")
# 除了自己牵头的，还…: in what else it takes part.
_BESIDES_LED = re.compile(
    "除了?(?:自己|自家|它|他们|本身)?牵头的[^，。？！；]{0,8}(?:[，](?:[嗯啊呃哦额]{0,2}|另外|此外|其他|其余))*[还需]"
)
# 各牵头单位分别牵了几项, 牵头第二多的, 十八项全是某厅牵头: all that lead, with the number of each.
_ALL_LEADERS = re.compile(
    "各(?:个)?牵头(?:单位|部门)|牵头(?:单位|部门)(?:去重|全?算下来|加起来|一共|总共|都?有哪几家)|牵头(?:的)?第[二三四2-4]多"
    "|[项条]?(?:全部?|都|统统)(?:是|由|归)[^，。？！]{2,12}牵头"
)
_WHO_MORE = re.compile(
    "(?:谁|哪[个家一]?(?:单位|部门|家|个)?)[^，。？！]{0,10}(?:更|要)?[多少](?:一?些|一?点)?(?![少项条])"
    "|[差多少](?:牵头|负责|参与|了)*(?:几|多少)[项条个]"
)
# What is to be done and whether, and not by whom.
_HOW_DONE = re.compile("怎么(?!样)[^算]|咋[^算]|如何|要不要|会不会")
_EXAMPLE = re.compile("(?:比如|例如|譬如)(?:说)?$")
# What a word of a story costs a reading by topic, beyond the few that a topic has.
_STORY = 0.06
# 四项都列为责任单位的是哪家: at every one of them.
_EVERY_ONE = re.compile(
    "(?:每一?|[一二两三四五六七八九几0-9])个?[项条](?:措施|任务|工作)?(?:里|中)?(?:全都?|都|均)"
    "(?:当|列|有|在|是|做|参|出现|挂|牵头|负责)"
)
_MERELY = re.compile("[只仅光]是|只不过是?|[只仅]当")
# Of some measures, those with or without a unit.
_WHICH_OF_THEM = re.compile("哪几?[项条]|哪些|[是有]哪")
# Which measure has most units, not which unit has most measures.
_WIDEST = re.compile(
    "哪(?:一)?(?:项|条|个措施)\\S{0,4}(?:单位|部门|参与)\\S{0,3}最|(?:单位|部门)\\S{0,2}最[多少]的(?:是哪(?![几一两二三]?[家个]|[家个])|措施|一?[项条])"
    "|名单\\S{0,2}最[长短]"
)


def readings(m: Mentions, knowledge: Knowledge, about: Subjects, asked: Mentions) -> Iterator[Reading]:
    """The ways to take the message as a question about who does what; `asked` is the message without its stories."""
    if not (m.of("unit", "office") or m.has(*_OF_OFFICES)):
        return
    if len(asked.of("unit")) < len(m.of("unit")):
        # Whoever has it asked is not asked about.
        m = replace(m, places=asked.places)
    strange = strangers(asked, knowledge)
    # 比如某单位 is an example of those asked for.
    examples = [e.start for e in m.of("unit") if _EXAMPLE.search(m.text.plain, 0, e.start)]
    if examples and m.has("who", "units_word"):
        m = replace(m, places=tuple(e for e in m.places if e.start not in examples))
    units = tuple(dict.fromkeys(e.id for e in m.of("unit") if e.start not in strange))
    named = bool(units or strange)
    asks_role = m.has("lead", "charge") or named and m.has("role") or _asks_responsible(m, named)
    asks_role = asks_role or others_in_charge(m.text.plain)
    role = role_of(m)
    leftover = tuple(t.word for t in m.leftover)
    measures = tuple(r for r in about.refs if r in knowledge.parts and knowledge.parts[r].kind == "measure")
    if not (about.explicit or topical(m)):
        measures = ()
    if asks_role and not measures and about.how in ("topic", "several") and not units:
        # Nobody leads a goal: of the measures that are like it the likeliest.
        near = [x.ref for x in about.matches if x.score >= FAIR and not x.strange]
        measures = tuple(r for r in near if knowledge.parts[r].kind == "measure")[:1]
    groups = tuple(r for r in about.refs if r.startswith("group:"))
    if not groups and group_named(m, knowledge):
        groups, measures = group_named(m, knowledge), ()
    others = tuple(r for r in about.refs if r.partition(":")[0] not in ("measure", "group"))
    certain = about.explicit or bool(about.matches and about.matches[0].score >= SURE)
    scored = about.matches[0].score if about.matches else 0.0
    weak = 0.0 if certain else 0.5 if scored >= FAIR else 0.9
    if units and _ITS_MEASURE.search(m.text.plain):
        led = tuple(p.id for p in knowledge.measures if set(p.lead) & set(units))
        if len(led) == 1:
            yield Reading(Roles(led, "responsible"), 0.9, leftover, "牵头的那一项的责任单位")
    if len(units) == 1 and not measures and (of_them := _OF_ITS_MEASURES.search(m.text.plain)):
        own: Role = "lead" if "牵头" in of_them["own"] else "responsible"
        held = tuple(p.id for p in knowledge.measures if units[0] in (p.lead if own == "lead" else p.responsible))
        if held:
            wanted: Role = "lead" if "牵头" in of_them["asked"] else "responsible"
            yield Reading(Roles(held, wanted), 0.85, leftover, "有份的几项的单位")
            return
    if (
        strange
        and not groups
        and (asks_role or m.has("tasks", "where", "confirm") and not (m.of("region") and m.has("overview", "quantity")))
    ):
        yield from with_strangers(m, units, tuple(strange.values()), role, measures if about.explicit else ())
        return
    if m.has("lead") and not (measures or groups) and _ALL_LEADERS.search(m.text.plain):
        yield Reading(Parts((), "units", "lead"), 0.85, leftover, "所有牵头单位")
        return
    if len(units) > 1 and not measures and _WHO_MORE.search(m.text.plain):
        yield Reading(Tasks(units, role if asks_role else "any", "compare"), 0.9, leftover, "谁的项数多")
        return
    besides = bool(measures and units) and beside(m)
    if not besides and (not about.explicit or groups or m.has("except") and units):
        crossing = list(_over_all(m, knowledge, units, role, groups, measures, about))
        if crossing:
            yield from crossing
            return
    scope = measures if about.explicit and measures else _members(knowledge, groups)
    if not units and len(scope) > 1 and m.has("units_word", "who") and _EVERY_ONE.search(m.text.plain):
        yield Reading(
            Tasks((), "lead" if role == "lead" else "responsible", "common", scope), 0.8, leftover, "每一项都有的单位"
        )
        return
    if units and about.how == "number" and len(measures) > 1 and _WHICH_OF_THEM.search(m.text.plain):
        each = conditions(m)
        op: TaskOperation = "list" if len(units) == 1 and all(c.held for c in each) else "match"
        query = Tasks(units, role, op, measures, conditions=each if op == "match" else ())
        yield Reading(query, 0.85, leftover, "这几项里的哪几项")
        return
    if units and (besides_led := _BESIDES_LED.search(m.text.plain)) and besides_led.start() > m.of("unit")[0].start:
        yield Reading(Tasks(units, "responsible"), 0.9, leftover, "牵头的以外还有的")
        return
    if units:
        told = tuple(t.word for t in asked.leftover)
        yield from _of_units(m, knowledge, about, units, role, asks_role, measures, groups, weak, told)
        return
    if not (asks_role or m.has("who")) or not asks_role and _AS_WHAT.search(m.text.plain):
        return
    if _TO_WHOM.search(m.text.plain) and not m.has("lead", "responsible", "units_word"):
        return
    if groups and not measures and m.has("tasks") and not m.has("lead", "responsible", "who"):
        # 这一组管着哪几项: its measures.
        return
    if groups and not measures:
        yield Reading(Roles((), role if asks_role else "lead", groups=groups), 1.0, leftover, "一组的牵头单位")
        return
    if others and about.explicit and not measures:
        rank = 1.2 if asks_role or about.how != "programme" else 1.5
        yield Reading(Roles(others, role), rank, leftover, "没有列单位的部分")
        return
    if measures:
        deed = done(m, knowledge, about, measures)
        if deed == HERE and _BY_OFFICE.search(m.text.plain):
            deed, asks_role, role = "", True, "lead" if role == "any" else role
        if deed not in ("", HERE):
            yield Reading(Missing("doer", deed, refs=measures), 1.15, leftover, "文件没写由谁做")
            return
        weak += 0.0 if about.explicit else _STORY * max(0, len(leftover) - 2)
        rank = 1.0 + weak + (0.0 if asks_role else 0.1 if asks_for_office(m) else 1.3) + (1.0 if deed else 0.0)
        if about.how == "several" and len(measures) > 1 and _settled(about):
            yield Reading(Roles(measures[:1], role if asks_role else "lead"), rank + 0.3, leftover, "最像的一项的单位")
        elif about.how == "several" and len(measures) > 1:
            yield Reading(
                _choose_part(measures, knowledge, "responsible" if role == "responsible" else "lead"),
                rank + (0.5 if asks_role else 0.8),
                leftover,
                "几项措施都像",
            )
        elif asks_role or m.has("who") and (about.explicit or about.matches and about.matches[0].score >= FAIR):
            yield Reading(Roles(measures, role if asks_role else "lead"), rank, leftover, "措施的单位")
        return
    if asks_role and m.has("most", "highest") and not m.has("pronoun_part"):
        yield Reading(Tasks((), role, "most"), 1.1, leftover, "牵头最多")
    elif m.has("lead", "responsible") and m.has("all_words", "count", "tasks") and not _unknown(m):
        whole = m.has("all_words", "measure_word")
        rank = (1.3 if whole else 1.6) if m.has("units_word", "who") and not leftover else 1.7
        yield Reading(
            Parts((), "units", "lead" if role != "responsible" else "responsible"), rank, leftover, "所有牵头单位"
        )
    elif asks_role and not leftover and not m.programmes:
        firsts = {part.group: part.id for part in reversed(knowledge.measures)}
        refs = tuple(part.id for part in knowledge.measures if part.id in firsts.values())[:_OFFERED]
        yield Reading(_choose_part(refs, knowledge, role), 2.6, (), "没说是哪一项")


def _of_units(
    m: Mentions, knowledge: Knowledge, about: Subjects, units: tuple[str, ...], role: Role, asks_role: bool,
    measures: tuple[str, ...], groups: tuple[str, ...], weak: float, plainly: tuple[str, ...],
) -> Iterator[Reading]:  # fmt: skip
    """What named units have to do with a measure, in a group, or at all; `plainly`: what the question leaves over."""
    leftover = tuple(t.word for t in m.leftover)
    if groups and not measures:
        inside = _members(knowledge, groups)
        asked = m.has("confirm") and not m.has("tasks", "count")
        query = Tasks(units, role if asks_role else "any", "list", inside, confirm=asked)
        yield Reading(query, 1.0, leftover, "单位在一组里")
    elif (
        measures
        and (about.explicit or asks_role or not m.has("tasks"))
        and not (m.has("tasks") and not about.explicit and about.how != "topic")
    ):
        pointed = m.has("pronoun_part") and bool(leftover and about.matches) and not about.matches[0].strange
        least = WEAK if pointed else FAIR
        fits = about.explicit or (about.how == "topic" and about.matches and about.matches[0].score >= least)
        if about.how == "several" and len(measures) > 1:
            if asks_role:
                yield Reading(_choose_part(measures, knowledge, "lead"), 2.2, leftover, "几项措施都像")
        elif fits and beside(m):
            leads = all(u in knowledge.parts[r].lead for u in units for r in measures)
            yield Reading(Roles(measures, "responsible" if leads else "any"), 0.95 + weak, leftover, "单位之外还有谁")
        elif fits:
            weak += 0.0 if about.explicit else _STORY * max(0, len(leftover) - 2)
            listed = m.has("units_word") and m.text.plain.rstrip("？。").endswith("没有")
            rank = 1.0 + weak if asks_role or listed or m.has("confirm", "who") else 1.6 + weak
            how = m.has("method") and not m.has("confirm") or bool(_HOW_DONE.search(m.text.plain))
            if how and not (asks_role or m.has("who")) and not about.explicit:
                # What is to be done, of which the units named are a part.
                rank += 1.0
            storied = len(plainly) < len(leftover)
            if m.has("tasks") and not about.explicit and (about.matches[0].score < SURE or storied):
                # Which measures, not whether in this one.
                rank += 0.8
            # 只是配合方吗: then who does lead is asked too.
            merely = role == "responsible" and m.has("confirm") and _MERELY.search(m.text.plain)
            yield Reading(Roles(measures, "any" if merely else role, units), rank, leftover, "单位在一项措施里")
    asked = m.has("tasks", "overview") or asks_role
    asked = asked or not m.missing and (m.has("count") or not (leftover or m.has("quantity")))
    if asked and not (measures and about.explicit) and not unheeded(m) and not _ASKS_TIME.search(m.text.plain):
        rank = 1.1 if (m.has("tasks", "count") and (asks_role or not leftover)) else 1.4
        if m.has("quantity") and m.of("region"):
            rank += 1.0
        rank += (0.25 if asks_role else 0.35) * len(plainly)
        if leftover and m.has("who") and not m.has("tasks", "count"):
            # Others are asked for, in something that is not understood.
            rank += 2.0
        operation: TaskOperation = "count" if m.has("count") and not m.has("tasks") else "list"
        yield Reading(
            Tasks(units, role if asks_role else "any", operation, _members(knowledge, groups)),
            rank,
            leftover,
            "单位的任务",
        )


def _settled(about: Subjects) -> bool:
    """Is one of several measures alone in having every word of the message?"""
    best: dict[str, int] = {}
    for match in about.matches:
        best[match.ref] = min(best.get(match.ref, match.strange), match.strange)
    first, *rest = (best.get(r, 1) for r in about.refs)
    return first == 0 and all(rest) and about.matches[0].ref == about.refs[0]


def _asks_responsible(m: Mentions, named: bool) -> bool:
    """Is it asked who takes part? A bare verb such as 参加 only asks so beside a unit or a who."""
    words = m.words("responsible")
    which = m.has("who") or m.has("units_word") and m.has("tasks")
    return bool(words) and (named or which or any("单位" in w or "部门" in w or "责任" in w for w in words))


def _unknown(m: Mentions) -> bool:
    """Is there a word that nothing explains, be it one that falls into single characters?"""
    return any(len(t.word) > 1 for t in m.leftover) or any(
        a.end == b.start for a, b in zip(m.leftover, m.leftover[1:], strict=False)
    )


def _over_all(
    m: Mentions, knowledge: Knowledge, units: tuple[str, ...], role: Role, groups: tuple[str, ...],
    measures: tuple[str, ...], about: Subjects,
) -> Iterator[Reading]:  # fmt: skip
    """Questions that compare all measures: which have these units and not those, who leads most."""
    leftover = tuple(t.word for t in m.leftover)
    inside = _members(knowledge, groups)
    ruled_out = _ruled_out(m) if m.has("except") else ()
    if not set(units) - set(ruled_out):
        without = tuple(Condition(u, "any", False) for u in ruled_out)
        if m.has("most", "fewest", "highest", "lowest") and _WIDEST.search(m.text.plain):
            few = m.has("fewest", "lowest") and not m.has("most", "highest")
            yield Reading(Tasks((), "responsible", "narrowest" if few else "widest", inside), 0.9, leftover, "比较各项")
        elif m.has("most", "fewest") and m.has("lead", "responsible", "charge"):
            operation: TaskOperation = "fewest" if m.has("fewest") and not m.has("most") else "most"
            yield Reading(Tasks((), role, operation, inside, conditions=without), 1.0, leftover, "比较各单位")
        elif m.has("lead", "responsible") and (size := sizes(m)):
            held: Role = "lead" if m.has("lead") and not m.has("responsible") else "responsible"
            yield Reading(Tasks((), held, "sized", inside, bounds=size), 0.9, leftover, "单位有几家的措施")
        elif m.has("lead", "responsible") and m.has("units_word", "who") and not naming(m):
            limits = times(m, len(knowledge.measures))
            if limits:
                some: Role = "responsible" if role == "responsible" else "lead"
                yield Reading(Tasks((), some, "counted", inside, bounds=limits), 1.0, leftover, "牵头几项的单位")
        if not units or m.has("most", "fewest"):
            return
    asks = m.has("tasks", "where", "count") or bool(re.search("措施|[几些][项条]|的[。？！]*$", m.text.plain))
    if ruled_out and not (asks or measures) and m.has("lead") and m.has("who", "units_word"):
        # 除了某厅，还有谁牵头
        yield Reading(Parts((), "units", "lead"), 0.9, leftover, "所有牵头单位")
        return
    unclear = not measures or not about.explicit and about.matches[0].score < FAIR
    shared = len(units) > 1 and m.has("both") and m.has("lead", "responsible", "charge") and unclear
    if not asks and not shared:
        return
    if shared and not asks and m.has("charge") and not m.has("lead", "responsible"):
        wanted = tuple(Condition(u, "any", True) for u in units)
        yield Reading(Tasks(units, "any", "match", inside, conditions=wanted), 0.9, leftover, "几家共有的")
        return
    if m.has("except") and measures and about.explicit and not _ruled_out(m):
        operation = "count" if m.has("count") and not m.has("tasks") else "list"
        yield Reading(Tasks(units, role, operation, inside, measures), 1.0, leftover, "这些项以外的任务")
        return
    if (
        any(w != "只" for w in m.words("only")) and not _ONLY_SO_MANY.search(m.text.plain)
        and m.has("responsible", "units_word") and m.has("tasks", "where")
        and not m.has("lead")
    ):  # fmt: skip
        yield Reading(Tasks(units, "responsible", "only", inside), 1.0, leftover, "只列了这一家")
        return
    wanted = conditions(m)
    if len(units) == 1 and _ONE_WITHOUT.search(m.text.plain, m.of("unit")[0].end):
        wanted = (Condition(units[0], "any", False),)
    if not matching(m, wanted, units):
        return
    if about.how == "topic" and about.matches[0].score >= FAIR and naming(m):
        return
    yield Reading(
        Tasks(units, role, "match", inside, conditions=wanted), 0.9 + 0.3 * len(naming(m)), leftover, "单位的各种身份"
    )


def _ruled_out(m: Mentions) -> tuple[str, ...]:
    """The units that stand right behind 除了, or before 不算."""
    spans = m.cues.get("except", ())
    starts, ends = {a for a, _ in spans}, {b for _, b in spans}
    return tuple(dict.fromkeys(e.id for e in m.of("unit") if e.start in ends or e.end in starts))


def _members(knowledge: Knowledge, groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.id for part in knowledge.measures if part.group in groups)


def _choose_part(refs: tuple[str, ...], knowledge: Knowledge, role: str) -> Choose:
    word = "由谁牵头？" if role == "lead" else "的责任单位有哪些？"
    parts = [knowledge.parts[r] for r in refs]
    return Choose(tuple(f"第{p.number}项「{p.title}」{word}" for p in parts))
