"""The pages to read: the document, its measures, units and regions, the targets, and their charts and downloads."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import chart
from bot.anchors import point_id, row_id, sentences
from bot.drawing import drawn
from bot.engine import Engine
from bot.figures import broken_down
from bot.knowledge import NO_TARGET, WHOLE, Knowledge, Part
from bot.layout import POLICY, POLICY_WITH_SCRIPT, Layout, segment, tagged, up
from bot.naming import Names, names
from bot.render import source
from bot.sheet import Sheet, as_csv, as_json, sheet, wished
from bot.standing import bars, ordered, standing
from bot.values import View

# The picture brings its colours along as a sheet; nothing else may run or load in it.
_PICTURE_POLICY = f"default-src 'none'; style-src 'sha256-{chart.SHEET_HASH}'; frame-ancestors 'none'"
_LISTS = {
    "measure": ("所有措施", "measures"), "requirement": ("所有措施和要求", "measures"), "unit": ("所有单位", "units"),
    "region": ("所有地区", "regions"), "indicator": ("所有目标", "targets"), "whole": ("所有目标", "targets"),
}  # fmt: skip
_FRESH = "no-cache"
_AN_HOUR = "public, max-age=3600"


def routes(engine: Engine, layout: Layout) -> list[Route]:
    """All pages to read, and the files behind them."""
    pages = _Pages(engine, layout)
    return [
        Route("/document", pages.document),
        Route("/measures", pages.measures),
        Route("/measures/{number:int}", pages.measure),
        Route("/requirements/{number:int}", pages.requirement),
        Route("/units", pages.units),
        Route("/units/{unit}", pages.unit),
        Route("/regions", pages.regions),
        Route("/regions/{region}", pages.region),
        Route("/targets", pages.targets),
        Route("/targets.csv", pages.csv),
        Route("/targets.json", pages.json),
        Route("/targets/{region}/{indicator}", pages.target),
        Route("/chart.svg", pages.chart),
    ]


def chart_address(view: View | None, knowledge: Knowledge, marked: tuple[str, ...] = ()) -> str | None:
    """The address, below the root, of the chart of a reply's view; None where there is none."""
    if view is None or not chart.drawable(view):
        return None
    region_ids = {region.name: id_ for id_, region in knowledge.regions.items()} | {knowledge.whole.name: WHOLE}
    indicators = [id_ for id_, each in knowledge.indicators.items() if each.name == view.columns[1]]
    if not indicators or not all(row[0] in region_ids for row in view.rows):
        return None
    regions = tuple(region_ids[row[0]] for row in view.rows)
    # What the address draws is to be what the reply shows, or nothing.
    return (
        _chart_query(regions, indicators[0], knowledge, marked)
        if bars(regions, indicators[0], knowledge) == view
        else None
    )


def _chart_query(regions: tuple[str, ...], indicator: str, knowledge: Knowledge, marked: tuple[str, ...] = ()) -> str:
    given = [("indicator", knowledge.indicators[indicator].name)]
    standard = (*knowledge.regions, WHOLE)
    if regions != standard:
        given += [("region", knowledge.region_name(region)) for region in regions]
    given += [("mark", name) for name in marked]
    return f"chart.svg?{urlencode(given)}"


def _figure_address(region: str, indicator: str) -> str:
    return f"targets/{segment(region)}/{segment(indicator)}"


@dataclass(frozen=True, slots=True)
class _Picture:
    """What a page needs to show a chart."""

    address: str
    alt: str
    height: int


class _Pages:
    """The endpoints. What they show depends on the knowledge and the address only, so every page has a tag."""

    def __init__(self, engine: Engine, layout: Layout) -> None:
        self.engine, self.layout, self.knowledge = engine, layout, engine.knowledge
        self.region_names: Names = names("region", engine)
        self.unit_names: Names = names("unit", engine)
        self.indicator_names: Names = names("indicator", engine)
        layout.templates.globals |= {
            "knowledge": self.knowledge, "label": self._label, "sentences": sentences, "point_id": point_id,
            "row_id": row_id, "standing": standing, "NO_TARGET": NO_TARGET, "NOT_SET": chart.NOT_SET, "WHOLE": WHOLE,
        }  # fmt: skip

    # --- the document and its parts

    async def document(self, request: Request) -> Response:
        """The whole text, each passage with an id."""
        return self._page(request, "document.html")

    async def measures(self, request: Request) -> Response:
        """All measures by group, with who leads them, and the requirements."""
        return self._page(request, "measures.html")

    async def measure(self, request: Request) -> Response:
        """One measure: its text, who leads it and who is responsible."""
        return self._part(request, "measure")

    async def requirement(self, request: Request) -> Response:
        """One requirement."""
        return self._part(request, "requirement")

    def _part(self, request: Request, kind: str) -> Response:
        number = request.path_params["number"]
        parts = self.knowledge.of_kind(kind)
        part = self.knowledge.parts.get(f"{kind}:{number}")
        if part is None:
            ends = dict.fromkeys(parts[:1] + parts[-1:])
            return self._missing(request, kind, str(number), [(self._label(p), f"{kind}s/{p.number}") for p in ends])
        around = [self.knowledge.parts.get(f"{kind}:{number + step}") for step in (-1, 1)]
        return self._page(request, "part.html", part=part, around=around)

    # --- who

    async def units(self, request: Request) -> Response:
        """All units, with how many measures they lead and take part in."""
        rows = [(unit, self._led(id_), self._taken(id_)) for id_, unit in self.knowledge.units.items()]
        return self._page(request, "units.html", rows=rows)

    async def unit(self, request: Request) -> Response:
        """What one unit leads and takes part in."""
        wanted = request.path_params["unit"]
        found = self.unit_names.find(wanted)
        if found is None:
            near = [(name, f"units/{segment(name)}") for name in self.unit_names.near(wanted)]
            return self._missing(request, "unit", wanted, near)
        unit = self.knowledge.units[found]
        if unit.name != wanted:
            return RedirectResponse(f"{up(request)}units/{segment(unit.name)}", 302)
        return self._page(request, "unit.html", unit=unit, led=self._led(found), taken=self._taken(found))

    def _led(self, unit: str) -> tuple[Part, ...]:
        return tuple(part for part in self.knowledge.measures if unit in part.lead)

    def _taken(self, unit: str) -> tuple[Part, ...]:
        return tuple(part for part in self.knowledge.measures if unit in part.responsible)

    # --- how much

    async def regions(self, request: Request) -> Response:
        """All regions."""
        return self._page(request, "regions.html", indicators=broken_down(self.knowledge))

    async def region(self, request: Request) -> Response:
        """All targets of one region, with their shares of the whole and their ranks."""
        wanted = request.path_params["region"]
        found = self.region_names.find(wanted)
        if found is None:
            return self._no_region(request, wanted)
        name = self.knowledge.region_name(found)
        if name != wanted:
            return RedirectResponse(f"{up(request)}regions/{segment(name)}", 302)
        figures = [figure for i in self.knowledge.indicators if (figure := standing(found, i, self.knowledge))]
        return self._page(request, "region.html", region=found, title=name, figures=figures)

    def _no_region(self, request: Request, wanted: str) -> Response:
        near = [(name, f"regions/{segment(name)}") for name in self.region_names.near(wanted)]
        return self._missing(request, "region", wanted, near)

    async def targets(self, request: Request) -> Response:
        """The tables, as the query asks for them, and a chart of the indicator that is looked at."""
        found = self._sheet(request)
        columns = broken_down(self.knowledge)
        chosen = found.wish.indicator or next(iter(columns), "")
        goals = [i for i in self.knowledge.indicators.values() if not i.annex]
        return self._page(
            request, "targets.html", 400 if found.faults else 200, POLICY_WITH_SCRIPT,
            sheet=found, chosen=chosen, goals=goals, picture=self._picture(found.regions, chosen) if chosen else None,
            indicators=[self.knowledge.indicators[i] for i in columns],
        )  # fmt: skip

    async def csv(self, request: Request) -> Response:
        """The figures that the page with the same query shows, for a spreadsheet."""
        found = self._checked(request)
        return self._download(request, as_csv(found, self.knowledge), "text/csv; charset=utf-8", "targets.csv")

    async def json(self, request: Request) -> Response:
        """The figures that the page with the same query shows, for a program."""
        content = bytes(JSONResponse(as_json(self._checked(request), self.knowledge)).body)
        return self._download(request, content, "application/json", "targets.json")

    async def target(self, request: Request) -> Response:
        """One figure at its permanent address."""
        wanted, asked = request.path_params["region"], request.path_params["indicator"]
        region, indicator = self.region_names.find(wanted), self.indicator_names.find(asked)
        if region is None:
            return self._no_region(request, wanted)
        name, whole = self.knowledge.region_name(region), self.knowledge.whole.name
        if indicator is None:
            near = [(each, _figure_address(name, each)) for each in self.indicator_names.near(asked)]
            return self._missing(request, "indicator", asked, near)
        entry = self.knowledge.indicators[indicator]
        found = standing(region, indicator, self.knowledge)
        if found is None:
            return self._missing(
                request, "whole", entry.name, [(whole + entry.name, _figure_address(whole, entry.name))]
            )
        if (name, entry.name) != (wanted, asked):
            return RedirectResponse(up(request) + _figure_address(name, entry.name), 302)
        table = self.knowledge.tables[entry.annex] if entry.annex else None
        picture = self._picture(ordered(indicator, "desc", self.knowledge), indicator, region) if table else None
        return self._page(request, "target.html", figure=found, title=name, table=table, picture=picture)

    async def chart(self, request: Request) -> Response:
        """The chart of an indicator over regions: all of them and the whole, or those that are named, in that order."""
        given = request.query_params
        indicator = self.indicator_names.find(given.get("indicator", ""))
        if indicator not in broken_down(self.knowledge):
            raise HTTPException(404, "没有这张图：请用 indicator 写明附件里的一个指标。")
        wanted = given.getlist("region")
        found = [self.region_names.find(name) for name in wanted] if wanted else [*self.knowledge.regions, WHOLE]
        regions = tuple(dict.fromkeys(region for region in found if region is not None))
        view = bars(regions, indicator, self.knowledge)
        if None in found or not chart.drawable(view) or view is None:
            raise HTTPException(404, "没有这张图：region 应当是文件里的地区，至少两个，其中有设了目标的。")
        marked = tuple(
            self.knowledge.region_name(r) for n in given.getlist("mark") if (r := self.region_names.find(n)) is not None
        )
        content = await drawn(chart.svg, view, marked)
        tag = hashlib.sha256(content).hexdigest()[:16]
        return tagged(request, content, "image/svg+xml", tag, _AN_HOUR, **{"Content-Security-Policy": _PICTURE_POLICY})

    # --- what they share

    def _sheet(self, request: Request) -> Sheet:
        wish, faults = wished(request.query_params, self.indicator_names, self.knowledge)
        return sheet(wish, faults, self.region_names, self.knowledge)

    def _checked(self, request: Request) -> Sheet:
        found = self._sheet(request)
        if found.faults:
            raise HTTPException(400, "".join(found.faults))
        return found

    def _download(self, request: Request, content: bytes, kind: str, name: str) -> Response:
        tag = hashlib.sha256(content).hexdigest()[:16]
        disposition = f'attachment; filename="{name}"'
        return tagged(request, content, kind, tag, _FRESH, **{"Content-Disposition": disposition})

    def _picture(self, regions: tuple[str, ...], indicator: str, marked: str = WHOLE) -> _Picture | None:
        shown = (*regions, WHOLE) if len(regions) == len(self.knowledge.regions) else regions
        view = bars(shown, indicator, self.knowledge)
        if view is None or not chart.drawable(view):
            return None
        named = (self.knowledge.region_name(marked),) if marked else ()
        return _Picture(_chart_query(shown, indicator, self.knowledge, named), chart.alt(view), chart.height(view))

    def _label(self, part: Part) -> str:
        return source(part.id, self.knowledge, self.engine.language)

    def _page(
        self, request: Request, template: str, status: int = 200, policy: str = POLICY, **values: object
    ) -> Response:
        page = self.layout.page(request, template, status, policy, **values)
        if status != 200:
            return page
        content = bytes(page.body)
        tag = hashlib.sha256(content).hexdigest()[:16]
        return tagged(request, content, "text/html", tag, _FRESH, **{"Content-Security-Policy": policy})

    def _missing(self, request: Request, kind: str, wanted: str, near: Iterable[tuple[str, str]]) -> Response:
        """Not found: what was looked for, the names and addresses that come near, and the list of all."""
        return self.layout.page(request, "missing.html", 404, kind=kind, wanted=wanted, near=near, all=_LISTS[kind])
