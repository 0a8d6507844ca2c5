"""The README shows what really comes out, and its worked change to the knowledge does what it says."""

import re
import shutil
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.errors import KnowledgeError
from bot.knowledge import TARGETS
from bot.loading import default_folder, load

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
OPENING = README.partition("\n## ")[0]
EXAMPLES = re.findall(r"```console\n\$ python -m bot ask (\S+)\n(.*?)\n```", OPENING, re.DOTALL)
BEFORE, AFTER = "    aliases: [阿克苏行署]", "    aliases: [白水城, 阿克苏行署]"
QUESTION = "白水城城镇新增就业目标是多少"


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


def edited(folder: Path, line: str) -> Path:
    """A copy of the knowledge in which the line stands in place of the one that the README changes."""
    shutil.copytree(default_folder(), folder)
    text = (folder / TARGETS).read_text(encoding="utf-8")
    assert BEFORE in text
    (folder / TARGETS).write_text(text.replace(BEFORE, line), encoding="utf-8")
    return folder


def test_the_alias_of_the_readme_is_understood_once_it_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both replies of the worked change are printed as they are."""
    assert AFTER in README
    main(["ask", QUESTION])
    unknown = capsys.readouterr().out
    monkeypatch.setenv("BOT_KNOWLEDGE", str(edited(tmp_path / "knowledge", AFTER)))
    main(["ask", QUESTION])
    for out in (unknown, capsys.readouterr().out):
        answer = out.partition("\n\n还可以问")[0].rstrip()
        assert f"ask {QUESTION}\n{answer}\n```" in README


@pytest.mark.parametrize("line", [AFTER.replace("aliases", "aliase"), AFTER.replace("]", ", 乌市]")])
def test_the_error_messages_of_the_readme_are_the_real_ones(line: str, tmp_path: Path) -> None:
    """An editor who makes that mistake reads that message."""
    with pytest.raises(KnowledgeError) as caught:
        load(edited(tmp_path / "knowledge", line))
    assert f"```text\n{caught.value}\n```" in README


def test_every_module_has_its_place_in_the_readme() -> None:
    """Whoever looks for a stage finds its file."""
    modules = {path.name for path in (Path(__file__).resolve().parent.parent / "bot").glob("*.py")} - {"__init__.py"}
    assert not sorted(name for name in modules if f"`{name}`" not in README and f"bot/{name}`" not in README)
