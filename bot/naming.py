"""A name in an address -> the entry that is meant, by name or alias; or the names that come near."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from bot.engine import Engine
from bot.knowledge import Entry
from bot.normalise import plain

_MOST_NEAR, _LEAST_LIKENESS, _BEHIND = 3, 50, 20
# Sounding alike is a little less than looking alike.
_BY_EAR = 10


@dataclass(frozen=True, slots=True)
class Names:
    """The entries of one kind by everything they are called, and by their own names."""

    by_call: dict[str, str]
    own: dict[str, str]

    def find(self, text: str) -> str | None:
        """The id of the entry that is called so."""
        return self.by_call.get(plain(text))

    def near(self, text: str) -> tuple[str, ...]:
        """Own names of the entries that are called or sound much like it, the likest first."""
        wanted = plain(text)[:60]
        scores: dict[str, float] = {}
        for call, id_ in self.by_call.items():
            likeness = max(fuzz.ratio(wanted, call), fuzz.ratio(_sound(wanted), _sound(call)) - _BY_EAR)
            scores[id_] = max(likeness, scores.get(id_, 0))
        least = max([_LEAST_LIKENESS, *(score - _BEHIND for score in scores.values())])
        found = sorted((id_ for id_ in scores if scores[id_] >= least), key=lambda id_: -scores[id_])
        return tuple(self.own[id_] for id_ in found[:_MOST_NEAR])


@lru_cache(maxsize=4096)
def _sound(text: str) -> str:
    return "".join(lazy_pinyin(text))


def names(kind: str, engine: Engine) -> Names:
    """The names of one kind of entries ("region", "unit", "indicator"); a region may also be the whole."""
    knowledge = engine.knowledge
    registers: dict[str, Mapping[str, Entry]] = {
        "region": knowledge.regions, "unit": knowledge.units, "indicator": knowledge.indicators
    }  # fmt: skip
    own = {id_: entry.name for id_, entry in registers[kind].items()}
    kinds: tuple[str, ...] = (kind,)
    if kind == "region":
        own[""] = knowledge.whole.name
        kinds = ("region", "whole")
    by_call: dict[str, str] = {}
    for phrase in engine.lexicon.phrases:
        if phrase.kind in kinds and phrase.lone:
            by_call.setdefault(phrase.words[0], phrase.id)
    return Names(by_call | {plain(name): id_ for id_, name in own.items()}, own)
