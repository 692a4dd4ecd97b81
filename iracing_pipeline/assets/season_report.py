"""The asset `season_report`: what is stored → one HTML file to look at, on a phone too."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext, Config, MetadataValue, asset
from pydantic import Field

from iracing_pipeline.assets.adapter import AssetEvent, output_asset
from iracing_pipeline.assets.asset_factory import output_asset_options
from iracing_pipeline.assets.season_schedules import season_schedules
from iracing_pipeline.assets.weather_forecasts import weather_forecasts
from iracing_pipeline.core.wording import in_markdown
from iracing_pipeline.resources import WarehouseResource
from iracing_pipeline.settings import Settings

if TYPE_CHECKING:
    from iracing_pipeline.outputs.report.news import News
    from iracing_pipeline.outputs.report.publish import Published
    from iracing_pipeline.sync.run import SyncRun

FILE_NAME = "season_report.html"
FILE_KEY = "file"
_PREVIEW_SERIES = 8


class ReportOptions(Config):
    """Where the page goes."""

    path: str | None = Field(
        default=None,
        description="The file to write, local or a URL that fsspec knows; by default "
        f"IRACING_REPORT_FILE, or else {FILE_NAME} in the data directory.",
    )


@asset(
    **output_asset_options(
        "season_report",
        group="calendar",
        # The page tells how each asset is, so it is made after the last of those it is run with.
        deps=[season_schedules, weather_forecasts],
        kinds=["python", "html"],
    )
)
def season_report(
    context: AssetExecutionContext, warehouse: WarehouseResource, config: ReportOptions
) -> Iterator[AssetEvent]:
    """One page that stands alone: seasons by week, this week, what changed, how the sync is."""
    from iracing_pipeline.outputs.report.publish import publish_report

    def publish(run: "SyncRun") -> Mapping[str, Any]:
        services = run.services
        target = report_file(services.settings, config.path)
        done = publish_report(
            services.database, target, services.now(), apart_from=run.recorder.sync_run_id
        )
        run.recorder.succeed()
        run.say(f"{len(done.facts.seasons):,} seasons on {done.place}", ended=True)
        return _metadata(done)

    yield from output_asset(context, warehouse, publish)


def report_file(settings: Settings, path: str | None = None) -> str:
    """Where the page goes: as the run says, or the environment, or into the data directory."""
    said = path and path.strip()
    return said or settings.report_file or str(settings.data_dir / FILE_NAME)


def _metadata(done: "Published") -> dict[str, Any]:
    facts = done.facts
    return {
        FILE_KEY: MetadataValue.path(done.place),
        "bytes": done.size,
        "seasons": len(facts.seasons),
        "weeks": sum(len(season.weeks) for season in facts.seasons),
        "changes_this_week": sum(change.lines for change in facts.changes),
        "what_changed": MetadataValue.md(_preview(done.news)),
    }


def _preview(news: "News") -> str:
    """The first stories of the page, as Markdown."""
    if not news.stories:
        return "Nothing changed in the last days."
    lines = []
    for story in news.stories[:_PREVIEW_SERIES]:
        lines.append(f"- **{in_markdown(story.series)}**")
        lines += [f"    - {in_markdown(line.in_words())}" for line in story.lines]
        lines += [f"    - and {story.more:,} more"] if story.more else []
    more = len(news.stories) + news.more_stories - _PREVIEW_SERIES
    return "\n".join([*lines, f"\nand {more} more series"] if more > 0 else lines)
