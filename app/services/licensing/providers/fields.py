"""Types of the fields that providers send: each says what is let through, and what is made of it."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from app.services.licensing.providers import addresses, moments, quantities, texts

_MOST_TEXTS = 50
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Wire(BaseModel):
    """A shape that a provider sends; fields that we do not read may be anything."""

    model_config = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=True)


def is_id(text: str) -> bool:
    """Whether a text can be an id of those providers whose ids are numbers or UUIDs, and goes into a path as it is."""
    return _ID.fullmatch(text) is not None


def _id(sent: object) -> str:
    text = str(sent) if isinstance(sent, int) and not isinstance(sent, bool) and abs(sent) < 1 << 63 else sent
    if not isinstance(text, str) or not is_id(text):
        raise ValueError("must be an id")
    return text


def _as_sent(sent: object) -> str | None:
    if sent is None or isinstance(sent, str):
        return sent
    if isinstance(sent, bool) or not isinstance(sent, int | float) or quantities.number(sent) is None:
        raise ValueError("must be text")
    return str(sent)


def _text(sent: object) -> str | None:
    text = _as_sent(sent)
    return None if text is None else texts.plain(text) or None


def _title(sent: object) -> str:
    text = _text(sent)
    if text is None:
        raise ValueError("must be a text that shows something")
    return text


def _address(sent: object) -> str | None:
    # WordPress and Jamendo send false or nothing where there is none.
    text = None if sent is False else _as_sent(sent)
    return None if text is None else addresses.address(text)


def listed(sent: object) -> tuple[object, ...]:
    """What was sent as a list; one value alone stands for a list of one, null and false for an empty one."""
    if sent is None or sent is False:
        return ()
    return tuple(sent) if isinstance(sent, list | tuple) else (sent,)


def few(sent: object) -> tuple[object, ...]:
    """The first 50 of `listed`: what hangs on a track is kept, copied and shown with it."""
    return listed(sent)[:_MOST_TEXTS]


def _texts(sent: object) -> tuple[str, ...]:
    found = (_text(one) for one in few(sent))
    return tuple(dict.fromkeys(text for text in found if text))


def _first_text(sent: object) -> str | None:
    return next(iter(_texts(sent)), None)


def _first_as_sent(sent: object) -> str | None:
    return next((text for one in listed(sent) if (text := _as_sent(one)) is not None), None)


def something(sent: object) -> object:
    """What was sent; `None` for the empty list or `false` that PHP sends in place of an empty object."""
    return None if sent is False or sent in ([], "") else sent


Id = Annotated[str, BeforeValidator(_id)]
"""An id: text, or a number, of at most 64 letters, digits, `-` and `_`."""

AsSent = Annotated[str | None, BeforeValidator(_as_sent)]
"""Text as it was sent, or `None`; for facts that are kept raw."""

FirstAsSent = Annotated[str | None, BeforeValidator(_first_as_sent)]
"""The same where a list may come in place of text: its first."""

Text = Annotated[str | None, BeforeValidator(_text)]
"""Plain text, or `None` when it is null or shows nothing."""

FirstText = Annotated[str | None, BeforeValidator(_first_text)]
"""The same where a list may come in place of text: its first."""

Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
"""Plain texts, each once, from a list, one text or null."""

Title = Annotated[str, BeforeValidator(_title)]
"""Plain text that must be there."""

Address = Annotated[str | None, BeforeValidator(_address)]
"""An http(s) address, or `None`, also for one that is not safe."""

Number = Annotated[float | None, BeforeValidator(quantities.number)]
Count = Annotated[int | None, BeforeValidator(quantities.count)]
Bpm = Annotated[float | None, BeforeValidator(quantities.bpm)]
Flag = Annotated[bool | None, BeforeValidator(quantities.flag)]
Seconds = Annotated[int | None, BeforeValidator(quantities.ms_of_seconds)]
"""Milliseconds, sent as seconds or as `M:SS`."""
Milliseconds = Annotated[int | None, BeforeValidator(quantities.ms_of_milliseconds)]
Moment = Annotated[datetime | None, BeforeValidator(moments.moment)]
Listed = Annotated[tuple[object, ...], BeforeValidator(listed)]
"""Entries that are read one by one, so that a bad one costs only itself."""
