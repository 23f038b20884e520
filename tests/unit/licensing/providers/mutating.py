"""Breaks JSON in all the ways in which a provider can: types, gaps, repetitions, sizes, depths, bytes."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

_NASTY_TEXTS = (
    "", " ", "\x00", "\ud800", "a\u202eb", "<script>alert(1)</script>", "&lt;img src=x onerror=alert(1)&gt;",
    "javascript:alert(1)", "http://user:pw@127.0.0.1/", "https://", "http://[::1", "http://x:99999/", "//x/y",
    "../../etc/passwd", "a/../b.mp3", "NaN", "1e999", "-1", "9" * 400, "1:2:3:4", "99:99", "0000-00-00 00:00:00",
    "x" * 20_000, "<" * 5_000, "&amp;" * 3_000, "<b>" * 3_000, "2024-13-45", "999999999999999999",
)  # fmt: skip
_NASTY_NUMBERS = (
    0, -1, 0.1, 1e308, float("nan"), float("inf"), 2**53 + 1, 2**70, 10**300, -(10**300), True, False,
)  # fmt: skip


def _deep(levels: int) -> Any:
    node: Any = "bottom"
    for _ in range(levels):
        node = [node]
    return node


leaves = (
    st.none()
    | st.sampled_from(_NASTY_NUMBERS)
    | st.sampled_from(_NASTY_TEXTS)
    | st.text(max_size=20)
    | st.integers()
    | st.floats()
)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
) | st.sampled_from([40, 150]).map(_deep)


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every place below a node, as (container, key)."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [place for key in keys for place in [(node, key), *_places(node[key])]]


@st.composite
def mutated(draw: st.DrawFn, document: Any) -> Any:
    """The document with one to four changes anywhere in it; sometimes something else altogether."""
    if draw(st.integers(0, 19)) == 0:
        return draw(anything)
    changed = deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        places = _places(changed)
        if not places:
            return changed
        container, key = draw(st.sampled_from(places))
        _change(draw, container, key)
    return changed


def _change(draw: st.DrawFn, container: Any, key: Any) -> None:
    how = draw(st.sampled_from(["replace", "replace", "replace", "delete", "duplicate", "wrap", "unwrap"]))
    if how == "replace":
        container[key] = draw(anything)
    elif how == "delete":
        del container[key]
    elif how == "duplicate" and isinstance(container, list):
        container.extend(deepcopy(container[key]) for _ in range(draw(st.sampled_from([1, 60]))))
    elif how == "wrap":
        container[key] = [container[key]]
    elif isinstance(container[key], list) and container[key]:
        container[key] = container[key][0]


@st.composite
def bodies(draw: st.DrawFn, document: Any) -> bytes:
    """The mutated document as bytes, which may be broken as well."""
    body = json.dumps(draw(mutated(document))).encode()
    how = draw(st.integers(0, 11))
    at = draw(st.integers(0, len(body)))
    if how == 0:
        return body[:at]
    if how == 1:
        return body[:at] + b"\xff\xfe" + body[at:]
    if how == 2:
        return draw(
            st.sampled_from(
                [b"", b"<html>503</html>", b"[" * 100_000, b'{"a":' * 100_000, b"\xef\xbb\xbf{}", b"9" * 5_000]
            )
        )
    return body
