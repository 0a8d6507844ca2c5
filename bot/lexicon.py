"""All names of the knowledge and all cues of the language, indexed once for looking up in questions.

The names are also words of the dictionary that texts are cut by.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import product

from pypinyin import Style, lazy_pinyin, pinyin

from bot.knowledge import Knowledge, bare
from bot.language import Language
from bot.normalise import plain
from bot.phrases import Found, Phrase, Phrases, slots
from bot.slips import Slips
from bot.values import Token
from bot.words import Words, common_words

_CJK = re.compile(r"[\u3400-\u9fff]")
# Kinds of phrases that ask rather than name; kinds that a slip is most likely to mean; kinds that it is
# never taken for when they are short.
_ASKING = frozenset({"cue", "missing", "filler", "point"})
_BOTH = re.compile("[和与及跟、]")
_STRONG = frozenset({"region", "set", "whole", "unit", "indicator", "shared", "part", "programme"})
_LOOSE = frozenset({"programme", "fact", "point"})
# Cues that are everyday words, into which no slip is mended.
_POINTING = ("pronoun_region", "pronoun_part", "pronoun_unit", "overview", "confirm", "also", "method", "whole_text")
_WEAK = frozenset({"inside", "outside", "place", "office"})
# A word of so large a share of the document's parts says nothing of which is meant.
_DOMAIN = 0.3
# Fewer first letters than this could be anything.
_INITIALS = 3
_SHORTEST_TOPIC = 4
# Shorter words for what units are to a measure are a slip away from too much else.
_SHORTEST_ROLE = 4


class Lexicon:
    """Looks names up in plain text; built once for one knowledge."""

    def __init__(self, knowledge: Knowledge, language: Language) -> None:
        self.phrases: list[Phrase] = []
        self._seen: set[tuple[frozenset[tuple[str, ...]], str, str]] = set()
        common, self.flags = common_words()
        self.plain_words = Words(common, (), ())
        self._add_knowledge(knowledge, language)
        names = dict.fromkeys(word for phrase in self.phrases if phrase.fixed for word in phrase.words)
        self.names = frozenset(names)
        spoken: dict[tuple[str, str], list[str]] = defaultdict(list)
        for phrase in self.phrases:
            spoken[phrase.kind, phrase.id] += phrase.words
        self._spoken = {entry: "\n".join(names) for entry, names in spoken.items()}
        self._add_language(language)
        self.filler = language.filler
        self.item_endings = language.item_endings
        self._found = Phrases(self.phrases)
        # Names of places and units that stand unbroken in a text.
        self.named = tuple(p.words[0] for p in self.phrases if p.lone and p.kind in ("region", "inside", "unit"))
        self.words = Words(common, self._words_of_names(), language.filler)
        self.vocabulary, self.domain = self._document_words(knowledge)
        # What is printed, for what stands there to be known again.
        self.text = "。".join(plain(part.printed) for part in knowledge.parts.values())
        self.text = "。".join(plain(part.printed) for part in knowledge.parts.values())
        self.sounds = self._sounds(language)
        # How many syllables what a slip is taken for has by its first two: boldly, and otherwise.
        self._beginnings: dict[tuple[bool, str, str], set[int]] = defaultdict(set)
        for sounds, words in self.sounds.items():
            for bold, wanted in ((True, self.certain), (False, self.heard)):
                if any(word in wanted for word in words):
                    self._beginnings[bold, sounds[0], sounds[1]].add(len(sounds))
        self._sizes = lru_cache(maxsize=8192)(self._sizes_heard)
        roles = sorted(w for w in self.certain if len(w) >= _SHORTEST_ROLE)
        self.slips = Slips((*names, *sorted(self.vocabulary), *roles), self.targets)
        self.latin = self._latin(language)
        self.initials = self._initials()
        self.region_chars = self._region_chars()

    # --- building

    def _add(self, kind: str, id_: str, *names: str) -> None:
        for name in names:
            parts = slots(name)
            # Of one part, words that say the same are names of their own.
            for said in [((word,),) for word in parts[0]] if len(parts) == 1 else [parts]:
                key = (frozenset(said), kind, id_)
                if said and key not in self._seen:
                    self._seen.add(key)
                    self.phrases.append(Phrase(said, kind, id_, name))

    def _add_knowledge(self, knowledge: Knowledge, language: Language) -> None:
        add = self._add
        for region in knowledge.regions.values():
            add("region", region.id, *variants(region.name, language.endings), *region.aliases)
            add("inside", region.id, *region.inside)
        add("whole", "", knowledge.whole.name, *knowledge.whole.aliases)
        for group in knowledge.sets.values():
            add("set", group.id, group.name, *group.aliases)
        add("region_word", "", *knowledge.region_words)
        for unit in knowledge.units.values():
            short = [unit.name.removeprefix(w) for w in (knowledge.whole.name, *knowledge.whole.aliases)]
            add("unit", unit.id, unit.name, re.sub(r"[（(].*?[）)]", "", unit.name), *short, *unit.aliases)
        for indicator in knowledge.indicators.values():
            add("indicator", indicator.id, indicator.name, *indicator.aliases)
        for shared in knowledge.shared.values():
            add("shared", shared.id, shared.name, *shared.aliases)
        for part in knowledge.parts.values():
            add("part", part.id, bare(part.title), *self._without_verb(bare(part.title)), *part.aliases)
            if "，" in part.title:
                add("part", part.id, *(half for half in part.title.split("，") if len(half) >= 4))
            for point in part.points:
                add("point", point.id, *point.words)
        for programme in knowledge.programmes.values():
            add("programme", programme.id, bare(programme.name), *programme.aliases)
        for fact in knowledge.facts.values():
            add("fact", fact.id, fact.name, *fact.aliases)
        for outside in knowledge.outside.values():
            add("outside", outside.id, *outside.aliases)
        add("document", "", knowledge.name, *knowledge.aliases, knowledge.number)

    def _without_verb(self, title: str) -> Iterable[str]:
        """The thing that a title has done to it: 「办好某事」 is asked for as 「某事」."""
        rest = title
        for word in self.plain_words.cut(title):
            if self.flags.get(word, "")[:1] not in ("v", "d", "a") or len(rest) - len(word) < _SHORTEST_TOPIC:
                break
            rest = rest[len(word) :]
        if rest != title:
            yield rest

    def _add_language(self, language: Language) -> None:
        for name, words in language.cues.items():
            self._add("cue", name, *words)
        for name, words in language.missing.items():
            self._add("missing", name, *words)
        own = {p.words[0] for p in self.phrases if p.kind in ("region", "inside", "whole", "set")}
        self._add("place", "", *(place for place in language.places if plain(place) not in own))
        self._add("office", "", *(office for office in language.offices if not self._is_units(office)))
        # Those of one character are words of their own or nothing, which the cut of the text tells.
        self._add("filler", "", *(word for word in language.filler if len(word) > 1))

    def _is_units(self, office: str) -> bool:
        """Does a common name of an office mean a unit of this document? Then it is one more name of that unit."""
        named = plain(office)
        owners = {p.id for p in self.phrases if p.kind == "unit" and p.lone and p.words[0].endswith(named)}
        if len(owners) == 1:
            self._add("unit", owners.pop(), office)
            return True
        return bool(owners)

    def _words_of_names(self) -> Iterable[str]:
        """What is never taken apart: names of things, not the phrases that ask for them."""
        for phrase in self.phrases:
            if phrase.kind not in _ASKING:
                # 甲和乙 is said of both, and of either with other words around it.
                both = phrase.kind == "shared" and phrase.lone and _BOTH.search(phrase.words[0])
                yield from (part for part in _own(phrase) if len(part) > 1 and not both)

    def _document_words(self, knowledge: Knowledge) -> tuple[frozenset[str], frozenset[str]]:
        """Every word of the document's text, as it is cut; and those that stand in most of its parts."""
        spread: dict[str, int] = defaultdict(int)
        for part in knowledge.parts.values():
            for word in set(self.words.cut(plain(part.printed))):
                if _CJK.match(word):
                    spread[word] += 1
        least = _DOMAIN * len(knowledge.parts)
        return frozenset(spread), frozenset(word for word, count in spread.items() if count >= least)

    def _sounds(self, language: Language) -> dict[tuple[str, ...], tuple[str, ...]]:
        """What is written, by its syllables without tone: names, cue words and words of the document."""
        cues = {part for words in language.cues.values() for word in words for part in plain(word).split(" ")}
        roles = {p for c in ("lead", "responsible") for w in language.cues[c] for p in plain(w).split(" ")}
        strong = {p for phrase in self.phrases if phrase.kind in _STRONG for p in _own(phrase)} | cues
        self.offices = frozenset(p for phrase in self.phrases if phrase.kind == "unit" for p in phrase.words)
        # Of the words for roles a slip means one that documents use.
        self.certain = frozenset(strong - cues | {w for w in roles if len(w) > 2 or w in self.vocabulary})
        pointing = {p for c in _POINTING for w in language.cues[c] for p in plain(w).split(" ")}
        self.targets = frozenset(w for w in strong if w in self.certain or len(w) > 2 and w not in pointing)
        missing = {p for words in language.missing.values() for w in words for p in plain(w).split(" ")}
        self.heard = self.targets | {w for w in missing if len(w) > 1 and _all_cjk(w)}
        weak = {p for phrase in self.phrases if phrase.kind in _WEAK for p in phrase.words if len(p) < 3}
        words = {
            w
            for w in self.names | self.vocabulary | cues | missing | language.filler
            if _all_cjk(w) and 1 < len(w) <= 16
        }
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word in sorted(
            words - (weak - strong), key=lambda w: (w not in strong, w not in self.names, w not in self.vocabulary, w)
        ):
            found[tuple(lazy_pinyin(word, style=Style.NORMAL, v_to_u=False))].append(word)
        # Names of places keep readings of their own: 阿勒泰 is lè, whatever 勒 is elsewhere.
        for word in sorted({p for phrase in self.phrases if phrase.kind == "region" for p in _own(phrase)}):
            for sounds in syllables(word):
                if word not in found[sounds]:
                    found[sounds].append(word)
        return {syllables: tuple(written) for syllables, written in found.items()}

    def _latin(self, language: Language) -> dict[str, tuple[str, float]]:
        """What a run of letters may stand for, joined syllable by syllable, with its cost."""
        found: dict[str, tuple[str, float]] = {}
        for sounds, written in self.sounds.items():
            found.setdefault("".join(sounds), (written[0], 1.0 if written[0] in self.names else 1.1))
        # 勒 is le and lei: the name of a place is typed either way.
        for phrase in self.phrases:
            name = phrase.words[0]
            if phrase.kind == "region" and phrase.lone and _all_cjk(name):
                for sounds in syllables(name):
                    found.setdefault("".join(sounds), (name, 1.0))
        singles = [w for words in language.cues.values() for w in words if len(w) == 1 and _all_cjk(w)]
        for word in (*singles, *sorted(w for w in language.filler if len(w) == 1 and _all_cjk(w))):
            for sound in readings(word):
                found.setdefault(sound, (word, 1.6))
        # The function words that a syllable nearly always is, whatever else it could be.
        for word in language.single:
            for sound in readings(word):
                found[sound] = (word, 1.5)
        return found

    def _initials(self) -> dict[str, frozenset[str]]:
        """Names of regions and indicators by the first letters of their syllables."""
        found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        for phrase in self.phrases:
            if phrase.kind in ("region", "indicator") and phrase.lone and _all_cjk(phrase.words[0]):
                if len(phrase.words[0]) < _INITIALS:
                    continue
                letters = "".join(s[0] for s in lazy_pinyin(phrase.words[0], style=Style.NORMAL))
                found[letters].setdefault((phrase.kind, phrase.id), phrase.words[0])
        return {letters: frozenset(names.values()) for letters, names in found.items()}

    def _region_chars(self) -> dict[str, str]:
        """Characters that stand in the two-character name of one region alone and are rare elsewhere."""
        holders: dict[str, set[str]] = defaultdict(set)
        short: dict[str, str] = {}
        for phrase in self.phrases:
            if phrase.kind == "region" and phrase.lone:
                for char in phrase.words[0]:
                    holders[char].add(phrase.id)
                if len(phrase.words[0]) == 2:
                    for char in phrase.words[0]:
                        short[char] = phrase.words[0]
        frequencies = self.words.frequencies
        return {c: name for c, name in short.items() if len(holders[c]) == 1 and frequencies.get(c, 0) < 2000}

    # --- looking up

    def find(self, text: str) -> list[Found]:
        """Every phrase that stands in the text, with the characters it covers, where it begins and where it ends."""
        return self._found.find(text)

    def knows(self, word: str) -> bool:
        """Is it a word of the dictionary, or a name?"""
        return word in self.flags or word in self.names

    def spoken(self, kind: str, id_: str) -> str:
        """Every name of one entry, in plain form, each on a line of its own."""
        return self._spoken.get((kind, id_), "")

    def tokens(self, text: str) -> tuple[Token, ...]:
        """The words of the text with their part of speech where the dictionary knows it."""
        found = []
        at = 0
        for word in self.words.cut(text):
            found.append(Token(word, at, at + len(word), self.flags.get(word, "")))
            at += len(word)
        return tuple(found)

    def may_sound(self, written: str, bold: bool) -> bool:
        """Does anything that a slip is taken for begin with the sounds of the first two characters, and is as long?"""
        return len(written) in self._sizes(written[0], written[1], bold)

    def _sizes_heard(self, first: str, second: str, bold: bool) -> frozenset[int]:
        """How many characters have the words that a slip is taken for and that begin with these sounds."""
        pairs = product(readings(first), readings(second))
        return frozenset(size for pair in pairs for size in self._beginnings.get((bold, *pair), ()))


def variants(name: str, endings: Iterable[str]) -> tuple[str, ...]:
    """The name, and the name without its kind of place, where that leaves two characters or more."""
    for ending in endings:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name, name.removesuffix(ending)
    return (name,)


def _all_cjk(word: str) -> bool:
    return all(_CJK.match(c) for c in word)


@lru_cache(maxsize=8192)
def _own(phrase: Phrase) -> tuple[str, ...]:
    """The parts of a name that are words of their own: short parts of what is asked for in many words are not."""
    if not phrase.fixed:
        # What several words say is no name.
        return ()
    if phrase.lone or phrase.kind not in _LOOSE:
        return phrase.words
    return tuple(part for part in phrase.words if len(part) > 2)


@cache
def readings(char: str) -> tuple[str, ...]:
    """How a character may sound, without tones."""
    return tuple(dict.fromkeys(pinyin(char, style=Style.NORMAL, heteronym=True)[0]))[:2]


def syllables(written: str) -> Iterable[tuple[str, ...]]:
    """The ways a stretch of characters may sound, at most 32."""
    for number, found in enumerate(product(*(readings(c) for c in written))):
        if number == 32:
            return
        yield found
