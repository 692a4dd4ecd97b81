"""The two places that say whether a season is over, the view and the model, agree on every case."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from iracing_pipeline.core.seasons import CurrentList, StoredSeason
from iracing_pipeline.model.lifecycle import is_complete
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.queries.seasons import missing_schedules, seasons_of_series
from iracing_pipeline_tests.support.dagster_sync import query
from iracing_pipeline_tests.support.merging import DAY, NOW, merge, season, seasons, week, weeks

SAID = (None, True, False)
# First day and end of the only week, in days from now.
WEEKS = (None, (-14, -7), (-3, 4), (7, 14), (-3, None))
CASES = list(enumerate(product(SAID, SAID, WEEKS)))


def stored(database: Database) -> dict[int, StoredSeason]:
    """Every case as the tables hold it."""
    rows, schedule = [], []
    for number, (active, complete, span) in CASES:
        rows.append(
            season(number, active=active, complete=complete, season_year=2020, season_quarter=1)
        )
        if span is not None:
            first, last = span
            schedule.append(
                week(
                    number,
                    0,
                    start_date=(NOW + first * DAY).date(),
                    week_end_time=None if last is None else NOW + timedelta(days=last),
                    is_in_schedule=True,
                )
            )
    merge(database, "cases", seasons(*rows), weeks(*schedule))
    with database.begin() as connection:
        return {one.season_id: one for one in seasons_of_series(connection, [10], NOW)}


def test_the_view_and_the_model_agree_on_which_seasons_are_complete(database: Database) -> None:
    cases = stored(database)
    assert len(cases) == len(CASES)
    view = dict(query(database, "SELECT season_id, status FROM iracing.season_status"))
    for number, said in CASES:
        known = cases[number]
        # Without a list, and without a quarter to compare with: by the season's own facts, as in the view.
        over = is_complete(number, known.quarter, known.active, known, CurrentList(), NOW)
        assert (view[number] == "complete") == (over is True), (said, view[number], over)
        assert (view[number] == "future") <= known.is_to_come, said
        assert (view[number] == "future") <= (not known.has_begun), said


def test_a_schedule_is_missing_only_where_the_model_does_not_say_that_the_season_runs(
    database: Database,
) -> None:
    cases = stored(database)
    with database.begin() as connection:
        missing = {one.season_id for one in missing_schedules(connection)}
    for number, (active, complete, span) in CASES:
        known = cases[number]
        if complete:
            assert number in missing, (active, complete, span)
        if number in missing:
            # What the list of current seasons holds is active, or announced, and never asked for.
            assert complete or (known.complete is None and active is not True)
