"""Mentions that fit nothing -> what is offered instead, or the name of what the document does not have."""

import re
from functools import lru_cache

from bot import passages
from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.language import Language
from bot.lexicon import Lexicon
from bot.subjects import Subjects
from bot.values import Choose, Missing, Reading

# So many figures of a region are offered.
_OFFERED = 3


def fallback(m: Mentions, about: Subjects, knowledge: Knowledge, lexicon: Lexicon, language: Language) -> Reading:
    """Nothing fits: name what was asked for, where the message names something."""
    plain = m.text.plain
    if not m.leftover and plain in language.cues["quantity"]:
        choices = [f"{knowledge.whole.name}{i.name}目标是多少？" for i in list(knowledge.indicators.values())[:3]]
        return Reading(Choose(tuple(choices), plain), 8.0, (), "只说了要数字")
    if (not m.leftover or len(m.tokens) == 1) and _vague(m, lexicon, knowledge):
        choose = _several(m, lexicon, knowledge)
        if len(choose.choices) > 1:
            return Reading(choose, 8.0, (), "只说了到处都有的词")
    if (m.has("quantity") or m.of("region")) and len(m.leftover) == 1 and len(offered := _figures_of(m, knowledge)) > 1:
        return Reading(Choose(offered, m.leftover[0].word), 8.0, (), "好几个数字都有的词")
    alone = plain if len(m.tokens) == 1 else m.leftover[0].word if len(m.leftover) == 1 else ""
    if len(alone) > 1 and not (m.places or m.years or m.has("quantity")):
        held = dict.fromkeys(p.ref for p in knowledge.points.values() if alone in p.text)
        if len(held) > 1:
            offered = tuple(passages.question_about(ref, knowledge) for ref in list(held)[:3])
            return Reading(Choose(offered, alone), 8.0, (), "好几处都有的词")
    named = _named(language.item_endings)
    for t in reversed(m.leftover):
        match = named.match(plain, t.start)
        if match and len(match.group()) >= 3 and match.group() not in language.generic:
            return Reading(Missing("item", match.group(), refs=about.refs[:1]), 9.0, (), "文件没有这个名称")
    return Reading(Missing("nothing", refs=about.refs[:1]), 9.0, (), "没有着落")


@lru_cache(maxsize=4)
def _named(endings: tuple[str, ...]) -> re.Pattern[str]:
    """What a name looks like that ends as names of things do (某某行动)."""
    return re.compile(rf"\w{{1,6}}?(?:{'|'.join(map(re.escape, endings))})")


def _vague(m: Mentions, lexicon: Lexicon, knowledge: Knowledge) -> list[str]:
    """The words of the message that stand all over the document and in names of its figures."""
    named = [i.name for i in knowledge.indicators.values()]
    bare = len(m.leftover) == 1 == len(m.tokens)
    return [t.word for t in m.tokens if (bare or t.word in lexicon.domain) and any(t.word in name for name in named)]


def _several(m: Mentions, lexicon: Lexicon, knowledge: Knowledge) -> Choose:
    """Questions about what has such a word in its name: two figures and a measure; of one region its figures."""
    word = _vague(m, lexicon, knowledge)[0]
    named = [e.id for e in m.of("region")]
    if len(named) == 1:
        own = [i for i in knowledge.indicators.values() if word in i.name and i.annex][:_OFFERED]
        return Choose(tuple(f"{knowledge.region_name(named[0])}{i.name}目标是多少？" for i in own), word)
    figures_ = [i for i in knowledge.indicators.values() if word in i.name][:2]
    parts = [p for p in knowledge.measures if word in p.title][:1]
    whole = knowledge.whole.name
    choices = [f"{whole}{i.name}目标是多少？" for i in figures_] + [
        passages.question_about(p.id, knowledge) for p in parts
    ]
    return Choose(tuple(choices), word)


def _figures_of(m: Mentions, knowledge: Knowledge) -> tuple[str, ...]:
    """Questions about the figures that people call by the one word left (某地的就业人数)."""
    regions = [e.id for e in m.of("region")]
    if len(regions) > 1:
        return ()
    word, place = m.leftover[0].word, knowledge.region_name(regions[0]) if regions else knowledge.whole.name
    held = [i for i in knowledge.indicators.values() if i.annex and any(word in name for name in (i.name, *i.aliases))]
    return tuple(f"{place}{i.name}目标是多少？" for i in held[:_OFFERED])
