"""Several sources tell of the same row, each a part of it: what one leaves out another fills in.

That is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import ARRAY, Table
from sqlalchemy.dialects.postgresql import JSONB

from iracing_pipeline.core.rows import EVERYTHING, Coverage, RowBatch
from iracing_pipeline.model.rows.index import indexed_series_rows, parse_index
from iracing_pipeline.model.rows.schedules import current_schedule_rows
from iracing_pipeline.model.rows.seasons import parse_seasons, season_rows
from iracing_pipeline.model.rows.series import series_rows
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.merge.batches import TableBatch
from iracing_pipeline.warehouse.schema.base import BOOKKEEPING, EMPTY_IS_A_VALUE
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES
from iracing_pipeline.warehouse.schema.tables import table as named
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.merging import changes, merge, season, seasons, week, weeks
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

SEASONS = ("series", "current_seasons", "season_schedules")
"""Assets of `sync --sync-seasons`."""
HISTORY = ("series", "past_seasons", "current_seasons", "season_schedules")
"""The same with `--sync-past-seasons`."""


@pytest.mark.promise(2)
@pytest.mark.promise(7)
def test_a_past_quarter_asked_for_by_itself_is_no_change_and_order_does_not_matter(
    settings_for: Callable[..., Settings], new_database_url: Callable[..., str], template: str
) -> None:
    with Simulator(WorldSource(series=8, past_quarters=4), rate_limit=100_000) as simulator:
        found = [
            (season["season_year"], season["season_quarter"], season["active"])
            for series in simulator.source.answer("series/stats_series")
            for season in series["seasons"]
        ]
        now = max((year, quarter) for year, quarter, is_active in found if is_active)
        # Seasons that last a year are filed under the first quarter: some of its list still run.
        year, quarter, _ = max(one for one in found if one[1] == 1 and one[:2] < now)
        sources = {
            "list": (SEASONS, {}),
            "all": (HISTORY, {"sync_past_seasons": True}),
            "quarter": (SEASONS, {"season_year": year, "season_quarter": quarter}),
        }
        tables = []
        for order in (
            ("list", "all", "quarter"),
            ("list", "quarter", "all"),
            ("quarter", "list", "all"),
            ("quarter", "all"),
        ):
            steps = [sources[name] for name in order]
            settings = settings_for(
                simulator.environment, IRACING_DATABASE_URL=new_database_url(template)
            )
            for assets, options in steps:
                assert sync(settings, *assets, **options).success
            database = Database(settings.database_url, settings.data_dir)
            assert changes(database) == [], order
            assert query(
                database,
                """SELECT count(*) > 0 FROM iracing.season_schedules JOIN iracing.seasons USING (season_id)
                   WHERE complete AND cardinality(race_week_car_class_ids) > 0""",
            ) == [(True,)]
            tables.append(dump(database))
            database.dispose()
    for name, rows in tables[0].items():
        for others in tables[1:]:
            assert others[name] == rows, name


def lists() -> dict[Table, list[str]]:
    """The columns in which an empty list and NULL are the same, by table."""
    found = {
        table: [
            column.name
            for column in table.columns
            if isinstance(column.type, (ARRAY, JSONB)) and not column.info.get(EMPTY_IS_A_VALUE)
        ]
        for table in DATA_TABLES
    }
    return {table: names for table, names in found.items() if names}


def required(table: Table) -> dict[str, Any]:
    """The columns without which there is no row."""
    return {
        column.name: "x" if column.type.python_type is str else 1
        for column in table.columns
        if not (column.nullable or column.server_default or column.name in BOOKKEEPING)
    }


def test_an_empty_list_and_none_are_one_state_in_every_column(database: Database) -> None:
    assert {table.name for table in lists()} == {"seasons", "season_schedules", "tracks", "cars"}
    for told in ([], None, {}, []):
        merge(
            database,
            "run",
            *(
                TableBatch(table, [{**required(table), **dict.fromkeys(names, told)}])
                for table, names in lists().items()
            ),
        )
        for table, names in lists().items():
            columns = ", ".join(names)
            stored = query(database, f"SELECT first_seen_at = updated_at, {columns} FROM {table}")
            assert stored == [(True, *[None] * len(names))]


def test_only_where_nothing_has_changed_but_that_more_is_known_there_is_no_change(
    database: Database,
) -> None:
    merge(database, "first", seasons(season(1, drops=4), season(2, drops=4), season(3, drops=4)))
    merge(
        database,
        "second",
        seasons(
            season(1, drops=4, max_weeks=12),
            season(2, drops=5, max_weeks=12),
            season(3, drops=None, max_weeks=12),
            completes=EVERYTHING,
        ),
    )
    assert [(before, after) for _, _, before, after, _ in changes(database)] == [
        ({"drops": 4, "max_weeks": None}, {"drops": 5, "max_weeks": 12}),
        ({"drops": 4, "max_weeks": None}, {"drops": None, "max_weeks": 12}),
    ]
    assert query(database, "SELECT max_weeks FROM iracing.seasons") == [(12,)] * 3


def test_rows_of_a_parent_of_whom_the_source_has_told_nothing_before_are_no_change(
    database: Database,
) -> None:
    def cars(*keys: tuple[int, int, int], **options: Any) -> TableBatch:
        rows = [
            {"season_id": season_id, "race_week_num": number, "car_id": car_id}
            for season_id, number, car_id in keys
        ]
        return TableBatch(named("car_restrictions"), rows, **options)

    over = Coverage(("season_id",), frozenset({(1,), (2,)}))
    listed = {"is_in_schedule": True}
    merge(
        database,
        "first",
        seasons(season(1), season(2), season(3)),
        weeks(
            week(1, 0, is_in_index=True),
            *(week(2, number, is_in_schedule=True) for number in (0, 1)),
            week(3, 0, is_in_schedule=True),
        ),
        cars((2, 0, 1)),
    )
    merge(
        database,
        "second",
        seasons(season(4), completes=Coverage(("season_id",), frozenset({(4,)}))),
        seasons(season(5), completes=over),
        weeks(
            week(1, 0, **listed),
            week(1, 1, **listed),  # the index told of another one
            week(2, 2, **listed),
            week(3, 1, **listed),
            completes=over,
        ),
        cars((1, 0, 1), (2, 0, 1), (2, 0, 2), (2, 1, 1), (3, 0, 1), completes=over),
    )
    news = query(database, "SELECT table_name, key, kind FROM iracing.changes ORDER BY change_id")
    assert news == [
        ("seasons", {"season_id": 5}, "inserted"),
        # Another week of a season whose weeks had been told, another car of a week whose cars had been.
        ("season_schedules", {"season_id": 2, "race_week_num": 2}, "inserted"),
        ("season_schedules", {"season_id": 3, "race_week_num": 1}, "inserted"),
        ("car_restrictions", {"season_id": 2, "race_week_num": 0, "car_id": 2}, "inserted"),
        ("car_restrictions", {"season_id": 3, "race_week_num": 0, "car_id": 1}, "inserted"),
    ]


def series_batch(answers: RecordedResponses) -> RowBatch:
    # Of the two series, one runs and the other is told of by the index alone.
    running = series_rows(answers["series/get"][:1], answers["series/assets"])
    return indexed_series_rows(parse_index(answers["series/stats_series"]), running)


def past_seasons_batch(answers: RecordedResponses) -> RowBatch:
    return season_rows(parse_seasons(answers["series/seasons"]), is_current=False)


def past_weeks_batch(answers: RecordedResponses) -> RowBatch:
    return current_schedule_rows(parse_seasons(answers["series/seasons"]), over={1001, 1002})


def objects(answers: RecordedResponses, reader: Callable[..., RowBatch]) -> Iterator[Any]:
    """Every object of the answers that has to tell nothing but who it is."""
    if reader is series_batch:
        yield from answers["series/assets"].values()
        yield from answers["series/stats_series"]
        return
    for listed in answers["series/seasons"]:
        if reader is past_seasons_batch:
            yield listed
            continue
        for told in listed["schedules"]:
            yield told
            yield told["track_state"]
            yield told["weather"]
            yield told["weather"]["forecast_options"]
            yield told["weather"]["weather_summary"]


@pytest.mark.promise(7)
@pytest.mark.parametrize("reader", [series_batch, past_seasons_batch, past_weeks_batch])
def test_what_a_source_leaves_out_stays_as_another_told_it(
    answers: RecordedResponses, reader: Callable[[RecordedResponses], RowBatch]
) -> None:
    whole = reader(answers)
    name = whole.main_table
    left_out = 0
    for one in list(objects(answers, reader)):
        for field, value in list(one.items()):
            del one[field]
            batch = reader(answers)
            one[field] = value
            if batch.rejected:
                continue  # it cannot be read without
            for row, full in zip(batch.rows[name], whole.rows[name], strict=True):
                assert {column: full[column] for column in row} == row, field
                left_out += len(full) - len(row)
    assert left_out > 10
