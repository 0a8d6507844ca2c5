"""Mentions -> which parts of the document a question is about, and how sure that is."""

import re
from dataclasses import dataclass

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.topics import Match, Topics

# Evidence that a point must gather before it counts, and to count as certain; measured on the
# knowledge's own questions with each one hidden in turn.
WEAK, FAIR, FIRM, SURE = 7.0, 11.0, 12.5, 18.0
_CLEAR = 1.25
# What another part's point must have for it to be meant in spite of the name of this one.
_NEARLY_ALL, _FAR_MORE, _MORE = 0.75, 1.8, 1.5
# What asks says nothing of the topic, even where an entry has the same words.
_ASKING = re.compile(
    "什么时候|几月份?|几号|几点|哪天|哪年|多久|多长时间|什么原因|为什么|为了什么|为啥|怎么[办弄做搞样]?|咋[办弄整样]?|如何"
)


# What a title is remembered by.
_TITLED = re.compile("标题(?:里|中|上)?面?[带有含](?:着|了)?(?P<words>[^，。？！的]{2,12}?)(?:的|这|那|$)")
_MEASURES = re.compile("[0-9一二三四五六七八九十百]+[项条个](?:工作|具体)?(?:措施|举措)")
# 高校那条: one of the numbered parts is meant.
_THAT_PART = re.compile("[那这]一?[条项](?!路|线)")
# What may stand between the word for requirements and the number of one.
_LINKS = ("", "的", "里", "里的", "里面", "里面的", "中", "中的", "部分", "部分的", "那里")


@dataclass(frozen=True)
class Subjects:
    """The parts meant (refs, best first), how they were found, the points behind them; `own`: whose question it is."""

    refs: tuple[str, ...] = ()
    how: str = ""
    matches: tuple[Match, ...] = ()
    absent: str = ""
    own: str = ""

    @property
    def explicit(self) -> bool:
        return self.how in ("number", "name", "programme")


def hidden(m: Mentions) -> frozenset[int]:
    """Characters that say nothing of the topic: places, units, and who-does-it words."""
    found: set[int] = set()
    for e in m.of("region", "unit", "office", "place", "inside", "outside", "document", "whole"):
        found |= e.covered
    for cue in ("lead", "responsible", "who", "charge", "role"):
        for a, b in m.cues.get(cue, ()):
            found.update(range(a, b))
    for o in m.ordinals:
        found.update(range(o.start, o.end))
    for asking in _ASKING.finditer(m.text.plain):
        found.update(range(asking.start(), asking.end()))
    return frozenset(found)


def subjects(m: Mentions, knowledge: Knowledge, topics: Topics) -> Subjects:
    """What the message is about: by number, by name, by a named programme, else by topic."""
    matches = tuple(topics.rank(m, hidden(m)))
    own = topics.asked(m.text.plain)
    numbered: list[str] = []
    absent = ""
    for o in m.ordinals:
        kind = o.kind
        if kind == "group" and _heads_section(m.text.plain[o.end :], knowledge):
            continue
        before = [end for _, end in m.cues.get("requirement_word", ()) if end <= o.start]
        required = bool(before) and m.text.plain[max(before) : o.start] in _LINKS
        if kind == "measure" and (required or m.has("requirement_word") and not m.has("measure_word")):
            asked = f"requirement:{_from_start(o.number, 'requirement', knowledge)}"
            kind = "requirement" if asked in knowledge.parts else kind
        ref = f"{kind}:{_from_start(o.number, kind, knowledge)}"
        if ref in knowledge.parts:
            numbered.append(ref)
        elif not absent:
            absent = m.text.plain[o.start : o.end]
    if numbered:
        return Subjects(tuple(dict.fromkeys(numbered)), "number", matches)
    if own in knowledge.parts:
        return Subjects((own,), "name", matches, absent)
    if titled := _titled(m, knowledge):
        return Subjects((titled,), "name", matches, absent)
    if own:
        return Subjects((knowledge.points[own].ref,), "name", matches, absent, own)
    named = [e for e in m.parts if len(e.covered) >= 2]
    programmes = [e for e in m.programmes if not any(e.covered < p.covered for p in named)]
    named = [e for e in named if not any(e.covered < p.covered for p in programmes)]
    if named and not _outdone(m, matches, tuple(e.id for e in named)):
        refs = tuple(dict.fromkeys(e.id for e in named))
        return Subjects(refs, "name", matches, absent)
    if programmes:
        refs = tuple(
            dict.fromkeys(
                knowledge.points[place].ref for e in programmes for place in knowledge.programmes[e.id].places
            )
        )
        best = _by_part(matches, knowledge)
        if len(refs) > 1 and best and best[0][0] in refs and len(programmes) > 1:
            common = set.intersection(
                *({knowledge.points[p].ref for p in knowledge.programmes[e.id].places} for e in programmes)
            )
            refs = tuple(r for r in refs if r in common) or refs
        if len(refs) > 1 and best and best[0][0] in refs:
            second = next((s for r, s in best[1:] if r in refs), 0.0)
            if m.leftover and best[0][1] >= second * _CLEAR:
                refs = (best[0][0],)
        return Subjects(refs, "programme", matches, absent)
    if absent:
        return Subjects((), "absent", matches, absent)
    if _THAT_PART.search(m.text.plain):
        among = tuple(x for x in matches if knowledge.parts[x.ref].kind in ("measure", "requirement"))
        matches = among if among and among[0].score >= WEAK else matches
    best = _by_part(matches, knowledge)
    if best and best[0][1] >= WEAK:
        score = best[0][1]
        close = tuple(r for r, s in best if s * _CLEAR > score and s >= WEAK)
        how = "topic" if len(close) == 1 else "several"
        return Subjects(close[:3] if how == "several" else close, how, matches)
    return Subjects((), "", matches)


def _heads_section(after: str, knowledge: Knowledge) -> bool:
    """Does the heading of a section follow the number of a group? Then the section is meant by it."""
    titles = (heading.rpartition("、")[2] for heading in knowledge.headings)
    return after.startswith(tuple(titles))


def surplus(m: Mentions, knowledge: Knowledge) -> str:
    """More measures than there are, as the asker counts them (20项措施), or ""."""
    said = _MEASURES.search(m.text.plain)
    number = next((n for n in m.numbers if said and n.start == said.start()), None)
    return said.group() if said and number and number.value > len(knowledge.measures) else ""


def _titled(m: Mentions, knowledge: Knowledge) -> str:
    """The one part whose title has the words that the asker remembers of it (标题带…的那一部分), or ""."""
    said = _TITLED.search(m.text.plain)
    found = [p.id for p in knowledge.parts.values() if said and said["words"] in p.title]
    return found[0] if len(found) == 1 else ""


def _outdone(m: Mentions, matches: tuple[Match, ...], named: tuple[str, ...]) -> bool:
    """Does a point of another part explain the words beside the name, of which the named parts have far less?"""
    if not (m.leftover or m.programmes) or not matches or matches[0].ref in named or matches[0].score < SURE:
        return False
    best = matches[0]
    own = next((x for x in matches if x.ref in named), None)
    far = own is None or best.score >= _FAR_MORE * own.score
    more = own is not None and best.score >= _MORE * own.score and best.strange < own.strange
    return best.coverage >= _NEARLY_ALL and (far or more)


def _from_start(number: int, kind: str, knowledge: Knowledge) -> int:
    """The number of a part that may have been counted from the end."""
    return number if number > 0 else sum(part.kind == kind for part in knowledge.parts.values()) + 1 + number


def _by_part(matches: tuple[Match, ...], knowledge: Knowledge) -> list[tuple[str, float]]:
    """Parts by their best point, a little more for each further one."""
    scores: dict[str, float] = {}
    for match in matches:
        if match.ref in scores:
            scores[match.ref] += 0.12 * match.score
        else:
            scores[match.ref] = match.score
    return sorted(scores.items(), key=lambda item: -item[1])
