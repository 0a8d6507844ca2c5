"""What the words that nothing explains may name: runs of them, and names of things the document does not have."""

import re
from functools import lru_cache

from bot.entities import Mentions
from bot.language import Language
from bot.subjects import Subjects
from bot.topics import Topics
from bot.values import Token

_NAMED, _DONE = 0.4, 0.2
# A message with more words that nothing explains names nothing.
_MANY = 30
_PEOPLE = re.compile("人员|群体|人群|人口|家庭|职工|农户")


def run(token: Token, m: Mentions) -> str:
    """The token with the unexplained ones right before and after it."""
    return m.text.plain[slice(*_run(token, m))]


def spelt(token: Token, m: Mentions) -> bool:
    """Is the word one character of a name that the dictionary cuts up, or does it say what kind of people: 退休人员?"""
    if len(token.word) > 1:
        return bool(_PEOPLE.match(m.text.plain, token.end))
    return token.flag[:1] == "n" and len(run(token, m)) > 2


def names(token: Token, language: Language) -> bool:
    """Does the word name a thing, so that leaving it out changes the question?"""
    return is_name(token) and token.word not in language.generic


def unsaid(m: Mentions) -> float:
    """What a reading about figures costs for the words that nothing explains: names more than what is done."""
    return sum(_NAMED if is_name(t) else _DONE for t in m.leftover)


def is_name(token: Token) -> bool:
    """May the word be the name of a thing, by its part of speech?"""
    named = token.flag[:1] in ("n", "s", "j", "") or token.flag in ("vn", "an", "t", "l", "i", "b", "f")
    return len(token.word) > 1 and named


def unheld(m: Mentions, about: Subjects, topics: Topics, language: Language) -> str:
    """A name such as 某某计划 that no point of the document has, "" if there is none."""
    plain = m.text.plain
    best = about.matches[0].point if about.matches else ""
    loose = m.leftover[:_MANY]
    for before, t in zip((None, *loose), loose, strict=False):
        joined = before is not None and before.end == t.start
        strange = not (best and topics.supports(best, t.word))
        if joined and before and t.word in language.item_endings:
            # A name whose parts the document has, but not with this ending.
            last = plain[t.start - 1 : t.end]
            if names(before, language) and not (best and topics.supports(best, last)):
                return plain[_run(t, m)[0] : t.end]
        if joined and before and len(before.word) == len(t.word) == 1:
            strange, named = not (best and topics.supports(best, plain[before.start : t.end])), True
        else:
            named = names(t, language)
        if not (named and strange) or t.flag == "t":
            # 下周: when somebody does something is no name of a thing.
            continue
        start, end = _run(t, m)
        for ending in language.item_endings:
            if t.word.endswith(ending) and len(t.word) > len(ending):
                return t.word
            if plain.startswith(ending, end):
                return plain[start:end] + ending
            if plain.startswith(ending, t.end):
                return plain[start : t.end] + ending
    return ""


def _run(token: Token, m: Mentions) -> tuple[int, int]:
    """Where the run begins and ends that the token stands in or, if it is explained, between."""
    start, end = token.start, token.end
    for a, b in _runs(m):
        start, end = (a if a <= start <= b else start), (b if a <= end <= b else end)
    return start, end


@lru_cache(maxsize=8)
def _runs(m: Mentions) -> tuple[tuple[int, int], ...]:
    """Where unexplained words stand one after another, in order."""
    runs: list[tuple[int, int]] = []
    for t in m.leftover:
        if runs and runs[-1][1] == t.start:
            runs[-1] = (runs[-1][0], t.end)
        else:
            runs.append((t.start, t.end))
    return tuple(runs)
