"""Socket.IO: connections, rooms, acknowledgements, emits."""

from app.realtime.bus import Bus, LocalBus, bus_for
from app.realtime.episode_viewers import EpisodeViewerRooms
from app.realtime.live_counts import LiveCounts
from app.realtime.live_listeners import LiveListeners
from app.realtime.ports import (
    EpisodeViewersReader,
    ListenersReader,
    SongCountsReader,
    SyncsReader,
    TokenVerifier,
)
from app.realtime.redis_bus import RedisBus
from app.realtime.server import RealtimeServer
from app.realtime.sync_progress import SyncProgress

__all__ = [
    "Bus",
    "EpisodeViewerRooms",
    "EpisodeViewersReader",
    "ListenersReader",
    "LiveCounts",
    "LiveListeners",
    "LocalBus",
    "RealtimeServer",
    "RedisBus",
    "SongCountsReader",
    "SyncProgress",
    "SyncsReader",
    "TokenVerifier",
    "bus_for",
]
