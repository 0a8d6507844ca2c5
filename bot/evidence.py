"""What a message says after the answer, for channels that set source and wording apart from it."""

from bot.values import Reply


def evidence(reply: Reply) -> tuple[str, ...]:
    """The lines of the message that give the source and the document's wording."""
    after = reply.text.partition(reply.answer)[2]
    # Choices come before the empty line; channels show them in their own way.
    return tuple(line for line in after.partition("\n\n")[2].splitlines() if line)
