"""Nothing is dead: every entry of the knowledge, every cue and every reply sentence is reached by a question that is kept."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from bot.engine import Engine, build
from bot.entities import mentions
from bot.knowledge import Knowledge, Unit
from bot.normalise import normalise, plain
from bot.respond import LONGEST, respond
from bot.suggest import Suggestions
from bot.taking import take
from bot.values import Context

HERE = Path(__file__).parent
# What only another document would make the bot say: a unit that nothing is given to, sums that do not agree.
IDLE = "某某厅"
BENT = (
    f"{IDLE}牵头哪些措施", f"{IDLE}是哪些措施的责任单位", f"{IDLE}在哪些措施里", "正文写的城镇新增就业目标和附件合计一样吗",
    "新增创业目标和附件合计一样吗", "正文写的职业技能培训目标和附件合计一致吗", "工信厅和发改委都牵头的有哪些", "工信厅是哪些措施的责任单位",
    "工信厅是第2项的责任单位吗 → 它还是哪些措施的责任单位",
)  # fmt: skip
# Around a cue, as people type it: alone, at the end of a question, at its start.
CARRIERS = ("{}", "{}？", "这个{}", "{}的", "请问{}呢")


class Noted(dict[str, str]):
    """Wordings that note which of them were used."""

    def __init__(self, wordings: dict[str, str]) -> None:
        super().__init__(wordings)
        self.used: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.used.add(key)
        return super().__getitem__(key)


@dataclass
class Reached:
    """What the kept questions came to."""

    wordings: set[str] = field(default_factory=set)
    cues: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    offered: dict[str, str] = field(default_factory=dict)


def conversations(engine: Engine) -> Iterator[list[str]]:
    """Every conversation that is kept: sentences, question sets, the entries' own questions."""
    for path in sorted((HERE / "sentences").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield case.get("turns") or [case["ask"]]
    for path in sorted((HERE / "questions").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["turns"]
    for _, ask in own_questions(engine):
        yield [ask]


def own_questions(engine: Engine) -> Iterator[tuple[str, str]]:
    """The questions that the entries bring along, each with the id of its entry."""
    knowledge = engine.knowledge
    for group in (
        knowledge.regions, knowledge.sets, knowledge.units, knowledge.indicators, knowledge.programmes, knowledge.parts,
        knowledge.points, knowledge.facts,
    ):  # fmt: skip
        for id_, entry in group.items():
            for ask in getattr(entry, "ask", ()):
                yield id_, ask


def ids(value: object) -> Iterator[str]:
    """Every text in a query: among them are the ids of what it selects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from ids(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from ids(getattr(value, each.name))


def bent(knowledge: Knowledge) -> Knowledge:
    """The knowledge with what this document has none of."""
    table = knowledge.tables["1"]
    total = (str(Decimal(table.total[0]) + 1), *table.total[1:])
    second = knowledge.tables["2"]
    region, cells = next(iter(second.rows.items()))
    rows = {**second.rows, region: (str(Decimal(cells[0]) + 1), *cells[1:])}
    first = knowledge.measures[0]
    both = replace(first, lead=(*first.lead, *knowledge.measures[2].lead), responsible=())
    measures = {
        p.id: replace(p, responsible=tuple(u for u in p.responsible if u not in first.lead)) for p in knowledge.measures
    }
    return replace(
        knowledge,
        units={**knowledge.units, "idle": Unit("idle", IDLE, (), (), 0)},
        tables={**knowledge.tables, "1": replace(table, total=total), "2": replace(second, rows=rows)},
        parts={**knowledge.parts, **measures, first.id: both},
    )


@pytest.fixture(scope="module")
def reached(engine: Engine) -> Reached:
    """All kept questions, asked once."""
    noted = Noted(engine.language.say)
    noting = replace(engine, language=replace(engine.language, say=noted))
    found = Reached()
    Suggestions(noting)
    respond("问" * (LONGEST + 1), Context(), noting)
    respond("喀什培训目标是多少？" + "问" * (LONGEST // 2), Context(), noting)
    other = build(bent(engine.knowledge))
    other = replace(other, language=replace(other.language, say=noted))
    for turns in BENT:
        context = Context()
        for turn in turns.split(" → "):
            _, context = respond(turn, context, other)
    for turns in conversations(engine):
        context = Context()
        for turn in turns:
            for taken in take(normalise(turn, engine.language.replace), context, noting):
                found.cues |= taken.understanding.mentions.cues.keys() | taken.understanding.mentions.missing.keys()
                found.ids |= set(ids(taken.query))
            reply, context = respond(turn, context, noting)
            for offer in (*reply.follow_ups, *reply.choices):
                found.offered.setdefault(offer, turn)
    found.wordings = noted.used
    return found


def test_every_reply_sentence_is_said(engine: Engine, reached: Reached) -> None:
    """No wording waits for a case that does not come."""
    dead = sorted(engine.language.say.keys() - reached.wordings)
    assert not dead, dead


def test_every_kind_of_cue_is_heard(engine: Engine, reached: Reached) -> None:
    """No kind of cue, nor of what the document leaves out, is without a question."""
    dead = sorted((engine.language.cues.keys() | engine.language.missing.keys()) - reached.cues)
    assert not dead, dead


def test_every_question_that_is_offered_has_an_answer(engine: Engine, reached: Reached) -> None:
    """A next question or a choice is never a dead end."""
    dead = [
        (turn, offer)
        for offer, turn in reached.offered.items()
        if respond(offer, Context(), engine)[0].outcome != "answer"
    ]
    assert reached.offered and not dead, dead


def test_every_entry_is_answered_with(engine: Engine, reached: Reached) -> None:
    """Some question comes to each region, unit, indicator, measure, point, fact."""
    knowledge = engine.knowledge
    wanted = [
        *knowledge.regions, *knowledge.sets, *knowledge.units, *knowledge.indicators, *knowledge.points,
        *knowledge.facts, *(ref for ref in knowledge.parts if ref not in ("goals", "preamble")),
    ]  # fmt: skip
    dead = [id_ for id_ in wanted if id_ not in reached.ids]
    assert not dead, dead


def test_every_cue_is_found_where_it_stands(engine: Engine) -> None:
    """No single word of a cue is lost to the cutting of words or to another one."""
    lost = defaultdict(list)
    for name, words in (*engine.language.cues.items(), *engine.language.missing.items()):
        for word in words:
            heard = (
                mentions(normalise(carrier.format(word.replace(" ", "")), {}), engine.lexicon, engine.language)
                for carrier in CARRIERS
            )
            if plain(word) and not any(name in m.cues or name in m.missing for m in heard):
                lost[name].append(word)
    assert not dict(lost)
