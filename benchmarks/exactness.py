"""Whether what was acknowledged is what was counted: a fast wrong answer is no answer."""

from dataclasses import dataclass

from bson import ObjectId

from app.repositories.mongo import Database
from benchmarks.variants import Posts


@dataclass(frozen=True, slots=True)
class Tally:
    """One variant after all its load: what was acknowledged, rows in the database, and the sum of their counters.

    What was not answered as it should be may have been recorded or not.
    """

    variant: str
    acknowledged: int
    failed: int
    rows: int
    counted: int

    @property
    def is_exact(self) -> bool:
        """Whether everything acknowledged was counted once, and nothing else was."""
        return self.rows == self.counted and self.acknowledged <= self.rows <= self.acknowledged + self.failed


async def tally(db: Database, posts: Posts, acknowledged: int, failed: int) -> Tally:
    """Count what the database holds for the songs of this variant."""
    keys = [ObjectId(song_id) for song_id in posts.song_ids]
    rows = await db["views"].count_documents({"songId": {"$in": keys}})
    total = {"$group": {"_id": None, "views": {"$sum": "$viewCount"}}}
    sums = await db["songs"].aggregate([{"$match": {"_id": {"$in": keys}}}, total]).to_list(1)
    return Tally(posts.variant.value, acknowledged, failed, rows, sums[0]["views"] if sums else 0)
