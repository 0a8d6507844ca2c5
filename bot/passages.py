"""Mentions -> readings about the text: points, whole parts, facts of the notice, counts."""

import re
from collections.abc import Callable, Iterator

from bot import concordance, notice, outline
from bot.asked import group_named
from bot.aspects import asks_number, asks_time, lacks, tells_time
from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.nearest import CLOSE, DATED, counting, fuller, named_too, of_unit, side_by_side, told, with_named
from bot.subjects import FAIR, FIRM, SURE, WEAK, Subjects
from bot.topics import Match
from bot.values import Aspect, Choose, Missing, Parts, Passages, Reading

_ASKS_LIST = re.compile("哪几|哪些|哪[两三四五六七八九十]|几[个项类种家样]|哪类|哪种|什么人|谁")
# 分成哪几块
_INTO = re.compile("分(?:成|为|了)?哪?几个?大?(?:块|部分|组|类)")
# How many groups there are, or all of them.
_SO_MANY_GROUPS = re.compile(
    r"(?:几|多少|[每各\d二三四五六七八九十])(?:个大?|大)?\S{0,2}(?:组|大类|部分|方面|大块|板块|类|大?标题)"
    r"|[小大]标题[^，。？！]{0,4}几个"
    f"|{_INTO.pattern}"
)
_WHICH_GROUPS = re.compile("哪[二三四五六七八九]个?大?的?(?:组|大类|部分|方面|大块|板块)")
_FILE = re.compile("文件|要点|政策|规定|通知|政府|提到|提了|[要会]怎么")
_COUNTED_PART = re.compile("要求|措施|举措|[组块类]")
# What a group has, not where it stands.
_MEMBERS = re.compile("(?:有|包括|包含|含|管[的着]?是?|下面是?|里面?是?|分[了成为]?)(?:哪|几)")
# A longer sentence says too much of what was not asked.
_LONGEST_SENTENCE = 140
# Counting words of parts.
_PARTS = ("项", "条", "个", "组", "类", "点", "部")
MONEY = ("元", "块", "钱")
# Where each of two is asked for, the second may have less of the words.
_EACH, _SHARE = re.compile("分别|各是|各自|各靠|各用|各有|各为|各在|各要|[讲提说写](?:了|到|过)?(?:哪些|哪几)"), 0.4
# Which share of the words left for the topic a point must have words for.
_LEAST = 0.34
_HALF = 0.5
# Characters of a sentence that has nothing but names.
_HARDLY_ANY = 8
# What the part is called in which something stands.
_ITS_PART = re.compile(
    "(?:[那这哪]一?|对应的?|所在的?)[项条](?:措施|工作要求|要求|任务)?[^，。？！]{0,4}[，]?[^，。？！]{0,3}(?:标题|题目|名称|名字)"
    "|对应的[^，。？！]{0,6}(?:措施|要求)|有一[项条](?:里)?[提写讲]到?[^。？！]{2,16}[，]?(?:标题|题目|名称)|[项条]任务底下"
)
# 标题和内容: the whole, which has both.
_CONTENT_TOO = re.compile(
    "(?:标题|题目|名称)[和与跟及、，]+[^，。？！]{0,4}(?:内容|正文|全文|原文)|(?:内容|正文|全文|原文)[和与跟及、，]+[^，。？！]{0,4}(?:标题|题目|名称)"
)
_FOR_WHOM = re.compile(
    "(?:给|为|替|帮|面向|针对|服务|照顾)(?:的是|了)?(?:谁|哪[些号类种路几]|什么人|啥人|什么样)|(?:哪些|什么|哪类|哪种)人[^，。？！]{0,6}[？。]*$"
)
_OPEN = re.compile(
    "[和与跟及、].*(?:怎么|咋|如何)(?:提|讲|说|规定|要求|写)|[和与跟及、].*(?:什么|啥|哪些)(?:提法|说法|规定|要求|安排|讲究)"
)
# All places are asked for; what speaks as much for another as for the first.
_PLACES, _SAME = re.compile("几[处次回]|哪[几两些][处条项]|两处"), 0.95


def readings(m: Mentions, knowledge: Knowledge, about: Subjects, asked: Mentions) -> Iterator[Reading]:
    """The ways to take the message as a question about what the document says; `asked`: it without its stories."""
    leftover = tuple(t.word for t in m.leftover)
    yield from concordance.readings(m, knowledge)
    yield from outline.readings(m, knowledge, about)
    plainly = tuple(t.word for t in asked.leftover)
    yield from _counts(m, knowledge, about, plainly if m.has("group_word") else leftover)
    if m.has("title") and len(groups := group_named(m, knowledge)) == 1:
        yield Reading(Parts(groups, "title"), 1.0, leftover, "组的标题")
        return
    yield from notice.readings(m, about, plainly)
    if about.how in ("number", "name"):
        yield from _parts(m, knowledge, about, leftover)
    elif about.how == "topic" and about.matches[0].score >= FAIR and _asks_group(m):
        yield Reading(Parts(about.refs, "group"), 1.4, leftover, "属于哪一组")
    yield from _points(m, knowledge, about, leftover)


def _counts(m: Mentions, knowledge: Knowledge, about: Subjects, leftover: tuple[str, ...]) -> Iterator[Reading]:
    if m.of("unit", "region") or about.how in ("name", "programme", "number"):
        return
    if m.has("lead", "responsible") or concordance.asked(m.text.plain)[0]:
        return
    if m.has("requirement_word") and about.how == "topic" and about.matches[0].score >= SURE and m.leftover:
        # 某方面提了什么要求: of that, and not which requirements there are.
        return
    asks = m.has("count", "tasks", "quantity", "overview", "title", "who", "all_words")
    claimed = _told_number(m) or bool(_WHICH_GROUPS.search(m.text.plain))
    if not (asks or claimed) or len(leftover) > 1:
        return
    rank = 1.2 + 0.5 * len(leftover)
    groups = tuple(r for r in about.refs if r.startswith("group:")) if about.how == "number" else ()
    if groups:
        return
    aspect: Aspect = (
        "count" if m.has("count") and not re.search("哪些|哪几|什么|分别|列出|有啥", m.text.plain) else "list"
    )
    if claimed or m.has("count", "tasks", "all_words", "title"):
        if m.has("requirement_word") and (claimed or not m.has("measure_word")):
            yield Reading(Parts((), aspect, "requirement"), rank, leftover, "数一数要求")
        elif (
            (m.has("group_word") or _INTO.search(m.text.plain))
            and (claimed or m.has("count", "title", "tasks"))
            and _SO_MANY_GROUPS.search(m.text.plain)
        ):
            # 哪五大板块，列出标题: theirs, not the notice's.
            rank -= 0.4 if m.has("title") else 0.0
            yield Reading(Parts((), aspect, "group"), rank, leftover, "数一数组")
        elif (
            m.has("measure_word")
            and not m.indicators
            and about.how != "number"
            and re.search("措施|要点|文件|举措", m.text.plain)
        ):
            yield Reading(Parts((), aspect, "measure"), rank + 0.1, leftover, "数一数措施")


def _asks_group(m: Mentions) -> bool:
    """Is it asked in which group a part stands?"""
    return m.has("group_word") and m.has("where") and bool(re.search("组|大类|大标题|部分|大块|板块", m.text.plain))


def _told_number(m: Mentions) -> bool:
    """Does the asker say how many parts there are, for it to be confirmed?"""
    if not told(m):
        return False
    plain = m.text.plain
    return any(n.unit in _PARTS and _COUNTED_PART.search(plain[max(n.start - 6, 0) : n.end + 4]) for n in m.numbers)


def _parts(m: Mentions, knowledge: Knowledge, about: Subjects, leftover: tuple[str, ...]) -> Iterator[Reading]:
    """A part by its number or name: its title, number, group, members or text."""
    refs = about.refs
    first = knowledge.parts[refs[0]]
    base = 1.2 if about.how == "number" else 1.5
    within = {p.id for p in knowledge.measures if p.group in refs}
    if about.how == "number" and m.parts and any(e.id not in refs and e.id not in within for e in m.parts):
        named = tuple(dict.fromkeys(e.id for e in m.parts))
        yield Reading(Parts(named, "number", claimed=refs), 1.1, leftover, "编号与名称对照")
        return
    if about.how == "number" and m.programmes:
        return
    other = _titled(m, knowledge, refs) if about.how == "number" and told(m) else ""
    if other:
        yield Reading(Parts((other,), "number", claimed=refs), 1.15, leftover, "说的是另一条")
        return
    if first.kind == "group":
        if m.has("title") and not m.has("tasks"):
            yield Reading(Parts(refs, "title"), base - 0.1, leftover, "组的标题")
        elif about.how == "number" or m.has("tasks", "measure_word", "count") or not leftover:
            placed = m.has("where") and about.how == "name" and not m.has("measure_word")
            aspect = "title" if placed and not _MEMBERS.search(m.text.plain) else "members"
            yield Reading(Parts(refs, aspect), base + 0.1, leftover, "组的措施")  # type: ignore[arg-type]
        return
    if _asks_group(m):
        yield Reading(Parts(refs, "group"), base - 0.1, leftover, "属于哪一组")
        return
    if about.how == "name" and m.has("where"):
        yield Reading(Parts(refs, "number"), base - 0.2, leftover, "是第几项")
        return
    if m.has("title") and about.how == "number" and not _CONTENT_TOO.search(m.text.plain):
        yield Reading(Parts(refs, "title"), base - 0.1, leftover, "标题")
        return
    score = about.matches[0].score if about.matches and about.matches[0].ref in refs else 0.0
    if m.has("whole_text", "method", "overview", "tasks") or not leftover:
        if m.parts and about.how == "name" and not leftover and m.has("method", "whole_text"):
            # 某方面有什么要求: all of it, and not what one thing in it is called.
            base = 1.1
        pointed = score >= FAIR and (len(leftover) >= 2 or bool(leftover) and bool(_ASKS_LIST.search(m.text.plain)))
        yield Reading(
            Parts(refs, "whole"), base + (1.0 if pointed else 0.0) + 0.1 * len(leftover), leftover, "整条内容"
        )
    else:
        yield Reading(Parts(refs, "whole"), base + 0.9, leftover, "整条内容")


def _bare_content(m: Mentions) -> bool:
    """Does nothing in the message say that it is about the document, or that something is to be confirmed?"""
    return not (m.has("confirm", "title", "whole_text", "where", "method") or _FILE.search(m.text.plain))


def _titled(m: Mentions, knowledge: Knowledge, refs: tuple[str, ...]) -> str:
    """The one part whose title has a word that the asker ascribes to parts which have nothing of it, or ""."""
    here = "".join(knowledge.parts[r].printed for r in refs)
    words = [t.word for t in m.leftover if len(t.word) > 1 and t.word not in here]
    kind = knowledge.parts[refs[0]].kind
    found = {p.id for p in knowledge.of_kind(kind) for word in words if word in p.title}
    return found.pop() if len(found) == 1 else ""


def _points(m: Mentions, knowledge: Knowledge, about: Subjects, leftover: tuple[str, ...]) -> Iterator[Reading]:
    """The clauses that answer a question about a point."""
    if about.own:
        yield Reading(
            Passages((about.own,), m.has("where"), confirm=m.has("confirm")), 0.9, leftover, "编辑者写好的问题"
        )
        return
    programmes = _programme_points(m, knowledge, about)
    if programmes:
        where = m.has("where") or (bool(m.ordinals) and m.has("confirm")) or bool(_ITS_PART.search(m.text.plain))
        # For whom it is, where its sentence has only the name: the title of its part tells.
        where = where or bool(_FOR_WHOM.search(m.text.plain)) and _only_names(programmes, knowledge)
        claimed = about.refs if about.how == "number" else ()
        points = programmes
        best = about.matches[0] if about.matches else None
        if best and best.point not in points and best.score > 2.2 * FAIR and not where and leftover:
            points = (best.point,)
        elif best and leftover and not where:
            points = fuller(points, about, knowledge) or points
        if not where and len(points) == 1:
            points = with_named(points[0], m, about, knowledge)
        yield from _checked(m, knowledge, points, where, claimed, 1.2, leftover, "文中的名称")
        return
    candidates = [x for x in about.matches if not about.explicit or x.ref in about.refs] or list(about.matches)
    if not candidates:
        return
    candidates = of_unit(m, candidates, knowledge)
    best = counting(m, candidates, knowledge)
    bar = WEAK if about.explicit or not leftover else FAIR
    if best.score < bar:
        return
    thin = best.coverage < (_LEAST if best.score < 1.2 * SURE else _LEAST / 2)
    thin = thin or best.strange > 0 and best.coverage <= _HALF and _bare_content(m) and best.score < 1.3 * SURE
    timely = asks_time(m.text.plain) and tells_time(knowledge.points[best.point].text)
    odd = best.strange > 1 and best.score < SURE or best.strange and best.score < FIRM and not timely
    # A name that falls into single characters, of which the point has little.
    fallen = len(m.leftover) > 1 and all(len(t.word) == 1 for t in m.leftover) and best.coverage < _HALF
    if (thin or odd or fallen) and not about.explicit:
        return
    rank = 1.6 if best.score >= SURE else 2.0
    rank += 0.8 * (1 - best.coverage)
    close = [x for x in candidates if x is not best and x.score >= CLOSE * best.score]
    if asks_time(m.text.plain) and tells_time(knowledge.points[best.point].text):
        # What says nothing of time is no rival where a time is asked for.
        close = [x for x in close if tells_time(knowledge.points[x.point].text)]
    if close and best.score < SURE and any(x.ref != best.ref for x in close):
        others = [x for x in close if x.ref != best.ref]
        yield Reading(_choose(best, others, knowledge), rank + 0.6, leftover, "几处都像")
        return
    order = list(knowledge.points)
    if m.has("where") and _PLACES.search(m.text.plain) and best.score >= SURE:
        places = [best.point, *(x.point for x in candidates[1:] if x.score >= _SAME * best.score and x.coverage == 1)]
        yield Reading(Passages(tuple(sorted(places, key=order.index)), where=True), rank, leftover, "几处都有")
        return
    most = 1
    if _EACH.search(m.text.plain):
        most = 3
        # What has none of several things named is not told beside the point that has them all.
        close += [
            x for x in candidates[1:]
            if x not in close and x.ref == best.ref and x.score >= _SHARE * best.score and x.strange < best.strange + 2
        ]  # fmt: skip
    close += [x for x in candidates if x not in close and named_too(x, best.point, m, knowledge)]
    if _OPEN.search(m.text.plain) and not best.strange and len(close) == 0:
        # 甲和乙方面怎么提的: what has all the words of the question is told beside the likeliest.
        close += [x for x in candidates if x.ref == best.ref and x is not best and x.score >= SURE and not x.strange][
            :1
        ]
    chosen = sorted([best.point, *[x.point for x in close if x.ref == best.ref][:most]], key=order.index)
    if _EACH.search(m.text.plain) and asks_time(m.text.plain):
        # Of units named side by side each has a time of its own.
        said = [m.text.plain[e.start : e.end] for e in m.of("unit")]
        part = knowledge.parts[best.ref]
        own = [p.id for p in part.points if tells_time(p.text) and any(word in p.text for word in said)]
        chosen = [p for p in order if p in own or p in chosen and tells_time(knowledge.points[p].text)] or chosen
    yield from _checked(
        m,
        knowledge,
        tuple(chosen),
        m.has("where") or bool(_ITS_PART.search(m.text.plain)),
        about.refs if about.how == "number" else (),
        rank,
        leftover,
        "文中的要点",
    )


def _programme_points(m: Mentions, knowledge: Knowledge, about: Subjects) -> tuple[str, ...]:
    """The places of the named programmes; of several names, those that hold most of them."""
    found: dict[str, int] = {}
    for e in m.programmes:
        if any(e.covered < p.covered for p in m.parts):
            continue
        for place in knowledge.programmes[e.id].places:
            found[place] = found.get(place, 0) + len(e.covered)
    if not found:
        return ()
    if len(found) > 1 and m.leftover:
        scores = {x.point: x.score for x in about.matches if x.point in found}
        ranked = sorted(scores, key=lambda p: -scores[p])
        if len(ranked) > 1 and scores[ranked[0]] > 1.4 * scores[ranked[1]]:
            return (ranked[0],)
    order = list(knowledge.points)
    if side_by_side(m, knowledge):
        return tuple(sorted(found, key=order.index))
    most = max(found.values())
    kept = [p for p, n in found.items() if n == most] if len(m.programmes) > 1 else list(found)
    if (
        len(m.programmes) > 1
        and len(kept) == 1
        and len(found) > 1
        and most == max(len(e.covered) for e in m.programmes)
    ):
        kept = list(found)
    return tuple(sorted(kept, key=order.index))


def _only_names(points: tuple[str, ...], knowledge: Knowledge) -> bool:
    """Do the points tell nothing of the programmes that they name?"""
    text = re.sub(r"\W", "", "".join(knowledge.points[p].text for p in points))
    for named in knowledge.programmes.values():
        if set(points) & set(named.places):
            text = text.replace(re.sub(r"\W", "", named.name), "")
    return len(text) <= _HARDLY_ANY


def _checked(
    m: Mentions, knowledge: Knowledge, points: tuple[str, ...], where: bool, claimed: tuple[str, ...],
    rank: float, leftover: tuple[str, ...], why: str,
) -> Iterator[Reading]:  # fmt: skip
    """The passage, unless it lacks the kind of thing that is asked for: a time, a number."""
    text = "".join(knowledge.points[p].text for p in points)
    plain = m.text.plain
    refs = tuple(dict.fromkeys(knowledge.points[p].ref for p in points))
    if m.has("interval") and tells_time(text):
        yield Reading(Passages(points, interval=True), rank, leftover, why)
        return
    if any(n.unit in DATED for n in m.numbers) and not tells_time(text):
        # A date that the asker ascribes to it: the sentence has another point with one.
        points = _sibling(points, knowledge, tells_time) or points
    missing = "" if where else lacks(plain, m.tokens, text)
    # 一个人能批多少: one is no number that is told.
    if missing and not (missing == "number" and any(n.value != 1 for n in m.numbers)):
        # What one name stands for is told in its own place or nowhere.
        named_as_one = missing == "list"
        wider = () if named_as_one else _sibling(points, knowledge, lambda other: not lacks(plain, m.tokens, other))
        named = {e.id for e in m.programmes}
        others = {p for x in knowledge.programmes.values() if x.name not in named for p in x.places}
        if named and missing == "time":
            # The time of another thing that is named beside it is not its own.
            wider = tuple(p for p in wider if p not in others)
        if wider:
            yield Reading(Passages(wider), rank, leftover, why)
        else:
            late = 0.2 if missing == "number" else 0.0
            yield Reading(Missing(missing, refs=refs, points=points), rank + late, leftover, "要点里没有这个")
        return
    claims = tuple(n for n in m.numbers if n.unit) if told(m) else ()
    made_up = next((n for n in claims if n.unit.strip("万亿") in MONEY and n.unit not in text), None)
    if made_up:
        yield Reading(Missing("money", refs=refs, points=points), rank, leftover, "文中没有的金额")
        return
    if not where:
        points = _whole_sentence(points, plain, knowledge)
    yield Reading(Passages(points, where, claims, claimed, confirm=told(m)), rank, leftover, why)


def _whole_sentence(points: tuple[str, ...], plain: str, knowledge: Knowledge) -> tuple[str, ...]:
    """All points of the sentence, unless one clause of it lists or counts what is asked for."""
    first = knowledge.points[points[0]]
    part = knowledge.parts[first.ref]
    text = "".join(knowledge.points[p].text for p in points)
    if part.kind not in ("measure", "requirement") or len(first.sentence) > _LONGEST_SENTENCE:
        return points
    if _ASKS_LIST.search(plain) and "、" in text or asks_number(plain) or asks_time(plain):
        return points
    if any(knowledge.points[p].sentence != first.sentence for p in points):
        return points
    return tuple(p.id for p in part.points if p.sentence == first.sentence)


def _sibling(points: tuple[str, ...], knowledge: Knowledge, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """A point of the same sentence that holds what is wanted."""
    first = knowledge.points[points[0]]
    part = knowledge.parts[first.ref]
    found = tuple(p.id for p in part.points if p.sentence == first.sentence and wanted(p.text))
    return found[:2]


def _choose(best: Match, others: list[Match], knowledge: Knowledge) -> Choose:
    refs = list(dict.fromkeys([best.ref, *(x.ref for x in others)]))[:3]
    return Choose(tuple(question_about(r, knowledge) for r in refs))


def question_about(ref: str, knowledge: Knowledge) -> str:
    """A full question that the part's text answers."""
    part = knowledge.parts[ref]
    if part.kind == "measure":
        return f"第{part.number}项「{part.title}」的内容是什么？"
    if part.kind == "requirement":
        return f"工作要求第{part.number}项「{part.title}」的内容是什么？"
    return f"「{part.title}」的内容是什么？"
