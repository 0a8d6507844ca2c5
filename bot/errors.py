"""The two exceptions of our own: bad knowledge and bad usage.

Not understood, several things fit, and not in the document are values, not exceptions.
"""

from bot.values import Problem


class KnowledgeError(Exception):
    """The YAML files cannot be used; carries every problem found, not just the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(p) for p in problems) + f"\n知识文件有 {len(problems)} 处问题，改好后再启动。")
        self.problems = problems


class UsageError(Exception):
    """A setting, argument or place on disk cannot be used; the text says which and how to mend it."""
