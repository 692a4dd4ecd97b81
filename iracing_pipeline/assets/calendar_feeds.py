"""The asset `calendar_feeds`: race sessions → an .ics per series, licence class and own feed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext, Config, MetadataValue, asset
from pydantic import Field

from iracing_pipeline.assets.adapter import AssetEvent, output_asset
from iracing_pipeline.assets.asset_factory import output_asset_options
from iracing_pipeline.assets.metadata import COUNTS_KEY, counts_by_table
from iracing_pipeline.assets.season_schedules import season_schedules
from iracing_pipeline.core.wording import in_markdown
from iracing_pipeline.resources import WarehouseResource

if TYPE_CHECKING:
    from iracing_pipeline.outputs.calendars.publish import Published
    from iracing_pipeline.sync.run import SyncRun

NOTES_KEY = "notes"
_SHOWN = 60


class FeedOptions(Config):
    """Where the feeds go, how far they look ahead, and which races they hold."""

    directory: str | None = Field(
        default=None,
        description="A local directory or a URL that fsspec knows; by default IRACING_CALENDAR_DIR.",
    )
    days: int = Field(default=14, ge=1, le=120, description="How many days ahead, at most.")
    kilobytes: int = Field(
        default=1000,
        ge=50,
        description="A feed that would be larger ends earlier. Google Calendar takes about 1,000.",
    )
    hours: str | None = Field(
        default=None,
        description="Only races that start in these hours, such as 18-23 or 6-8,20-24.",
    )
    weekdays: str | None = Field(
        default=None,
        description="Only races that start on these days, such as sat,sun or mon-fri.",
    )
    timezone: str | None = Field(
        default=None,
        description="Whose hours and weekdays they are, such as Europe/Berlin; by default UTC.",
    )
    feeds_file: str | None = Field(
        default=None,
        description="The feeds.toml that names feeds of your own; by default IRACING_FEEDS_FILE, or else "
        "the one in the data directory, if there is one.",
    )


@asset(
    **output_asset_options(
        "calendar_feeds", group="calendar", tables=["calendar_events"], deps=[season_schedules]
    )
)
def calendar_feeds(
    context: AssetExecutionContext, warehouse: WarehouseResource, config: FeedOptions
) -> Iterator[AssetEvent]:
    """Race calendars to subscribe to, an .ics per running series, licence class and own feed. No request."""
    from iracing_pipeline.outputs.calendars import choices, publish, times

    def make(run: "SyncRun") -> Mapping[str, Any]:
        services = run.services
        directory = config.directory or services.settings.calendar_dir
        chosen = times.times_of(config.hours, config.weekdays, config.timezone)
        named = config.feeds_file or services.settings.feeds_file
        own = choices.read_choices(
            Path(named or services.settings.data_dir / "feeds.toml").expanduser(),
            may_lack=not named,
        )
        wanted = publish.Wanted(config.days, config.kilobytes * 1000, chosen, own)
        done = publish.publish_calendars(
            services.database, directory, wanted, services.now(), run.say
        )
        done.refused.require()
        notes = done.cut_in_words(config.kilobytes)
        for note in notes:
            run.warn(note)
        run.recorder.succeed(done.counts)
        run.say(done.in_words(), ended=True)
        return _metadata(done) | ({NOTES_KEY: "\n".join(notes)} if notes else {})

    yield from output_asset(context, warehouse, make)


def _metadata(done: "Published") -> dict[str, Any]:
    events, refreshed = done.events(), done.refreshed
    state = dict.fromkeys(done.written, "written")
    lines = ["| file | calendar | events | until | |", "|---|---|---:|---|---|"]
    lines += [
        f"| {feed.file} | {in_markdown(feed.title)} | {len(feed.events):,} | "
        f"{format(feed.events[-1].start_time, '%Y-%m-%d') if feed.events else ''} | "
        f"{state.get(feed.file, 'unchanged')} |"
        for feed in done.feeds[:_SHOWN]
    ]
    more = len(done.feeds) - _SHOWN
    lines += [f"\n… and {more} more"] if more > 0 else []
    return {
        "directory": done.place,
        "feeds_written": len(done.written),
        "feeds_unchanged": len(done.unchanged),
        "feeds_removed": len(done.removed),
        **({"removed": ", ".join(done.removed)} if done.removed else {}),
        "events": len(events),
        "events_cancelled": sum(event.is_cancelled for event in events),
        "events_new": refreshed.inserted,
        "events_changed": refreshed.changed,
        "events_newly_cancelled": refreshed.cancelled,
        "events_revived": refreshed.revived,
        COUNTS_KEY: MetadataValue.json(counts_by_table({"calendar_events": done.counts})),
        "feeds": MetadataValue.md("\n".join(lines)),
    }
