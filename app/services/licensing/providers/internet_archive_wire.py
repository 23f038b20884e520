"""What the Internet Archive sends: pages of identifiers, and releases with all their files.

Shapes: archive.org/developers/md-read.html. Values may come alone or in a list, and numbers as text; `length`, `title`
and `artist` of files are there when somebody knew them.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from app.services.licensing.providers.fields import (
    Count,
    FirstAsSent,
    FirstText,
    Moment,
    Texts,
    Wire,
    listed,
)
from app.services.licensing.providers.quantities import ms_of_seconds

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]


def _first_length(sent: object) -> int | None:
    found = listed(sent)
    return ms_of_seconds(found[0]) if found else None


def _subjects(sent: object) -> object:
    # Many uploaders write a list as one text.
    return sent.split(";") if isinstance(sent, str) else sent


def _safe_name(sent: object) -> str:
    if not isinstance(sent, str) or not sent.isprintable() or len(sent) > _LONGEST_NAME:
        raise ValueError("must be the name of a file")
    if any(step in {"", ".", ".."} for step in sent.split("/")):
        raise ValueError("must be a path inside the release")
    return sent


_LONGEST_NAME = 400
FileName = Annotated[str, BeforeValidator(_safe_name)]


class Release(Wire):
    """An entry of the search."""

    identifier: Identifier


class Found(Wire):
    """What a page of the search holds, and how many releases there are."""

    docs: tuple[object, ...]
    num_found: Annotated[Count, Field(alias="numFound")] = None


class ReleasePage(Wire):
    """A page of the search."""

    response: Found


class File(Wire):
    """A file of a release; `length` in milliseconds."""

    name: FileName
    source: FirstAsSent = None
    original: FirstAsSent = None
    length: Annotated[int | None, BeforeValidator(_first_length)] = None
    title: FirstText = None
    artist: FirstText = None
    md5: FirstAsSent = None
    mtime: Moment = None

    @property
    def extension(self) -> str:
        """What its name ends with, in lower case."""
        return self.name.rpartition(".")[2].lower()

    @property
    def song(self) -> str:
        """What all recordings of one song in a release have in common: the name that they were made from."""
        return (self.original or self.name).rpartition(".")[0]

    @property
    def is_original(self) -> bool:
        """Whether somebody has uploaded it; the archive derives others from it."""
        return self.source == "original"


class ItemFacts(Wire):
    """What is said of a release."""

    title: FirstText = None
    creator: Texts = ()
    subject: Annotated[Texts, BeforeValidator(_subjects)] = ()
    licenseurl: FirstAsSent = None


class Item(Wire):
    """A release; an unknown identifier is answered with an empty object, and `error` is something else."""

    error: object = None
    metadata: ItemFacts | None = None
    files: tuple[object, ...] = ()
