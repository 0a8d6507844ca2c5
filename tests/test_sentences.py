"""Sentences that people type, and what must come of them; each is a test of its own."""

from pathlib import Path

import pytest
import yaml

from bot.engine import Engine
from bot.respond import respond
from bot.values import Context

HERE = Path(__file__).parent / "sentences"
FIELDS = {"ask", "turns", "outcome", "says", "not", "cites", "understood"}
SENTENCES = [
    pytest.param(case, id=f"{path.stem}: {' → '.join(case.get('turns') or [case['ask']])}")
    for path in sorted(HERE.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", SENTENCES)
def test_sentence_gets_its_answer(case: dict, engine: Engine) -> None:
    """The reply to the last turn has the outcome, says what it must, and cites where it stands."""
    assert set(case) <= FIELDS
    context = Context()
    for turn in case.get("turns") or [case["ask"]]:
        reply, context = respond(turn, context, engine)
    assert reply.outcome == case["outcome"], reply.text
    for needle in case.get("says", ()):
        assert needle in reply.answer
    for needle in case.get("not", ()):
        assert needle not in reply.answer
    cited = {citation.ref for citation in reply.citations}
    assert cited >= set(case.get("cites", ()))
    if "understood" in case:
        assert case["understood"] in (reply.understood or "")
