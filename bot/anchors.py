"""Where every passage stands on the page of the whole document: the ids, and the address of a citation."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.knowledge import WHOLE, Knowledge, Part, Point, Table, squeeze
from bot.values import Citation

PAGE = "document"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence: its id on the page, and the points that it is made of."""

    id: str
    points: tuple[Point, ...]

    @property
    def text(self) -> str:
        return "".join(point.text for point in self.points)


def sentences(part: Part) -> tuple[Sentence, ...]:
    """The part's points by the sentence they belong to."""
    found: list[Sentence] = []
    held: list[Point] = []
    for point in part.points:
        held.append(point)
        if point.text.endswith("。") or point is part.points[-1]:
            found.append(Sentence(f"{part.id}.s{len(found) + 1}", tuple(held)))
            held = []
    return tuple(found)


def point_id(point: Point) -> str:
    """The id of one point; its number follows the part's ref."""
    return point.id.replace("#", ".")


def row_id(table: Table, region: str) -> str:
    """The id of a row of an annex, numbered as printed; the last is that of the totals."""
    number = list(table.rows).index(region) + 1 if region != WHOLE else len(table.rows) + 1
    return f"{table.ref}.{number}"


def address(citation: Citation, knowledge: Knowledge) -> str:
    """The address, below the root, that opens the document at the smallest passage that holds the quote."""
    quote = squeeze(citation.quote)
    for id_, text in _places(citation.ref, knowledge):
        if quote and quote in squeeze(text):
            return f"{PAGE}#{id_}"
    return f"{PAGE}#{citation.ref}"


def _places(ref: str, knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """The passages within a part, the small ones before those that hold them."""
    kind, _, number = ref.partition(":")
    if kind == "notice":
        yield from ((f"notice.{fact.id}", fact.text) for fact in knowledge.facts.values())
    elif kind == "annex":
        table = knowledge.tables[number]
        yield from ((row_id(table, region), knowledge.row(table, region)) for region in (*table.rows, WHOLE))
    elif ref in knowledge.parts:
        part = knowledge.parts[ref]
        yield from ((point_id(point), point.text) for point in part.points)
        yield from ((sentence.id, sentence.text) for sentence in sentences(part))
        yield f"{ref}.lead", part.lead_line
        yield f"{ref}.responsible", part.responsible_line
