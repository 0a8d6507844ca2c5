"""Words that a message quotes for them to be confirmed, and that the document does not have."""

import re

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.language import Language
from bot.normalise import plain

_QUOTED = re.compile('[“「『"《]([^“”「」『』"《》]{3,40})[”」』"》]')
_CONFIRM = re.compile(
    "对吗|对不对|是吗|是吧|是不是|吧[？?。!！]?$|这么写|这样写|原文|原话|写明|写着|确认|没错|属实|有没有|[吗么][？?。]?$"
)
_BARE = re.compile(r"[^\w%+]")


def made_up(m: Mentions, knowledge: Knowledge, language: Language) -> str:
    """The quotation that the asker wants confirmed and that neither stands in the document nor names anything of it."""
    if not _CONFIRM.search(m.text.raw):
        return ""
    said = _bare(m.text.plain)
    entities = (*m.places, *m.parts, *m.programmes, *m.indicators, *m.facts)
    named = sorted({_bare(m.text.plain[e.start : e.end]) for e in entities}, key=len, reverse=True)
    for match in _QUOTED.finditer(m.text.raw):
        quoted = _bare(match.group(1))
        if len(quoted) < 3 or quoted not in said or any(quoted in name for name in named):
            continue
        rest = quoted
        for name in named:
            rest = rest.replace(name, "")
        if len(rest) < 2 or rest in language.item_endings:
            continue
        if not any(quoted in _bare(text) for text in _texts(knowledge)):
            return match.group(1)
    return ""


def _texts(knowledge: Knowledge) -> tuple[str, ...]:
    parts = (part.printed for part in knowledge.parts.values())
    return (*parts, *(fact.text for fact in knowledge.facts.values()), *(t.title for t in knowledge.tables.values()))


def _bare(text: str) -> str:
    return _BARE.sub("", plain(text))
