"""Where an asker speaks from: 我们这儿 and 本单位 in a question, read as the region and the unit that he has set."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.engine import Engine
from bot.entities import Mentions, mentions
from bot.normalise import normalise, plain
from bot.respond import turn
from bot.turns import Turn
from bot.values import Context, Reply

# Beside another region or unit, a bare 我们 is one of them only where the two are joined.
_JOINS = "[和与跟同比、]"
_OTHERS = {"region": ("region", "set", "inside", "outside", "place"), "unit": ("unit", "office")}
_OF_UNITS = ("lead", "responsible", "charge", "role", "both")
_OF_REGIONS = (
    "overview", "quantity", "rank", "share", "highest", "lowest", "compare", "difference", "ratio", "sum", "no_target",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standpoint:
    """The ids of a person's own region and unit, "" where none is set."""

    region: str = ""
    unit: str = ""

    def __bool__(self) -> bool:
        return bool(self.region or self.unit)


def turn_from(standpoint: Standpoint, question: str, context: Context, engine: Engine) -> tuple[Turn, str | None]:
    """The turn for a question that may speak of the asker's own; second, what he would have to set first.

    That is "region" or "unit" where the question speaks of one that is not set, else None.
    """
    read, names, unset = _read(standpoint, question, engine)
    made = turn(read, context, engine)
    return (replace(made, reply=_shown(made.reply, question, names, engine)) if names else made), unset


def _read(standpoint: Standpoint, question: str, engine: Engine) -> tuple[str, tuple[str, ...], str | None]:
    """The question with the names in place of what stands for them, and those names."""
    text = plain(question)
    words = engine.language.own
    if not any(word in text for word in (*words["self"], *words["only_region"])):
        return question, (), None
    m = mentions(normalise(question, engine.language.replace), engine.lexicon, engine.language)
    names = {"region": _name(standpoint.region, "region", engine), "unit": _name(standpoint.unit, "unit", engine)}
    asked = _asked_of(m)
    used: list[str] = []
    unset: str | None = None
    for kind, pattern in _PATTERNS:
        for found in reversed(list(re.finditer(pattern(engine), text))):
            if _inside_a_name(found, m) or (found[0] in words["only_region"] and kind not in asked):
                continue
            if names[kind]:
                text = text[: found.start()] + names[kind] + text[found.end() :]
                used.append(names[kind])
            elif kind in asked and not _introduced(found, kind, m):
                unset = kind
    own = next((kind for kind in asked if names[kind]), None)
    if own and not used and not unset and (alone := _alone(text, own, m, engine)):
        text = text[: alone.start()] + names[own] + text[alone.end() :]
        used.append(names[own])
    return (text, tuple(dict.fromkeys(used)), unset) if used else (question, (), unset)


def _name(id_: str, kind: str, engine: Engine) -> str:
    """The name of the entry; an id that the knowledge no longer holds is as good as none."""
    entries = engine.knowledge.regions if kind == "region" else engine.knowledge.units
    return entries[id_].name if id_ in entries else ""


def _own_region(engine: Engine) -> str:
    own, words = engine.language.own, engine.knowledge.region_words
    asking = {word for cue in ("which_region", "per_region") for word in engine.language.cues[cue]}
    places = [word for word in words if word not in asking]
    after = [place for word in own["region"] for place in (places if "{" in word else [word])]
    return f"(?:{_any(own['self'])})(?:{_any(after)})|{_any(own['only_region'])}"


def _own_unit(engine: Engine) -> str:
    own = engine.language.own
    return f"(?:{_any(own['self'])})(?:{_any(own['unit'])})"


_PATTERNS = (("region", _own_region), ("unit", _own_unit))

# What comes before the asker's own region or unit where he names it.
_I_AM = re.compile("[我俺咱]们?(?:家|人|这)?(?:是|在|来自)$")


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


def _inside_a_name(found: re.Match[str], m: Mentions) -> bool:
    """Whether the end of it begins the name of something: there the word is cut at the wrong place."""
    if m.text.plain != found.string:
        return False
    last = found.end() - 1
    named = (*m.places, *m.indicators, *m.parts, *m.programmes)
    return any(last in entity.covered and max(entity.covered) > last for entity in named)


def _introduced(found: re.Match[str], kind: str, m: Mentions) -> bool:
    """Whether the asker has said before which one it is: 我是某地的，我们州…."""
    before = (e.start for e in m.of(kind) if e.end <= found.start())
    return m.text.plain == found.string and any(_I_AM.search(found.string, 0, start) for start in before)


def _asked_of(m: Mentions) -> tuple[str, ...]:
    """What 我们 may stand for in the question, the likelier first; nothing where it is about neither."""
    if m.indicators:
        return ("region",)
    if m.has(*_OF_UNITS):
        return ("unit",)
    return (*(("region",) if m.has(*_OF_REGIONS) else ()), *(("unit",) if m.has("tasks") else ()))


def _alone(text: str, kind: str, m: Mentions, engine: Engine) -> re.Match[str] | None:
    """The bare 我们 that stands for the asker's own; where others are named too, only one that is joined to them."""
    own = engine.language.own
    # 我们全区 is all of it, not the asker's part.
    whole = [m.text.plain[entity.start : entity.end] for entity in m.of("whole")]
    word = f"(?:{_any(own['alone'])})(?!的?(?:{_any([*own['not_before'], *whole])}))"
    return re.search(f"(?<={_JOINS}){word}|{word}(?={_JOINS})" if m.of(*_OTHERS[kind]) else word, text)


def _shown(reply: Reply, question: str, names: tuple[str, ...], engine: Engine) -> Reply:
    """The reply to the question as it was typed, saying whose region or unit was meant."""
    said = "，".join(engine.language.say["understood"].format(what=name) for name in names)
    if not reply.understood:
        return replace(reply, question=question, understood=said, text=f"（{said}）\n{reply.text}")
    if all(name in reply.understood for name in names):
        return replace(reply, question=question)
    both = f"{said}，{reply.understood}"
    return replace(reply, question=question, understood=both, text=reply.text.replace(reply.understood, both, 1))
