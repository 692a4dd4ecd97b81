"""What a rebuild leaves out: series of landed responses that no asset has merged yet.

In: what the ledger says has become rows. Out: whether a series of a response has, and what has not, in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from iracing_pipeline.warehouse.responses.replay import Merged


@dataclass
class LeftOut:
    """After a sync of a few series, the responses that landed hold many more."""

    _series: dict[str, set[int]] = field(default_factory=dict)
    """By where they stand."""

    def is_merged(
        self, stored: Merged, asset: str, endpoint: str, fetched_at: datetime
    ) -> Callable[[int], bool]:
        """Whether an asset has read a series of this response already; what it has not is its business."""
        series = stored.merged_since(asset, fetched_at)
        source = f"{endpoint} of {fetched_at:%Y-%m-%d %H:%M} UTC, which {asset} has not read yet"

        def is_merged(series_id: int) -> bool:
            if series is None or series_id in series:
                return True
            self._series.setdefault(source, set()).add(series_id)
            return False

        return is_merged

    def in_words(self) -> list[str]:
        """How many series of which response."""
        return [f"{len(found):,} series of {source}" for source, found in self._series.items()]
