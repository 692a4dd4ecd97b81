"""What the sync runs of one command, or of one Dagster run, share while they go on.

In: the moment it begins. Out: Session: responses seen, series selected, signed links, seasons planned.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from iracing_pipeline.core.forecasts import ForecastLink, WeekKey
from iracing_pipeline.core.response import Response, ResponseKey
from iracing_pipeline.core.seasons import MissingSchedule


@dataclass
class Session:
    """Lives as long as the command or the Dagster run, in memory only."""

    began_at: datetime
    """What landed since then is what a refresh asked for."""
    responses: dict[ResponseKey, Response] = field(default_factory=dict)
    """Responses that later assets read without asking the database."""
    seen: set[ResponseKey] = field(default_factory=set)
    """Those that were read, whether they are still kept or not."""
    links: dict[WeekKey, ForecastLink] = field(default_factory=dict)
    """Signed links that responses brought: nothing lands them."""
    selected: frozenset[int] | None = None
    """The series that an earlier asset selected; None where none has."""
    planned: list[MissingSchedule] = field(default_factory=list)
    """Past seasons that a dry run would have stored."""
    listed_by: dict[int, int] = field(default_factory=dict)
    """The series whose index entry was read with a season in it, by season_id."""
    stored_origin: str | None = None
    """Where the stored data comes from, once that has been looked up."""
    is_interrupted: bool = False
    """An asset was interrupted: none begins any more."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def keep(self, response: Response) -> None:
        """Let later assets read a response without asking the database for it."""
        self.responses[response.key] = response
        self.seen.add(response.key)

    def kept(self, endpoint: str, params: Mapping[str, str]) -> Response | None:
        return self.responses.get(ResponseKey(endpoint, params))

    def forget_responses(self) -> None:
        """Read responses from the database again: another run has landed newer ones, or they are large."""
        self.responses.clear()

    def add_links(self, links: Mapping[WeekKey, str], *, is_current: bool) -> None:
        """Remember signed links, from any thread. Those of the list of current seasons come first."""
        with self._lock:
            for week, url in links.items():
                if is_current or week not in self.links or not self.links[week].is_current:
                    self.links[week] = ForecastLink(url, is_current)
