"""One stretch of a message -> its best reading, corrected where it is not understood."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.correction import broken, correct
from bot.engine import Engine
from bot.entities import Mentions, mentions
from bot.query import Understanding, is_sure, understand
from bot.thread import leans
from bot.values import Context, Correction, Missing, Query, Text

_LATIN = re.compile(r"[a-z]{2}")
# Typed for 哪几项, 哪个.
_THAT = re.compile("(?<=[在是由归])那(?:几|一)?(?:[个些家项条]|地|州|里)|那几[个家项条]")
_QUESTION = re.compile(
    r"(.)[不没]\1|[谁啥哪怎咋何吗呢么吧]|什么|几(?![项条个家])|多少|多大|多久|是不是|有没有|对不对|[不没]$"
)


@dataclass(frozen=True)
class Taken:
    """One question of a message: what it was understood as, and how that is shown."""

    understanding: Understanding
    corrections: tuple[Correction, ...]
    ellipsis: bool

    @property
    def query(self) -> Query:
        return self.understanding.best.query


def taken(m: Mentions, context: Context, engine: Engine) -> Taken:
    """The best reading, correcting what is not understood: layer by layer, and only as far as it helps."""
    first = found = read(m, context, engine)
    current = m.text
    for boldness in (False, True):
        needs = bool(found.mentions.leftover) or bool(_LATIN.search(current.plain))
        needs = needs or boldness and found.rank > 1.3 and bool(broken(found.mentions, engine.lexicon))
        if not needs or (boldness and is_sure(found.best) and found.rank <= 1.3):
            break
        for _ in range(2):
            changed = correct(found.mentions, engine.lexicon, boldness)
            if changed is None or changed.plain == current.plain:
                break
            other = read(mentions(changed, engine.lexicon, engine.language), context, engine)
            if other.rank > found.rank + 0.05 and not boldness:
                # One slip mended may leave another one in the way.
                again = correct(other.mentions, engine.lexicon, boldness) or changed
                if again.plain != changed.plain:
                    changed, other = again, read(mentions(again, engine.lexicon, engine.language), context, engine)
            if other.rank > found.rank + 0.05 and is_sure(found.best):
                break
            if boldness and not (other.rank < found.rank - 0.1):
                break
            found, current = other, changed
    if isinstance(found.best.query, Missing) and found.best.query.reason == "nothing" and current.corrections:
        found, current = first, m.text
    asked = _asked(current)
    if asked and not (context.begun and leans(found.mentions)):
        other = read(mentions(asked, engine.lexicon, engine.language), context, engine)
        if other.rank <= found.rank + 0.05 or isinstance(found.best.query, Missing):
            found, current = other, asked
    return Taken(found, current.corrections, "接着" in found.best.why)


def _asked(text: Text) -> Text | None:
    """A message that asks nothing, with 那 read as 哪, which it is often typed for; None where that is not so."""
    said = _THAT.search(text.plain)
    if not said or _QUESTION.search(text.plain):
        return None
    plain = text.plain[: said.start()] + "哪" + text.plain[said.start() + 1 :]
    return Text(text.raw, plain, (*text.corrections, Correction(said.group(), "哪" + said.group()[1:], "sound")))


@lru_cache(maxsize=16)
def read(m: Mentions, context: Context, engine: Engine) -> Understanding:
    """The readings of what a stretch of text names, as it stands; remembered, as several look at the same stretch."""
    return understand(m, context, engine.knowledge, engine.lexicon, engine.language, engine.topics)
