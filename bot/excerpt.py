"""A long message -> what of it is read: the clauses that ask and what stands beside them, in order.

Nobody types a question of so many characters: it is a story or a paste, of which a part asks. What reading costs
grows with the characters read, so this is also what bounds the cost of a message.
"""

import re
from collections.abc import Iterable, Iterator

from bot.segments import ASKING

# A question of more characters than these is read in part.
MOST = 120
# The longest clause; what is shown of an excerpt.
_PIECE = re.compile("[^，。？！；：、]{1,60}[，。？！；：、]*")
_SHOWN = 30
# So many clauses on either side may belong to one that asks.
_NEAR = 3
_STOPS = "，。？！；：、"

Span = tuple[int, int]


def excerpt(plain: str, named: Iterable[str] = (), most: int = MOST) -> str:
    """The part of a message that is read, not longer than `most` characters; all of a message that is short enough.

    `named` are names without which a question may mean something else.
    """
    if len(plain) <= most:
        return plain
    pieces = [match.span() for match in _PIECE.finditer(plain)]
    kept: set[int] = set()
    for number in _in_turn(plain, pieces, named):
        size = sum(pieces[n][1] - pieces[n][0] for n in kept)
        if number not in kept and size + pieces[number][1] - pieces[number][0] <= most:
            kept.add(number)
    return "".join(_joined(plain, pieces, kept))


def shown(part: str) -> str:
    """The excerpt as the asker is shown it: its beginning and its end."""
    part = part.strip(_STOPS)
    return part if len(part) <= 2 * _SHOWN else f"{part[:_SHOWN]}…{part[-_SHOWN:]}"


def _in_turn(plain: str, pieces: list[Span], named: Iterable[str]) -> Iterator[int]:
    """The clauses by how much they may matter: marked as a question, asking in words, with a name, near the asking."""
    marked = [n for n, span in enumerate(pieces) if "？" in plain[slice(*span)]]
    worded = [n for n, span in enumerate(pieces) if ASKING.search(plain[slice(*span)].rstrip(_STOPS))]
    asking = [*marked, *reversed(worded)] or [len(pieces) - 1]
    yield from asking
    named = [name for name in named if name in plain]
    yield from (n for n, span in enumerate(pieces) if any(name in plain[slice(*span)] for name in named))
    for far in range(1, _NEAR + 1):
        for number in asking:
            yield from (n for n in (number - far, number + far) if 0 <= n < len(pieces))


def _joined(plain: str, pieces: list[Span], kept: set[int]) -> Iterator[str]:
    """The kept clauses in order; where something is left out between two, the sentence ends."""
    for number in sorted(kept):
        piece = plain[slice(*pieces[number])]
        yield piece if number + 1 in kept or piece.endswith("？") else piece.rstrip(_STOPS) + "。"
