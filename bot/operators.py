"""What the people who run the bot are told when they ask it."""

from collections.abc import Sequence

from bot.knowledge import Knowledge
from bot.store import Unanswered
from bot.wording import Wording

_MOST_QUESTIONS = 30


def status(wording: Wording, knowledge: Knowledge, uptime: float, queue: int, errors: int) -> str:
    """Which knowledge, for how long, how much is waiting, how much went wrong."""
    minutes, hours = int(uptime // 60) % 60, int(uptime // 3600)
    return wording.status.format(
        number=knowledge.number, knowledge=knowledge.fingerprint, hours=hours, minutes=minutes, queue=queue,
        errors=errors,
    )  # fmt: skip


def unanswered(wording: Wording, questions: Sequence[Unanswered]) -> str:
    """The most frequent questions without an answer, as masked as they are kept."""
    if not questions:
        return wording.none_unanswered
    lines = [f"{each.count} × {each.question}（{each.last}）" for each in questions[:_MOST_QUESTIONS]]
    return "\n".join([wording.unanswered.format(count=len(questions)), *lines])
