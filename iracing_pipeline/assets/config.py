"""The options of a sync as Dagster run config, made from their one list.

In: core/options.py. Out: a Config class per asset with the options that mean something to it, for the
launchpad: the same names, defaults and descriptions.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_type_hints

from dagster import Config
from pydantic import Field, create_model

from iracing_pipeline.core.options import SyncOptions, options_of


class _SyncConfig(Config):
    """What to sync, and how."""

    def options(self) -> SyncOptions:
        """The engine's options."""
        return SyncOptions.of(self.model_dump())


def _config_of(asset: str) -> Any:
    types, offered = get_type_hints(SyncOptions), options_of(asset)
    found: dict[str, Any] = {
        # Dagster knows lists, no tuples.
        option.name: (
            list[int] if option.name == "series_ids" else types[option.name],
            Field(
                default=[] if option.name == "series_ids" else option.default,
                description=option.metadata["description"],
            ),
        )
        for option in fields(SyncOptions)
        if option.name in offered
    }
    name = f"{asset.title().replace('_', '')}Config"
    return create_model(
        name, __base__=_SyncConfig, __module__=__name__, __doc__=_SyncConfig.__doc__, **found
    )


if TYPE_CHECKING:
    SeriesConfig = _SyncConfig
    PastSeasonsConfig = _SyncConfig
    CurrentSeasonsConfig = _SyncConfig
    SeasonSchedulesConfig = _SyncConfig
    WeatherForecastsConfig = _SyncConfig
    ReferenceConfig = _SyncConfig
else:
    SeriesConfig = _config_of("series")
    PastSeasonsConfig = _config_of("past_seasons")
    CurrentSeasonsConfig = _config_of("current_seasons")
    SeasonSchedulesConfig = _config_of("season_schedules")
    WeatherForecastsConfig = _config_of("weather_forecasts")
    ReferenceConfig = _config_of("tracks")
