"""The jobs: which assets run together. Their options are the assets' own run config.

In: names of assets. Out: job definitions. When they run is schedules.py's and the sensors' business.
"""

from collections.abc import Sequence

from dagster import AssetSelection, define_asset_job

REFERENCE = ("tracks", "cars", "car_classes")
CURRENT = ("series", "current_seasons", "season_schedules", "weather_forecasts")
DERIVED = ("calendar_feeds", "calendar_export", "season_report")
PAST = ("series", "current_seasons", "past_seasons", "season_schedules")
"""As the original had it: past seasons are synced together with the current ones."""


def _assets(names: Sequence[str]) -> AssetSelection:
    return AssetSelection.assets(*names)


# What is missing of the past is a run of its own: it may take half an hour of the account's budget.
_NO_HISTORY = {"ops": {"season_schedules": {"config": {"sync_past_seasons": False}}}}

sync_series = define_asset_job(
    "sync_series",
    _assets(["series"]),
    description="Every series, running or not, and a partition for each.",
)
sync_current_seasons = define_asset_job(
    "sync_current_seasons",
    _assets([*CURRENT, *DERIVED]),
    config=_NO_HISTORY,
    description="Running and announced seasons, their weeks, calendars and forecasts; the report comes last.",
)
fill_empty_database = define_asset_job(
    "fill_empty_database",
    _assets([*CURRENT, *REFERENCE, *DERIVED]),
    config=_NO_HISTORY,
    description="What a new installation begins with: reference data, running and announced seasons, "
    "their weeks, calendars and forecasts; the report comes last.",
)
sync_past_seasons = define_asset_job(
    "sync_past_seasons",
    _assets(PAST),
    description="Past seasons of every series and the schedules of theirs that are missing. A run "
    "without a partition is about all of them.",
)
sync_reference = define_asset_job(
    "sync_reference", _assets(REFERENCE), description="Tracks, cars and car classes."
)
maintenance = define_asset_job(
    "maintenance",
    _assets(["housekeeping"]),
    description="Removes what has outlived its retention, and says what.",
)
fill_past_seasons = define_asset_job(
    "fill_past_seasons",
    _assets(["past_seasons"]),
    description="Past seasons of some series, as sensors ask for them; without options of all.",
)
fill_schedules = define_asset_job(
    "fill_schedules",
    _assets(["season_schedules"]),
    description="The schedules of past seasons that are missing.",
)

JOBS = [
    fill_empty_database,
    sync_series,
    sync_current_seasons,
    sync_past_seasons,
    sync_reference,
    maintenance,
    fill_past_seasons,
    fill_schedules,
]
