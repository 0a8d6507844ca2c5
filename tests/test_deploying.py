"""What the README's deploying part gives to copy: it is well formed, and fits the program."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import serve
from bot.__main__ import COMMANDS
from bot.metrics import Metrics
from bot.settings import SETTINGS, load

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
DEPLOYING = README.partition("\n## Deploying\n")[2].partition("\n## ")[0]
BLOCKS = {
    Path(found[1]).name: found[2]
    for found in re.finditer(r"^```\w+\n# ([^\s;]+).*\n((?:.*\n)*?)```$", DEPLOYING, re.MULTILINE)
}
UNITS = [name for name in BLOCKS if name.endswith((".service", ".timer"))]
NAMES = {setting.name for setting in SETTINGS} | {"BOT_SETTINGS"}


def test_every_file_of_the_deploying_part_is_found() -> None:
    """The tests below look at all of them."""
    assert set(BLOCKS) == {
        "bot.env", "policy-bot.service", "compose.yaml", "prometheus.yml", "policy-bot-backup.service", "policy-bot-backup.timer",
    }  # fmt: skip


def test_the_settings_file_is_accepted(tmp_path: Path) -> None:
    """As it stands, but for the token's owner."""
    file = tmp_path / "bot.env"
    file.write_text(BLOCKS["bot.env"], encoding="utf-8")
    settings = load({"BOT_SETTINGS": str(file)})
    assert settings.telegram_token
    assert (settings.log_format, settings.metrics) == ("json", "local")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("name", UNITS)
def test_the_units_are_what_systemd_understands(name: str, tmp_path: Path) -> None:
    """Every line of them, with a program in place of ours."""
    for each in UNITS:
        text = re.sub(r"^(ExecStart)=\S+", r"\1=/bin/true", BLOCKS[each], flags=re.MULTILINE)
        (tmp_path / each).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if "policy-bot" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("name", UNITS)
def test_the_units_start_commands_and_set_settings_that_exist(name: str) -> None:
    """A renamed command or setting shows here."""
    for command in re.findall(r"^ExecStart=\S+/policy-bot (\w+)", BLOCKS[name], re.MULTILINE):
        assert command in COMMANDS
    for line in re.findall(r"^Environment=(.*)", BLOCKS[name], re.MULTILINE):
        assert {word.partition("=")[0] for word in line.split()} <= NAMES | {"PYTHONUTF8", "MPLCONFIGDIR"}


def test_supervisors_wait_longer_than_a_stop_takes() -> None:
    """Killed before that, what is held would be answered only at the next start."""
    compose: dict[str, Any] = yaml.safe_load(BLOCKS["compose.yaml"])
    (unit,) = re.findall(r"^TimeoutStopSec=(\d+)$", BLOCKS["policy-bot.service"], re.MULTILINE)
    (docker,) = re.findall(r"--stop-timeout (\d+)", DEPLOYING)
    grace = compose["services"]["bot"]["stop_grace_period"].rstrip("s")
    assert min(int(unit), int(docker), int(grace)) > serve.LONGEST_STOP


def test_the_figures_of_the_readme_are_those_there_are() -> None:
    """Each with its labels, and none is left out."""
    metrics = Metrics("abc")
    observer = metrics.observer("web")
    observer.update("question", "answer", 0.1)
    observer.retry("sendMessage", "flood")
    observer.connected(True)
    described = dict(re.findall(r"`(policy_bot_\w+)(?:\{([\w,]+)\})?`", DEPLOYING.partition("| figure |")[2]))
    found = {}
    for family in metrics._registry.collect():
        if family.name.startswith("policy_bot"):
            for sample in family.samples:
                name = re.sub("_(bucket|sum|count)$", "", sample.name)
                if not name.endswith("_created"):
                    found[name] = ",".join(label for label in sample.labels if label != "le")
    found["policy_bot_errors_total"] = "module"
    assert described == found


def test_prometheus_looks_where_the_bot_listens() -> None:
    """On the port of the settings file, by a name that counts as local."""
    scrape = yaml.safe_load(BLOCKS["prometheus.yml"])["scrape_configs"][0]
    assert scrape["static_configs"][0]["targets"] == ["127.0.0.1:8000"]
