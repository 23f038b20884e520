"""Who watches at present."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpisodeViewers:
    """Distinct users who watch an episode."""

    episode: int
    viewers: int


@dataclass(frozen=True, slots=True)
class TenantViewers:
    """Distinct users who watch anything of a tenant, and the episodes that most of them watch."""

    viewers: int
    episodes: tuple[EpisodeViewers, ...]
