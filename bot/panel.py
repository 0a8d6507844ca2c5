"""What a command shows: a text and the buttons below it, which lead from one panel to the next."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.callbacks import button
from bot.formatting import Stretch, markup
from bot.outbox import Note

# The letter of the buttons that lead to panels.
LETTER = "p"
# What of a name fits beside the rest into the 64 bytes that a button carries.
_SHORT = re.compile(r"[A-Za-z0-9_-]{1,24}")
_DIGEST = 6
# Characters of a button that is half as wide as a message.
_HALF_WIDTH = 9


@dataclass(frozen=True, slots=True)
class Tap:
    """A button: what it says, and the code of the panel or question that it leads to."""

    label: str
    code: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A text and rows of buttons; `question` is the one that the text answers, for what is asked next."""

    stretches: tuple[Stretch, ...]
    rows: tuple[tuple[Tap, ...], ...] = ()
    question: str = ""


def notes(panel: Panel) -> list[Note]:
    """The panel as messages, nearly always one; the buttons are under the last."""
    rows = tuple(tuple(button(tap.label, LETTER, tap.code) for tap in row) for row in panel.rows if row)
    *first, last = markup(panel.stretches)
    return [*map(Note, first), Note(last, rows or None)]


def in_rows(taps: Iterable[Tap], width: int) -> tuple[tuple[Tap, ...], ...]:
    """The buttons in rows of at most so many."""
    found = tuple(taps)
    return tuple(found[at : at + width] for at in range(0, len(found), width))


def paired(taps: Iterable[Tap]) -> tuple[tuple[Tap, ...], ...]:
    """The buttons two in a row where a phone shows both names in full, else one."""
    rows: list[tuple[Tap, ...]] = []
    for tap in taps:
        if rows and len(rows[-1]) == 1 and max(len(tap.label), len(rows[-1][0].label)) <= _HALF_WIDTH:
            rows[-1] = (*rows[-1], tap)
        else:
            rows.append((tap,))
    return tuple(rows)


def handle(name: str) -> str:
    """A name as it stands in codes and links: itself where it is short and plain, else a digest of it."""
    return name if _SHORT.fullmatch(name) else hashlib.blake2b(name.encode(), digest_size=_DIGEST).hexdigest()


def named(wanted: str, names: Mapping[str, object]) -> str | None:
    """The name that is written so in codes and links; None if it is no longer there."""
    if wanted in names:
        return wanted
    return next((name for name in names if handle(name) == wanted), None)
