"""Mentions -> readings about the outline: the groups and what is in them, what stands first, last or beside another."""

import re
from collections.abc import Iterator

from bot.entities import Mentions
from bot.knowledge import Knowledge, Part
from bot.numerals import chinese
from bot.subjects import FAIR, Subjects
from bot.values import Parts, Reading

_N = "[0-9一二两三四五六七八九十]"
# Without one of these nothing is asked of the outline.
_ANY = re.compile("[条项题组块类部措求]|名[称字]|后面")
_GROUPS = "(?:大?部分|大?组|大?类|大块|板块|块(?!儿)|大标题)"
# The words that a group is told by: 讲某事那一块, 某事部分, 某事项下.
_TOLD = re.compile(f"(?P<words>[^，。？！：]{{2,18}}?)(?:[那这]一?)?(?:{_GROUPS}|项下|底下)")
_FIRST = re.compile("打头|头一[条项]|第一[条项]|第1[条项]|排最前|首[条项]")
_LAST = re.compile("最后一?[条项]|末尾|压轴|收尾")
# A word for leading that here is one for the first place.
_HEADING = ("打头", "头一")
_MIDDLE = re.compile("中间")
_MEMBERS = re.compile(
    f"哪{_N}*几?个?[项条]|几[项条]|{_N}[项条](?:措施|工作|任务)|措施(?:名|的?标题|叫)|名字列|从第几|有哪些措施|都有啥|底下有啥"
)
_GROUP_OF = re.compile(
    "(?<!算在)(?:哪(?:一|个|一个|第)?|第几个?)(?:大?部分|大?组|大类|大块|板块|块(?!儿)|大标题)|上面的?大?标题"
    f"|(?:是不是|算不算)?(?:归|放|划|分)[到在进入][^，。？！]{{2,12}}[那这]一?{_GROUPS}"
)
_BEFORE = re.compile(
    "(?:上一|前一|前面(?:那|的)?(?:那|一)?|再上一)[项条]|前面的?(?:那)?[项条]?(?:措施|要求)|前头那[项条]"
)
_AFTER = re.compile(
    "(?:下一|(?<!最)后一|后面(?:那|的)?(?:那|一)?|再下一|再往下一?)[项条]"
    "|(?:紧跟|紧接|排|接)着?在?[^，。？！]{2,24}(?:后面|之后|后头)的"
)
_ENDS = re.compile(f"(?P<way>最前面?的?|头|开头|最后|末尾|最末)(?P<n>{_N})[条项](?P<kind>措施|要求|工作要求)?")
# What a title has: 标题带某词的, 以某词开头的.
_TITLES = re.compile(
    "(?:标题|题目|名称|名字)[里中上]?面?(?:带有?|含有?|有|出现)(?:着|了)?(?P<a>[^，。？！的]{2,8}?)(?:[两二]个字|这个词|字样)?的"
    "|以(?P<b>[^，。？！的]{2,6}?)(?:开头|打头)的?(?:措施|标题|[条项])|(?P<c>[^，。？！的]{4,10}?)(?:分别)?出现在哪个标题"
)


def readings(m: Mentions, knowledge: Knowledge, about: Subjects) -> Iterator[Reading]:
    """The ways to take the message as a question about how the document is laid out."""
    plain = m.text.plain
    if not _ANY.search(plain):
        return
    leftover = tuple(t.word for t in m.leftover)
    led = any(word not in _HEADING for word in m.words("lead"))
    if m.of("unit", "region") or led or m.has("responsible", "who"):
        return
    titled = _titled(plain, knowledge)
    if titled:
        yield Reading(Parts(titled, "title"), 0.8, (), "标题里有的词")
        return
    if ends := _ENDS.search(plain):
        kind = "requirement" if "要求" in (ends["kind"] or "") or m.has("requirement_word") else "measure"
        parts = knowledge.of_kind(kind)
        count = int(ends["n"]) if ends["n"].isdigit() else int(chinese(ends["n"].replace("两", "二")) or 1)
        chosen = parts[-count:] if ends["way"] in ("最后", "末尾", "最末") else parts[:count]
        if m.has("measure_word", "requirement_word") and 1 < count < len(parts):
            yield Reading(Parts(tuple(p.id for p in chosen), "title"), 0.8, (), "头几条")
            return
    if beside := _beside(m, knowledge, about):
        yield Reading(Parts((beside,), "title"), 0.8, (), "挨着的一条")
        return
    named = about.explicit or about.how == "topic" and about.matches[0].score >= FAIR
    inside = tuple(r for r in about.refs if r.startswith("measure:"))
    if named and inside and _GROUP_OF.search(plain) and not _MEMBERS.search(plain):
        yield Reading(Parts(inside, "group"), 0.9, leftover, "属于哪一组")
        return
    group = _group(m, knowledge, about)
    if not group:
        return
    members = [p for p in knowledge.measures if p.group == group]
    first = next((o for o in m.ordinals if o.kind == "measure"), None)
    if first and about.how == "number" and 0 < first.number <= len(members) and _TOLD.search(plain, 0, first.start):
        yield Reading(Parts((members[first.number - 1].id,), "number"), 0.85, (), "组里的一条")
        return
    for place, at in ((_FIRST, 0), (_LAST, -1), (_MIDDLE, len(members) // 2)):
        if place.search(plain) and (about.how != "number" or place is not _FIRST):
            yield Reading(Parts((members[at].id,), "number"), 0.85, (), "组里的一条")
            return
    if _MEMBERS.search(plain):
        yield Reading(Parts((group,), "members"), 0.85, leftover, "组的措施")
    elif about.how not in ("number", "programme") and m.has("title") and m.has("group_word"):
        yield Reading(Parts((group,), "title"), 0.9, leftover, "组的标题")


def _titled(plain: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The measures, or else other parts, whose titles have the word that the asker gives."""
    said = _TITLES.search(plain)
    if not said or _MEMBERS.search(plain, said.end()) and _TOLD.search(plain):
        return ()
    word = said["a"] or said["b"] or said["c"]
    parts = [p for p in knowledge.parts.values() if p.kind in ("measure", "group", "requirement")]
    found = tuple(p.id for p in parts if (p.title.startswith(word) if said["b"] else word in p.title))
    return tuple(r for r in found if r.startswith("measure:")) or found


def beside(part: str, plain: str, knowledge: Knowledge) -> str:
    """The part before or behind the one spoken of (下一项呢), "" if none is asked for or there is none."""
    step = 1 if _AFTER.search(plain) else -1 if _BEFORE.search(plain) else 0
    kind = part.partition(":")[0]
    ids = [p.id for p in knowledge.of_kind(kind)] if step and kind in ("measure", "requirement") else []
    at = ids.index(part) + step if part in ids else -1
    return ids[at] if 0 <= at < len(ids) else ""


def _beside(m: Mentions, knowledge: Knowledge, about: Subjects) -> str:
    """The part beside the one that the message names."""
    named = tuple(dict.fromkeys(e.id for e in m.parts)) or about.refs
    if len(named) != 1 or not (about.explicit or m.parts):
        return ""
    return beside(named[0], m.text.plain, knowledge)


def _group(m: Mentions, knowledge: Knowledge, about: Subjects) -> str:
    """The one group that is meant, by its number or name or by words of its heading; "" if none is."""
    groups = knowledge.of_kind("group")
    ids = {g.id for g in groups}
    named = {r for r in about.refs if r in ids} if about.explicit else set()
    named |= {e.id for e in m.parts if e.id in ids}
    if len(named) == 1:
        return named.pop()
    told = _TOLD.search(m.text.plain)
    if named or not told or m.indicators and not (m.has("title") or _MEMBERS.search(m.text.plain)):
        return ""
    words = [t.word for t in m.tokens if t.end <= told.end("words") and len(t.word) > 1]
    found = [g for g in groups if any(only_in(word, g, groups) for word in words)]
    return found[0].id if len(found) == 1 else ""


def only_in(word: str, group: Part, groups: tuple[Part, ...]) -> bool:
    """Is the word one that only this group has in its heading?"""
    return word in group.title and sum(word in g.title for g in groups) == 1
