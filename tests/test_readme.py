"""The README shows what really comes out."""

import re
from pathlib import Path

import pytest

from bot.__main__ import main

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
OPENING = README.partition("\n## ")[0]
EXAMPLES = re.findall(r"```console\n\$ python -m bot ask (\S+)\n(.*?)\n```", OPENING, re.DOTALL)


def test_the_readme_opens_with_three_questions() -> None:
    """A newcomer sees what it does before how it is installed."""
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize(("question", "printed"), EXAMPLES, ids=[question for question, _ in EXAMPLES])
def test_the_answers_of_the_readme_are_the_real_ones(
    question: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typed in the terminal, each question gets exactly what is printed below it."""
    assert main(["ask", question]) == 0
    assert capsys.readouterr().out.rstrip() == printed
