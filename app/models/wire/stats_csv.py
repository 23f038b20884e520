"""Statistics as comma-separated values (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.models.wire.stats_analytics import AnalyticsAnswer, PointShown, TimeSeriesAnswer

# What a spreadsheet would take for a formula, also behind white space.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def analytics_csv(answer: AnalyticsAnswer) -> str:
    """One line for each number, named by its path such as `plays.sourceBreakdown.landing`."""
    shown = answer.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return _to_csv([("metric", "value"), *_flat(shown)])


def series_csv(answer: TimeSeriesAnswer) -> str:
    """One line for each point; the columns are named as the fields."""
    header = [field.alias or name for name, field in PointShown.model_fields.items()]
    rows = [tuple(point.model_dump(mode="json", by_alias=True).values()) for point in answer.points]
    return _to_csv([header, *rows])


def _flat(shown: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in shown.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _to_csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def safe_cell(cell: object) -> object:
    """A cell that no spreadsheet computes: names in breakdowns come from outside."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell
