"""The API's own description: OpenAPI for machines, and the same as a list of operations for the page that shows it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]
_METHODS = ("get", "post")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is sent: its name, what it is in words, and whether it must be there."""

    name: str
    kind: str
    meaning: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does, as a person reads it."""

    id: str
    method: str
    path: str
    summary: str
    note: str
    fields: tuple[Field, ...]
    body: str
    responses: tuple[tuple[str, str], ...]


def description(name: str) -> Node:
    """The OpenAPI description of this API, for the document of that name."""
    text = Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8")
    found: Node = yaml.safe_load(text)
    found["info"]["title"] = found["info"]["title"].format(name=name)
    return found


def operations(described: Node) -> Iterator[Operation]:
    """The operations of a description, in its order."""
    for path, item in described["paths"].items():
        for method in (method for method in _METHODS if method in item):
            node = item[method]
            body = node.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(
                node["operationId"], method.upper(), path, node["summary"], node.get("description", ""),
                (*_parameters(node, described), *_properties(body.get("schema", {}), described)),
                json.dumps(body["example"], ensure_ascii=False) if body else "",
                tuple((code, _found(one, described)["description"]) for code, one in node["responses"].items()),
            )  # fmt: skip


def _parameters(node: Node, described: Node) -> Iterator[Field]:
    for one in node.get("parameters", []):
        found = _found(one, described)
        kind = _kind(found["schema"]) if found["in"] == "query" else f"请求头，{_kind(found['schema'])}"
        yield Field(found["name"], kind, found["description"], found.get("required", False))


def _properties(schema: Node, described: Node) -> Iterator[Field]:
    for name, one in schema.get("properties", {}).items():
        found = _found(one, described)
        yield Field(name, _kind(found), found.get("description", ""), name in schema.get("required", ()))


def _kind(schema: Node) -> str:
    """What a value must be, in words."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    word = {"string": "文字", "integer": "整数", "boolean": "true 或 false"}[kinds[0]]
    if "enum" in schema:
        return "、".join(schema["enum"])
    if "maximum" in schema:
        return f"{word}，{schema['minimum']} 到 {schema['maximum']}"
    return f"{word}，最长 {schema['maxLength']}" if "maxLength" in schema else word


def _found(node: Node, described: Node) -> Node:
    """The node, or the one that it refers to."""
    if "$ref" not in node:
        return node
    found = described
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found
