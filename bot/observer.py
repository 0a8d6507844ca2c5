"""What the channels tell about their work as it happens: plain words and numbers, never text, identity or token."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing(*_: object) -> None:
    """Nobody is listening."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Whom to call when something has happened; by default nobody. None of these may raise or take long.

    `update(kind, outcome, seconds)`: an update has been dealt with, `seconds` after it was taken up. Kinds: `question`,
    `edit` (a question changed), `button`, `inline` (typed after the bot's name), `added` (to a group), `command`,
    `other` (pictures and the like), `request` (any on the web). Outcomes: those of a reply (`answer`, `choose`,
    `no_answer`, `social`), `done` (a command or a line of help), `gone` (a button without meaning), `invalid` (it
    cannot be read), `throttled`, `late`, `blocked` (the chat has stopped the bot), `refused` (Telegram did not take
    the reply), `failed` (a fault of ours), `withdrawn` (stopped before it was answered; it is taken up again at the
    next start).

    `retry(method, reason)`: a call to Telegram is made again. Reasons: `flood` (429), `server` (5xx), `network` (no
    connection, cut, or too slow), `migrated`, `formatting`.

    `queue(length)`: so many updates are held and not yet answered.

    `connected(yes)`: the service that the channel needs answers, or does not; said at every attempt.
    """

    update: Callable[[str, str, float], None] = _nothing
    retry: Callable[[str, str], None] = _nothing
    queue: Callable[[int], None] = _nothing
    connected: Callable[[bool], None] = _nothing


NOBODY = Observer()
