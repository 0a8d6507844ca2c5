"""Words that a message quotes for them to be confirmed, and that the document does not have."""

import re

from bot.entities import Mentions
from bot.language import Language
from bot.topics import Topics, without_marks

_QUOTED = re.compile('[“「『"《]([^“”「」『』"《》]{3,40})[”」』"》]')
_CONFIRM = re.compile(
    "对吗|对不对|是吗|是吧|是不是|吧[？?。!！]?$|这么写|这样写|原文|原话|写明|写着|确认|没错|属实|有没有|[吗么][？?。]?$"
)


def made_up(m: Mentions, topics: Topics, language: Language) -> str:
    """The quotation that the asker wants confirmed and that neither stands in the document nor names anything of it."""
    if not _CONFIRM.search(m.text.raw):
        return ""
    said = without_marks(m.text.plain)
    entities = (*m.places, *m.parts, *m.programmes, *m.indicators, *m.facts)
    spans = [(e.start, e.end) for e in entities] + [(o.start, o.end) for o in m.ordinals]
    named = sorted({without_marks(m.text.plain[a:b]) for a, b in spans}, key=len, reverse=True)
    for match in _QUOTED.finditer(m.text.raw):
        quoted = without_marks(match.group(1))
        if len(quoted) < 3 or quoted not in said or any(quoted in name for name in named):
            continue
        rest = quoted
        for name in named:
            rest = rest.replace(name, "")
        if len(rest) < 2 or rest in language.item_endings:
            continue
        if not topics.words(quoted):
            return match.group(1)
    return ""
