"""The OpenAPI document as a page of Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

from reference.shapes import Field, Shapes

_TITLE = """# HTTP reference

Written by `make docs` from the OpenAPI document, which a running service has at `/openapi.json`. What the routes mean
together, with examples, is in [http.md](../http.md).
"""
_JSON = "application/json"


def page(document: Mapping[str, Any]) -> str:
    """The whole reference: an index by tag, then every route."""
    shapes = Shapes(document["components"]["schemas"])
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    routes = [
        (path, verb.upper(), operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    ]
    lines = [_TITLE]
    for tag, description in tags.items():
        own = [route for route in routes if tag in route[2].get("tags", ())]
        lines += [f"## {tag}", "", description, ""]
        for path, verb, operation in own:
            lines += _route(path, verb, operation, shapes)
    return "\n".join(lines).rstrip() + "\n"


def _route(path: str, verb: str, operation: Mapping[str, Any], shapes: Shapes) -> Iterator[str]:
    yield from (f"### `{verb} {path}`", "", f"**{operation['summary']}** ({_who(operation)})", "")
    if description := operation.get("description"):
        yield from (" ".join(description.split()), "")
    if parameters := operation.get("parameters"):
        yield from _table("Parameter", [_parameter(one, shapes) for one in parameters], "optional")
    body = operation.get("requestBody", {}).get("content", {})
    for media_type, content in body.items():
        yield from _shape(f"Body (`{media_type}`)", content.get("schema", {}), shapes, "optional")
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield from _answer(status, answer, shapes)
    refusals = [status for status in operation["responses"] if not status.startswith("2")]
    yield from (f"Errors: {', '.join(refusals)}." if refusals else "No errors of its own.", "")


def _who(operation: Mapping[str, Any]) -> str:
    security = operation.get("security")
    if not security:
        return "anyone"
    return "token optional" if {} in security else "token"


def _parameter(parameter: Mapping[str, Any], shapes: Shapes) -> Field:
    schema = parameter.get("schema", {})
    described = {"description": parameter.get("description", ""), **schema}
    [field] = shapes.fields({"properties": {parameter["name"]: described}})
    return Field(f"{field.name}` ({parameter['in']})`", field.kind, parameter.get("required", False), field.notes)


def _answer(status: str, answer: Mapping[str, Any], shapes: Shapes) -> Iterator[str]:
    content = answer.get("content", {}).get(_JSON)
    if content is None:
        others = ", ".join(f"`{name}`" for name in answer.get("content", {}))
        yield from (f"Answer {status}: {others or 'nothing'}.", "")
        return
    yield from _shape(f"Answer {status}", content.get("schema", {}), shapes, "not always there")


def _shape(title: str, schema: Mapping[str, Any], shapes: Shapes, mark: str) -> Iterator[str]:
    fields = list(shapes.fields(schema)) or list(shapes.fields(schema.get("items", {}), "[]."))
    if fields:
        yield from _table(title, fields, mark)
    else:
        yield from (f"{title}: {shapes.kind(schema)}.", "")


def _table(title: str, fields: list[Field], mark: str) -> Iterator[str]:
    yield from (f"| {title} | | |", "|---|---|---|")
    for field in fields:
        marked = "" if field.is_required or field.name == "success" else f" ({mark})"
        notes = field.notes.replace("|", "\\|").replace("\n", " ")
        yield f"| `{field.name}`{marked} | {field.kind} | {notes} |".replace("``", "")
    yield ""
