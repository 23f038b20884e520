"""What HookSounds sends: products of Easy Digital Downloads; shape: docs.hooksounds.com/asset/track."""

from typing import Annotated

from pydantic import BeforeValidator

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.providers.fields import Address, Bpm, Id, Moment, Seconds, Text, Title, Wire, few

_PUBLISHED = "publish"
_MISSING = "not found"


class _Term(Wire):
    name: Text = None


_Terms = Annotated[tuple[_Term, ...], BeforeValidator(few)]


class _Info(Wire):
    id: Id
    title: Title
    status: Text = None
    modified_date: Moment = None
    link: Address = None
    thumbnail: Address = None
    category: _Terms = ()
    tags: _Terms = ()
    bpm: Bpm = None
    duration: Seconds = None
    mp3: Address = None


class Product(Wire):
    """A product; `duration` in milliseconds, `mp3` the preview."""

    info: _Info

    @property
    def is_published(self) -> bool:
        """Whether it can be bought; drafts are nobody's business."""
        return self.info.status in {None, _PUBLISHED}

    def to_track(self) -> ProviderTrack:
        """As every provider's. There is no artist, and the licence is whatever was bought."""
        said = self.info
        return ProviderTrack(
            provider=ProviderName.HOOKSOUNDS,
            id=said.id,
            title=said.title,
            licence=LicenceFacts(LicenceCode.CONTRACT),
            duration_ms=said.duration,
            bpm=said.bpm,
            genres=_names(said.category),
            moods=_names(said.tags),
            preview_url=said.mp3,
            artwork_url=said.thumbnail,
            page_url=said.link,
            modified_at=said.modified_date,
        )


class ProductPage(Wire):
    """Products, without a total; `error` stands in place of them where there are none of an id."""

    products: tuple[object, ...] | None = None
    error: object = None

    @property
    def is_refusal(self) -> bool:
        """Whether `error` says anything else than that there is no such product.

        Shops answer like that with any status, also when a key is not valid any more; that says nothing of a track.
        """
        return bool(self.error) and not (isinstance(self.error, str) and _MISSING in self.error.lower())


def _names(terms: tuple[_Term, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in terms if one.name))
