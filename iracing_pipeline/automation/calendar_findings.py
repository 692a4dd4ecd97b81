"""The calendar's checks without Dagster: facts of the tables, judged by model/expectations.py.

In: a connection, a moment. Out: findings, one per check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timezone

from sqlalchemy import Connection

from iracing_pipeline.model import expectations as expect
from iracing_pipeline.model.expectations import Finding
from iracing_pipeline.model.quarters import rollover
from iracing_pipeline.warehouse.queries.checks import (
    ListFacts,
    list_facts,
    track_facts,
    week_facts,
)
from iracing_pipeline.warehouse.queries.quarters import StoredQuarter, stored_quarters


def findings_of_list(connection: Connection, now: datetime) -> Iterator[Finding]:
    facts = list_facts(connection, now)
    if facts.list_fetched_at is None:
        yield from (Finding(name, text=expect.NO_LIST) for name in expect.LIST_CHECKS)
        return
    quarters = _with_listed(stored_quarters(connection), facts)
    found = rollover(quarters, now.date())
    by_number = {(one.season_year, one.season_quarter): one for one in quarters}
    current = by_number[found.current] if found else None
    older = [one for number, one in by_number.items() if found and number < found.current]
    first_day = current.first_day if current else None
    yield expect.every_category_is_there(facts.running)
    yield expect.seasons_as_expected(
        facts.running,
        found,
        older[0].seasons if older else 0,
        datetime.combine(first_day, time(), timezone.utc) if first_day else None,
        now,
    )
    yield expect.listed_series_have_a_season(
        facts.series_without_season, facts.series_fetched_at, facts.list_fetched_at
    )
    yield expect.next_quarter_is_there(found, now)
    yield expect.list_moves_on(facts.running, facts.list_fetched_at, facts.list_same_since)


def _with_listed(quarters: list[StoredQuarter], facts: ListFacts) -> list[StoredQuarter]:
    """The quarters with what the list holds of each: after a sync of one series, more than is stored."""
    return [
        replace(
            one,
            seasons=max(one.seasons, facts.listed.get((one.season_year, one.season_quarter), 0)),
        )
        for one in quarters
    ]


def findings_of_weeks(connection: Connection, now: datetime) -> Iterator[Finding]:
    facts = week_facts(connection, now)
    yield expect.weeks_are_contiguous(facts.seasons)
    yield expect.weeks_do_not_overlap(facts.overlaps)
    yield expect.current_week_has_sessions(facts.current_weeks, facts.silent_weeks)
    yield expect.weeks_without_sessions(facts.bare_weeks)


def findings_of_tracks(connection: Connection, now: datetime) -> Iterator[Finding]:
    facts = track_facts(connection, now)
    yield expect.tracks_are_known(
        facts.unknown, facts.tracks, facts.tracks_fetched_at, facts.list_fetched_at
    )


FINDINGS = {
    "checks_of_the_list": findings_of_list,
    "checks_of_weeks": findings_of_weeks,
    "checks_of_tracks": findings_of_tracks,
}
"""By the step that evaluates them."""
