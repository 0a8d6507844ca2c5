"""Mentions -> readings about the facts of the covering notice: its number, its date, who issued it, its annexes."""

import re
from collections.abc import Iterator

from bot.entities import Mentions
from bot.subjects import FAIR, Subjects
from bot.values import Entity, Facts, Reading, Token

# 这个时间 is that of what was told before, and not of the document.
_POINTED = re.compile("[这那]个$")
_ITS_OWN = 4
# The notice has no time that something takes.
_HOW_LONG = re.compile("多长时间|多久")
_DOCUMENT = re.compile("文件|通知|要点|公文|文号|附件|政策|文(?=[是几啥什哪谁发印])")


def readings(m: Mentions, about: Subjects, leftover: tuple[str, ...]) -> Iterator[Reading]:
    """The facts that the message names."""
    if not m.facts or any(_pointed(m, e) for e in m.facts) or _HOW_LONG.search(m.text.plain):
        return
    # Where another word stands among those of its name, that word is what is asked about.
    whole = [e for e in m.facts if not any(_of_another(e, t) for t in m.leftover)]
    if not whole:
        return
    ids = tuple(dict.fromkeys(e.id for e in whole))
    anchored = bool(m.of("document")) or bool(_DOCUMENT.search(m.text.plain))
    # 发文单位, 主送单位 in one piece are words for nothing else.
    anchored = anchored or any(len(e.covered) == e.end - e.start >= _ITS_OWN for e in whole) and not m.has("group_word")
    rank = (0.9 if anchored else 1.85) + 0.3 * len(leftover)
    if about.explicit or m.of("region"):
        rank += 1.0
    if not anchored and about.matches and about.matches[0].score >= FAIR:
        rank += 1.2
    if m.indicators or any(n.unit.startswith("万") or n.value % 1 for n in m.numbers):
        # The annex as the place of figures, not the list of annexes.
        rank += 1.2
    units = tuple(e.id for e in m.of("unit")) if m.has("confirm") else ()
    yield Reading(Facts(ids, units, m.has("count")), rank, leftover, "通知的要素")


def _of_another(e: Entity, loose: Token) -> bool:
    """Does a word that nothing explains stand among those of the name, or right before them (考试时间)?"""
    before = loose.end == e.start and len(loose.word) > 1 and (loose.flag[:1] == "n" or loose.flag == "vn")
    return before or e.start < loose.start and loose.end < e.end


def _pointed(m: Mentions, e: Entity) -> bool:
    """Is a word of the name one that points back (这个时间), and not the document itself (这个文件)?"""
    starts = (i for i in e.covered if i - 1 not in e.covered and not _DOCUMENT.match(m.text.plain, i))
    return any(_POINTED.search(m.text.plain[:i]) for i in starts)
