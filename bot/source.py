"""The knowledge laid beside the document's own text: every difference, in either direction.

Both sides are compared without white space, so line and page breaks of the scan do not count.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from bot.knowledge import MEASURES, SOURCE, TARGETS, WHOLE, Knowledge, Part, Table, squeeze
from bot.values import Problem

# The scan has one English word between two Chinese ones; it is read as the conjunction it stands for.
_STRAY = re.compile(r"(?<=[一-鿿])[ \t]+and[ \t]+(?=[一-鿿])")
# Two differences this close together are one slip of the pen, and one line for the reader.
_NEAR = 4
_SHOWN = 40
_AROUND = 5
# How much of a text must agree with the source before it counts as that place, miswritten.
_ALIKE = 70


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that the knowledge says is printed, without white space, and where an editor finds it."""

    text: str
    file: str
    line: int


Block = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """The source without white space, and the line each of its characters stands in."""

    text: str
    lines: tuple[int, ...]

    def line(self, at: int) -> int:
        """The line of a character; past the end, the last one."""
        return self.lines[min(at, len(self.lines) - 1)] if self.lines else 1


def printed(source: str) -> Printed:
    """The source as it is compared."""
    characters = [
        (character, number)
        for number, line in enumerate(source.splitlines(), 1)
        for character in squeeze(_STRAY.sub("和", line))
    ]
    return Printed("".join(c for c, _ in characters), tuple(n for _, n in characters))


def differences(knowledge: Knowledge) -> list[Problem]:
    """One problem for each place where the knowledge and the source do not say the same."""
    miswritten = {problem.line: problem for problem in rows(knowledge)}
    whole = printed(knowledge.source)
    pieces = [piece for block in in_order(knowledge, whole.text) for piece in block if piece.text]
    written = "".join(piece.text for piece in pieces)
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece.text))
    found = [_problem(span, pieces, starts, written, whole) for span in _spans(written, whole.text, starts)]
    # A wrong cell is said once, as a row.
    texts = [problem for problem in found if problem.file != TARGETS or problem.line not in miswritten]
    return [*texts, *miswritten.values()]


# --- what the knowledge says is printed, in the order of the document ----------------------------


def in_order(knowledge: Knowledge, whole: str) -> list[Block]:
    """All printed blocks; the notice's facts and the headings are sorted in where the source has them."""
    placed: list[tuple[int, int, Block]] = []
    for stream in (_facts(knowledge), _headings(knowledge), _body(knowledge)):
        at = 0
        for block in stream:
            found = _find(block, whole, at)
            # A block that is not in the source stays behind the one before it.
            placed.append((at if found is None else found, len(placed), block))
            at = at if found is None else found + 1
    return [block for _, _, block in sorted(placed, key=lambda place: place[:2])]


def _find(block: Block, whole: str, at: int) -> int | None:
    """Where in the source the block stands: word for word, else as nearly as can be."""
    for piece in block:
        found = whole.find(piece.text, at) if piece.text else -1
        if found >= 0:
            return found
    text = "".join(piece.text for piece in block)
    near = fuzz.partial_ratio_alignment(text, whole[at:], score_cutoff=_ALIKE)
    return at + near.dest_start if near else None


def _facts(knowledge: Knowledge) -> Iterator[Block]:
    for fact in knowledge.facts.values():
        yield (Piece(squeeze(fact.text), *fact.place),)


def _headings(knowledge: Knowledge) -> Iterator[Block]:
    for heading in knowledge.headings:
        yield (Piece(squeeze(heading), MEASURES, knowledge.headings_line),)


def _body(knowledge: Knowledge) -> Iterator[Block]:
    parts = [part for part in knowledge.parts.values() if part.kind not in ("measure", "requirement")]
    for part in parts:
        yield _part(part)
        yield from (_part(measure) for measure in knowledge.measures if measure.group == part.id)
    yield from map(_part, knowledge.of_kind("requirement"))
    for table in knowledge.tables.values():
        yield _table(knowledge, table)


def _part(part: Part) -> Block:
    texts = [(part.heading, part.place)]
    texts += [(point.text, point.place) for point in part.points]
    texts += [(part.lead_line, part.place), (part.responsible_line, part.place)]
    return tuple(Piece(squeeze(text), *place) for text, place in texts)


def _table(knowledge: Knowledge, table: Table) -> Block:
    head = zip(table.head, table.head_lines, strict=True)
    rows = [(knowledge.row(table, region), table.lines[region]) for region in (*table.rows, WHOLE)]
    return tuple(Piece(squeeze(text), TARGETS, line) for text, line in (*head, *rows))


# --- where the two differ ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of what is written, and the stretch of the source that should stand there."""

    start: int
    end: int
    source_start: int
    source_end: int


def _spans(written: str, whole: str, starts: list[int]) -> Iterator[Span]:
    """The differences, those of one piece that lie close together taken as one."""
    last: Span | None = None
    for step in Levenshtein.opcodes(written, whole):
        if step.tag == "equal":
            continue
        span = Span(step.src_start, step.src_end, step.dest_start, step.dest_end)
        for part in _cut(span, starts):
            same_piece = last is not None and bisect_right(starts, last.start) == bisect_right(starts, part.start)
            if last is not None and same_piece and part.start - last.end < _NEAR:
                last = Span(last.start, part.end, last.source_start, part.source_end)
                continue
            if last is not None:
                yield last
            last = part
    if last is not None:
        yield last


def _cut(span: Span, starts: list[int]) -> Iterator[Span]:
    """The difference piece by piece, where nothing of the source stands against it."""
    inner = [at for at in starts if span.start < at < span.end]
    if not inner or span.source_start != span.source_end:
        yield span
        return
    for start, end in pairwise((span.start, *inner, span.end)):
        yield Span(start, end, span.source_start, span.source_end)


def _problem(span: Span, pieces: list[Piece], starts: list[int], written: str, whole: Printed) -> Problem:
    """The difference in words, at the piece it lies in, or at the source's line that no piece holds."""
    line = whole.line(span.source_start)
    surplus = _short(written[span.start : span.end])
    wanted = _short(whole.text[span.source_start : span.source_end])
    before = whole.text[max(span.source_start - _AROUND * 2, 0) : span.source_start]
    piece = _piece(span, pieces, starts)
    if piece is None:
        last = whole.line(span.source_end - 1)
        where = f"第 {line} 行" if line == last else f"第 {line} 至 {last} 行"
        after = f"「{before}」之后的" if before else "的"
        mend = f"请照原文补进 {MEASURES} 或 {TARGETS}"
        return Problem(SOURCE, line, f"原文{where}{after}「{wanted}」没有收进知识文件", mend)
    if not wanted:
        return Problem(
            piece.file, piece.line, f"「{surplus}」不在原文里（原文第 {line} 行附近）", "请删去，或逐字照抄原文"
        )
    if not surplus:
        return Problem(piece.file, piece.line, f"「{before}」之后漏了原文第 {line} 行的「{wanted}」", "请照原文补上")
    at = bisect_right(starts, span.start)
    margins = min(_AROUND, span.start - starts[at - 1]), max(min(_AROUND, starts[at] - span.end), 0)
    said = _around(written, span.start, span.end, *margins)
    meant = _around(whole.text, span.source_start, span.source_end, *margins)
    return Problem(piece.file, piece.line, f"「{said}」与原文不符，原文第 {line} 行是「{meant}」", "请逐字照抄原文")


def _piece(span: Span, pieces: list[Piece], starts: list[int]) -> Piece | None:
    """The piece a difference lies in; None for something left out between two pieces."""
    if not pieces or (span.start == span.end and span.start in starts):
        return None
    return pieces[bisect_right(starts, span.start) - 1]


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 10]}…{text[-8:]}"


def _around(text: str, start: int, end: int, before: int, after: int) -> str:
    """The stretch with a few characters on either side, so that a reader finds it."""
    return _short(text[max(start - before, 0) : end + after])


# --- rows, where white space tells one cell from the next ----------------------------------------


def rows(knowledge: Knowledge) -> Iterator[Problem]:
    """Rows that do not stand in the source cell by cell."""
    lines = [" ".join(line.split()) for line in knowledge.source.splitlines()]
    for table in knowledge.tables.values():
        for region in (*table.rows, WHOLE):
            cells = table.rows[region] if region else table.total
            label = r"\s?".join(map(re.escape, squeeze(knowledge.labels[table.id, region])))
            row = re.compile(rf"(?:\d+ )?{label} {' '.join(map(re.escape, cells))}")
            if not any(map(row.fullmatch, lines)):
                shown = " ".join((knowledge.labels[table.id, region], *cells))
                near = process.extractOne(shown, lines, scorer=fuzz.ratio)
                what = f"「{shown}」与原文不符"
                if near:
                    what += f"，原文第 {near[2] + 1} 行是「{near[0]}」"
                yield Problem(TARGETS, table.lines[region], what, "请照原文逐格核对这一行的数字")
