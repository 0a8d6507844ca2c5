"""Ways of typing the same question: each a function from a question and the names in it to what is typed.

None where a way does not apply, for instance where no name is long enough for a slip in it.
"""

import random
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import opencc
from pypinyin import Style, lazy_pinyin

_LONG = 4
_SOUNDED = 3
_CJK = re.compile("[一-鿿]")

Disturbance = Callable[[str, Sequence[str], random.Random], str | None]


def _full_width(question: str, names: Sequence[str], rng: random.Random) -> str | None:
    """Letters, digits and signs in full width, and a full-width space after a name."""
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in question)
    return wide.replace(names[0], f"{names[0]}\u3000", 1) if names and wide == question else wide


def _traditional(question: str, names: Sequence[str], rng: random.Random) -> str | None:
    written: str = _converter().convert(question)
    return written


def _spaced(question: str, names: Sequence[str], rng: random.Random) -> str | None:
    return " ".join(question)


def _doubled(question: str, names: Sequence[str], rng: random.Random) -> str | None:
    """One character of a long name typed twice."""
    return _mistyped(question, [n for n in names if len(n) >= _LONG], rng, lambda name, at: name[at] * 2)


def _homophone(question: str, names: Sequence[str], rng: random.Random) -> str | None:
    """One character of a name typed as another that sounds the same."""

    def other(name: str, at: int) -> str | None:
        sound = lazy_pinyin(name, style=Style.NORMAL)[at]
        same = [c for c in _sounds().get(sound, ()) if c != name[at]]
        return rng.choice(same) if same else None

    return _mistyped(question, [n for n in names if len(n) >= _SOUNDED and all(map(_CJK.match, n))], rng, other)


def _mistyped(
    question: str, names: Sequence[str], rng: random.Random, slip: Callable[[str, int], str | None]
) -> str | None:
    """The question with one slip in one of the names; None if no name allows it."""
    places = [(name, at) for name in names for at, c in enumerate(name) if _CJK.match(c)]
    rng.shuffle(places)
    for name, at in places:
        written = slip(name, at)
        if written is not None:
            return question.replace(name, name[:at] + written + name[at + 1 :], 1)
    return None


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@lru_cache(maxsize=1)
def _sounds() -> dict[str, tuple[str, ...]]:
    """The commonest characters (the first level of the national standard) by their sound."""
    found: dict[str, list[str]] = {}
    for code in (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)):
        character = code.decode("gb2312", errors="ignore")
        if character:
            found.setdefault(lazy_pinyin(character, style=Style.NORMAL)[0], []).append(character)
    return {sound: tuple(characters) for sound, characters in found.items()}


DISTURBANCES: dict[str, Disturbance] = {
    "none": lambda question, names, rng: question,
    "full_width": _full_width,
    "traditional": _traditional,
    "spaced": _spaced,
    "doubled": _doubled,
    "homophone": _homophone,
}
