"""Mentions -> bodies that are none of the document's units, and the questions about them."""

import re
from collections.abc import Iterator

from bot.asked import TOGETHER
from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.values import Reading, Role, Roles, Tasks

# A body of the same kind on another level: 国家…, 县….
_LEVEL = re.compile(r"(?:国家|中央|全国|部委|[省县]|(?<!城)市)$")
_EACH = "各"


def strangers(m: Mentions, knowledge: Knowledge) -> dict[int, str]:
    """Bodies that are none of the document's units, though one of its units has a like name: by where they stand."""
    plain = m.text.plain
    found = {e.start: plain[e.start : e.end] for e in m.of("office")}
    for e in m.of("unit"):
        if knowledge.units[e.id].name.startswith(_EACH):
            continue
        place = next((p for p in m.of("region", "inside", "outside", "place") if p.end == e.start), None)
        level = _LEVEL.search(plain, 0, e.start)
        if place or level:
            found[e.start] = plain[place.start if place else level.start() if level else e.start : e.end]
    return found


def with_strangers(
    m: Mentions, units: tuple[str, ...], strange: tuple[str, ...], role: Role, measures: tuple[str, ...]
) -> Iterator[Reading]:
    """Some body is named that the document does not have: said first; the others follow where each is asked for."""
    apart = bool(units) and not m.has("both") and not TOGETHER.search(m.text.plain)
    if apart and not measures:
        yield Reading(Tasks(units, role, unknown_unit=strange[0]), 1.0, (), "还有文件没有列出的机关")
    else:
        yield Reading(Roles(measures, role, unknown_unit=strange[0]), 1.0, (), "文件没有列出的机关")
