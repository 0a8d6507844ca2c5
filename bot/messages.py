"""A long text -> parts for the messages of a chat, cut where it is read best."""

import re

# A sentence with its end mark, the quotes that close after it, and the line breaks that follow.
_SENTENCE = re.compile(r"[^。！？；\n]*(?:[。！？；]+[」』”’）》]*)?\n*")


def split(text: str, limit: int) -> tuple[str, ...]:
    """The text in parts of at most `limit` UTF-16 units, cut at sentence ends where one is in reach."""
    parts: list[str] = []
    part = ""
    for sentence in _SENTENCE.findall(text):
        if length((part + sentence).strip()) > limit:
            parts.append(part)
            part = ""
            while length(sentence.strip()) > limit:
                cut = _fitting(sentence, limit)
                parts.append(sentence[:cut])
                sentence = sentence[cut:]
        part += sentence
    return tuple(stripped for part in (*parts, part) if (stripped := part.strip()))


def length(text: str) -> int:
    """How long a chat service counts the text: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(text: str, limit: int) -> int:
    """How many characters of the text fit into so many UTF-16 units."""
    units = 0
    for count, char in enumerate(text):
        units += 2 if char > "\uffff" else 1
        if units > limit:
            return count
    return len(text)
