"""Spoils an answer in the ways that a hostile or broken provider would."""

import json
from typing import Any

from starlette.responses import Response

_TITLES = frozenset({"title", "name", "artist", "artist_name", "creator", "album", "album_name", "description"})


def broken_json(body: bytes) -> bytes:
    """Half of it."""
    return body[: len(body) // 2]


def wrong_types(body: bytes) -> bytes:
    """Numbers where texts were, texts where numbers were, and objects where lists were, below the outermost level."""
    document = _read(body)
    if isinstance(document, dict):
        return json.dumps({name: _inside(value) for name, value in document.items()}).encode()
    return json.dumps(_wrong(document)).encode()


def _inside(value: Any) -> Any:
    """The outer shape stays, so that readers get as far as the tracks."""
    if isinstance(value, list):
        return [_inside(one) for one in value]
    if isinstance(value, dict):
        return {name: _wrong(one) for name, one in value.items()}
    return value


def _wrong(value: Any) -> Any:
    match value:
        case bool() | None:
            return [value]
        case str():
            return len(value)
        case int() | float():
            return f"{value} or so"
        case list():
            return dict(enumerate(value))
        case _:
            return [value]


def script_titles(body: bytes) -> bytes:
    """Markup in everything that is shown as a text."""
    return _each(body, lambda name, text: f"<script>alert(1)</script><b>{text}</b>" if name in _TITLES else text)


def javascript_urls(body: bytes) -> bytes:
    """Every address is a script."""
    return _each(body, lambda _name, text: "javascript:alert(1)" if text.startswith("http") else text)


def _each(body: bytes, spoil: Any) -> bytes:
    def walk(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(key, one) for key, one in value.items()}
        if isinstance(value, list):
            return [walk(name, one) for one in value]
        return spoil(name, value) if isinstance(value, str) else value

    return json.dumps(walk("", _read(body))).encode()


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def spoiled(answer: Response, body: bytes) -> Response:
    """The same answer with another body, and a length that is right for it."""
    return Response(body, answer.status_code, media_type=answer.media_type)
