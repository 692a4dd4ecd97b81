"""SyncConfig: the options of a sync as Dagster run config, made from their one list.

In: core/options.py. Out: a Config class with the same names, defaults and descriptions, for the launchpad.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_type_hints

from dagster import Config
from pydantic import Field, create_model

from iracing_pipeline.core.options import SyncOptions


class _SyncConfig(Config):
    """What to sync, and how."""

    def options(self) -> SyncOptions:
        """The engine's options."""
        return SyncOptions.of(self.model_dump())


def _fields() -> dict[str, Any]:
    types = get_type_hints(SyncOptions)
    return {
        # Dagster knows lists, no tuples.
        option.name: (
            list[int] if option.name == "series_ids" else types[option.name],
            Field(
                default=[] if option.name == "series_ids" else option.default,
                description=option.metadata["description"],
            ),
        )
        for option in fields(SyncOptions)
    }


if TYPE_CHECKING:
    SyncConfig = _SyncConfig
else:
    SyncConfig = create_model(
        "SyncConfig",
        __base__=_SyncConfig,
        __module__=__name__,
        __doc__=_SyncConfig.__doc__,
        **_fields(),
    )
