"""Mentions -> Mentions without what its clauses only tell: who the asker is, who sent him, what happened before."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from bot.entities import Mentions
from bot.leftovers import is_name
from bot.segments import Span, asking, clauses
from bot.values import Entity

_PEOPLE = "领导|老板|主任|书记|[县市州乡镇区厅]长|专员|校长|科长|处长|局长|院长|老师|同学|同事|朋友|邻居|老乡"
# People, speech and work in a clause that does not ask: it tells a story.
_STORY = re.compile(
    f"[我俺咱您你他她]|本人|自己|人家|{_PEOPLE}|师傅|亲戚|[爸妈爹娘婆]"
    "|闺女|丫头|儿子|孩子|娃|妹|弟|[哥姐叔婶姨舅]|老公|老婆|媳妇|爷爷|奶奶|社区|村里|科里|台里|局里|会上|稿|材料|刚才|昨|今早|早上|上午|下午|前天|晚上|明天"
    "|客户|下周|后天|对接|出差|上门|走访|催|赶着|急着|交差|填表|做表|填报|汇报|登记一下|有人|听[人说]|[托想问查核写报]|打算|准备|老是|着急|笔记|电话|(?:用|备课|参考)的?[，。！]?$"
)
# 老板要我查…: what follows is the question.
_LEAD_IN = re.compile(
    "[^，。？！；]{0,10}?[要让叫托催派喊请](?:我|咱|俺)们?[来去给]?(?:帮忙)?"
    "(?:查|问|核|看|打听|统计|报|摸|找|算)(?:一?下|清楚)?"
)
# 某局的同志问，…; 市民来电问…; 书记在车上问…: so does what somebody asks.
_ASKERS = ("问", "打听", "咨询")
_REPORTED = re.compile(
    f"[^，。？！；]{{0,10}}?(?:{_PEOPLE}|同志|群众|市民|百姓|县长|市长|乡长|镇长|厅长|经理|记者|工友|家长|来电|电话|车上|会上|群里|窗口"
    f"|有人|的人|[厅局委会部院]这边|单位这边)[^，。？！；]{{0,4}}?(?:要|想|来|在)?(?:{'|'.join(_ASKERS)})"
    "(?:一?下|到|起|的是|我们?|咱们?|说){0,2}[：，]?(?=[^，。？！；]|$)"
)
# Behind a unit: that it is the one that has it asked (某厅写材料要用).
_USES = re.compile(
    "(?:这边|那边|办公室|的?同志|的人|的?领导|里)?(?:正|在|要|想|准备|得|急着?|让我|叫我|需要)*"
    "(?:写|报(?!名)|汇报|催|引用|核对|填|统计|开会|发言|备课|交)"
)
_ONLY_CONFIRMS = re.compile(
    "(?:对|是|没错|属实|正确|准确)?(?:吗|吧|不对|不是|么|不)[？。！]*$|(?:对不对|是不是|是这样吗)[？。！]*$"
    "|(?:是|有)?(?:不是)?(?:这么?回事|这样|真的?|这事|这个说法)(?:不|吗|么|吧|没有?)?[？。！]*$"
)
# With these the question is about figures, wherever they are named.
_RECKONING = (
    "quantity", "share", "rank", "sum", "difference", "ratio", "average", "highest", "lowest", "compare", "order",
    "per_region",
)  # fmt: skip
_WHICH = re.compile("哪几?个(?:地|州|市|$|[，。？！])|哪些(?:地|州|市)|哪[里儿家]|是谁|谁是|什么地方|啥地方")
_SELF = re.compile("[我俺咱]")
_OF_WHAT = re.compile("的[，、：]?$")
# …这个活，: what the question is about.
_TOPIC = re.compile("[这那](?:一?[个件块些条项摊行拨])(?:子?事情?|活儿?|工作|儿|方面)?[，：]?$")
# 登记的和调查的，: which of them.
_KINDS_OF = re.compile("的[和跟与、][^，。？！]{1,6}的[，：]?$")
REFERS = re.compile("这[类种样]|这方面|这一类|这些方面")
# 要两个数：
_INTRODUCES = re.compile("要[^，。？！；]{0,8}：$")
_FEW = 2
# So many clauses are a story.
_LONG = 4
_KINDS = ("inside", "outside", "place", "office")


def told(m: Mentions) -> list[Span]:
    """The clauses that tell a story and do not ask, where another one asks."""
    spans = clauses(m.text.plain)
    if len(spans) < _LONG:
        return []
    asks = asking(m, spans)
    return [s for s, a in zip(spans, asks, strict=True) if not a and _STORY.search(m.text.plain[slice(*s)])]


@lru_cache(maxsize=4)
def asked_of(m: Mentions) -> Mentions:
    """The message as far as figures and offices are asked for in it: its stories leave no word to be explained."""
    led_in = _led_in(m.text.plain, 0, len(m.text.plain))
    if not m.leftover and not m.missing and len(m.of("region", *_KINDS)) < _FEW and not led_in:
        # Nothing is left to be explained.
        return m
    spans = clauses(m.text.plain)
    if len(spans) == 1 and not led_in:
        return m
    asks = asking(m, spans)
    named = (*m.of("region", "unit", "set", "whole"), *m.indicators, *m.parts, *m.programmes, *m.facts)
    introduced = [s for s in spans[:-1] if _INTRODUCES.search(m.text.plain, *s) and not _names(s, named)]
    if not (any(asks) or introduced):
        return m
    asks = tuple(
        asked or number + 1 < len(spans) and _ONLY_CONFIRMS.match(m.text.plain[slice(*spans[number + 1])]) is not None
        for number, asked in enumerate(asks)
    )
    questions = [s for s, asked in zip(spans, asks, strict=True) if asked]
    quiet = [s for s, asked in zip(spans, asks, strict=True) if not asked]
    if any(REFERS.search(m.text.plain, *s) for s in questions):
        # 这类培训有没有: of what was told right before.
        quiet = [s for s in quiet if s[1] != min(a for a, _ in questions)]
    # What ends in 的 says what is asked about, and not what has happened.
    told = [s for s in quiet if _STORY.search(m.text.plain[slice(*s)])]
    told = [s for s in told if _SELF.search(m.text.plain, *s) or not _OF_WHAT.search(m.text.plain, *s)]
    bare = [s for s in quiet if s != spans[-1] and not _names(s, named)]
    bare = [s for s in bare if not (_TOPIC.search(m.text.plain, *s) or _KINDS_OF.search(m.text.plain, *s))]
    led = [(s[0], x.end()) for s in spans if (x := _led_in(m.text.plain, *s))]
    using = [s for s in quiet if any(s[0] <= e.start < s[1] and _USES.match(m.text.plain, e.end) for e in m.of("unit"))]
    led += using
    told += led + introduced
    if not (told or bare):
        return m
    reckons = any(_in(a, questions) for cue in _RECKONING for a, _ in m.cues.get(cue, ()))
    words = [t for t in m.leftover if is_name(t) and not _in(t.start, told)]
    content = bool(words) and not reckons
    # Which region is asked for: none of those that the story names.
    sought = any(_WHICH.search(m.text.plain, *s) for s in questions)
    sought = sought and not any(_in(e.start, questions) for e in m.of("region"))
    regions = bool(m.of("region"))
    dropped = (*(_KINDS if regions else ()), *(("region",) if sought else ()))
    elsewhere = any(not _in(e.start, told) for e in m.of("region"))
    dropped = (*dropped, *(("set", "whole") if elsewhere else ()), *(("office",) if led else ()))
    # Of whom else it is asked, or of the text: whoever has it asked is no part of that.
    of_asker = m.has("tasks", "lead", "responsible", "role", "count")
    asks_who = not of_asker or any(not _in(a, led) for a, _ in m.cues.get("who", ()))
    # The text is asked for, and no office: whose story it is does not matter.
    of_text = bool(words) and not (of_asker or m.has("who", "charge", "confirm", "pronoun_unit"))
    # What tells of a place that is not the one asked for says nothing of an order or a limit either.
    silent = told if sought else []
    return replace(
        m,
        text=replace(m.text, plain=_muted(m.text.plain, silent)),
        cues=_outside(m.cues, silent),
        leftover=tuple(t for t in m.leftover if not _in(t.start, [*told, *bare])),
        places=tuple(
            e
            for e in m.places
            if not (_in(e.start, told) and e.kind in dropped)
            and not (asks_who and e.kind == "unit" and _in(e.start, led))
            and not (e.kind == "unit" and _in(e.start, told) and of_text)
        ),
        # A figure named in a story is not what is asked for where the question has words of its own.
        indicators=tuple(e for e in m.indicators if not (content and _in(e.start, told))),
        numbers=tuple(n for n in m.numbers if not _in(n.start, told)),
        missing=_outside(m.missing, told),
    )


def _names(span: Span, named: tuple[Entity, ...]) -> bool:
    """Does one of the names stand in the stretch?"""
    return any(span[0] <= e.start < span[1] for e in named)


def _led_in(plain: str, start: int, end: int) -> re.Match[str] | None:
    """What leads up to a question: who has it asked, or who asks it."""
    reported = any(word in plain for word in _ASKERS)
    led_in = _LEAD_IN.match(plain, start, end) if _SELF.search(plain) else None
    return led_in or (_REPORTED.match(plain, start, end) if reported else None)


def _muted(plain: str, spans: list[Span]) -> str:
    """The text with the characters of the stretches made stops, so that all others stand where they stood."""
    for start, end in spans:
        plain = plain[:start] + "，" * (end - start) + plain[end:]
    return plain


def _in(at: int, spans: list[Span]) -> bool:
    return any(start <= at < end for start, end in spans)


def _outside(found: Mapping[str, tuple[Span, ...]], told: list[Span]) -> dict[str, tuple[Span, ...]]:
    kept = {kind: tuple(s for s in spans if not _in(s[0], told)) for kind, spans in found.items()}
    return {kind: spans for kind, spans in kept.items() if spans}
