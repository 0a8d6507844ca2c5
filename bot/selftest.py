"""A test that any knowledge generates of itself: what it holds × phrasings × ways of typing.

The expected replies are computed from the data, the phrasings stand in `phrasings.yaml`, apart from
the words that the parser knows: derived from those they would prove nothing.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import yaml

from bot.disturbances import DISTURBANCES
from bot.engine import Engine
from bot.expected import Case, cases
from bot.knowledge import Knowledge
from bot.questions import registers
from bot.respond import respond
from bot.values import Context

# A check passes from this share of right replies on.
ENOUGH = 0.97
_STEP = 100
_AROUND, _ALIAS = "around", "alias"
_NAMES = ("region", "indicator", "unit", "measure", "programme")


@dataclass(frozen=True, slots=True)
class Asked:
    """A case in one phrasing, typed in one way; `fields` are the names it is asked by."""

    case: Case
    fields: Mapping[str, str]
    phrasing: str
    disturbance: str
    seed: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that was not answered as the data have it, and what was said instead."""

    kind: str
    disturbance: str
    question: str
    outcome: str
    answer: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How many were right of how many asked, by kind and disturbance; and those that were not."""

    counts: Mapping[tuple[str, str], tuple[int, int]]
    failures: tuple[Failure, ...]

    @property
    def asked(self) -> int:
        """How many questions were asked."""
        return sum(asked for _, asked in self.counts.values())

    @property
    def right(self) -> int:
        """How many were answered right."""
        return sum(right for right, _ in self.counts.values())

    @property
    def share(self) -> float:
        """The share of right replies."""
        return self.right / self.asked if self.asked else 1.0

    def by(self, position: int) -> dict[str, tuple[int, int]]:
        """The counts by kind (0) or by disturbance (1)."""
        found: dict[str, tuple[int, int]] = {}
        for key, (right, asked) in self.counts.items():
            before = found.get(key[position], (0, 0))
            found[key[position]] = (before[0] + right, before[1] + asked)
        return found


@lru_cache(maxsize=1)
def _phrasings() -> dict[str, Any]:
    path = Path(__file__).with_name("phrasings.yaml")
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def every(knowledge: Knowledge, seed: int) -> list[Asked]:
    """Every case in every phrasing, typed in every way and asked by other names."""
    templates: dict[str, list[str]] = _phrasings()["templates"]
    aliases = _aliases(knowledge)
    found = []
    for number, case in enumerate(cases(knowledge)):
        for phrasing in templates[case.kind]:
            named = [name for name in _NAMES if f"{{{name}}}" in phrasing and name in case.fields]
            for way in (*DISTURBANCES, _AROUND):
                found.append(Asked(case, case.fields, phrasing, way, f"{seed}:{number}:{phrasing}:{way}"))
            if any(aliases[case.fields[name]] for name in named):
                rng = random.Random(f"{seed}:{number}:{phrasing}")
                other = {name: rng.choice(aliases[case.fields[name]] or (case.fields[name],)) for name in named}
                found.append(Asked(case, {**case.fields, **other}, phrasing, _ALIAS, ""))
    return found


def _aliases(knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    """The other names of everything, by name; an alias of several words is no name."""
    entries = (*registers(knowledge), *knowledge.measures)
    return {entry.name: tuple(alias for alias in entry.aliases if " " not in alias) for entry in entries}


def question(asked: Asked) -> str | None:
    """The question as typed; None where the disturbance does not apply."""
    text = asked.phrasing.format(**asked.fields)
    names = [asked.fields[name] for name in _NAMES if f"{{{name}}}" in asked.phrasing and name in asked.fields]
    rng = random.Random(asked.seed)
    if asked.disturbance == _AROUND:
        around: list[str] = _phrasings()["around"]
        return rng.choice(around).format(question=text.rstrip("？"))
    return text if asked.disturbance == _ALIAS else DISTURBANCES[asked.disturbance](text, names, rng)


def _in_turn(asked: list[Asked], seed: int) -> list[Asked]:
    """In random order, but one of each kind after the other, so that a sample holds all kinds alike."""
    random.Random(seed).shuffle(asked)
    nth: Counter[str] = Counter()
    order: list[tuple[int, Asked]] = []
    for one in asked:
        nth[one.case.kind] += 1
        order.append((nth[one.case.kind], one))
    return [one for _, one in sorted(order, key=lambda pair: pair[0])]


def run(engine: Engine, sample: int | None, seed: int, out: TextIO) -> Figures:
    """Ask everything, or that many at random; the figures, with progress told on `out`."""
    chosen = _in_turn(every(engine.knowledge, seed), seed)
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    failures: list[Failure] = []
    asked = 0
    planned = len(chosen) if sample is None else min(sample, len(chosen))
    for one in chosen:
        if asked == planned:
            break
        text = question(one)
        if text is None:
            continue
        asked += 1
        reply, _ = respond(text, Context(), engine)
        right, total = counts.get((one.case.kind, one.disturbance), (0, 0))
        good = one.case.seen(reply)
        counts[one.case.kind, one.disturbance] = (right + good, total + 1)
        if not good:
            failures.append(Failure(one.case.kind, one.disturbance, text, reply.outcome, reply.answer))
        if asked % _STEP == 0:
            out.write(f"\r自测 {asked}/{planned}，答错 {len(failures)}")
            out.flush()
    out.write(f"\r自测 {asked}/{asked}，答错 {len(failures)}\n")
    return Figures(counts, tuple(failures))


def report(figures: Figures, shown: int = 20) -> Iterator[str]:
    """The figures in words, line by line, with the first questions that went wrong."""
    for failure in figures.failures[:shown]:
        what = f"{failure.question} → {failure.outcome}：{failure.answer[:60]}"
        yield f"答错：[{failure.kind}/{failure.disturbance}] {what}"
    for title, position in (("问题", 0), ("打字方式", 1)):
        for name, (right, asked) in sorted(figures.by(position).items()):
            yield f"{title} {name}：{right}/{asked}（{right / asked:.1%}）"
    yield f"自测共 {figures.asked} 问，答对 {figures.right}（{figures.share:.2%}）。"
