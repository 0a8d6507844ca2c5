"""What a message about offices asks, read off its words: with whom, how often, ruled out, who does a thing.

`roles.py` makes readings of it.
"""

import re
from decimal import Decimal
from typing import Literal

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.numerals import chinese
from bot.outline import only_in
from bot.segments import asking, clauses
from bot.subjects import Subjects
from bot.values import Bound, Condition

# Whole lists are asked for by these even where no cue for tasks stands; a claim to be confirmed is no list.
_CLAIM = re.compile(r"(?:对吗|对吧|对不对|是吧|是吗|没错吧?|吗|吧)[？。！]*$|任何|[一半][项条个](?:都|也)")
TOGETHER = re.compile("都|均|同为|同时|共同|一起|一块")
# With whom, or besides whom: the unit is known, the others are asked for.
_BESIDE = re.compile(r"(?:[跟陪帮随]着?|配合|协助|和|与|同|除了?|除开|不算)(?:牵头的?)?$")
# 给某厅打下手的
_HELPING = re.compile("[给替帮]$")
_OTHERS = re.compile("一起|一块|(?<!例)外|共同|配合")
# A group by words of its title: 公共服务那一组.
_THAT_GROUP = re.compile("[那这哪](?:一|个|一个)?(?:组|大?类|大?板块|大项|大块|大?部分|大?方面)")
# So many characters right before it may be words of the title.
_LEAST_WORDS, _LONGEST_WORDS = 4, 8
_CMP, _BEHIND = "不超过|不少于|不低于|不到|不足|少于|低于|超过|多于|高于|至少|最多|大于|小于", "及?以上|及?以下|以内"
_COUNT, _ROLE = r"\d+|[一二两三四五六七八九十]+", "(?:责任|配合|参与|牵头)单位"
_TIMES = re.compile(rf"(?P<cmp>{_CMP})?(?P<n>{_COUNT})(?:项|条|个)(?P<after>{_BEHIND})?(?P<thing>措施|工作|任务)?")
_SIZES = (
    re.compile(rf"有(?P<cmp>{_CMP})?(?P<n>{_COUNT})[个家](?P<after>{_BEHIND})?{_ROLE}"),
    re.compile(rf"{_ROLE}(?:数量?)?(?:有|是|在)?(?P<cmp>{_CMP})?(?P<n>{_COUNT})[个家](?P<after>{_BEHIND})?(?!单位)"),
)
_MEASURES = re.compile("措施|工作|任务|[几些哪][项条]|[项条]数")
# A number that says nothing of which units are meant: 这四项措施的牵头单位.
_LIMITING = re.compile(r"(?:[只仅]|[刚正恰]好)[^，。？！]{0,4}$")
_SIGNS: dict[str, Literal[">", ">=", "<", "<="]] = {
    "不超过": "<=", "最多": "<=", "以下": "<=", "及以下": "<=", "以内": "<=",
    "不少于": ">=", "不低于": ">=", "至少": ">=", "以上": ">=", "及以上": ">=",
    "不到": "<", "不足": "<", "少于": "<", "低于": "<", "小于": "<",
    "超过": ">", "多于": ">", "高于": ">", "大于": ">",
}  # fmt: skip
_WHERE_TO = re.compile("(?:去|到|在|进|上|给)(?:哪个|哪家|什么|啥)(?!部门|机构|衙门)(?:单位|企业)?")
# 哪些机构, 哪几家 may be what the text speaks of as well.
_OF_THE_TEXT = re.compile("机构|家$|名单")
HERE = "here"
_DENIAL = re.compile("没|未|不|去掉|除")
# What asks or hedges, though it holds such a word.
_QUESTIONED = re.compile(
    r"(.)[不没]\1|有没有?|有(?:任务|责任|事|份|活)没有?$|有(?:牵头|负责|参与)[^，。？！]{0,6}没有?$|[不没]$|没错|没记错|没说错|不好意思|不知道?|不懂|不清楚|不太|不一样|不管|不过|不光|不只|不仅"
)
_ABLE = re.compile("能|可以")
STOP = re.compile("[，。？！；]")
_EACH_OF = re.compile("(?:分别|各自)(?:在|是|有|牵头|参与|负责|属)")
# 在里头有任务吗 may be asked of the document.
_INSIDE = ("里面", "里头", "其中")
# What an office is called, whichever it is.
_OFFICE = re.compile("单位|部门|机构|衙门|[厅局委]")
_LITTLE = re.compile("(?:来|去|做|搞|开展|进行|在|会|要|可以|能够?|应该?|负责|家|给)*")


def topical(m: Mentions) -> bool:
    """Is there a word besides those that ask?"""
    return bool(m.leftover or m.indicators) or any(
        len(t.word) > 1 and not m.covered.issuperset(range(t.start, t.end)) for t in m.tokens
    )


def unheeded(m: Mentions) -> bool:
    """Does the clause of a unit rule something out, or point at one measure, in a way that a mere list would miss?"""
    pointed = any(word not in _INSIDE for word in m.words("pronoun_part"))
    if m.has("confirm") and pointed and not m.has("tasks", "count"):
        return True
    plain = m.text.plain
    spans = clauses(plain)
    asks = asking(m, spans)
    for e in m.of("unit"):
        if any(asks) and not any(a <= e.start < b for (a, b), asked in zip(spans, asks, strict=True) if asked):
            # What only tells rules nothing out.
            continue
        start = max((x.end() for x in STOP.finditer(plain, 0, e.start)), default=0)
        stop = STOP.search(plain, e.end)
        clause = plain[start : stop.start() if stop else len(plain)]
        if not _CLAIM.search(plain) and _DENIAL.search(_QUESTIONED.sub("", clause)):
            return True
    return False


def beside(m: Mentions) -> bool:
    """Are the offices besides a named unit asked for?"""
    first = m.of("unit")[0]
    if m.has("responsible") and _HELPING.search(m.text.plain, 0, first.start):
        return m.has("who", "units_word")
    others = [a for a, _ in m.cues.get("also", ()) if not m.text.plain.startswith("还是", a)]
    if any(first.end <= a for a in others):
        # 光某厅一家干？还拉上谁
        return m.has("who", "units_word")
    if not _BESIDE.search(m.text.plain, 0, first.start):
        return False
    helping = m.text.plain[first.start - 2 : first.start] in ("配合", "协助")
    others_too = helping or bool(_OTHERS.search(m.text.plain, first.end))
    return m.has("who") or m.has("units_word") and others_too


def done(m: Mentions, knowledge: Knowledge, about: Subjects, measures: tuple[str, ...]) -> str:
    """Is it asked who does a certain thing (谁来评), "here" in the text, or a thing no text says of it?"""
    if m.has("lead", "responsible"):
        return ""
    plain = m.text.plain
    verbs = {t.start: t for t in m.leftover if t.flag[:1] not in ("n", "s", "t")}
    texts = [knowledge.points[x.point].text for x in about.matches[:1]]
    asked = [(a, b) for a, b in m.cues.get("charge", ()) if not plain.startswith("由", a)]
    for start, end in m.cues.get("who", ()):
        if any(a < start and end <= b for a, b in asked):
            continue
        little = _LITTLE.match(plain, end)
        after = verbs.get(little.end() if little else end)
        before = next((t for t in verbs.values() if t.end == start and t.flag[:1] == "v"), None)
        for verb in filter(None, (after, before)):
            if any(verb.word in text for text in texts):
                return HERE
            if _ABLE.search(plain, end, verb.start):
                return HERE
            if len(verb.word) > 1 and not any(verb.word in knowledge.parts[r].text for r in measures):
                return verb.word if verb is after and not m.has("units_word") else ""
    return ""


def sizes(m: Mentions) -> tuple[Bound, ...]:
    """How many units the measures asked for have: 责任单位超过10家的措施, 只有两个牵头单位的是哪几项."""
    plain = m.text.plain
    match = next((x for form in _SIZES if (x := form.search(plain))), None) if _MEASURES.search(plain) else None
    value = _counted(match["n"]) if match else None
    return (Bound(_sign(match) or "=", value),) if match and value is not None else ()


def _counted(written: str) -> Decimal | None:
    written = written.replace("两", "二")
    return Decimal(written) if written.isdigit() else chinese(written)


def _sign(match: re.Match[str]) -> Literal[">", ">=", "<", "<="] | None:
    """How the units or measures stand to the number, None where nothing says it."""
    return _SIGNS.get(match["cmp"] or match["after"] or "")


def times(m: Mentions, total: int) -> tuple[Bound, ...]:
    """How many measures the units asked for lead: 只牵头一项, 牵头超过三项."""
    found: list[Bound] = []
    for match in _TIMES.finditer(m.text.plain):
        if any(o.start < match.end() and match.start() < o.end for o in m.ordinals):
            continue
        value = _counted(match["n"])
        if value is None or value == total:
            continue
        sign = _sign(match)
        led = any(0 <= match.start() - b <= 1 for cue in ("lead", "responsible") for _, b in m.cues.get(cue, ()))
        if not (sign or led or _LIMITING.search(m.text.plain, 0, match.start())):
            continue
        found.append(Bound(sign or "=", value))
    return tuple(found)


def matching(m: Mentions, wanted: tuple[Condition, ...], units: tuple[str, ...]) -> bool:
    """Do the units together say which measures are meant, and not each for itself?"""
    if any(not c.held for c in wanted):
        return not (_CLAIM.search(m.text.plain) and not m.has("tasks"))
    ends = [e.start for e in m.of("unit")]
    if len(units) < 2 or re.search("[。？！；]", m.text.plain[min(ends) : max(ends)]):
        return False
    each = {c.unit: c.role for c in wanted}
    if len(each) < len(wanted):
        return False
    if _EACH_OF.search(m.text.plain, ends[1]):
        return False
    joined = m.has("both") or bool(TOGETHER.search(m.text.plain, ends[1]))
    if joined or len(set(each.values())) > 1 and not m.has("who", "compare"):
        return True
    between = [a for cue in ("lead", "responsible") for a, _ in m.cues.get(cue, ()) if min(ends) < a < max(ends)]
    asked = len(re.findall("哪|什么|啥|几[项条个]", m.text.plain))
    return bool(between) and asked < 2 and not re.search("分别|各自|各是", m.text.plain)


def naming(m: Mentions) -> tuple[str, ...]:
    """The unexplained words that may name something."""
    return tuple(t.word for t in m.leftover if len(t.word) > 1)


def group_named(m: Mentions, knowledge: Knowledge) -> tuple[str, ...]:
    """The group that is meant by words of its title."""
    pointed = _THAT_GROUP.search(m.text.plain)
    if m.ordinals or not pointed:
        return ()
    before = STOP.split(m.text.plain[: pointed.start()])[-1].removesuffix("的")
    end = pointed.start() - m.text.plain[: pointed.start()].endswith("的")
    said = {m.text.plain[e.start : e.end] for e in m.parts}
    said |= {before[-size:] for size in range(_LEAST_WORDS, _LONGEST_WORDS + 1) if len(before) >= size}
    groups = knowledge.of_kind("group")
    found = [g.id for g in groups if any(w in g.title for w in said)]
    if not found:
        near = [t.word for t in m.tokens if end - min(len(before), _LONGEST_WORDS) < t.end <= end and len(t.word) > 1]
        found = [g.id for g in groups if any(only_in(word, g, groups) for word in near)]
    return tuple(found) if len(found) == 1 else ()


def asks_for_office(m: Mentions) -> bool:
    """Is it an office that is asked for, and not just somebody (给谁, 谁来评) or where to go (去哪个单位)?"""
    if _WHERE_TO.search(m.text.plain):
        return False
    return any(len(w) > 1 and not _OF_THE_TEXT.search(w) for w in (*m.words("who"), *m.words("units_word")))


def says_office(m: Mentions) -> bool:
    """Does the word that asks for somebody say that it is an office (哪个单位, 哪个厅)?"""
    return any(map(_OFFICE.search, m.words("who")))
