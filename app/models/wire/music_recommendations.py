"""Similar and recommended tracks as they are shown."""

from typing import Annotated, Self

from pydantic import Field

from app.models.licensing.recommendations import Basis, Proposal, Recommendations, SimilarSource, SimilarTracks
from app.models.wire.base import CamelModel
from app.models.wire.music_tracks import TrackShown, shown_fields

Score = Annotated[float, Field(description="How well it fits, from 0 to 1.")]


class ProposedTrack(TrackShown):
    """A track with how well it fits, and a few words on why."""

    score: Score
    reasons: list[str]

    @classmethod
    def of_proposal(cls, proposal: Proposal) -> Self:
        """Show a proposal."""
        return cls(**shown_fields(proposal.track), score=proposal.score, reasons=list(proposal.reasons))


class SimilarShown(CamelModel):
    """Similar tracks, the most similar first; `source` is who says so."""

    items: list[ProposedTrack]
    source: SimilarSource

    @classmethod
    def of(cls, similar: SimilarTracks) -> Self:
        """Show similar tracks."""
        return cls(items=list(map(ProposedTrack.of_proposal, similar.proposals)), source=similar.source)


class RecommendationsShown(CamelModel):
    """Recommended tracks, the best first; `basis` is what they rest on."""

    items: list[ProposedTrack]
    basis: Basis

    @classmethod
    def of(cls, recommended: Recommendations) -> Self:
        """Show recommendations."""
        return cls(items=list(map(ProposedTrack.of_proposal, recommended.proposals)), basis=recommended.basis)
