"""Text -> Text: stretches that nothing explains, read as the names they are a slip away from.

Layer by layer: letters as pinyin or initials, then sound, then a single slip of the finger; only towards
names and cues, never across words that are understood, and each noted so that the asker sees it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.entities import Mentions
from bot.lexicon import Lexicon, syllables
from bot.telling import told
from bot.values import Correction, How, Text, Token

# What asks is no slip.
_ASKING = "几谁哪啥"
_NUMERALS = tuple("一二三四五六七八九十两")
_CJK = re.compile(r"[\u3400-\u9fff]")
_CJK_RUN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-zü]+(?:[ '][a-zü]+)*")
_LONG = 5
# A name of so many may have taken in single characters that sound as its own do.
_SWALLOWS = 4
# Two slips are forgiven in names of so many characters.
_SLIPS, _VERY_LONG = 2, 8
# A run of so many characters that mean nothing is no misspelt name.
_LONGEST_RUN = 12
# A message in which more words than these are broken is no Chinese with slips; of what else nothing explains so
# many stretches are looked at.
_MOST_PAIRS = _MOST_STRETCHES = 12
# A name stands at most so far around the stretch, and is no longer than this.
_AROUND, _WIDEST = 8, 14
# 在…上头, 在…方面 is no part of a name.
_FRAMED = re.compile("在[\u3400-\u9fff]{2,5}?(?:上头|上面|上|方面|这块|里头|里面|工作中)(?!岗)")
# A word of the text that stands beside what is typed has so many characters.
_MORE = 2
# What a word of letters costs at either end that stands within a piece.
_TORN = 0.1
_GAP = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


def correct(found: Mentions, lexicon: Lexicon, bold: bool) -> Text | None:
    """The text with unexplained stretches read as the names they resemble, None if there are none.

    Not bold: only what is no word at all is touched. Bold: common words that the question leaves
    unexplained are as well, but by sound alone.
    """
    plain, corrections = found.text.plain, list(found.text.corrections)
    changed = _from_latin(plain, lexicon, corrections)
    if changed != plain:
        return Text(found.text.raw, changed, tuple(corrections))
    spans = _stretches(found, lexicon, bold)
    if not spans:
        return None
    ground = _ground(found, lexicon)
    out, at = [], 0
    for start, end in spans:
        if start < at or end - start > _LONGEST_RUN:
            continue
        best = _best_window(ground, start, end, at, lexicon, bold)
        if best is None:
            continue
        a, b, word, how = best
        out.append(plain[at:a] + word)
        corrections.append(Correction(plain[a:b], word, how))
        at = b
    if not out:
        return None
    return Text(found.text.raw, "".join(out) + plain[at:], tuple(corrections))


def _stretches(found: Mentions, lexicon: Lexicon, bold: bool) -> list[tuple[int, int]]:
    """Runs of characters that nothing explains."""
    spans = [(a, b) for a, b in _heard_as_place(found, lexicon)]
    for token in found.leftover:
        if len(token.word) > 1 and lexicon.knows(token.word) and not bold:
            continue
        if spans and spans[-1][1] == token.start:
            spans[-1] = (spans[-1][0], token.end)
        else:
            spans.append((token.start, token.end))
    spans = sorted(spans + broken(found, lexicon)) if bold else sorted(spans)
    # What only tells a story is left as it was typed.
    stories = told(found) if spans else []
    return [s for s in spans if not any(a <= s[0] < b for a, b in stories)][:_MOST_STRETCHES]


def _heard_as_place(found: Mentions, lexicon: Lexicon) -> list[tuple[int, int]]:
    """A numeral before the word for a region that together sound like the name of one (八州)."""
    spans = []
    for e in found.region_words:
        written = found.text.plain[e.start - 1 : e.end] if e.end - e.start == 1 and e.start else ""
        if written[:1] in _NUMERALS and written not in lexicon.names:
            names = {w for s in syllables(written) for w in lexicon.sounds.get(s, ()) if w in lexicon.targets}
            spans += [(e.start - 1, e.end)] if len(names) == 1 else []
    return spans


def broken(found: Mentions, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Pairs of single characters that no longer name or cue covers: what a word falls into when misspelt."""
    covered = {i for spans in found.cues.values() for a, b in spans if b - a > 1 for i in range(a, b)}
    for e in (*found.places, *found.indicators, *found.parts, *found.programmes):
        covered |= e.covered
    pairs = zip(found.tokens, found.tokens[1:], strict=False)
    spans = [
        (a.start, b.end)
        for a, b in pairs
        if len(a.word) == len(b.word) == 1
        and _CJK.match(a.word)
        and _CJK.match(b.word)
        and not {a.word, b.word} & lexicon.filler
        and not {a.start, b.start} & covered
    ]
    return spans if len(spans) <= _MOST_PAIRS else []


@dataclass(frozen=True, slots=True)
class _Ground:
    """The message that windows are laid over, and what of it is understood."""

    plain: str
    tokens: tuple[Token, ...]
    # Characters of words that nothing explains; characters before which no name begins, as a known word goes on.
    loose: frozenset[int]
    inside: frozenset[int]


def _ground(found: Mentions, lexicon: Lexicon) -> _Ground:
    return _Ground(
        found.text.plain,
        found.tokens,
        frozenset(
            [i for t in found.leftover for i in range(t.start, t.end)]
            + [i for span in _heard_as_place(found, lexicon) for i in range(*span)]
        ),
        frozenset(
            i for t in found.tokens if t.end - t.start > 1 and lexicon.knows(t.word) for i in range(t.start + 1, t.end)
        ),
    )


def _windows(ground: _Ground, start: int, end: int, floor: int, bold: bool) -> Iterator[tuple[int, int]]:
    """Where a name may stand that takes in some of the stretch: Chinese throughout, cutting no known word."""
    low, high = max(floor, start - _AROUND), min(len(ground.plain), end + _AROUND)
    for a in range(low, end):
        if a in ground.inside:
            continue
        run = _CJK_RUN.match(ground.plain, a, min(high, a + _WIDEST))
        last = run.end() if run else a
        if bold:
            # Common words that are understood are not touched.
            whole = (t for t in ground.tokens if t.start >= a and len(t.word) > 1 and t.start not in ground.loose)
            last = min(last, next((t.end - 1 for t in whole), last))
        for b in range(max(a + 2, start + 1), last + 1):
            if b not in ground.inside:
                yield a, b


def _best_window(
    ground: _Ground, start: int, end: int, floor: int, lexicon: Lexicon, bold: bool
) -> tuple[int, int, str, How] | None:
    """The name that a window around the stretch sounds like, or is one slip away from."""
    best: tuple[tuple[float, ...], int, int, str, How] | None = None
    for a, b in _windows(ground, start, end, floor, bold):
        for word, how, distance in _resembling(ground.plain[a:b], lexicon, bold):
            if how == "edit" and len(word) < 4 and (a - 1 in ground.loose or b in ground.loose):
                continue
            if _FRAMED.match(ground.plain, a) and not word.startswith(ground.plain[a]):
                continue
            if _stands(ground.plain, a, b, lexicon.text):
                continue
            if how == "sound" and word in lexicon.offices and _a_word(ground, a, b):
                continue
            if word not in lexicon.targets and not ground.loose.issuperset(range(a, b)):
                # What documents leave out is only heard in what means nothing else.
                continue
            if how == "edit" and _beside_name(ground, a, b, lexicon):
                continue
            kept = [
                t.word
                for t in ground.tokens
                if a <= t.start
                and t.end <= b
                and t.start not in ground.loose
                # A counting word in the midst of a long name is none.
                and not (len(word) >= _LONG and t.flag == "q" and len(t.word) == 1)
            ]
            if not _spares(kept, word, how, bold, b - a):
                continue
            touched = min(b, end) - max(a, start)
            rank = (distance / len(word), how == "edit", -touched, -len(word))
            if best is None or rank < best[0]:
                best = (rank, a, b, word, how)
    if best is None:
        return None
    _, a, b, word, how = best
    return a, b, word, how


def _stands(typed: str, start: int, end: int, text: str) -> bool:
    """Does the document have what is typed there together with the word before or behind it?"""
    around = (typed[start : end + _MORE], typed[max(start - _MORE, 0) : end])
    return any(len(said) == end - start + _MORE and said in text for said in around)


def _beside_name(ground: _Ground, start: int, end: int, lexicon: Lexicon) -> bool:
    """Is the window, but for what nothing explains, a name? Then a word stands beside it, and is no slip within it."""
    core = "".join(ground.plain[i] for i in range(start, end) if i not in ground.loose)
    loose = [t for t in ground.tokens if start <= t.start and t.end <= end and t.start in ground.loose]
    # Several single characters are no word: they are what a misspelt one falls into.
    fallen = len(loose) > 1 and all(len(t.word) == 1 for t in loose)
    return len(core) < end - start and core in lexicon.targets and not fallen


def _a_word(ground: _Ground, start: int, end: int) -> bool:
    """Is the window one word of the dictionary? 水渠 stays what it is, whichever office sounds like it."""
    return any((t.start, t.end) == (start, end) and t.flag[:1] in ("n", "v", "t", "f", "d") for t in ground.tokens)


def _spares(kept: list[str], word: str, how: How, bold: bool, size: int) -> bool:
    """Does reading the window as the word leave what is understood in it as it is?

    A long name may swallow single characters by sound alone; a name of two characters has none to spare.
    """
    if size == 2 and how == "edit" or bold and how == "sound":
        return True
    if how == "sound" and len(word) >= _SWALLOWS:
        kept = [w for w in kept if len(w) > 1]
    return all(w in word for w in kept)


def _resembling(window: str, lexicon: Lexicon, bold: bool) -> Iterator[tuple[str, How, float]]:
    if len(window) <= 8 and lexicon.may_sound(window, bold):
        for sounds in syllables(window):
            for word in lexicon.sounds.get(sounds, ()):
                if word != window and word in (lexicon.certain if bold else lexicon.heard):
                    yield word, "sound", 0.4
                    break
    if bold:
        return
    if len(window) == 2:
        for char in window:
            name = lexicon.region_chars.get(char)
            if name and name != window and window.index(char) == name.index(char):
                yield name, "edit", 1.0
    if len(window) >= 3 and (near := lexicon.slips.near(window)):
        asking = [char for char in _ASKING if char in window]
        for name, distance, _ in process.extract_iter(window, near, scorer=OSA.distance, score_cutoff=_SLIPS):
            if distance > 1 and len(name) < _VERY_LONG or name in window:
                continue
            if any(char not in name for char in asking):
                continue
            if len(name) == 3 and (len(window) != 3 or not _careful(window, name, lexicon)):
                continue
            if _renamed(window, name, lexicon.item_endings) or _short_core(window, name, lexicon.item_endings):
                continue
            yield name, "edit", float(distance)


def _short_core(window: str, name: str, endings: tuple[str, ...]) -> bool:
    """Do the two differ in what is left of a short name without 行动 or the like? That is another name, and no slip."""
    ending = max((e for e in endings if name.endswith(e)), key=len, default="")
    return bool(ending) and len(name) - len(ending) <= 2 and window.endswith(ending)


def _renamed(window: str, name: str, endings: tuple[str, ...]) -> bool:
    """Do the two end as names of different things do? Then the one is no slip for the other."""
    said = max((e for e in endings if window.endswith(e)), key=len, default="")
    own = max((e for e in endings if name.endswith(e)), key=len, default="")
    return bool(said and own) and said != own


def _careful(window: str, name: str, lexicon: Lexicon) -> bool:
    """Three characters are short: swapped characters are a slip, another one only where no second name fits."""
    if sorted(window) == sorted(name):
        return True
    rivals = {n for n in lexicon.slips.rivals(window) if OSA.distance(window, n) <= 1}
    return rivals == {name}


def _from_latin(plain: str, lexicon: Lexicon, corrections: list[Correction]) -> str:
    """Runs of letters read as pinyin or as initials, where every letter of the run can be explained."""

    def read(match: re.Match[str]) -> str:
        written = match.group()
        word = _pinyin(re.split("[ ']", written), lexicon)
        how = "pinyin"
        if word is None:
            pieces = [lexicon.initials.get(piece, frozenset()) for piece in written.split(" ")]
            if not all(len(names) == 1 for names in pieces):
                return written
            word, how = "".join(next(iter(names)) for names in pieces), "initials"
        corrections.append(Correction(written, word, how))  # type: ignore[arg-type]
        return word

    changed = _LATIN.sub(read, plain)
    return _GAP.sub("", changed)


def _pinyin(pieces: list[str], lexicon: Lexicon) -> str | None:
    """The cheapest way to read the letters as words of the lexicon, None if some letter is left over.

    Where a gap was typed a word begins and another ends, rather than within a piece.
    """
    letters = "".join(pieces)
    gaps = {0, *accumulate(map(len, pieces))}
    best: list[tuple[float, tuple[str, ...]] | None] = [None] * (len(letters) + 1)
    best[0] = (0.0, ())
    for at in range(len(letters)):
        here = best[at]
        if here is None:
            continue
        for end in range(at + 1, min(len(letters), at + 48) + 1):
            hit = lexicon.latin.get(letters[at:end])
            if hit is None:
                continue
            cost, words = here[0] + hit[1] + _TORN * ((at not in gaps) + (end not in gaps)), (*here[1], hit[0])
            there = best[end]
            if there is None or cost < there[0]:
                best[end] = (cost, words)
    last = best[-1]
    if last is None or all(len(w) == 1 for w in last[1]):
        return None
    return "".join(last[1])
