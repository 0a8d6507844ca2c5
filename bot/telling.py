"""Mentions -> Mentions without what its clauses only tell: who the asker is, who sent him, what happened before."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.entities import Mentions
from bot.segments import Span, asking, clauses

# People, speech and work in a clause that does not ask: it tells a story.
_STORY = re.compile(
    "[我俺咱您你他她]|本人|自己|人家|领导|老板|主任|书记|校长|科长|处长|局长|院长|老师|师傅|同学|同事|朋友|亲戚|邻居|老乡|[爸妈爹娘婆]"
    "|闺女|丫头|儿子|孩子|娃|妹|弟|[哥姐叔婶姨舅]|老公|老婆|媳妇|爷爷|奶奶|社区|村里|科里|台里|局里|会上|稿|材料|刚才|昨|今早|早上|上午|下午|前天|晚上|明天"
    "|听[人说]|[托想问查核写报]|打算|准备|老是|着急|笔记|电话"
)
_KINDS = ("inside", "outside", "place", "office")


def asked_of(m: Mentions) -> Mentions:
    """The message as far as figures and offices are asked for in it: its stories leave no word to be explained."""
    spans = clauses(m.text.plain)
    if len(spans) < 2:
        return m
    asks = asking(m, spans)
    if not any(asks):
        return m
    named = (*m.of("region", "unit", "set", "whole"), *m.indicators, *m.parts, *m.programmes, *m.facts)
    quiet = [s for s, asked in zip(spans, asks, strict=True) if not asked]
    told = [s for s in quiet if _STORY.search(m.text.plain[slice(*s)])]
    bare = [s for s in quiet if s != spans[-1] and not any(s[0] <= e.start < s[1] for e in named)]
    if not (told or bare):
        return m
    regions = bool(m.of("region"))
    elsewhere = any(not _in(e.start, told) for e in m.of("region"))
    return replace(
        m,
        leftover=tuple(t for t in m.leftover if not _in(t.start, [*told, *bare])),
        places=tuple(
            e
            for e in m.places
            if not _in(e.start, told) or not (regions and e.kind in _KINDS or elsewhere and e.kind in ("set", "whole"))
        ),
        numbers=tuple(n for n in m.numbers if not _in(n.start, told)),
        missing=_outside(m.missing, told),
    )


def _in(at: int, spans: list[Span]) -> bool:
    return any(start <= at < end for start, end in spans)


def _outside(found: Mapping[str, tuple[Span, ...]], told: list[Span]) -> dict[str, tuple[Span, ...]]:
    kept = {kind: tuple(s for s in spans if not _in(s[0], told)) for kind, spans in found.items()}
    return {kind: spans for kind, spans in kept.items() if spans}
