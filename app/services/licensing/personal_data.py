"""What this wing stores about a person: favourites, uses, downloads, subscriptions and parts in experiments."""

from app.services.privacy import PersonalData, PersonalRows, StoredRows


def personal_data(
    favorites: StoredRows,
    usages: StoredRows,
    downloads: StoredRows,
    subscriptions: StoredRows,
    assignments: StoredRows,
) -> tuple[PersonalData, ...]:
    """All kinds, as `PrivacyService` takes them.

    Favourites, downloads and parts in experiments are removed. Uses are evidence that a track was licensed when it
    was used, and subscriptions are how others are told: both stay, and forget whose they were. Playlists are shared
    with the statistics wing, which contributes them with the tracks in them.
    """
    kinds = {
        "musicFavorites": favorites,
        "musicUsages": usages,
        "trackDownloads": downloads,
        "webhookSubscriptions": subscriptions,
        "experimentAssignments": assignments,
    }
    return tuple(PersonalRows(name, rows) for name, rows in kinds.items())
