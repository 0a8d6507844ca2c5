"""What the language brings, whatever the document: question words, filler, small talk, wordings.

Read from `language.yaml`, which ships with the program and holds no word of any document.
"""

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
    social: dict[str, tuple[str, ...]]
    missing: dict[str, tuple[str, ...]]
    places: frozenset[str]
    offices: frozenset[str]
    endings: tuple[str, ...]
    item_endings: tuple[str, ...]
    single: tuple[str, ...]
    years: tuple[str, ...]
    generic: frozenset[str]
    say: dict[str, str]


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
    return Language(
        cues={name: tuple(words) for name, words in data["cues"].items()},
        filler=frozenset(data["filler"]),
        replace=dict(data["replace"]),
        social={name: tuple(words) for name, words in data["social"].items()},
        missing={name: tuple(words) for name, words in data["missing"].items()},
        places=frozenset(data["places"]),
        offices=frozenset(data["offices"]),
        endings=tuple(data["endings"]),
        item_endings=tuple(data["item_endings"]),
        single=tuple(data["single"]),
        years=tuple(data["years"]),
        generic=frozenset(data["generic"]),
        say=dict(data["say"]),
    )
