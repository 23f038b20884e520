"""The collection `episode_views`: one row per playback token, changed by what its player reports."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from app.errors import DomainError, NotFound
from app.models.episodes.watching import Beat, Recorded, Report, Trim, Watched
from app.repositories.episode_view_documents import FOLLOWED, changed_view, to_watched
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.updates import update_rows

Follow = Callable[[Watched, Report], tuple[Watched, tuple[Trim, ...]] | DomainError]
"""The view after one more report and what was cut off it, or why it is refused."""

Outcome = Recorded | DomainError


class EpisodeViewRepository:
    """Reads the views of a group of reports, lets each report change its view in order, and writes them back."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._views = mongo.in_thread["episode_views"]

    async def record(self, reports: Sequence[Report], follow: Follow) -> list[Outcome]:
        """Write all reports in one transaction: one read, one write, however many they are.

        Safe to call again with the same reports: each view remembers the last one. A report whose view is not that
        of its token, tenant and user is answered with `NotFound` and changes nothing.

        Raises:
            TransientFailure: nothing was written, or (`UNKNOWN`) perhaps all of it.
        """
        return await self._mongo.transaction(lambda session: self._record(session, reports, follow))

    def _record(self, session: Session, reports: Sequence[Report], follow: Follow) -> list[Outcome]:
        rows = self._read(session, reports)
        outcomes: list[Outcome] = [NotFound("View not found")] * len(reports)
        updates: list[Document] = []
        for view_id, positions in _by_view(rows, reports).items():
            own = [reports[at] for at in positions]
            settled, update = _change(rows[view_id], own, follow)
            for at, outcome in zip(positions, settled, strict=True):
                outcomes[at] = outcome
            updates += [{"q": {"_id": view_id}, "u": update}] if update else []
        if updates:
            update_rows(self._views, updates, session)
        return outcomes

    def _read(self, session: Session, reports: Sequence[Report]) -> dict[int, Document]:
        wanted = {"_id": {"$in": list({report.view_id for report in reports})}}
        return {row["_id"]: row for row in self._views.find(wanted, FOLLOWED, session=session)}


def _by_view(rows: Mapping[int, Document], reports: Sequence[Report]) -> dict[int, list[int]]:
    """The positions of the reports that belong to their views, in order."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for at, report in enumerate(reports):
        row = rows.get(report.view_id)
        if row is not None and _is_of(row, report):
            found[report.view_id].append(at)
    return found


def _is_of(row: Document, report: Report) -> bool:
    claim = report.claim
    owner = (row["playback_token"], row["tenant"], row["user"])
    return owner == (claim.key, claim.tenant, claim.user_id)


def _change(row: Document, reports: Sequence[Report], follow: Follow) -> tuple[list[Outcome], Document | None]:
    """The outcome of each report of a view, and the update that has them all; none when nothing is to be written."""
    before = watched = to_watched(row)
    done = _already_written(row, reports)
    outcomes: list[Outcome] = [_recorded(report) for report in reports[:done]]
    last: Report | None = None
    for report in reports[done:]:
        followed = follow(watched, report)
        if isinstance(followed, DomainError):
            outcomes.append(followed)
            continue
        (watched, trims), last = followed, report
        outcomes.append(_recorded(report, trims))
    return outcomes, None if last is None else changed_view(row, before, watched, last)


def _already_written(row: Document, reports: Sequence[Report]) -> int:
    """How many of these an earlier attempt has written, whose outcome was not known."""
    keys = [report.key for report in reports]
    return keys.index(row["last_report"]) + 1 if row["last_report"] in keys else 0


def _recorded(report: Report, trims: tuple[Trim, ...] = ()) -> Recorded:
    return Recorded(report.view_id, isinstance(report.content, Beat), trims)
