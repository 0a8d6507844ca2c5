"""Mentions -> the stretches of a message that may be questions of their own."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from bot.entities import Mentions
from bot.values import Entity, Text, Token

_CLAUSE = re.compile(r"[^，。？！；：]+[，。？！；：]?")
# What joins two questions without a stop between them.
_JOIN = re.compile(
    r"、|以及|还有(?!多少|几)|另外|顺便|同时|另一个是|另一件是|再一个是|二一个是|(?<![0-9.第])[1-6][.)）](?![0-9])"
)
# 多少人我看不清: behind a question people add, without a stop, what they want it for.
_ASIDE = re.compile("(?:多少万?(?:人次|个人|人|个|户|名)?|哪些|几[个条项家]|[啊呀呢吗吧])(?=[我你俺咱您])")
_QUESTION = re.compile("谁|多少|(?<![那这前好])几[^乎家]|哪|什么|啥|吗|怎么|咋|何时|如何")
ASKING = re.compile(
    r"[谁啥吗哪怎咋何]|(?:..(.)[不没]\1|(.)[不没]\2..)|什么|(?<![那这前好的过])几|(?<!没)(?<!没有)多少|多大|多久|[不没呢么]$|没有$|想了解|想知道|想问|占比|排名"
    "|[是算][^，。？！]{1,10}还是|(?:顺[带便手]|另外|再)(?:帮我?|给我?)?(?:查|看|问|说|报|列)一?下|能不能|可不可以|是不是|有没有|念一遍|列出|列一下|说说|讲讲|(?:[给发报]|告诉)我(?:一?下|一[个份条]|[吧呗看听查说算列]|$)|[报给]一?下"
)
# 我想问一下啊: what is asked is still to come.
_OPENING = re.compile(
    "(?:那个|我们?|咱们?|就是?|请|您|先|来)*想(?:请?问|了解|知道|咨询|打听)(?:问|一?下)?(?:(?:个|点|些|一?下)?(?:事|情况)|件事)?[啊哈吧呢哦]*"
)
# Where nothing asks, the name of a figure at the end does.
_NAMING = re.compile("(?:目标|任务|指标)[数值是呢]*$")
_ADDED = re.compile("另外|还有|以及|顺便|再")
# 一是…，二是…: each asks, though none has a question word.
_NUMBERED = re.compile(
    "(?:第?[一二三四五六]|[1-6]|其[一二三])(?:就?是|、)(?=[^，。？！]{3})|(?:另|再|头)?一个就?是|另一件就?是|首先|其次"
)
_CUES = (
    "share", "rank", "sum", "difference", "ratio", "average", "highest", "lowest", "compare", "quantity",
    "which_region",
)  # fmt: skip
# With a question mark, what is named is asked for: 某事的牵头部门是？
_SOUGHT = ("lead", "responsible")
# So many clauses before the one that asks may belong to it; further ones if they name something.
_NEAR, _FAR = 2, 4

Span = tuple[int, int]


@lru_cache(maxsize=8)
def clauses(plain: str) -> tuple[Span, ...]:
    """The clauses of the message; two questions joined by a mere conjunction are two."""
    found: list[Span] = []
    for match in _CLAUSE.finditer(plain):
        start = match.start()
        if aside := _ASIDE.search(plain, start, match.end()):
            found.append((start, aside.end()))
            start = aside.end()
        for join in _JOIN.finditer(plain, start, match.end()):
            if _QUESTION.search(plain, start, join.start()) and _QUESTION.search(plain, join.end(), match.end()):
                found.append((start, join.start()))
                start = join.start() if len(join.group()) > 1 else join.end()
        found.append((start, match.end()))
    return tuple(s for s in found if plain[slice(*s)].strip("，。？！；： "))


@lru_cache(maxsize=16)
def asking(m: Mentions, spans: tuple[Span, ...]) -> tuple[bool, ...]:
    """Which stretches ask and do not just tell: by a question word or, where none has one, a name or cue of figures."""
    pieces = [m.text.plain[a:b].rstrip("，。？！；：") for a, b in spans]
    sought = [e.start for e in m.indicators] + [a for cue in _SOUGHT for a, _ in m.cues.get(cue, ())]
    plainly = [
        bool(ASKING.search(piece))
        and not _OPENING.fullmatch(piece)
        or m.text.plain[b - 1] == "？"
        and any(a <= at < b for at in sought)
        for piece, (a, b) in zip(pieces, spans, strict=True)
    ]
    named = [bool(_NAMING.search(piece)) for piece in pieces]
    numbered = [bool(_NUMBERED.match(piece)) for piece in pieces]
    if sum(numbered) > 1:
        return tuple(p or n for p, n in zip(plainly, numbered, strict=True))
    if any(plainly):
        # A figure that is only named asks where nothing can follow, or where it is added to what was asked.
        added = [number + 1 == len(pieces) or bool(_ADDED.match(piece)) for number, piece in enumerate(pieces)]
        return tuple(p or n and a for p, n, a in zip(plainly, named, added, strict=True))
    if any(named):
        return tuple(named)
    cued = [span for cue in _CUES for span in m.cues.get(cue, ())]
    # What ends in a colon introduces: 要两个数：…
    return tuple(any(a <= start and end <= b for start, end in cued) and m.text.plain[b - 1] != "：" for a, b in spans)


def windows(m: Mentions, spans: tuple[Span, ...], asked: tuple[bool, ...], number: int, last: int) -> Iterator[Span]:
    """The stretches that may belong to the question in clause `number`: what leads up to it, what is added to it.

    `last` is the clause in which the question before it ended.
    """
    named = [e.start for e in (*m.places, *m.indicators, *m.parts, *m.programmes)]
    said = {*named, *(e.start for e in (*m.facts, *m.points)), *(t.start for t in m.leftover)}
    said |= {n.start for n in m.numbers} | {o.start for o in m.ordinals}
    said.update(a for found in (*m.cues.values(), *m.missing.values(), [y[1:] for y in m.years]) for a, _ in found)
    firsts = [number]
    for before in range(number - 1, last, -1):
        start, end = spans[before]
        if not any(start <= at < end for at in said):
            # A greeting, a sigh: the question is the same without it.
            continue
        if number - before <= _NEAR or len(firsts) < _FAR and any(start <= at < end for at in named):
            firsts.append(before)
    lasts = [number]
    # Behind a question mark, what leads up to a further question is no addition to this one.
    closed = m.text.plain[spans[number][1] - 1] == "？" and any(asked[number + 2 :])
    if number + 1 < len(spans) and not asked[number + 1] and not closed:
        start, end = spans[number + 1]
        if any(start <= at < end for at in said):
            lasts.append(number + 1)
    for end in lasts:
        for first in firsts:
            yield spans[first][0], spans[end][1]


@lru_cache(maxsize=16)
def within(m: Mentions, span: Span) -> Mentions:
    """What one stretch of the message names, as if it were a message of its own."""
    start, end = span
    plain = m.text.plain[start:end].strip("，。；： ")
    if plain == m.text.plain:
        return m
    start = m.text.plain.index(plain, start)
    end = start + len(plain)
    corrections = tuple(c for c in m.text.corrections if c.read in plain)

    def kept(entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
        return tuple(
            Entity(e.kind, e.id, e.name, e.start - start, e.end - start, frozenset([i - start for i in e.covered]))
            for e in entities
            if start <= e.start and e.end <= end
        )

    def words(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
        return tuple(
            Token(t.word, t.start - start, t.end - start, t.flag) for t in tokens if start <= t.start and t.end <= end
        )

    def cues(found: dict[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
        inside = {k: tuple((a - start, b - start) for a, b in v if start <= a and b <= end) for k, v in found.items()}
        return {k: v for k, v in inside.items() if v}

    return Mentions(
        text=Text(m.text.raw, plain, corrections),
        tokens=words(m.tokens),
        places=kept(m.places),
        indicators=kept(m.indicators),
        parts=kept(m.parts),
        programmes=kept(m.programmes),
        facts=kept(m.facts),
        points=kept(m.points),
        region_words=kept(m.region_words),
        cues=cues(m.cues),
        missing=cues(m.missing),
        ordinals=tuple(
            replace(o, start=o.start - start, end=o.end - start)
            for o in m.ordinals
            if start <= o.start and o.end <= end
        ),
        numbers=tuple(
            replace(n, start=n.start - start, end=n.end - start) for n in m.numbers if start <= n.start and n.end <= end
        ),
        years=tuple((y, a - start, b - start) for y, a, b in m.years if start <= a and b <= end),
        covered=frozenset(i - start for i in m.covered if start <= i < end),
        leftover=words(m.leftover),
    )
