"""What this wing stores about a person: raw events, playlists, submissions, and the profile of an artist."""

from collections.abc import Mapping

from app.models.stats.events import EventType
from app.services.privacy import PersonalData, PersonalRows, StoredRows


def personal_data(
    events: Mapping[EventType, StoredRows], playlists: StoredRows, submissions: StoredRows, profiles: StoredRows
) -> tuple[PersonalData, ...]:
    """All kinds, as `PrivacyService` takes them.

    Playlists and submissions of the user are removed; what others have submitted to these playlists is theirs, and
    stays. An artist's profile is what published tracks are credited to, and is kept by admins: erasure takes the
    user out of it, and leaves the name. From then on it is nobody's.
    """
    of_events = [PersonalRows(f"{kind.value}Events", events[kind]) for kind in EventType]
    own = {"playlists": playlists, "submissions": submissions, "artistProfiles": profiles}
    return (*of_events, *(PersonalRows(name, rows) for name, rows in own.items()))
