"""Mentions -> one Query: all readings are collected, and the one that leaves least unexplained wins.

What the document does not hold is recognised here too, so that it can be declined by its name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot import figures, inside, passages, roles, thread
from bot.asked import says_office
from bot.asker import without_asker
from bot.entities import Mentions
from bot.fallback import fallback
from bot.fitness import figured, fitted
from bot.indicators import indicator_ids
from bot.knowledge import Knowledge
from bot.language import Language
from bot.leftovers import names, run, spelt, unheld
from bot.lexicon import Lexicon
from bot.office_thread import joins
from bot.quotations import made_up
from bot.scope import negated, scope
from bot.segments import asking, clauses
from bot.stated import stated
from bot.subjects import FAIR, SURE, Subjects, subjects
from bot.telling import asked_of
from bot.thread import leans, says_all
from bot.topics import Topics
from bot.values import (
    Cells,
    Choose,
    Context,
    Facts,
    Missing,
    Parts,
    Passages,
    Query,
    Reading,
    Roles,
    Tasks,
)

# Beyond this rank nothing is certain enough to be answered.
LIMIT = 3.2
# 要完成多少 asks for the target, 完成了多少 for what came of it.
_PLANNED = re.compile(
    r"(?:要|需|得|应|该|计划|打算|力争|确保|准备)[^，。？！]{0,4}(?:完成(?!数|量|情况|值)|实现|达到|达成)"
)
# Cues that ask for figures and nothing else.
_OF_FIGURES = frozenset((
    "quantity", "overview", "measure_word", "compare", "difference", "sum", "ratio", "rank", "share", "highest",
    "lowest", "order", "which_region", "per_region", "average", "above", "below", "at_least", "at_most", "exactly",
    "between", "most", "fewest", "top", "bottom", "reverse", "no_target", "same", "except", "persons", "tasks",
    "who", "count", "all_words", "both", "pair", "also", "follow", "confirm", "correct", "tabled",
    "pronoun_region",
))  # fmt: skip
# What came of a number that is told.
_DONE = re.compile(
    "(?:实际|最后|最终|到底)?(?:完成|做到|实现|达到|落实)了?(?:多少|几)|实际(?:完成|做到|实现|干到)"
    "|完成了吗|完成没|完成得(?:怎么样|咋样|如何)"
)
_AMOUNT = re.compile(
    "工资待遇|福利待遇|薪资|月薪|年薪|收不收|要不要钱|花不花钱|免费|多少|(?<!好)几(?!年)|标准|上限|额度|金额|多大|[高低贵]吗|[万亿]?元"
)
# What the asker takes for granted of figures set beside one another has to be looked at before its reason.
_SET_BESIDE = ("compare", "difference", "ratio")
_COUNTER = re.compile("[个家项名次所批届场](?!人)")
_PERSON = re.compile("同志|执笔|起草|厅长|局长|主任|书记|组长|处长|签发|姓名")
_LATIN = re.compile("[a-z]{3}")
_HALF = 0.5
# So many commas of a list.
_SEVERAL = 2
# 没找着: what was not done names nothing.
_NOT = ("没", "不", "别")
# What the text says, in its own words.
_WORDED = re.compile("(?:怎么|如何|咋|怎样)(?:表述|写|说|讲|提)|表述|原话")
# A list of things of a kind is asked for.
_OF_WHAT = re.compile("(?:哪些|哪几[个种项类门]|什么)[^，。？、]{2,5}$|(?:哪些|哪几[个种项类门])[^，。？、]{2,5}[？。]")


@dataclass(frozen=True)
class Understanding:
    """What a message was taken to mean, and every way it could have been taken."""

    mentions: Mentions
    about: Subjects
    readings: tuple[Reading, ...]

    @property
    def best(self) -> Reading:
        return self.readings[0]

    @property
    def rank(self) -> float:
        return self.best.rank


def understand(
    m: Mentions, context: Context, knowledge: Knowledge, lexicon: Lexicon, language: Language, topics: Topics
) -> Understanding:
    """Every reading of the message, best first; never empty."""
    m = without_asker(m)
    if (plainly := _plainly_figures(m, context, knowledge, topics)) is not None:
        return plainly
    about = subjects(m, knowledge, topics)
    found: list[Reading] = []
    if about.how == "absent" and about.absent and not m.programmes:
        found.append(Reading(Missing("part", about.absent), 0.9, (), "没有这一条"))
    asked = asked_of(m)
    found += figures.readings(asked, knowledge)
    found += roles.readings(m, knowledge, about, asked)
    found = [r for r in found if not (isinstance(r.query, Roles) and not r.query.groups and _faint(m, about))]
    found += passages.readings(m, knowledge, about, asked)
    alone = not found or min(r.rank for r in found) > 1.8
    found += inside.readings(m, context, knowledge, topics)
    found += thread.readings(asked, m, context, knowledge, about, alone)
    strange = frozenset(x.point for x in about.matches if x.strange)
    found = [stated(r, m, knowledge, strange) for r in found]
    found = fitted(found, m, asked, about, knowledge)
    found = [_detailed(r, asked, about, language, topics) for r in found]
    if _LATIN.search(m.text.plain):
        # What is not understood may name the very unit.
        found = [r for r in found if not (isinstance(r.query, Parts) and r.query.aspect == "units")]
    found.sort(key=lambda r: r.rank)
    found = [r for r in found if r.rank <= LIMIT]
    figured = bool(found) and isinstance(found[0].query, Cells)
    refused = list(_refusals(asked if figured else m, found, knowledge, about, language, topics))
    if refused:
        found = refused + found
    elif found:
        found = [_narrowed(found[0], found[1:], asked, language), *found[1:]]
    if not found:
        found = [fallback(m, about, knowledge, lexicon, language)]
    return Understanding(m, about, tuple(found))


def _plainly_figures(m: Mentions, context: Context, knowledge: Knowledge, topics: Topics) -> Understanding | None:
    """The reading of a message that is about certain figures and names nothing else, None if it is no such message.

    No other reading could be better, so that none is looked for.
    """
    if not m.indicators or m.leftover or m.missing or m.programmes or m.facts or m.ordinals:
        return None
    if not (m.cues.keys() <= _OF_FIGURES and {year for year, _, _ in m.years} <= {knowledge.year}):
        return None
    brought_about = {knowledge.indicators[e.id].measure for e in m.indicators if e.id in knowledge.indicators}
    if len(m.of("region", "set", "whole")) < len(m.places) or not {e.id for e in m.parts} <= brought_about:
        return None
    if not says_all(m) or (leans(m) or joins(m)) and context.begun:
        return None
    found = sorted(figures.readings(m, knowledge), key=lambda r: r.rank)
    best = found[0] if found else None
    if not (best and isinstance(best.query, Cells) and best.rank <= 1.0 and not best.unexplained):
        return None
    if topics.asked(m.text.plain):
        # An editor has written it as the question of a part.
        return None
    # What only the goals state is told in their words.
    printed = all(knowledge.indicators[i].annex for i in best.query.indicators)
    # A measure that is named like them is what a question about units may follow on.
    about = Subjects(tuple(dict.fromkeys(e.id for e in m.parts)), "name") if m.parts else Subjects()
    return Understanding(m, about, tuple(found)) if printed else None


def _refusals(
    m: Mentions, found: list[Reading], knowledge: Knowledge, about: Subjects, language: Language, topics: Topics
) -> Iterator[Reading]:
    """Another year, another place, or a kind of thing that such a document never states."""
    best = found[0].query if found else None
    where = scope(m, knowledge)
    ids, _ = indicator_ids(m, knowledge)
    refs = tuple(r for r in about.refs if about.explicit or about.how == "topic")[:1]
    other_years = [y for y, a, _ in m.years if y != knowledge.year and not _told(m, a, best)]
    if other_years and not isinstance(best, Facts):
        yield Reading(Missing("year", _year_said(m, other_years[0]), where.regions, ids, refs), 0.1, (), "别的年份")
        return
    strange = [e for e in m.places if e.kind in ("place", "inside", "outside") and not _told(m, e.start, best)]
    topical = isinstance(best, Passages | Parts | Roles) and found[0].rank < 2.2
    # What the goals say in numbers is asked of a place as figures are.
    aimed = m.has("quantity", "overview") and not m.has("method", "who", "where")
    bare = isinstance(best, Passages) and (figured(best, knowledge) or not found[0].unexplained)
    topical = topical and not (bare and aimed)
    if strange and not (topical and not ids) and not isinstance(best, Facts):
        e = strange[0]
        kind = {"inside": "inside", "outside": "outside", "place": "place"}[e.kind]
        regions = (e.id,) if e.kind == "inside" else where.regions
        if any(negated(other, m) for other in m.of("region")):
            # Nor is the figure of what it lies in wanted.
            regions, ids = (), ()
        yield Reading(
            Missing(kind, m.text.plain[e.start : e.end], regions, ids, refs), 0.15, (), "文件没有的地方或单位"
        )
        return
    quoted = made_up(m, topics, language) if not isinstance(best, Cells | Roles | Tasks) else ""
    if quoted:
        yield Reading(Missing("item", quoted, refs=refs), 0.2, (), "文件没有这句话")
        return
    for kind in ("actual", "money", "procedure", "phone", "address", "hours", "person", "list", "validity"):
        if kind not in m.missing or _answered(m, kind, about):
            continue
        if isinstance(best, Passages) and (_WORDED.search(m.text.plain) or _worded(m, kind, about, knowledge)):
            continue
        if all(_told(m, start, best) for start, _ in m.missing[kind]):
            continue
        if kind == "money" and (isinstance(best, Passages) and not _AMOUNT.search(m.text.plain) or _counted(m)):
            continue
        over_all = where.everywhere and _DONE.search(m.text.plain)
        if kind == "actual" and not (ids or where.regions or over_all or isinstance(best, Cells | Missing)):
            continue
        if kind == "actual" and isinstance(best, Cells) and best.claims and not _DONE.search(m.text.plain):
            continue
        if kind == "actual" and _PLANNED.search(m.text.plain):
            continue
        if kind == "list" and isinstance(best, Passages) and best.where:
            # 要列名单的事，写在哪条
            continue
        if kind == "address" and isinstance(best, Roles) and says_office(m):
            # 落在哪个厅头上
            continue
        named = kind == "person" and _PERSON.search(m.text.plain)
        if (
            kind in ("procedure", "person")
            and isinstance(best, Roles | Tasks)
            and m.has("lead", "responsible", "charge")
            and not named
        ):
            continue
        if (
            kind == "person"
            and m.has("title")
            and (about.explicit or isinstance(best, Facts | Passages))
            and not _PERSON.search(m.text.plain)
        ):
            continue
        if kind in ("list", "hours") and isinstance(best, Cells | Facts | Tasks):
            continue
        if kind == "list" and isinstance(best, Passages) and _lists(best, about, knowledge):
            continue
        if (
            kind == "person"
            and isinstance(best, Facts | Roles)
            and m.has("lead", "responsible")
            and not re.search("厅长|局长|主任|书记|组长|处长|姓名", m.text.plain)
        ):
            continue
        if kind == "money" and isinstance(best, Cells) and not re.search("钱|元|补贴|经费|资金|工资", m.text.plain):
            continue
        yield Reading(
            Missing(kind, "", where.regions, ids, refs, tuple(x.point for x in about.matches[:1])),
            0.2,
            (),
            "文件不写的内容",
        )
        return
    shown = isinstance(best, Cells) and (best.claims or len(best.regions) > 1 and best.operation in _SET_BESIDE)
    if m.has("why") and isinstance(best, Cells | Roles | Tasks) and not shown:
        yield Reading(Missing("reason", "", where.regions, ids, refs), 0.3, (), "文件不写原因")
        return
    if not (m.programmes or m.parts or m.indicators):
        item = unheld(m, about, topics, language)
        if item:
            yield Reading(Missing("item", item), 0.3, (), "文件没有这个名称")
            return
    certain = isinstance(best, Cells | Roles | Tasks | Facts) and found[0].rank < 1.6
    topical = about.explicit or bool(about.matches) and about.matches[0].score >= SURE
    if "instruction" in m.missing and not certain and not any(asking(m, clauses(m.text.plain))):
        yield Reading(Missing("other"), 0.3, (), "叫程序照做的话")
    if "other" in m.missing and not certain and not topical:
        yield Reading(Missing("other"), 0.3, (), "文件以外的事")


def _detailed(reading: Reading, m: Mentions, about: Subjects, language: Language, topics: Topics) -> Reading:
    """A programme or part named and asked for a thing of which its text has nothing: that it does not say."""
    query = reading.query
    if not isinstance(query, Passages) or query.where or query.confirm:
        return reading
    if about.how != "programme" and not (
        about.how == "name" and len(m.leftover) == 1 and _OF_WHAT.search(m.text.plain)
    ):
        return reading
    every = clauses(m.text.plain)
    spans = [s for s, asked in zip(every, asking(m, every), strict=True) if asked] or every
    spans = [s for s in spans if any(s[0] <= e.start < s[1] for e in (*m.programmes, *m.parts))]
    for t in m.leftover:
        held = any(topics.supports(point, run(t, m)) for point in query.points)
        # A word that is none, such as one misspelt, falls into single characters.
        fallen = len(t.word) == 1 and len(run(t, m)) == sum(len(x.word) == 1 for x in m.leftover) > 1
        named = t.flag[:1] == "n" and (names(t, language) or fallen)
        if not held and named and any(a <= t.start < b for a, b in spans):
            refs = tuple(dict.fromkeys(p.partition("#")[0] for p in query.points))
            missing = Missing("detail", run(t, m), refs=refs[:1], points=query.points)
            return Reading(missing, reading.rank, reading.unexplained, "名称有，这个没有写")
    return reading


def _faint(m: Mentions, about: Subjects) -> bool:
    """Is it asked in everyday words who does a thing of which the likeliest point explains no more than half?"""
    if about.explicit or m.of("unit") or not about.matches:
        return False
    if m.has("lead") and about.matches[0].score < FAIR and about.matches[0].coverage <= _HALF:
        return True
    if m.has("lead", "responsible", "units_word"):
        return False
    if says_office(m):
        return False
    best = about.matches[0]
    return best.coverage <= _HALF and (best.score < FAIR or best.strange > 0 and best.score < 1.3 * SURE)


def _told(m: Mentions, at: int, best: Query | None) -> bool:
    """Does what stands there belong to a clause that only tells, beside the one that asks about a text?"""
    if not isinstance(best, Passages | Parts | Roles | Tasks):
        return False
    spans = clauses(m.text.plain)
    asked = asking(m, spans)
    return any(asked) and not any(a <= at < b for (a, b), asks in zip(spans, asked, strict=True) if asks)


def _counted(m: Mentions) -> bool:
    """Is what sounds like an amount (拿多少个) a number of things?"""
    return all(_COUNTER.match(m.text.plain, end) for _, end in m.missing["money"])


def _year_said(m: Mentions, year: str) -> str:
    return f"{year}年" if year.isdigit() else year


def _narrowed(reading: Reading, others: list[Reading], m: Mentions, language: Language) -> Reading:
    """A reading about figures that leaves a naming word unexplained is about something narrower."""
    if not isinstance(reading.query, Cells) or not reading.unexplained:
        return reading
    loose = [t for t in m.leftover if t.word in reading.unexplained and m.text.plain[t.start - 1 : t.start] not in _NOT]
    naming = [run(t, m) for t in loose if names(t, language) or spelt(t, m)]
    if not naming:
        return reading
    for other in others:
        if isinstance(other.query, Passages) and all(p.startswith("goals") for p in other.query.points):
            continue
        if isinstance(other.query, Passages | Parts | Roles) and other.rank < 2.4:
            return other
    return Reading(
        Missing("word", naming[0], reading.query.regions[:1], reading.query.indicators[:1]),
        reading.rank,
        reading.unexplained,
        "有词没有着落",
    )


def _answered(m: Mentions, kind: str, about: Subjects) -> bool:
    """Is the word for what documents leave out one by which a certain point is asked for?"""
    if not about.matches or about.matches[0].score < SURE or kind == "money" and _AMOUNT.search(m.text.plain):
        return False
    best = about.matches[0].point
    said = [e.covered for e in m.points if e.id == best]
    return all(any(set(range(a, b)) <= covered for covered in said) for a, b in m.missing[kind])


def _lists(query: Passages, about: Subjects, knowledge: Knowledge) -> bool:
    """Does the one point that is surely meant name several things one by one?"""
    sure = about.how == "topic" and about.matches[0].score >= SURE and not about.matches[0].strange
    return sure and len(query.points) == 1 and knowledge.points[query.points[0]].text.count("、") >= _SEVERAL


def _worded(m: Mentions, kind: str, about: Subjects, knowledge: Knowledge) -> bool:
    """Is the word one that the very point has of which the message says nothing else (怎么优化流程)?"""
    best = about.matches[0] if about.matches else None
    if best is None or best.strange or best.coverage < 1 or best.score < SURE:
        return False
    return all(m.text.plain[a:b] in knowledge.points[best.point].text for a, b in m.missing[kind])


def is_sure(reading: Reading) -> bool:
    """Is the reading good enough to answer a stretch of a longer message by itself?"""
    return not isinstance(reading.query, Missing | Choose) and reading.rank < 1.8
