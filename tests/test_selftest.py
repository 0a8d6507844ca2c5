"""What the knowledge holds is found, however it is asked and typed; of any document, not of one."""

import io
from pathlib import Path

import pytest

from bot import disturbances, engine, expected, selftest
from bot.__main__ import main
from bot.check import problems
from bot.engine import Engine
from bot.render import render
from bot.respond import respond
from bot.values import Answer, Context, Say

OTHER = Path(__file__).with_name("other")
SAMPLE = 400
LEAST = 0.97


@pytest.fixture(scope="module")
def other() -> Engine:
    """The invented document."""
    return engine.load(OTHER)


@pytest.fixture(scope="module", params=[None, OTHER], ids=["real", "other"])
def either(request: pytest.FixtureRequest) -> Engine:
    """Each of the two documents."""
    return engine.load(request.param)


def test_another_document_passes_every_check(other: Engine) -> None:
    """Texts, sums and the entries' own questions, without a change of the program."""
    assert problems(other.knowledge, other) == []


def test_the_two_documents_share_no_name(other: Engine) -> None:
    """Neither regions, units, indicators nor titles: what works for both rests on no name."""
    ours, theirs = engine.load().knowledge, other.knowledge
    for kind in ("regions", "units", "indicators", "programmes", "sets", "shared"):
        first, second = ({entry.name for entry in getattr(k, kind).values()} for k in (ours, theirs))
        assert not first & second, kind
    assert not {part.title for part in ours.measures} & {part.title for part in theirs.measures}


def test_a_sample_is_answered_right(either: Engine) -> None:
    """Nearly all of it; the failures are shown."""
    figures = selftest.run(either, SAMPLE, 1, io.StringIO())
    assert figures.asked == SAMPLE
    assert figures.share >= LEAST, "\n".join(selftest.report(figures))


@pytest.mark.soak
def test_everything_is_answered_right(either: Engine) -> None:
    """Every case in every phrasing, typed in every way."""
    figures = selftest.run(either, None, 1, io.StringIO())
    assert figures.asked > 3000
    assert figures.share >= LEAST, "\n".join(selftest.report(figures))


def test_a_sample_holds_every_kind_and_every_way_of_typing(other: Engine) -> None:
    """Whatever there are most of."""
    figures = selftest.run(other, SAMPLE, 2, io.StringIO())
    assert set(figures.by(0)) == {case.kind for case in expected.cases(other.knowledge)}
    assert set(figures.by(1)) == {*disturbances.DISTURBANCES, "around", "alias"}


def test_the_same_seed_asks_the_same(other: Engine) -> None:
    """So that a failure can be looked into."""
    first, second = (
        [selftest.question(asked) for asked in selftest.every(other.knowledge, seed)[:300]] for seed in (7, 7)
    )
    assert first == second
    assert first != [selftest.question(asked) for asked in selftest.every(other.knowledge, 8)[:300]]


@pytest.mark.parametrize("way", ["full_width", "traditional", "spaced", "doubled", "homophone"])
def test_a_disturbance_disturbs(way: str, other: Engine) -> None:
    """What is typed is not what was meant, or the way would test nothing."""
    asked = [a for a in selftest.every(other.knowledge, 1) if a.disturbance == way]
    pairs = [(selftest.question(a), a.phrasing.format(**a.fields)) for a in asked]
    changed = [typed != meant for typed, meant in pairs if typed is not None]
    assert sum(changed) > 0.9 * len(changed) > 0


def test_no_right_reply_is_right_for_another_case(other: Engine) -> None:
    """What is expected tells cases of one kind apart: a cell's reply is not its neighbour's."""
    kinds: dict[str, list[expected.Case]] = {}
    for case in expected.cases(other.knowledge):
        kinds.setdefault(case.kind, []).append(case)
    phrasings = {asked.case.kind: asked.phrasing for asked in reversed(selftest.every(other.knowledge, 1))}
    for kind, found in kinds.items():
        first, *rest = found
        reply, _ = respond(phrasings[kind].format(**first.fields), Context(), other)
        assert first.seen(reply), kind
        assert not [case.fields for case in rest if case.seen(reply)], kind


def test_a_reply_that_says_nothing_is_right_nowhere(other: Engine) -> None:
    """Neither yes nor no, neither figures nor names."""
    knowledge, language = other.knowledge, other.language
    empty = render("？", Answer("no_answer", (Say("empty"),)), None, knowledge, language)
    assert not [case for case in expected.cases(knowledge) if case.seen(empty)]


def test_the_command_tells_the_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Progress on the error stream, figures per kind on the other."""
    monkeypatch.setenv("BOT_KNOWLEDGE", str(OTHER))
    assert main(["check", "--questions", "--sample", "60"]) == 0
    told = capsys.readouterr()
    assert "自测共 60 问" in told.out
    assert "问题 cell：" in told.out
    assert "自测 60/60" in told.err


@pytest.mark.parametrize(
    "words", [["--sample", "5"], ["--questions", "--sample", "0"], ["--questions", "--sample", "x"]]
)
def test_a_sample_needs_questions_and_a_number(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Said in words, not asked half."""
    assert main(["check", *words]) == 2
    assert "--sample" in capsys.readouterr().err
