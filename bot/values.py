"""Every value that travels along the path, frozen, in the order of the path.

    str --normalise--> Text --tokens--> Token... --entities--> Mentions
        --query--> Query... --answer--> Answer --render--> Reply

The knowledge itself (parts, points, units, indicators, regions) is in `knowledge.py`.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

Outcome = Literal["answer", "choose", "no_answer", "social"]
Role = Literal["lead", "responsible", "any"]
How = Literal["exact", "script", "pinyin", "sound", "initials", "edit"]


@dataclass(frozen=True, slots=True)
class Correction:
    """A stretch of the question that was read as something else, and by which layer."""

    written: str
    read: str
    how: How


@dataclass(frozen=True, slots=True)
class Text:
    """The question as typed, and in the plain form everything is matched in."""

    raw: str
    plain: str
    corrections: tuple[Correction, ...] = ()


class Token(NamedTuple):
    """One word of the plain text; `flag` is its part of speech in the dictionary, "" if unknown."""

    word: str
    start: int
    end: int
    flag: str


class Entity(NamedTuple):
    """One thing of the knowledge, or one cue of the language, and the characters that named it."""

    kind: str
    id: str
    name: str
    start: int
    end: int
    covered: frozenset[int]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the question, with what it counts ("" if nothing) and its comparison, if any."""

    value: Decimal
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a threshold: above/below, with or without the limit itself; or equal to it."""

    relation: Literal[">", ">=", "<", "<=", "="]
    value: Decimal


@dataclass(frozen=True, slots=True)
class Limit:
    """What a region's figure must be: how it stands to a value or to the region's other figure, or without a target."""

    indicator: str
    relation: Literal[">", ">=", "<", "<=", "=", "/"]
    value: Decimal = Decimal(0)
    other: str = ""


# --- queries: a selection (ids only) and an operation on it -----------------------------------

Operation = Literal[
    "show", "sum", "difference", "ratio", "share", "average", "highest", "lowest", "nth",
    "rank", "order", "total", "filter", "count", "compare", "consistent", "missing", "find", "alike", "standing",
    "unset", "extremes", "excess",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cells:
    """Figures: regions × indicators (region "" is the whole), and what to do with them."""

    regions: tuple[str, ...]
    indicators: tuple[str, ...]
    operation: Operation = "show"
    bounds: tuple[Bound, ...] = ()
    top: int = 1
    ascending: bool = False
    claims: tuple[Number, ...] = ()
    reason: bool = False
    named_set: str = ""
    base: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    persons: bool = False
    limits: tuple[Limit, ...] = ()
    # Region and indicator of each cell, where not all of them are meant.
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """Who leads or is responsible for parts; with `units`: whether (or as what) those units are."""

    refs: tuple[str, ...]
    role: Role
    units: tuple[str, ...] = ()
    unknown_unit: str = ""
    groups: tuple[str, ...] = ()


TaskOperation = Literal[
    "list", "count", "match", "most", "only", "fewest", "counted", "widest", "narrowest", "sized", "compare", "common",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """A unit as what it is wanted at a measure or, not held, ruled out."""

    unit: str
    role: Role
    held: bool


@dataclass(frozen=True, slots=True)
class Tasks:
    """What units lead or take part in, over all measures or one group."""

    units: tuple[str, ...]
    role: Role
    operation: TaskOperation = "list"
    refs: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    unknown_unit: str = ""
    conditions: tuple[Condition, ...] = ()
    bounds: tuple[Bound, ...] = ()
    # Whether it is so is asked, not what there is.
    confirm: bool = False


Aspect = Literal["whole", "title", "number", "group", "members", "count", "list", "units"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of the document (measures, groups, requirements, goals …) under one aspect."""

    refs: tuple[str, ...]
    aspect: Aspect
    kind: str = ""
    claimed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passages:
    """Points of the text, by id; `claims` are numbers the asker ascribes to them."""

    points: tuple[str, ...]
    where: bool = False
    claims: tuple[Number, ...] = ()
    claimed: tuple[str, ...] = ()
    interval: bool = False
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of the covering notice, by id; `units` are those the asker ascribes to them."""

    ids: tuple[str, ...]
    units: tuple[str, ...] = ()
    # How many there are is asked for.
    count: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the document does not hold: which kind of thing, its name, and what is nearest."""

    reason: str
    what: str = ""
    regions: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choose:
    """Several things fit: full questions to choose from."""

    choices: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Social:
    """A greeting, thanks, a farewell, or "what can you do"."""

    kind: str


Query = Cells | Roles | Tasks | Parts | Passages | Facts | Missing | Choose | Social


class Reading(NamedTuple):
    """One way to take the question: its query, what it leaves unexplained, and its rank (low is best)."""

    query: Query
    rank: float
    unexplained: tuple[str, ...] = ()
    why: str = ""

    def after(self, cost: float) -> "Reading":
        """The same, ranked behind what it was by so much."""
        return self._replace(rank=self.rank + cost)


@dataclass(frozen=True, slots=True)
class Context:
    """The thread of a conversation, small enough to be kept as one row."""

    query: Query | None = None
    cells: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    # The units asked of one after the other, for 两家都在的呢.
    run: tuple[str, ...] = ()

    @property
    def begun(self) -> bool:
        """Whether there is a question before the next one."""
        return self.query is not None


# --- answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Citation:
    """Words of the document, and the part of it that they stand in."""

    document: str
    ref: str
    quote: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed figure that an answer rests on; the region is None for the whole, the value for "/"."""

    indicator: str
    region: str | None
    value: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class View:
    """A table or bar chart: the first column names the row, the rest are printed or exact figures."""

    kind: Literal["table", "bar"]
    title: str
    unit: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence to be worded: the name of its wording in language.yaml, what goes into it, and what it lists."""

    key: str
    fields: dict[str, str] = field(default_factory=dict)
    parts: tuple["Say", ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said, not yet in words."""

    outcome: Outcome
    says: tuple[Say, ...]
    citations: tuple[Citation, ...] = ()
    figures: tuple[Figure, ...] = ()
    view: View | None = None
    choices: tuple[str, ...] = ()
    follow_ups: tuple[Say, ...] = ()
    units: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer contract's fields, as every channel renders them."""

    question: str
    outcome: Outcome
    understood: str | None
    answer: str
    text: str
    citations: tuple[Citation, ...]
    figures: tuple[Figure, ...]
    view: View | None
    choices: tuple[str, ...]
    follow_ups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in the knowledge, placed for the person who mends it."""

    file: str
    line: int
    what: str
    mend: str
    # A warning is shown, but nothing is refused for it.
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'提醒：' if self.warning else ''}{self.what}。{self.mend}"
