"""Mentions -> what a message says of units: each as what, and whether that is wanted or ruled out."""

import re
from dataclasses import dataclass

from bot.entities import Mentions
from bot.values import Condition, Role

# 没有, 不是 … and the little words that may stand between it and what it rules out; 有没有 and 是不是 rule nothing out.
_DENIES = re.compile(
    r"(?:(?<!有)没有?|[未非无]|除了?|除开|除去|刨去|去掉|去除|扣除|撇开|抛开|[少缺]了?|(?P<no>不))(?:再|曾|能)?"
    r"(?:是|由|归|让|被|列为|列入|列|把|为|属于|含|包括|涉及|出现|算是|算|当|有|要|写明|写|提到|安排给?|分给|交给|派给|过|了|带|沾|点|提|担任|用|需要?|必|做|作为|在|给|叫)*$"
)
_AFTER = re.compile(
    r"(?:牵头|负责|担责)?的?(?:那些|那几[项条]|[项条])?(?:除外|不算|不要|刨掉|去掉|剔除|撇开|抛开|扣掉|之外|以外|排除)"
    r"|(?:却|倒|偏偏?|又|都)(?:不是|不在|没有|没在|没列|未列)(?=的|[，。？！]|$)"
)
_JOINED = re.compile(r"[、，]?(?:和|跟|与|或者?|及|以及|还有|同)?|、")
_MERELY = re.compile(r"[只仅光](?:是|当|做|列为|列入|算|作为|负责|管)*$")
# Ruled out, such a word means that the unit is not there at all: neither leads nor takes part.
_BEING = re.compile("参与|参加|掺和|沾|出力|有份|在列|榜上|有任务|有责任|一起|一块")
_BEFORE_UNIT = re.compile("(?:名单)?(?:里面?|中|当中)?(?:偏偏|却|又|也|就|都|可|还)*(?:没有?|不含|没列|缺|有|含)")
# Who has a share leads or takes part.
_THERE_AT_ALL = re.compile("有份|在列|有任务|榜上")
_THERE = re.compile("[也都]*(?P<no>[不没])?在(?=[、，的])")
# Words that only rule out: 没份, 没参与.
_ABSENT = re.compile("份|沾|参与|涉及|出现|[列挂][上入进名]")


@dataclass(frozen=True)
class _Word:
    """A word for a role, and whether it is denied."""

    start: int
    end: int
    role: Role
    held: bool
    absent: bool = False


def conditions(m: Mentions) -> tuple[Condition, ...]:
    """Each named unit as what it is wanted or ruled out, in the order they stand."""
    named = m.of("unit")
    # 某某政府（行署）: one body by two names.
    units = [e for n, e in enumerate(named) if not (n and named[n - 1].id == e.id and e.start - named[n - 1].end < 2)]
    if not units:
        return ()
    words = _role_words(m)
    runs: list[list[int]] = []
    for number, unit in enumerate(units):
        apart = any(units[number - 1].end <= w.start < unit.start for w in words) if number else True
        if apart:
            runs.append([])
        runs[-1].append(number)
    backwards = words and words[0].start < units[0].start and words[-1].end <= units[-1].start
    found: dict[Condition, None] = {}
    for number, run in enumerate(runs):
        first, last = units[run[0]], units[run[-1]]
        absent = False
        if backwards:
            since = units[runs[number - 1][-1]].end if number else 0
            mine = [w for w in words if since <= w.start and w.end <= first.start]
            absent = any(w.absent for w in mine)
            mine = [w for w in mine if not w.absent] or [w for w in words if w.end <= first.start][-1:]
        else:
            until = units[runs[number + 1][0]].start if number + 1 < len(runs) else len(m.text.plain)
            mine = [w for w in words if last.end <= w.start and w.end <= until and not _of_next(m, w, until)]
            earlier = units[runs[number - 1][-1]].end if number else first.start
            mine += [w for w in words if earlier <= w.start and w.end <= first.start and _of_next(m, w, first.start)]
        denied = False
        for at in run:
            before = m.text.plain[units[at - 1].end if at else 0 : units[at].start]
            if at == run[0] or not _JOINED.fullmatch(before):
                denied = absent or _denied(m, units[at].start, units[at - 1].end if at else 0)
            out = denied != (bool(_AFTER.match(m.text.plain, last.end)) and not denied)
            roles = [(w.role, w.held != out) for w in mine] or [("any", not out)]
            for role, held in roles:
                found[Condition(units[at].id, role, held)] = None
            # 只当责任单位: not also the leading one.
            if any(w.held and w.role == "responsible" and _MERELY.search(m.text.plain, 0, w.start) for w in mine):
                found[Condition(units[at].id, "lead", False)] = None
    return tuple(found)


def _of_next(m: Mentions, word: _Word, unit: int) -> bool:
    """Does the word speak of the unit behind it (甲牵头、责任单位里没有乙)?"""
    return bool(_BEFORE_UNIT.fullmatch(m.text.plain, word.end, unit))


def _role_words(m: Mentions) -> list[_Word]:
    spans: list[tuple[int, int, str]] = [
        (a, b, cue) for cue in ("lead", "responsible", "charge") for a, b in m.cues.get(cue, ())
    ]
    spans += [(a, b, "absent") for a, b in m.cues.get("without", ()) if _ABSENT.search(m.text.plain[a:b])]
    spans.sort(key=lambda s: (s[0] - s[1], s[0]))
    taken: set[int] = set().union(*(e.covered for e in m.of("unit")))
    found: list[_Word] = []
    for start, end, cue in spans:
        if not taken.isdisjoint(range(start, end)):
            continue
        taken.update(range(start, end))
        held = cue != "absent" and not _denied(m, start, 0)
        role: Role = "lead" if cue == "lead" or cue == "charge" and not held else "any"
        said = m.text.plain[start:end]
        if cue == "responsible" and (not _THERE_AT_ALL.search(said) if held else not _BEING.search(said)):
            role = "responsible"
        found.append(_Word(start, end, role, held, cue == "absent"))
    # 某单位在、某单位不在的: being there is all that is said.
    for e in m.of("unit"):
        there = _THERE.match(m.text.plain, e.end)
        if there and taken.isdisjoint(range(*there.span())):
            found.append(_Word(*there.span(), "any", not there.group("no"), bool(there.group("no"))))
    return sorted(found, key=lambda w: w.start)


def _denied(m: Mentions, at: int, since: int) -> bool:
    """Does what stands right before it rule it out?"""
    before = m.text.plain[since:at]
    match = _DENIES.search(before)
    if match is None:
        return False
    # 在不在, 算不算: the same word on both sides asks.
    no = since + match.start("no") if match.group("no") else -1
    return not (no > 0 and m.text.plain[no - 1] == m.text.plain[no + 1 : no + 2])
