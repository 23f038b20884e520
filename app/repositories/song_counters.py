"""The counters on a song, read and raised inside the transaction that changes the rows they count."""

from collections.abc import Collection as Container
from collections.abc import Mapping

from app.models.songs import SongKey
from app.repositories.mongo import Document, Session, ThreadCollection
from app.repositories.song_documents import COUNT_FIELDS, is_number, to_number
from app.repositories.updates import update_rows


class SongCounters:
    """Counters change only here, and only together with their rows; for use in the thread of a transaction."""

    def __init__(self, songs: ThreadCollection) -> None:
        self._songs = songs

    def read(self, session: Session, keys: Container[SongKey]) -> dict[SongKey, Document]:
        """The songs that exist in this snapshot, with their counts."""
        cursor = self._songs.find({"_id": {"$in": list(keys)}}, COUNT_FIELDS, session=session)
        return {document["_id"]: document for document in cursor}

    def add(
        self, session: Session, songs: Mapping[SongKey, Document], counter: str, changes: Mapping[SongKey, int]
    ) -> None:
        """Raise (or lower) `counter` of each song, and put the new counts into `songs`, as read in this transaction.

        Snapshot isolation makes the sum exact without another read: had anyone else changed the song since, this
        write would be refused and the transaction run again.
        """
        moved = {key: change for key, change in changes.items() if change}
        if not moved:
            return
        raised = [{"q": {"_id": key}, "u": _raise(songs[key], counter, by)} for key, by in moved.items()]
        update_rows(self._songs, raised, session)
        for key, by in moved.items():
            song = songs[key]
            song[counter] = to_number(song.get(counter)) + by
            song["countsRevision"] = to_number(song.get("countsRevision")) + 1


def _raise(song: Document, counter: str, by: int) -> Document:
    """`$inc`, which MongoDB refuses on what is no number: such a counter, of another program, begins at zero."""
    broken = {name: to_number(song[name]) for name in (counter, "countsRevision") if not is_number(song.get(name, 0))}
    sums = {counter: by, "countsRevision": 1}
    update: Document = {"$inc": {name: change for name, change in sums.items() if name not in broken}}
    if broken:
        update["$set"] = {name: value + sums[name] for name, value in broken.items()}
    return {operator: fields for operator, fields in update.items() if fields}
