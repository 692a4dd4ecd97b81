"""What the engine tells of a sync, each event after its commit; and how it fails.

In: filled by the engine. Out: SeriesListed, SeriesSynced, SeriesFailed, SyncSkipped, SyncResult, SyncFailed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iracing_pipeline.core.rows import Counts, Rejected, Row


class SyncFailed(Exception):
    """A sync run ended without doing what it was to do: one message, its kind, no stack of causes."""

    def __init__(
        self, message: str, kind: str | None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind or "bug"
        self.details = dict(details or {})
        """What failed, by item, where several items were tried."""


@dataclass(frozen=True)
class SeriesListed:
    """The series that are known now, and stored ones that the index no longer holds."""

    known: frozenset[int]
    gone: frozenset[int]


@dataclass(frozen=True)
class SeriesSynced:
    """The past seasons of a series are stored."""

    series_id: int
    series_name: str | None
    seasons: int
    weeks: int
    is_last: bool = True
    """No other series of the same transaction is told after it."""


@dataclass(frozen=True)
class SeriesFailed:
    """The past seasons of a series are not stored, or not all of them."""

    series_id: int | str
    """Text where it can be no id."""
    series_name: str | None
    reason: str


@dataclass(frozen=True)
class SyncSkipped:
    """The API was in maintenance when a schedule asked: nothing was done, and nothing is wrong."""

    reason: str
    open_items: int
    """Items of the asset that are in quarantine, as before."""
    new_drift: Sequence[str] = ()


@dataclass(frozen=True)
class SyncResult:
    """What a sync run came to."""

    main_table: str
    counts: Mapping[str, Counts]
    rejected: Sequence[Rejected]
    summary: str
    """In one line, such as `3 inserted, 0 updated, 524 unchanged`, by table if there are several."""
    preview: Sequence[Row] = ()
    """The first rows of the main table, as read."""
    row_total: int = 0
    """Rows of the main table that were read."""
    api_calls: int = 0
    api_calls_saved: int = 0
    durations: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Milliseconds of the requests made, by endpoint."""
    lowest_budget: int | None = None
    """Fewest requests that were left in the account's window."""
    drift: Mapping[str, int] = field(default_factory=dict)
    """Fields nobody foresaw, and values of a new type, with how often."""
    new_drift: Sequence[str] = ()
    """What of it nobody had seen before, in words."""
    warnings: Sequence[str] = ()
    """What a reader should know although the asset succeeds."""
    first_changes: Sequence[str] = ()
    """What it changed first, or as a dry run would change, in words."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Metadata beyond what every asset has: plain values; lists are lines for people."""
    failure: SyncFailed | None = None
    """Items that failed although the rest is stored: raised once the result has been told."""

    @property
    def total(self) -> Counts:
        return sum(self.counts.values(), Counts())


SyncEvent = SeriesListed | SeriesSynced | SeriesFailed | SyncSkipped | SyncResult
