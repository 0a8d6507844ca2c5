"""What of a message is small talk: greetings, thanks, farewells, who are you; words and forms are the language's."""

import re
from collections.abc import Callable

from bot.language import Language
from bot.values import Social

# Longer pieces of a message are no small talk.
_SMALL = 24
_PUNCTUATION = re.compile(r"[，。！？；：、 ~]+")
_KINDS = ("about", "sorry", "farewell", "thanks", "greeting")
# Who the asker says he is: small talk beside the question what can be asked.
_SELF = "self"
_PASSING = ("farewell", "thanks", "greeting")


def social(plain: str, language: Language) -> Social | None:
    """Small talk, where the message holds nothing else."""
    pieces = [p for p in _PUNCTUATION.split(plain) if p]
    kinds = set()
    for piece in pieces:
        kind = _kind(piece, language)
        if kind is None:
            return None
        kinds.add(kind)
    if kinds == {_SELF}:
        return None
    return next((Social(kind) for kind in _KINDS if kind in kinds), None)


def in_passing(plain: str, language: Language) -> Social | None:
    """Thanks, a farewell or a greeting in one piece of a message, whatever else is told in it."""
    kinds = {_kind(piece, language) for piece in _PUNCTUATION.split(plain) if piece}
    return next((Social(kind) for kind in _PASSING if kind in kinds), None)


def _kind(piece: str, language: Language) -> str | None:
    """The kind of small talk that a piece of a message is, in whatever way its soft words are strewn in."""
    if len(piece) > _SMALL:
        return None
    kind = _one(piece, language)
    return kind or (_run_together(piece, language, _word) if piece[0] in language.openings else None)


def _one(piece: str, language: Language) -> str | None:
    kind = _word(piece, language)
    form = None if kind else language.small_forms.fullmatch(piece)
    return form.lastgroup if form else kind


def _word(piece: str, language: Language) -> str | None:
    known, bare = language.small_talk, language.without_soft(piece)
    return known.get(piece) or known.get(bare) or known.get(bare.strip("你"))


def _run_together(piece: str, language: Language, first_of: Callable[[str, Language], str | None]) -> str | None:
    """Two or three with nothing between them: 好的谢谢. At first a mere word is looked for, which costs little."""
    for cut in range(1, len(piece)):
        first = first_of(piece[:cut], language)
        if first:
            rest = piece[cut:]
            second = _one(rest, language) or _run_together(rest, language, _one)
            second = second if language.without_soft(rest) else first
            if second:
                return second if first == "greeting" else first
    return None
