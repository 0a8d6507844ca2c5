"""How much one person may ask at once before being told to slow down."""

from dataclasses import dataclass
from enum import Enum, auto

_REFILL_SECONDS = 1.0
_MANY = 10_000


class Verdict(Enum):
    """What becomes of a message: it is answered, answered by a word of warning, or passed over."""

    ADMIT = auto()
    WARN = auto()
    DROP = auto()


@dataclass(slots=True)
class _Allowance:
    left: float
    at: float
    warned: bool = False


class Throttle:
    """`burst` messages at once, and one more each second; 0 means without a limit."""

    def __init__(self, burst: int) -> None:
        self._burst = burst
        self._people: dict[str, _Allowance] = {}

    def admit(self, who: str, at: float) -> Verdict:
        """Judge a message by when it was written: what has piled up while the bot was away is no burst."""
        if not self._burst:
            return Verdict.ADMIT
        allowance = self._people.get(who)
        if allowance is None:
            self._forget(at)
            allowance = self._people[who] = _Allowance(self._burst, at)
        later = max(0.0, at - allowance.at)
        allowance.left = min(self._burst, allowance.left + later / _REFILL_SECONDS)
        allowance.at += later
        if allowance.left * 2 >= self._burst:
            allowance.warned = False
        if allowance.left >= 1:
            allowance.left -= 1
            return Verdict.ADMIT
        if allowance.warned:
            return Verdict.DROP
        allowance.warned = True
        return Verdict.WARN

    def _forget(self, at: float) -> None:
        if len(self._people) >= _MANY:
            full = self._burst * _REFILL_SECONDS
            self._people = {who: kept for who, kept in self._people.items() if kept.at + full > at}
