"""What all pages share: the templates, the named files they load, and addresses that hold behind any proxy path."""

import hashlib
import mimetypes
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.knowledge import Knowledge, squeeze

# Label and address below the root, in the order of the navigation.
SECTIONS = (
    ("提问", ""), ("文件", "document"), ("措施", "measures"),
    ("单位", "units"), ("地区", "regions"), ("目标", "targets"), ("接口", "api"),
)  # fmt: skip
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
POLICY_WITH_SCRIPT = f"{POLICY}; script-src 'self'; connect-src 'self'"

_HERE = Path(__file__).resolve().parent
_HOUR, _YEAR = 3600, 31_536_000


class Layout:
    """Renders templates for one document, and serves the files of `static/`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.assets = {path.name: path.read_bytes() for path in sorted((_HERE / "static").iterdir())}
        self.tags = {name: hashlib.sha256(content).hexdigest()[:16] for name, content in self.assets.items()}
        self.templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self.templates.filters |= {"segment": segment, "squeeze": squeeze}
        self.templates.globals |= {
            "name": knowledge.name, "number": knowledge.number, "sections": SECTIONS, "asset": self.asset
        }  # fmt: skip

    def asset(self, name: str) -> str:
        """The address of a file below the root, new whenever the file is."""
        return f"static/{name}?v={self.tags[name]}"

    def page(
        self, request: Request, template: str, status: int = 200, policy: str = POLICY, **values: object
    ) -> HTMLResponse:
        """The page; its template gets the values, and `up`, which leads to the root from wherever the page is."""
        html = self.templates.get_template(template).render(up=up(request), **values)
        return HTMLResponse(html, status, {"Content-Security-Policy": policy})

    def routes(self) -> list[Route]:
        """The named files."""
        return [Route("/static/{name}", self.file)]

    async def file(self, request: Request) -> Response:
        """One named file; for good under the address that `asset` gives, else for an hour."""
        name = request.path_params["name"]
        if name not in self.assets:
            raise HTTPException(404)
        age = _YEAR if request.query_params.get("v") == self.tags[name] else _HOUR
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return tagged(request, self.assets[name], kind, self.tags[name], f"public, max-age={age}")


def segment(text: str) -> str:
    """Text as one step of a path."""
    return quote(text, safe="")


def up(request: Request) -> str:
    """The relative address of the root, by the path as the browser has it."""
    path = (request.scope.get("raw_path") or request.url.path.encode()).partition(b"?")[0]
    root = request.scope.get("root_path", "").encode()
    return "../" * (path.removeprefix(root).count(b"/") - 1) or "./"


def tagged(request: Request, content: bytes, kind: str, tag: str, cache: str, **headers: str) -> Response:
    """The content with its tag, or 304 where the client has that already."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": cache} | headers
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if f'"{tag}"' in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)
