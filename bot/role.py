"""Mentions -> the role that is asked about: to lead, to take part, or either."""

import re

from bot.asked import STOP
from bot.entities import Mentions
from bot.values import Role

_OF_OFFICES = re.compile("单位|部门|责|配合|协|下手")
_TURN_TO = re.compile("[找寻问]|联系")
# 怎么配合 asks of the text.
_HOW = re.compile("(?:怎么|怎样|如何|咋)(?:相互|互相|来|去)?$")
# 牵头的之外
_EXCEPTED = re.compile("(?:单位|部门|那家|者|方|的)*(?:之外|以外|除外|不算)")
# 谁牵头、哪些单位负责: the others are those who take part.
_OTHERS_IN_CHARGE = re.compile(
    "牵头[^。？！]{0,4}[，、；]?(?:由|有|还有)?(?:(?:哪[些几]个?|什么)(?:单位|部门|家)?|谁)(?:来|在|具体)*(?:负责|管|落实|干)"
    "|牵头[^。？！]{0,4}[，、；](?:具体)?负责的又?是(?:谁|哪)"
    "|(?:所有|全部|有关|相关|涉及的?)(?:的)?(?:单位|部门)[^，。？！]{0,4}(?:报|列|说|给|念)|单位分工|部门分工"
)


def others_in_charge(plain: str) -> bool:
    """Is it asked who leads and, in other words, who takes part?"""
    named = "牵头" in plain or "单位" in plain or "部门" in plain
    return named and bool(_OTHERS_IN_CHARGE.search(plain))


def role_of(m: Mentions) -> Role:
    """Which role the cues ask for."""
    responsible = _takes_part(m)
    lead = m.has("lead") or (m.has("charge") and not responsible)
    if not responsible and others_in_charge(m.text.plain):
        return "any"
    leads = [a for a, _ in m.cues.get("lead", ())]
    if lead and not m.of("unit"):
        behind = any(_EXCEPTED.match(m.text.plain, end) for _, end in m.cues.get("lead", ()))
        if behind or any(end <= at for _, end in m.cues.get("except", ()) for at in leads):
            return "responsible"
    if lead and responsible:
        longest = {cue: max((b - a for a, b in m.cues.get(cue, ())), default=0) for cue in ("lead", "responsible")}
        if m.has("role"):
            return "any"
        negated = _negated(m)
        if negated == "lead":
            return "responsible"
        if negated == "responsible":
            return "lead"
        if longest["responsible"] <= 2 < longest["lead"]:
            return "lead"
        return "any"
    if m.has("role"):
        return "any"
    if lead:
        return "lead"
    return "responsible" if responsible else "any"


def _takes_part(m: Mentions) -> bool:
    """Is taking part asked of an office, and not just told of the asker (想参加…，归谁管)?"""
    spans = tuple(s for s in m.cues.get("responsible", ()) if not _HOW.search(m.text.plain, 0, s[0]))
    if not m.has("charge", "lead") or any(_OF_OFFICES.search(m.text.plain[a:b]) for a, b in spans):
        return bool(spans)
    if any(_TURN_TO.match(m.text.plain, a) for a, _ in m.cues.get("charge", ())):
        # 找哪个部门帮衬: whoever is turned to is in charge.
        return False
    asked = [a for cue in ("who", "units_word", "tasks", "lead") for a, _ in m.cues.get(cue, ())]
    asked += [e.start for e in m.of("unit", "office")]
    return any(not STOP.search(m.text.plain, min(a, at), max(b, at)) for a, b in spans for at in asked)


def _negated(m: Mentions) -> str:
    """The role that 不是问… turns away."""
    for _, end in m.cues.get("negate", ()):
        for cue in ("lead", "responsible"):
            if any(0 <= a - end <= 2 for a, _ in m.cues.get(cue, ())):
                return cue
    return ""
