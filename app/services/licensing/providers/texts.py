"""Makes plain text of what providers send."""

import html
import re
from collections.abc import Iterable

import nh3

MAX_TEXT = 512
_MOST_READ = 8_192
_ROUNDS = 5
# Reading markup as a browser does takes time with the square of its depth: 8 kB of `<ul><li>` took 7 ms.
_MOST_MARKS = 64
_CLEANER = nh3.Cleaner(tags=set())
_MARK = re.compile(r"<[^<>]*>?")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Marks that show nothing and turn the direction of what follows; and half characters, which UTF-8 cannot hold.
_HIDDEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")


def plain(sent: str, limit: int = MAX_TEXT) -> str:
    """The text without markup, entities, control and hidden characters; inner spaces single, cut to `limit`.

    Markup that was escaped, also more than once, is markup too: browsers of others may unescape it again.
    """
    text = sent[:_MOST_READ]
    if text.isprintable() and not _may_be_markup(text):
        return _cut(" ".join(text.split()), limit)
    text = _visible(text)
    for _ in range(_ROUNDS):
        cleaned = _visible(_without_markup(text))
        if cleaned == text:
            return _cut(text, limit)
        text = cleaned
    return _cut(re.sub(r"[<>&]", " ", text), limit)


def joined(names: Iterable[str]) -> str | None:
    """Names as one, each once; `None` when there are none."""
    return _cut(", ".join(dict.fromkeys(names)), MAX_TEXT) or None


def storable(sent: str, limit: int) -> str:
    """The text as it was sent, as far as UTF-8 and a database can hold it, cut to `limit`."""
    return sent[:limit].encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _visible(text: str) -> str:
    return " ".join(_HIDDEN.sub("", _BREAKS.sub(" ", text)).split())


def _without_markup(text: str) -> str:
    if not _may_be_markup(text):
        return text
    is_deep = text.count("<") > _MOST_MARKS
    return html.unescape(_MARK.sub(" ", text) if is_deep else _CLEANER.clean(text))


def _may_be_markup(text: str) -> bool:
    return "<" in text or "&" in text


def _cut(text: str, limit: int) -> str:
    return text[:limit].strip()
