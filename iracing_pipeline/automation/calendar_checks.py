"""The calendar's asset checks: what is stored against what the calendar leads one to expect.

In: facts (warehouse/expectations.py, quarters.py), judged by model/expectations.py. Out: asset checks of
current_seasons and season_schedules. None blocks: the assets themselves refuse what would do harm.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timezone
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)

from iracing_pipeline.assets.adapter import check_failure
from iracing_pipeline.core.errors import kind_of
from iracing_pipeline.resources import WarehouseResource

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from iracing_pipeline.model.expectations import Finding
    from iracing_pipeline.warehouse.queries.checks import ListFacts
    from iracing_pipeline.warehouse.queries.quarters import StoredQuarter

LIST_CHECKS = {
    "every_category_is_there": "The list has seasons of every category that should be running; red names "
    "the one that is gone.",
    "seasons_as_expected": "The list has the seasons that by their own weeks run now, and a quarter as many "
    "as the one before, more or less. Week 13 is no alarm.",
    "listed_series_have_a_season": "Every series of series/get has a season in the list.",
    "next_quarter_is_there": "The next quarter's seasons appeared by its first day; red from a day later on.",
    "list_moves_on": "The API's list changes: red when it is the same for 36 hours, or weeks lag behind.",
}
WEEK_CHECKS = {
    "weeks_are_contiguous": "Weeks of seasons that are not over are numbered 0 to the last without a hole.",
    "weeks_do_not_overlap": "No week of a season that is not over begins before the one before has ended.",
    "current_week_has_sessions": "Every week that runs now, and says when it races, has sessions.",
    "weeks_without_sessions": "Warns of weeks that run or are to come and have no session times.",
}
TRACK_CHECKS = {
    "tracks_are_known": "The track of every week is in tracks.",
}


def _findings_of_list(connection: "Connection", now: datetime) -> "Iterator[Finding]":
    from iracing_pipeline.model import expectations as expect
    from iracing_pipeline.model.quarters import rollover
    from iracing_pipeline.warehouse.queries.checks import list_facts
    from iracing_pipeline.warehouse.queries.quarters import stored_quarters

    facts = list_facts(connection, now)
    if facts.list_fetched_at is None:
        yield from (expect.Finding(name, text=expect.NO_LIST) for name in LIST_CHECKS)
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


def _with_listed(quarters: "list[StoredQuarter]", facts: "ListFacts") -> "list[StoredQuarter]":
    """The quarters with what the list holds of each: after a sync of one series, more than is stored."""
    return [
        replace(
            one,
            seasons=max(one.seasons, facts.listed.get((one.season_year, one.season_quarter), 0)),
        )
        for one in quarters
    ]


def _findings_of_weeks(connection: "Connection", now: datetime) -> "Iterator[Finding]":
    from iracing_pipeline.model import expectations as expect
    from iracing_pipeline.warehouse.queries.checks import week_facts

    facts = week_facts(connection, now)
    yield expect.weeks_are_contiguous(facts.seasons)
    yield expect.weeks_do_not_overlap(facts.overlaps)
    yield expect.current_week_has_sessions(facts.current_weeks, facts.silent_weeks)
    yield expect.weeks_without_sessions(facts.bare_weeks)


def _findings_of_tracks(connection: "Connection", now: datetime) -> "Iterator[Finding]":
    from iracing_pipeline.model import expectations as expect
    from iracing_pipeline.warehouse.queries.checks import track_facts

    facts = track_facts(connection, now)
    yield expect.tracks_are_known(
        facts.unknown, facts.tracks, facts.tracks_fetched_at, facts.list_fetched_at
    )


def _checks(
    name: str,
    asset: str,
    checks: Mapping[str, str],
    find: "Callable[[Connection, datetime], Iterator[Finding]]",
    after: str | None = None,
) -> AssetChecksDefinition:
    """Checks of one asset that read the same facts, as one step. `after`: an asset to wait for."""

    @multi_asset_check(
        name=name,
        specs=[
            AssetCheckSpec(
                check, asset=asset, description=text, additional_deps=[after] if after else None
            )
            for check, text in checks.items()
        ],
        can_subset=True,
    )
    def evaluate(
        context: AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[AssetCheckResult]:
        try:
            services = warehouse.services()
            with services.database.autocommit() as connection:
                findings = list(find(connection, services.now()))
        except Exception as error:  # noqa: BLE001 - one message, as the assets give it
            raise check_failure(error) from (error if kind_of(error) is None else None)
        chosen = context.selected_asset_check_keys
        for finding in findings:
            if AssetCheckKey(AssetKey(asset), finding.check) in chosen:
                yield _result(asset, finding)

    return evaluate


def _result(asset: str, finding: "Finding") -> AssetCheckResult:
    metadata: dict[str, Any] = dict(finding.numbers)
    return AssetCheckResult(
        asset_key=asset,
        check_name=finding.check,
        passed=finding.passed,
        severity=AssetCheckSeverity[finding.severity],
        description=finding.text or None,
        metadata=metadata,
    )


CALENDAR_CHECKS = [
    _checks("checks_of_the_list", "current_seasons", LIST_CHECKS, _findings_of_list),
    _checks("checks_of_weeks", "season_schedules", WEEK_CHECKS, _findings_of_weeks),
    # A new track is in both lists at once: it is looked for when both have been read.
    _checks(
        "checks_of_tracks", "season_schedules", TRACK_CHECKS, _findings_of_tracks, after="tracks"
    ),
]
