"""What the chat channels say around the answers, whatever the document."""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Wording:
    """One text a field; `menu` holds those of the commands' panels, each by its own name."""

    start: str
    help: str
    help_short: str
    start_command: str
    help_command: str
    forget_command: str
    unknown_command: str
    command_alone: str
    forgotten: str
    nothing_to_forget: str
    not_forgotten: str
    text_only: str
    slow_down: str
    late: str
    status: str
    unanswered: str
    none_unanswered: str
    apology: str
    follow_ups: str
    asked: str
    unfinished: str
    more: str
    vote_up: str
    vote_down: str
    vote_thanks: str
    vote_down_thanks: str
    vote_taken_back: str
    vote_failed: str
    button_gone: str
    way_on: str
    press_slower: str
    menu: dict[str, str]


@lru_cache(maxsize=1)
def load_wording() -> Wording:
    """The texts of `wording.yaml`, which is part of the package, so faults in it are ours."""
    data = yaml.load(Path(__file__).with_name("wording.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return Wording(**{field.name: data[field.name] for field in fields(Wording)})
