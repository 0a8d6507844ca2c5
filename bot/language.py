"""What the language brings, whatever the document: question words, filler, small talk, wordings.

Read from `language.yaml`, which ships with the program and holds no word of any document.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Language:
    """Cue words by what they ask for, words that say nothing, places and offices at large, wordings."""

    cues: dict[str, tuple[str, ...]]
    filler: frozenset[str]
    replace: dict[str, str]
    small_talk: dict[str, str]
    small_forms: re.Pattern[str]
    openings: frozenset[str]
    softening: re.Pattern[str]
    same: dict[str, str]
    missing: dict[str, tuple[str, ...]]
    places: frozenset[str]
    offices: frozenset[str]
    endings: tuple[str, ...]
    item_endings: tuple[str, ...]
    single: tuple[str, ...]
    years: tuple[str, ...]
    generic: frozenset[str]
    own: dict[str, tuple[str, ...]]
    say: dict[str, str]

    def without_soft(self, piece: str) -> str:
        """A piece of small talk without the words that only soften it."""
        return _without_soft(piece, self.softening, self.same)


def _softening(soft: frozenset[str], same: dict[str, str]) -> re.Pattern[str]:
    """Finds soft words and other forms of the same word, the longest first."""
    return re.compile("|".join(map(re.escape, sorted({*soft, *same}, key=lambda word: (-len(word), word)))))


def _without_soft(piece: str, softening: re.Pattern[str], same: dict[str, str]) -> str:
    return softening.sub(lambda match: same.get(match.group(), ""), piece)


def _forms(forms: dict[str, list[list[list[str]]]], soft: list[str]) -> re.Pattern[str]:
    """Small talk by its kind, which the group that matches is named after: a word of each slot, in this order.

    "" stands where there may be none, … for a few of any kind.
    """
    strewn = f"(?:{'|'.join(map(re.escape, soft))})*"

    def form(slots: list[list[str]]) -> str:
        patterns = (["[^，。？！]{1,14}?" if w == "…" else re.escape(w) for w in slot] for slot in slots)
        return strewn.join(f"(?:{'|'.join(sorted(words, key=len, reverse=True))})" for words in patterns)

    kinds = (f"(?P<{kind}>{'|'.join(map(form, each))})" for kind, each in forms.items())
    return re.compile(f"{strewn}(?:{'|'.join(kinds)}){strewn}")


def of_regions(language: Language, region_words: tuple[str, ...]) -> Language:
    """The language with each cue that speaks of regions (哪个{region}) in the words of one knowledge."""
    cues = {
        name: tuple(
            dict.fromkeys(cue.format(region=word) for cue in words for word in (region_words if "{" in cue else ("",)))
        )
        for name, words in language.cues.items()
    }
    return replace(language, cues=cues)


@lru_cache(maxsize=1)
def load_language() -> Language:
    """The language of the program; it is part of the package, so faults in it are ours."""
    path = Path(__file__).with_name("language.yaml")
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    same = dict(data["same"])
    softening = _softening(frozenset(data["soft"]), same)
    social = [(word, kind) for kind, words in data["social"].items() for word in words]
    # As it is written before what is left of it without the soft words.
    small_talk = {_without_soft(word, softening, same): kind for word, kind in reversed(social)} | dict(social)
    small_talk.pop("", None)
    return Language(
        cues={name: tuple(words) for name, words in data["cues"].items()},
        filler=frozenset(data["filler"]),
        replace=dict(data["replace"]),
        small_talk=small_talk,
        small_forms=_forms(data["social_forms"], data["soft"]),
        openings=frozenset(word[0] for word in (*small_talk, *data["soft"], *same)),
        softening=softening,
        same=same,
        missing={name: tuple(words) for name, words in data["missing"].items()},
        places=frozenset(data["places"]),
        offices=frozenset(data["offices"]),
        endings=tuple(data["endings"]),
        item_endings=tuple(data["item_endings"]),
        single=tuple(data["single"]),
        years=tuple(data["years"]),
        generic=frozenset(data["generic"]),
        own={name: tuple(words) for name, words in data["own"].items()},
        say=dict(data["say"]),
    )
