"""Text -> Mentions: everything the question names, the cues it gives, and what is left unexplained."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from bot.language import Language
from bot.lexicon import Lexicon
from bot.numerals import chinese, numbers
from bot.phrases import PART, Found, entity
from bot.values import Entity, Number, Text, Token

_FUNCTION = frozenset("rupcyeodmqfxkhw")
_CJK = re.compile(r"[\u3400-\u9fff]")
_NUM = r"[0-9]+|[一二三四五六七八九十]+"
_NUMERALS = frozenset("0123456789一二三四五六七八九十两")
_ORDINAL = re.compile(
    rf"第\s*[（(]?\s*(?P<a>{_NUM})\s*[）)]?\s*(?P<ka>条措施|项措施|个措施|号措施|项工作要求|条工作要求|项要求|条要求|个要求|点要求|条|项|点|号|个?大?(?:部分|组|类|方面|板块|块)|个?大项)"
    rf"|(?P<kb>措施|工作措施|要求|工作要求)\s*第?"
    rf"(?:[（(](?P<f>{_NUM})[）)]|(?P<b>{_NUM})(?![0-9万%个项条共起般直定样些下并律切方大组类块板]))"
    rf"|(?P<c>{_NUM})\s*号(?P<kc>措施|要求)"
    r"|(?:[Nn][Oo]\.?|序号|编号)\s*(?P<e>[0-9]{1,2})(?:那|这)?(?:[项条]|措施)?"
    rf"|[（(](?P<d>[一二三四五六七八九十]+)[）)](?P<kd>部分|组|大类|方面)?"
)
# Counted from the end: 倒数第二项, 最后一条.
_FROM_END = "倒数"
_LAST = re.compile(
    "最后一?(?:条|项)(?:工作)?(?:措施|要求)?|最后一?个(?:工作)?(?:措施|要求)|最后一?个?(?:组|大?类|大块|大?部分|大?板块)"
)
# 第三、第七两项: the counting word stands once, after the last.
_SERIES = re.compile(
    rf"第\s*(?:{_NUM})(?:\s*(?:、|，|和|跟|与|及|以及)\s*第?\s*(?:{_NUM}))+\s*[两二三四]?个?(?P<k>大?[项条组]|要求|措施|部分)"
)
_COUNTED = re.compile("[0-9一二两三四五六七八九十百几多]")
_BRACKETED = re.compile("第?[（(]")
_GROUPED = re.compile("部分|组|大类|板块")
# 措施（三）下面那几项
_MEMBERS = re.compile("下面|底下|项下|(?:里面?|中)?的?(?:[这那]|各)?[几两二三四五六七八九1-9]项")
# 第1到第4项: all of them.
_STRETCH = re.compile(
    rf"第?\s*(?P<a>{_NUM})\s*[项条组]?\s*(?:一直|数)?[到至~-]\s*第?\s*(?P<b>{_NUM})\s*"
    r"(?:[这那][一二两三四五六七八九十0-9]{0,2})?个?(?P<k>[项条组]|措施|要求)"
)
# 前四条里
_FIRST_FEW = re.compile(
    "(?P<end>前|后|最后)(?P<n>[二两三四五六七八九]|[2-9])(?:[项条]措施|[项条])(?:里|中|当中|之中|，)"
)
_MOST, _STRETCHES = 17, 3
# 第1到4项, 1到4这几项.
_ONE_BY_ONE = frozenset("第这那")
# 第1到第4项, but not 我背到第4项.
_TO = re.compile(r"[0-9一二三四五六七八九十项条号组][到至]$")
_RANGE = re.compile(r"[到至~-]\s*[第（(]")
# Which kinds compete for the same characters; the others may overlap and are decided by the reading.
_PLACES = ("region", "set", "whole", "inside", "outside", "place", "unit", "office", "document")
# By these a unit is asked for.
_ASKING_WHO = frozenset({"who", "units_word", "responsible", "charge"})
# Which kinds may begin or end inside a word.
_ANYWHERE = frozenset({"cue", "filler", "missing", "region_word"})
_REST, _LEAD = "rest", "lead"
# 定得不到0.2万 is a limit.
_NOT = "不"
_STRONG = ("indicator", "part", "programme", "fact")
_BAG_REACH = 22
# What stands on either side of these are two things, and no one figure's name.
_JOINS = frozenset("、和及跟与") | {"以及", "还有", "另外", "加上", "连同"}
_GROUP_STRETCH = re.compile(
    r"[（(](?P<a>[一二三四五六七八九])[）)]\s*[到至~-]\s*[（(](?P<b>[一二三四五六七八九])[）)](?![里中内])"
)
# 不到2000 is a limit, and not a year.
_MEASURED = re.compile("(?:[不超没未]到|[超过]过|不[足满]|[少多低高大小]于|至少|最多|突破|起码)$")
# 文件 and 时间 far apart are not the date of the document.
_FACT_REACH = 11
_SHORTEST = 2


@dataclass(frozen=True)
class Ordinal:
    """第N条 and the like: the number (negative from the end) and which kind of part its counting word fits."""

    number: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Mentions:
    """What one message names; the same only as itself, so that what is found out about it can be remembered."""

    text: Text
    tokens: tuple[Token, ...]
    places: tuple[Entity, ...]
    indicators: tuple[Entity, ...]
    parts: tuple[Entity, ...]
    programmes: tuple[Entity, ...]
    facts: tuple[Entity, ...]
    points: tuple[Entity, ...]
    region_words: tuple[Entity, ...]
    cues: dict[str, tuple[tuple[int, int], ...]]
    missing: dict[str, tuple[tuple[int, int], ...]]
    ordinals: tuple[Ordinal, ...]
    numbers: tuple[Number, ...]
    years: tuple[tuple[str, int, int], ...]
    covered: frozenset[int]
    leftover: tuple[Token, ...]

    def of(self, *kinds: str) -> tuple[Entity, ...]:
        """The places and bodies of these kinds, in the order they stand."""
        return tuple([e for e in self.places if e.kind in kinds]) if self.places else ()

    def has(self, *cues: str) -> bool:
        return not self.cues.keys().isdisjoint(cues)

    def words(self, cue: str) -> tuple[str, ...]:
        return tuple(self.text.plain[a:b] for a, b in self.cues.get(cue, ()))


def select(found: Sequence[Found]) -> tuple[Entity, ...]:
    """The names that together explain most characters without sharing any: the longest first."""
    if len(found) < 2:
        return tuple(entity(*f) for f in found)
    ordered = sorted(found, key=lambda f: (-len(f[1]), f[3] - f[2], f[2]))
    whole = [f for f in ordered if len(f[1]) == f[3] - f[2]]
    best: list[Found] = []
    gapped = [f for f in ordered if len(f[1]) < f[3] - f[2]]
    for candidates in (ordered, [*whole, *gapped]) if gapped else (ordered,):
        taken: set[int] = set()
        chosen = []
        for f in candidates:
            if taken.isdisjoint(f[1]):
                taken.update(f[1])
                chosen.append(f)
        if not best or len(taken) > sum(len(f[1]) for f in best):
            best = chosen
    return tuple(entity(*f) for f in sorted(best, key=lambda f: f[2]))


def _same_span(found: list[Found], chosen: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """The chosen names and every other entry that has a name at just the same characters."""
    if len(found) == len(chosen):
        return chosen
    spans = {e.covered for e in chosen}
    ids = {(e.kind, e.id) for e in chosen}
    more = []
    for f in found:
        if f[1] in spans and (f[0].kind, f[0].id) not in ids:
            ids.add((f[0].kind, f[0].id))
            more.append(entity(*f))
    return tuple(sorted((*chosen, *more), key=lambda e: e.start))


def _bounded(f: Found, borders: frozenset[int], cuts: tuple[int, ...]) -> bool:
    """Does a short name end where words end, and do the parts of one name stand close together?"""
    phrase, covered, start, end = f
    if len(covered) == end - start:
        return len(covered) > 2 or (start in borders and end in borders)
    if phrase.kind == "point":
        return True
    reach = _FACT_REACH if phrase.kind == "fact" else _BAG_REACH
    return end - start <= reach and not any(start < cut < end for cut in cuts)


def mentions(text: Text, lexicon: Lexicon, language: Language) -> Mentions:
    """Everything that the plain text names."""
    plain = text.plain
    tokens = lexicon.tokens(plain)
    borders = frozenset((0, *(t.end for t in tokens)))
    single = {t.start for t in tokens if t.end - t.start == 1}
    clauses = tuple(i for i, c in enumerate(plain) if c in "，。？！；")
    cuts = tuple(i for i in clauses if plain[i] != "，")
    joined = (*cuts, *(t.start for t in tokens if t.word in _JOINS))
    within = {"fact": clauses, "indicator": joined, "shared": joined}
    by_kind: dict[str, list[Found]] = {}
    for f in lexicon.find(plain):
        kind = f[0].kind
        if kind == "unit" and f[3] - f[2] == _SHORTEST and lexicon.plain_words.crosses(plain, f[2], f[3]):
            continue
        if kind in _ANYWHERE or _bounded(f, borders, within.get(kind, cuts)):
            by_kind.setdefault(kind, []).append(f)
    strong: dict[str, tuple[Entity, ...]] = {}
    for kind in _STRONG:
        found = by_kind.get(kind, [])
        if kind == "indicator":
            found = found + by_kind.get("shared", [])
        strong[kind] = _same_span(found, select(found)) if found else ()
    # A place inside a longer unbroken name of something else is part of that name.
    longer = [e for kind in _STRONG for e in strong[kind] if len(e.covered) == e.end - e.start]
    place_found = [
        f
        for kind in _PLACES
        for f in by_kind.get(kind, ())
        if not any(e.start <= f[2] < e.end and e.end - e.start > f[3] - f[2] for e in longer)
    ]
    places = select(place_found)
    strong["indicator"] = _outside(strong["indicator"], (*strong["part"], *strong["programme"]))
    taken: set[int] = set()
    # What asks may stand beside the other parts of a name of several (甲事乙事 最多).
    for e in (*places, *(e for e in longer if e.kind != "fact" and PART not in e.name)):
        taken.update(e.covered)
    cues: dict[str, list[tuple[int, int]]] = {}
    missing: dict[str, list[tuple[int, int]]] = {}
    explained: set[int] = set()
    asks_who = any(f[0].id in _ASKING_WHO for f in by_kind.get("cue", ()))
    for kind, target in (("cue", cues), ("missing", missing)):
        for phrase, covered, start, end in by_kind.get(kind, ()):
            if end - start == 1 and start not in single:
                continue
            if (
                len(covered) == end - start == 2
                and (start not in borders or end not in borders)
                and _splits(tokens, start, end)
                and not (plain[start] == _NOT and plain[end : end + 1].isdigit())
            ):
                continue
            if kind == "missing" and len(covered) == end - start and _severs(tokens, start):
                continue
            if covered <= taken and len(covered) < 4:
                continue
            if len(covered) < end - start and any(start < stop < end for stop in clauses):
                # Its words stand in two clauses.
                continue
            silent = phrase.id == _REST or phrase.id == _LEAD and not asks_who
            if silent and any(covered <= e.covered for e in strong["indicator"]):
                # Within a name the word speaks of no others, and where nobody is asked for, of nobody.
                continue
            target.setdefault(phrase.id, []).append((start, end))
            explained |= covered
    words = [entity(*f) for f in by_kind.get("region_word", ()) if f[3] - f[2] > 1 or f[2] in single]
    words = [e for e in words if not e.covered <= taken]
    for e in (*places, *words, *(e for kind in _STRONG for e in strong[kind])):
        explained |= e.covered
    for _phrase, covered, _start, _end in by_kind.get("filler", ()):
        explained |= covered
    explained.update(t.start for t in tokens if t.word in lexicon.filler)
    if "where" in cues and "which_region" in cues:
        # 文件哪里写的 asks for no region.
        kept = [s for s in cues.pop("which_region") if not any(a <= s[0] < b for a, b in cues["where"])]
        cues |= {"which_region": kept} if kept else {}
    if "where" in cues and "rank" in cues:
        # 属于第几项 asks for no place in an order.
        kept = [
            s for s in cues.pop("rank") if not any(a <= s[0] and s[1] <= b and (a, b) != s for a, b in cues["where"])
        ]
        cues |= {"rank": kept} if kept else {}
    # 一个不落 counts nothing.
    told = [span for cue in ("overview", "per_region") for span in cues.get(cue, ())]
    found_numbers = tuple(n for n in numbers(plain) if not any(a <= n.start and n.end <= b for a, b in told))
    ordinals = tuple(_ordinals(plain))
    years = tuple(_years(plain, found_numbers, language))
    for span in (
        *((n.start, n.end) for n in found_numbers),
        *((o.start, o.end) for o in ordinals),
        *(y[1:] for y in years),
    ):
        explained.update(range(*span))
    spoken = [lexicon.spoken(e.kind, e.id) for kind in ("indicator", "part") for e in strong[kind]]
    leftover = tuple(
        t
        for t in tokens
        if not explained.issuperset(range(t.start, t.end))
        and not (t.flag and t.flag[0] in _FUNCTION and not (t.flag == "f" and len(t.word) > 1))
        and t.word not in lexicon.domain
        and _CJK.search(t.word)
        and not (len(t.word) > 1 and any(t.word in names for names in spoken))
    )
    points = tuple(entity(*f) for f in by_kind.get("point", ()))
    return Mentions(
        text, tokens, places, strong["indicator"], strong["part"], strong["programme"], strong["fact"],
        points, tuple(words), {k: tuple(v) for k, v in cues.items()}, {k: tuple(v) for k, v in missing.items()},
        ordinals, tuple(n for n in found_numbers if not _inside(n, ordinals, years)), years,
        frozenset(explained), leftover,
    )  # fmt: skip


def _outside(inner: tuple[Entity, ...], names: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Those that are not just a piece of a longer unbroken name of something else."""
    whole = [n for n in names if len(n.covered) == n.end - n.start]
    return tuple(e for e in inner if not any(e.covered < n.covered for n in whole))


def _severs(tokens: tuple[Token, ...], start: int) -> bool:
    """Would a stretch from there begin within a word, as 设在哪 does in 建设在哪?"""
    return any(t.start < start < t.end for t in tokens)


def _splits(tokens: tuple[Token, ...], start: int, end: int) -> bool:
    """Would the stretch cut a longer word of the dictionary in two?"""
    return any(t.start < start < t.end or t.start < end < t.end for t in tokens if t.end - t.start > 2)


def _inside(number: Number, ordinals: tuple[Ordinal, ...], years: tuple[tuple[str, int, int], ...]) -> bool:
    spans = [(o.start, o.end) for o in ordinals] + [(a, b) for _, a, b in years]
    return any(a <= number.start and number.start < b for a, b in spans)


def _ordinals(plain: str) -> Iterator[Ordinal]:
    if _NUMERALS.isdisjoint(plain) and "最后" not in plain:
        return
    for stretch in islice(_STRETCH.finditer(plain), _STRETCHES):
        ends = [Decimal(n) if n.isdigit() else chinese(n) for n in stretch.group("a", "b")]
        several = not _ONE_BY_ONE.isdisjoint(stretch.group()) or "标题" in plain or "措施" in plain
        if several and ends[0] and ends[1] and ends[0] < ends[1] <= ends[0] + _MOST:
            kind = {"要": "requirement", "组": "group"}.get(stretch["k"][0], "measure")
            for number in range(int(ends[0]), int(ends[1]) + 1):
                yield Ordinal(number, kind, *stretch.span())
    for few in islice(_FIRST_FEW.finditer(plain), _STRETCHES):
        count = int(Decimal(few["n"]) if few["n"].isdigit() else chinese(few["n"]) or 0)
        for number in range(1, count + 1):
            yield Ordinal(number if few["end"] == "前" else -number, "measure", *few.span())
    for stretch in islice(_GROUP_STRETCH.finditer(plain), _STRETCHES):
        first, last = (int(chinese(n) or 0) for n in stretch.group("a", "b"))
        for number in range(first, last + 1):
            yield Ordinal(number, "group", *stretch.span())
    for series in _SERIES.finditer(plain):
        listed = [n for n in re.finditer(_NUM, series.group()[: series.start("k") - series.start()])]
        kind = {"要": "requirement", "组": "group", "大": "group", "部": "group"}.get(series.group("k")[0], "measure")
        single = _ORDINAL.match(plain, series.start() + series.group().rfind("第"))
        for n in listed[:-1] if single and single.end() >= series.end() - 1 else listed:
            value = Decimal(n.group()) if n.group().isdigit() else chinese(n.group())
            if value is not None:
                yield Ordinal(int(value), kind, series.start() + n.start() - 1, series.start() + n.end())
    for match in _ORDINAL.finditer(plain):
        groups = match.groupdict()
        if _RANGE.match(plain, match.end()) or _TO.search(plain, 0, match.start()):
            continue
        written = next(groups[name] for name in "abcdef" if groups[name])
        value = Decimal(written) if written.isdigit() else chinese(written)
        if value is None:
            continue
        word = groups["ka"] or groups["kb"] or groups["kc"] or groups["kd"] or ("组" if groups["d"] else "项")
        if "要求" in word:
            kind = "requirement"
        elif word in ("条", "项", "点", "号") or "措施" in word:
            kind = "measure"
        else:
            kind = "group"
        bracketed = groups["kb"] and _BRACKETED.match(plain, match.end("kb"))
        section = bracketed and (groups["kb"] == "工作措施" or _MEMBERS.match(plain, match.end()))
        if kind == "measure" and groups["kb"] and (section or _GROUPED.match(plain, match.end())):
            # 工作措施（三）: the headings of the section are so numbered.
            kind = "group"
        number, start = int(value), match.start()
        if plain.endswith(_FROM_END, 0, start):
            number, start = -number, start - len(_FROM_END)
        yield Ordinal(number, kind, start, match.end())
    for match in _LAST.finditer(plain):
        kind = "requirement" if "要求" in match.group() else "group" if match.group()[-1] in "组类块分" else "measure"
        yield Ordinal(-1, kind, match.start(), match.end())


def _years(plain: str, found: tuple[Number, ...], language: Language) -> Iterator[tuple[str, int, int]]:
    for n in found:
        if (
            n.unit == "年"
            and 1990 <= n.value <= 2060
            or n.unit == ""
            and 2000 <= n.value <= 2060
            and n.end - n.start == 4
            and not _MEASURED.search(plain, 0, n.start)
        ):
            yield f"{int(n.value)}", n.start, n.end
        elif n.unit == "年" and 15 <= n.value <= 40 and n.value == int(n.value) and "十" not in plain[n.start : n.end]:
            yield f"20{int(n.value)}", n.start, n.end
    for word in language.years:
        at = plain.find(word)
        # 十来年 holds no 来年.
        if at >= 0 and not _COUNTED.match(plain[at - 1 : at]):
            yield word, at, at + len(word)
