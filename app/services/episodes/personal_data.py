"""What this wing stores about a person: views of episodes, and that somebody is among the viewers."""

from app.services.privacy import PersonalData, PersonalRows, StoredRows


def personal_data(views: StoredRows, viewers: StoredRows) -> tuple[PersonalData, ...]:
    """Both kinds, as `PrivacyService` takes them; a view is erased before its viewer is counted out."""
    return PersonalRows("episodeViews", views), PersonalRows("episodeViewers", viewers)
