"""The asset `calendar_export`: the calendar → files of one schema, for sites, notebooks and bots."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext, Config, MetadataValue, asset
from pydantic import Field

from iracing_pipeline.assets.adapter import AssetEvent, output_asset
from iracing_pipeline.assets.asset_factory import output_asset_options
from iracing_pipeline.assets.reference import car_classes, cars, tracks
from iracing_pipeline.assets.season_schedules import season_schedules
from iracing_pipeline.resources import WarehouseResource

if TYPE_CHECKING:
    from iracing_pipeline.outputs.export.publish import Published
    from iracing_pipeline.sync.run import SyncRun

DIRECTORY_KEY = "directory"


class ExportOptions(Config):
    """Where the export goes, in which formats, and what it holds."""

    directory: str | None = Field(
        default=None,
        description="A local directory or a URL that fsspec knows; by default IRACING_EXPORT_DIR. Where "
        "neither is set, nothing is exported.",
    )
    formats: list[str] = Field(
        default=["json"],
        description="json, parquet (with the extra of that name), sqlite; one or several of them.",
    )
    days: int = Field(
        default=14, ge=0, le=120, description="Sessions of today and of so many days ahead."
    )
    history: bool = Field(default=False, description="Past seasons and their weeks too.")


@asset(
    **output_asset_options(
        "calendar_export",
        group="calendar",
        deps=[season_schedules, tracks, cars, car_classes],
        kinds=["python", "json"],
    ),
    # Where it is not switched on, it is over at once and has made nothing.
    output_required=False,
)
def calendar_export(
    context: AssetExecutionContext, warehouse: WarehouseResource, config: ExportOptions
) -> Iterator[AssetEvent]:
    """Seasons, weeks, sessions, tracks, cars and classes as files of one schema. Off without a place."""
    from iracing_pipeline.outputs.export.publish import Wanted, publish_export

    directory = config.directory or warehouse.services().settings.export_dir
    if not directory:
        context.log.info("Nothing is exported: neither `directory` nor IRACING_EXPORT_DIR is set.")
        return
    place: str = directory

    def publish(run: "SyncRun") -> Mapping[str, Any]:
        wanted = Wanted(tuple(config.formats), config.days, config.history)
        done = publish_export(run.services.database, place, wanted, run.services.now())
        run.recorder.succeed()
        run.say(done.in_words(), ended=True)
        return _metadata(done)

    yield from output_asset(context, warehouse, publish)


def _metadata(done: "Published") -> dict[str, Any]:
    return {
        DIRECTORY_KEY: done.place,
        "files_written": len(done.written),
        "files_unchanged": len(done.unchanged),
        "files_removed": len(done.removed),
        "rows": MetadataValue.json(dict(done.rows)),
    }
