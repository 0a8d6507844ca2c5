"""Mentions -> every place where the text has the words that are asked for: 哪几条措施提到…, …出现在哪几处."""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.values import Passages, Reading

# Several places are asked for, and of which kind of part.
_PLACES = (
    "(?:哪(?:些|几|[两三四五六七八九十])|几|多少)个?"
    "(?:(?:[条项点处段]|地方)(?:工作)?(?P<kind>措施|举措|要求)?|(?:工作)?(?P<only>措施|举措|要求))"
)
_IN = "(?:的?(?:正文|文字|内容))?(?:里面|里头|里|中|当中|之中)?"
_SAY = "被?(?:点名|提到|提及|提过|提了|讲到|讲过|写到|写过|写了|写有|说到|谈到|点到|点了|涉及|出现|包含)"
# Without these no such question is asked, which is soon seen.
_MAY = re.compile(f"{_SAY}|[里中头]有|在了?(?:文件的?)?(?:哪|几|多少)")
_AFTER = re.compile(
    rf"(?:{_PLACES}|哪里|哪儿)(?:{_IN}[都还也曾直接明确专门]*{_SAY}|(?:里面|里头|里|中)有)(?P<words>[^，。？！；]+)"
)
_BEFORE = re.compile(
    rf"(?P<words>[^，。？！；]{{1,30}}?)[，]?(?:都|分别|一共)?(?:出现|写|提)?在(?:了|文件的?)?{_PLACES}{_IN}[都还也曾]*{_SAY}?[了过的呢啊]*(?:$|[，。？！；])"
)
_LEADS = re.compile("^(?:请问|文件|通知|要点|政策|全文|文中|里面?|中|的|都|关于|跟|和|对|过|了|到|着)+")
_TAILS = re.compile(
    "(?:[这那](?:些|类|[几两]?个)(?:词|字|人|人群)?|字样|字眼|的(?:内容|事|说法|地方)?|[呢吗啊呀吧了过]|有关|相关)+$"
)
_KINDS = {"措施": "measure", "举措": "measure", "要求": "requirement"}
_SHORTEST = 2
# Which two things of a kind: 有两件事，是哪两件.
_SEVERAL = re.compile("哪[两几三](?:件|处|样事|回事)|有哪几件|[两三]件事")
_LONGEST, _FEW = 14, 3
# So much of a long message is looked through.
_READ = 40
# So many characters of a longer run are a name of their own.
_NAME = 4


def readings(m: Mentions, knowledge: Knowledge) -> Iterator[Reading]:
    """All points that have the words, in the order of the document, where several places are asked for."""
    if m.of("unit") or m.programmes:
        return
    words, kind = asked(m.text.plain)
    if not words and _SEVERAL.search(m.text.plain):
        words = _in_several(m.text.plain, knowledge)
    if not words:
        return
    held = (p for p in knowledge.points.values() if kind in ("", knowledge.parts[p.ref].kind))
    texts = {p.id: "".join(p.text.split()) for p in held}
    said = next((w for w in _as_far(words) if any(w in text for text in texts.values())), "")
    points = tuple(id_ for id_, text in texts.items() if said and said in text)
    if points:
        yield Reading(Passages(points, where=True), 0.8, (), "各处都有这几个字")


def _in_several(plain: str, knowledge: Knowledge) -> str:
    """The longest run of the message that just two or three points have word for word, "" if there is none."""
    texts = ["".join(p.text.split()) for p in knowledge.points.values()]
    plain = plain[-_READ:]
    for size in range(min(len(plain), _LONGEST), _NAME, -1):
        for at in range(len(plain) - size + 1):
            run = plain[at : at + size]
            if 2 <= sum(run in text for text in texts) <= _FEW:
                return run
    return ""


def _as_far(words: str) -> Iterator[str]:
    """The words whole, then without their end as long as most of a thing's name is left (边缘易致贫的人)."""
    yield words
    for size in range(len(words) - 1, max(_NAME, len(words) // 2) - 1, -1):
        yield words[:size]


@lru_cache(maxsize=64)
def asked(plain: str) -> tuple[str, str]:
    """The words whose places are asked for, and the kind of part; "" where no such question is asked."""
    for form in (_AFTER, _BEFORE) if _MAY.search(plain) else ():
        for found in form.finditer(plain):
            words = _TAILS.sub("", _LEADS.sub("", found["words"]))
            if len(words) >= _SHORTEST:
                return words, _KINDS.get(found["kind"] or found["only"] or "", "")
    return "", ""
