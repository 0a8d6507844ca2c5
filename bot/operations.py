"""Mentions -> what to do with the cells: which operation, from which end, how many, and set against which region."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.entities import Mentions
from bot.knowledge import NO_TARGET, Knowledge
from bot.numerals import chinese
from bot.values import Bound, Operation

_N = (
    r"(?P<n>[0-9]+|[一二两三四五六七八九十]+)\s*(?:名|位|个|家|的|大|强|处|地)?(?!行|列|栏|段|句|页|张|份)"
    "|(?P<few>俩|仨)"
)
_TOP = re.compile(rf"(?P<a>排名前|名列前|排前|前|头|后|倒数前?|倒着数前?|末尾?|末位)\s*(?:{_N})")
# A superlative with the number of them behind it: 垫底的三个, 最少的俩.
_BEHIND = re.compile(
    r"的?\s*(?:前|后)?(?:(?P<n>[0-9]+|[一二两三四五六七八九十])\s*(?:个|名|位|家|处|地)|(?P<few>俩|仨))"
)
_WHICH = re.compile(r"哪(?:(?P<n>[2-9]|[二两三四五六七八九十])\s*(?:个|名|位|家|处|地|州)|(?P<few>俩|仨))")
_NTH = re.compile(
    r"第(?P<n>[二三四五六七八九]|十[一二三四]?|[2-9]|1[0-4])(?P<end>名|位|多|高|大|少|低|小|重|轻)?"
    r"(?!条|项|个|点|部|组|号|大类|批|次|季|产业|年|张|列|行)"
)
# 第二个 may be a measure; where something is put in order it is a place.
_PLACE = re.compile(r"第(?P<n>[二三四五六七八九]|十[一二三四]?|[2-9]|1[0-4])(?P<end>个)")
_PAIR = 2
_PLACES = re.compile(r"第(?P<n>[一二三四五六七八九十]|1[0-4]|[1-9])(?:名|位|多|高)?")
_OVER_TOP: tuple[Literal["share", "average", "sum"], ...] = ("share", "average", "sum")
_BOTTOM = ("后", "倒", "末")
# By which part of the one the other is more or less.
_EXCESS = re.compile("(?:多|少|高|低|大|小)(?:了|出)?(?:百分之[几多]|几成|多少成|几个百分比)")
# All figures are asked for, those without a target among them.
_ANOTHER = re.compile("[，。；].*第[二三四五六七八九十2-9]的?(?:名)?又?[是为]?(?:哪|谁)")
_EACH = re.compile("(?:各|分别|都)(?:自|地)?(?:的)?(?:是|有|为)?多少")
# Which regions have one and the same figure.
_ALIKE = re.compile(
    "(?:哪|谁|有没有|有无)[^，。？！]*(?:相同|一样|相等|并列|同样多|一般多)|(?:相同|一样|相等|并列)的[^，。？！]*(?:哪|谁|吗)"
)
# 占到多少万人: a number, not a share.
_NUMBER_OF = re.compile("占(?:到|了)?(?:(?:多少|几)万?(?:人|名|个人)|[几多]少?万)")
_LOW, _HIGH = "少小低轻", "多高大重"
# 谁家派得多
_WHO_MORE = re.compile(f"(?:谁家?|哪一?[边个家头])[^，。？！；]{{0,3}}得(?:更|要)?[{_LOW}{_HIGH}]")
# 多培训多少: by how many, and not how many.
_MORE_BY = re.compile("比[^，。？！；]{1,12}[多少](?!少)[^，。？！；多少]{1,4}(?:多少|几)")
_PARITY = re.compile(f"[^，。？！；]{{0,14}}?(?:{'|'.join(('一样', '相同', '持平', '并列', '同样', '相等', '一致'))})")
_COMPARED = re.compile(rf"[^，。？！；]{{0,14}}?(?P<way>[{_LOW}{_HIGH}])")

Relation = Literal[">", ">=", "<", "<=", "="]


@dataclass(frozen=True)
class Scope:
    """Which regions a question is about."""

    regions: tuple[str, ...] = ()
    named_set: str = ""
    everywhere: bool = False
    whole: bool = False
    excluded: tuple[str, ...] = ()
    base: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        return bool(self.regions or self.excluded)


def operation(m: Mentions, where: Scope, indicators: tuple[str, ...]) -> tuple[Operation, bool]:
    """What to do with the cells, and whether from the low end."""
    text = m.text.plain
    many = len(where.regions) > 1 or len(indicators) > 1
    unplaced = where.everywhere or not where.named
    low = m.has("lowest", "reverse", "rising") or any(x.group("a").startswith(_BOTTOM) for x in _TOP.finditer(text))
    if not many and not where.named and _ALIKE.search(text) and m.has("same"):
        return "alike", False
    each = _EACH.search(text) or m.has("per_region") and not m.has("which_region", "who")
    unset = m.has("no_target") and not m.has("highest", "lowest") and not each
    if unset and (unplaced or len(where.regions) > 2):
        return "missing", False
    if (not many or len(indicators) > 1 and m.has("printed")) and not where.named and _checks(m, where):
        return "consistent", False
    if unplaced and m.has("difference") and len(_PLACES.findall(text)) == 2:
        return "difference", low
    if (_TOP.search(text) or _several(m)) and unplaced and m.has("sum", "average", "share"):
        return next(op for op in _OVER_TOP if m.has(op)), low
    if m.has("highest") and m.has("lowest") and m.has("difference") and not where.regions:
        return "difference", False
    if asks_excess(m) and (many or where.whole and where.regions):
        return "excess", False
    if m.has("share") and not m.has("average") and not _NUMBER_OF.search(text):
        return "share", False
    if m.has("ratio"):
        return "ratio", False
    if m.has("average") and not against_average(m):
        return "average", False
    if asks_another(m) and len(where.regions) == 1:
        return "nth", low
    if m.has("rank") and len(where.regions) == 1:
        return "rank", low
    nth = _nth(m)
    if nth and m.has("confirm") and len(where.regions) == 1:
        return "rank", low or (nth.group("end") or "-") in _LOW
    if nth and unplaced:
        return "nth", low or (nth.group("end") or "-") in _LOW
    if _TOP.search(text) and m.has("confirm") and len(where.regions) == 1:
        return "rank", low
    if (_TOP.search(text) or _several(m)) and (unplaced or many):
        return ("lowest" if low else "highest"), low
    if m.has("order") and len(where.regions) != 1:
        return "order", m.has("rising")
    if (m.has("difference") or _MORE_BY.search(text)) and (many or where.whole and where.regions):
        return "difference", False
    if (m.has("compare", "same") or _WHO_MORE.search(text)) and many and not m.has("sum"):
        if m.has("lowest") and len(where.regions) > 2:
            return "lowest", True
        said = "".join((*m.words("compare"), *m.words("lowest")))
        return "compare", any(w in said for w in _LOW) and not any(w in said for w in _HIGH)
    if m.has("highest", "lowest") and not (m.has("at_most") and m.numbers):
        return ("lowest" if m.has("lowest") else "highest"), m.has("lowest")
    if where.excluded and m.has("remain"):
        return "sum", False
    # 合计分别是多少: of each the total.
    totals = _EACH.search(text) and where.whole and not where.regions
    if m.has("sum") and (many or where.named_set) and not totals:
        return "sum", False
    if m.has("sum") and where.everywhere and not where.excluded:
        return "total", False
    return "show", False


def asks_another(m: Mentions) -> bool:
    """Is it asked which region has a certain place, where another one's is told (甲排第一，排第二的是哪)?"""
    named = m.of("region")
    return len(named) == 1 and bool(_ANOTHER.search(m.text.plain, named[0].end))


def _checks(m: Mentions, where: Scope) -> bool:
    """Does the message ask whether the text, the table's total and its cells agree?"""
    typed = any(m.text.plain[n.start].isdigit() and m.text.plain[n.start - 1] not in "件表" for n in m.numbers)
    if m.has("same") and not typed:
        return True
    if not m.has("same", "confirm"):
        return False
    return m.has("printed") and (m.has("tabled", "sum") or bool(m.facts)) or m.has("sum") and where.everywhere


def _nth(m: Mentions) -> re.Match[str] | None:
    """The place in an order that the message names."""
    found = _NTH.search(m.text.plain)
    if not found and m.has("reverse", "order", "highest", "lowest"):
        found = _PLACE.search(m.text.plain)
    return found


def _several(m: Mentions) -> re.Match[str] | None:
    """The number of regions asked for behind 最高, 垫底 and the like."""
    if not m.has("highest", "lowest"):
        return None
    found = (_BEHIND.match(m.text.plain, b) for cue in ("highest", "lowest") for _, b in m.cues.get(cue, ()))
    return next((x for x in found if x), None) or _WHICH.search(m.text.plain)


def top(m: Mentions) -> int:
    """How many regions are asked for, or the place of the one that is; 1 where nothing is said."""
    for match in (_TOP.search(m.text.plain), _several(m), _nth(m)):
        if match:
            written = match.group("n") if "few" not in match.groupdict() else match.group("n") or match.group("few")
            value = Decimal(written) if written.isdigit() else chinese(written)
            if value:
                return int(value)
    return 1


def claimed_place(m: Mentions, where: Scope) -> tuple[Bound, ...]:
    """The place that the message asks whether one region has: 是第二吗, 进得了前五吗."""
    if len(where.regions) != 1:
        return ()
    sign: Relation = "<=" if _TOP.search(m.text.plain) else "="
    if m.has("confirm") and (sign == "<=" or _nth(m)):
        return (Bound(sign, Decimal(top(m))),)
    return (Bound("=", Decimal(1)),) if m.has("highest", "lowest") and not m.has("rank") else ()


def place(m: Mentions) -> tuple[Bound, bool] | None:
    """The place in an order that the message names (最高, 前三, 倒数第二), and whether it is from the low end."""
    text = m.text.plain
    low = m.has("lowest", "reverse") or any(x.group("a").startswith(_BOTTOM) for x in _TOP.finditer(text))
    if nth := _nth(m):
        return Bound("=", Decimal(top(m))), low or (nth.group("end") or "-") in _LOW
    if _TOP.search(text):
        return Bound("<=", Decimal(top(m))), low
    return (Bound("=", Decimal(1)), low) if m.has("highest", "lowest") else None


def leading(m: Mentions, knowledge: Knowledge, indicator: str, low: bool) -> tuple[str, ...]:
    """The regions at the places that the message names (前三名, 第一和第二, 垫底的两个), () if it names none."""
    text = m.text.plain
    places = [p for p in _PLACES.findall(text) if m.has("difference")]
    if len(places) == 2:
        numbers = [Decimal(p) if p.isdigit() else chinese(p) or Decimal(1) for p in places]
        ordered = leaders(knowledge, indicator, len(knowledge.regions), low)
        return tuple(ordered[int(n) - 1] for n in numbers if n <= len(ordered))
    if _TOP.search(text) or _several(m):
        return leaders(knowledge, indicator, top(m), low)
    return ()


def asks_excess(m: Mentions) -> bool:
    """Is it asked by how many per cent one is more than another?"""
    return bool(_EXCESS.search(m.text.plain))


def two_places(m: Mentions) -> bool:
    """Are two places of an order named: 第三名跟第一名差多少?"""
    return len(_PLACES.findall(m.text.plain)) == _PAIR


def leaders(knowledge: Knowledge, indicator: str, count: int, low: bool) -> tuple[str, ...]:
    """The regions with the highest (or lowest) figures, in order, with those equal to the last of them."""
    cells = ((r, knowledge.cell(r, indicator)) for r in knowledge.regions)
    values = {r: Decimal(c) for r, c in cells if c is not None and c != NO_TARGET}
    ordered = sorted(values, key=lambda r: values[r] if low else -values[r])
    if not ordered:
        # What is not broken down has no order.
        return ()
    last = values[ordered[min(count, len(ordered)) - 1]]
    return tuple(r for i, r in enumerate(ordered) if i < count or values[r] == last)


def against_average(m: Mentions) -> Relation | None:
    """How those asked for stand to the average: 超过平均数的, 比全区平均少的."""
    for start, end in m.cues.get("average", ()):
        whole = next((e.start for e in m.of("whole") if m.text.plain[e.end : start] in ("", "的")), start)
        if sign := relation(m, whole, end):
            return sign
    return None


def mean(m: Mentions, indicator: str, knowledge: Knowledge) -> tuple[Bound, ...]:
    """The limit that the average sets, where those above or below it are asked for."""
    sign = against_average(m)
    cells = [Decimal(c) for r in knowledge.regions if (c := knowledge.cell(r, indicator)) not in (None, NO_TARGET)]
    return (Bound(sign, sum(cells, Decimal(0)) / len(cells)),) if sign and cells else ()


def relation(m: Mentions, start: int, end: int) -> Relation | None:
    """How those asked for stand to what is named at these characters: 高于它, 比它少的, 跟它一样的."""
    text = m.text.plain
    signs: tuple[tuple[str, Relation], ...] = (
        ("at_least", ">="), ("at_most", "<="), ("above", ">"), ("below", "<"), ("exactly", "="),
    )  # fmt: skip
    before = [(b - a, sign) for cue, sign in signs for a, b in m.cues.get(cue, ()) if b == start]
    if before:
        return max(before, key=lambda x: x[0])[1]
    led = text[max(start - 1, 0) : start]
    if led and led in "和跟与同像" and _PARITY.match(text, end):
        return "="
    compared = _COMPARED.match(text, end)
    if led == "比" and compared:
        return "<" if compared.group("way") in _LOW else ">"
    return None
