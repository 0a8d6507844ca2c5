"""Mentions -> Mentions without the body that the asker says is his own, where it is not what the question is about."""

import re
from dataclasses import replace

from bot.entities import Mentions
from bot.values import Entity

_SELF = re.compile(
    "(?:^|[，。；：！？])(?:[你您]好[，啊呀]?|喂[，]?)?(?:我们?|咱们?|俺们?)(?:就?是|在|代表|替|帮)?(?:[县市区州乡]|地区|地州)?(?:里的?)?$"
)
_OPENING = re.compile("(?:^|[，。；！？])(?:[你您]好[，啊呀]?|喂[，]?)?$")
# Behind the body: who of it, and that he wants something.
_WHO = "(?:的|这边|那边|办公室|[小老][\u3400-\u9fff]|的?同志|的?工作人员|的人)*"
_WANTS = re.compile(
    rf"{_WHO}(?:就?想(?:来)?(?:请?问|了解|知道|确认|核实?|查|看)(?:一?下|问)?|要(?:发|写|报|填|核|查|开|用)[^，。？！；]{{0,6}}"
    "|(?:正在?|在)?(?:写|填|核|查|备课|起草)[^，。？！；]{0,6}|来?问|来电|让我|托我)[，：]?"
)
_NAMED = re.compile("(?:的)?[小老][\u3400-\u9fff][，：]")
_OF_IT = re.compile(f"{_WHO}[，。：]?")
# The question is about his own body all the same.
_OWN = re.compile("我们|咱们|俺们|[我本咱][厅局委会]|本单位|自己|我这|[它他]们?|我也|该单位")
_LEAST = 4


def without_asker(m: Mentions) -> Mentions:
    """The message without a body that it names as the asker's: 我是某厅的，想问问…"""
    bodies = m.of("unit", "office")
    if not bodies:
        return m
    own = [e for e in bodies if _asks_for(e, m)]
    return replace(m, places=tuple(e for e in m.places if e not in own)) if own else m


def _asks_for(body: Entity, m: Mentions) -> bool:
    """Is it the body of the one who asks, and the question about something else?"""
    plain = m.text.plain
    if _SELF.search(plain, 0, body.start):
        said = _WANTS.match(plain, body.end) or _OF_IT.match(plain, body.end)
    elif _OPENING.search(plain, 0, body.start):
        said = _NAMED.match(plain, body.end) or _WANTS.match(plain, body.end)
    else:
        return False
    if not said or said.end() == body.end:
        return False
    rest = said.end()
    if len(plain) - rest < _LEAST or _OWN.search(plain, rest):
        return False
    others = any(e.start >= rest for e in m.of("unit", "office"))
    starts = [e.start for e in (*m.parts, *m.programmes, *m.points)] + [o.start for o in m.ordinals]
    # What part a body has is asked of one.
    return others or any(start >= rest for start in starts) and not m.has("role")
