"""Which forecasts are fetched: from the links at hand and what is stored of their weeks to the weeks due.

In: links, the state of their weeks, moments. Out: weeks, in the order in which they are fetched. No I/O, no
clock; the files are fetched by sync/weather_forecasts.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from iracing_pipeline.core.forecasts import ForecastLink, ForecastState, WeekKey

DEAD_FOR = timedelta(days=1)
"""A file that was gone is asked for again after so long, while its week is not over."""


def plan_forecasts(
    links: Mapping[WeekKey, ForecastLink],
    states: Mapping[WeekKey, ForecastState],
    *,
    now: datetime,
    fresh_since: datetime,
    selected: Collection[int] | None = None,
    refreshes: bool = False,
) -> list[WeekKey]:
    """The stored weeks whose forecast is due, those that end first before the others.

    A week that is not over: when its forecast was fetched before `fresh_since`, unless the very file was gone
    within the last day; `refreshes` asks whatever is known. A week that is over: once, and only by a link of
    the list of current seasons, since lists of past quarters hold the links of tens of thousands of weeks.
    `selected`: series_ids; None for all.
    """

    def is_due(week: WeekKey) -> bool:
        state, link = states[week], links[week]
        if selected is not None and state.series_id not in selected:
            return False
        if state.week_end is not None and state.week_end < now:
            was_asked = state.is_stored or state.fetched_at is not None or state.died_at is not None
            return link.is_current and not was_asked
        if refreshes:
            return True
        if state.died_at is not None and state.dead_file == link.file:
            return state.died_at <= now - DEAD_FOR
        return state.fetched_at is None or state.fetched_at <= fresh_since

    due = [week for week in states if week in links and is_due(week)]
    return sorted(due, key=lambda week: (states[week].week_end or now, week))
