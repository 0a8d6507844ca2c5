"""Where on the site a reply leads: the passages that it cites, and the chart of its figures."""

from dataclasses import dataclass

from bot import chart
from bot.anchors import PAGE, address
from bot.engine import Engine
from bot.evidence import evidence
from bot.pages import chart_address
from bot.render import source
from bot.values import Reply


@dataclass(frozen=True, slots=True)
class Link:
    """An address below the root, and the words that lead there."""

    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its address below the root, what it shows in words, and how high it is."""

    address: str
    alt: str
    height: int


@dataclass(frozen=True, slots=True)
class Links:
    """What a page shows below the reply's words: its sources, the document's own words, and a chart."""

    sources: tuple[Link, ...]
    quotes: tuple[Link, ...]
    chart: Picture | None


def links(reply: Reply, engine: Engine) -> Links:
    """The places that the reply cites, the quotes that its message holds, each once, and its chart if there is one."""
    places: dict[str, list[str]] = {}
    quotes: dict[str, Link] = {}
    said = "\n".join(evidence(reply))
    for citation in reply.citations:
        where = address(citation, engine.knowledge)
        places.setdefault(citation.ref, []).append(where)
        if citation.quote in said:
            quotes.setdefault(citation.quote, Link(where, citation.quote))
    sources = tuple(
        Link(found[0] if len(set(found)) == 1 else f"{PAGE}#{ref}", source(ref, engine.knowledge, engine.language))
        for ref, found in places.items()
    )
    return Links(sources, tuple(quotes.values()), _chart(reply, engine))


def _chart(reply: Reply, engine: Engine) -> Picture | None:
    view = reply.view
    if view is None:
        return None
    where = chart_address(view, engine.knowledge, chart.marked(reply))
    return Picture(where, chart.alt(view), chart.height(view)) if where else None
