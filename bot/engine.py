"""Everything that `respond` needs besides the question: one knowledge and its indices, built once."""

from dataclasses import dataclass
from pathlib import Path

from bot.answer import answer
from bot.knowledge import Knowledge
from bot.language import Language, load_language, of_regions
from bot.lexicon import Lexicon
from bot.loading import load as load_knowledge
from bot.render import sentence
from bot.topics import Topics
from bot.values import Social


@dataclass(frozen=True, eq=False)
class Engine:
    """One knowledge, the language, and what is looked up in them."""

    knowledge: Knowledge
    language: Language
    lexicon: Lexicon
    topics: Topics
    examples: tuple[str, ...]


def build(knowledge: Knowledge, with_asks: bool = True) -> Engine:
    """The indices of a knowledge; `with_asks` false leaves the editors' example questions out."""
    language = of_regions(load_language(), knowledge.region_words)
    examples = tuple(sentence(say, language) for say in answer(Social("about"), knowledge).follow_ups)
    lexicon = Lexicon(knowledge, language)
    return Engine(knowledge, language, lexicon, Topics(knowledge, language.generic, with_asks), examples)


def load(folder: Path | None = None) -> Engine:
    """The engine of the YAML files in the folder; raises KnowledgeError with every problem of form."""
    return build(load_knowledge(folder))
