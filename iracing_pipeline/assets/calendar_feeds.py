"""The asset `calendar_feeds`: race sessions → calendar_events → an .ics per series and licence class.

In: the schedules as stored; no request. Out: rows of calendar_events, files, written only where they differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetExecutionContext,
    Config,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)
from pydantic import Field

from iracing_pipeline.assets.asset_run import AssetRun, NothingLanded
from iracing_pipeline.assets.attempt import Books, attempt
from iracing_pipeline.assets.defaults import OWNER, RETRIES
from iracing_pipeline.assets.metadata import COUNTS_KEY, counts_by_table
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.schedules import season_schedules
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.outputs.calendars.feeds import DEFAULT_DAYS, MOST_DAYS

if TYPE_CHECKING:
    from iracing_pipeline.outputs.calendars.directory import FeedFiles
    from iracing_pipeline.outputs.calendars.events import Refreshed
    from iracing_pipeline.outputs.calendars.feeds import Feed


class FeedOptions(Config):
    """Where the feeds go, and how far they look ahead."""

    directory: str | None = Field(
        default=None,
        description="A local directory or a URL that fsspec knows; by default IRACING_CALENDAR_DIR.",
    )
    days: int = Field(default=DEFAULT_DAYS, ge=1, le=MOST_DAYS, description="How many days ahead.")


@dataclass
class _Written:
    """What became of the files."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@asset(
    name="calendar_feeds",
    group_name="calendar",
    code_version="1",
    deps=[season_schedules],
    kinds={"python", "postgres"},
    owners=[OWNER],
    retry_policy=RETRIES,
    metadata={"tables": "iracing.calendar_events"},
)
def calendar_feeds(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: FeedOptions
) -> Iterator[MaterializeResult]:
    """Race calendars to subscribe to, an .ics per running series and per licence class. No request."""
    with attempt(context, pipeline, SyncOptions(), asks_api=False) as (run, books):
        refreshed = _refresh(run, books, config.days)
        files, feeds, written = _write(run, books, config)
        _close(run, books, refreshed)
    run.say(
        f"{len(written.written):,} feeds written, {len(written.unchanged):,} unchanged, "
        f"{len(written.removed):,} removed",
        ended=True,
    )
    yield MaterializeResult(metadata=_metadata(run, refreshed, files, feeds, written))


def _refresh(run: AssetRun, books: Books, days: int) -> "Refreshed":
    from iracing_pipeline.outputs.calendars import events as calendar_events
    from iracing_pipeline.outputs.calendars.feeds import window

    now = run.pipeline.now()
    span = window(now, days)
    run.say("comparing sessions")
    with books.transaction() as connection:
        # Without a schedule every feed would be emptied: it is another database than was meant.
        if calendar_events.is_empty(connection):
            raise NothingLanded(
                "No week's session times are stored yet: materialize season_schedules first."
            )
        return calendar_events.refresh(connection, now=now, since=span.today, until=span.until)


def _write(
    run: AssetRun, books: Books, config: FeedOptions
) -> "tuple[FeedFiles, list[Feed], _Written]":
    from iracing_pipeline.outputs.calendars import events as calendar_events
    from iracing_pipeline.outputs.calendars.directory import open_directory
    from iracing_pipeline.outputs.calendars.feeds import OWN_FILE, calendar_title
    from iracing_pipeline.outputs.calendars.ical import Writer
    from iracing_pipeline.warehouse.ledger.runs import recall

    files = open_directory(config.directory or run.pipeline.settings.calendar_dir)
    done, writer = _Written(), Writer()
    with books.transaction() as connection:
        calendar_events.write_alone(connection)
        feeds = _read(run, connection, config.days)
        origin = recall(connection, "data_origin")
        there = files.sizes()
        run.say(f"writing {len(feeds):,} feeds to {files.place}")
        for feed in feeds:
            content = writer.calendar(calendar_title(feed.title, origin), feed.events)
            if there.get(feed.file) == len(content) and files.read(feed.file) == content:
                done.unchanged.append(feed.file)
            else:
                files.write(feed.file, content)
                done.written.append(feed.file)
        for name in sorted(set(there) - {feed.file for feed in feeds}):
            if OWN_FILE.fullmatch(name):
                files.remove(name)
                done.removed.append(name)
    return files, feeds, done


def _read(run: AssetRun, connection: Any, days: int) -> "list[Feed]":
    """The feeds as they should be."""
    from iracing_pipeline.outputs.calendars import events as calendar_events
    from iracing_pipeline.outputs.calendars.feeds import feeds_of, window

    now = run.pipeline.now()
    span = window(now, days)
    return feeds_of(
        calendar_events.events(connection, since=span.since, until=span.until),
        calendar_events.series_names(connection),
        calendar_events.running(connection, now=now, until=span.until),
    )


def _close(run: AssetRun, books: Books, refreshed: "Refreshed") -> None:
    from iracing_pipeline.warehouse.ledger.runs import Outcome
    from iracing_pipeline.warehouse.merge.batches import Counts

    counts = Counts(
        inserted=refreshed.inserted,
        updated=refreshed.changed + refreshed.revived,
        unchanged=refreshed.unchanged,
        retired=refreshed.cancelled,
        living=refreshed.inserted + refreshed.changed + refreshed.revived + refreshed.unchanged,
    )
    run.counts["calendar_events"] = counts
    books.close(Outcome("success", counts))


_SHOWN = 60


def _metadata(
    run: AssetRun,
    refreshed: "Refreshed",
    files: "FeedFiles",
    feeds: "Sequence[Feed]",
    written: _Written,
) -> dict[str, Any]:
    events = {event.uid: event for feed in feeds for event in feed.events}
    state = dict.fromkeys(written.written, "written")
    lines = ["| file | calendar | events | |", "|---|---|---:|---|"]
    lines += [
        f"| {feed.file} | {feed.title.replace('|', '/')} | {len(feed.events):,} | "
        f"{state.get(feed.file, 'unchanged')} |"
        for feed in feeds[:_SHOWN]
    ]
    more = len(feeds) - _SHOWN
    lines += [f"\n… and {more} more"] if more > 0 else []
    return {
        "directory": files.place,
        "feeds_written": len(written.written),
        "feeds_unchanged": len(written.unchanged),
        "feeds_removed": len(written.removed),
        **({"removed": ", ".join(written.removed)} if written.removed else {}),
        "events": len(events),
        "events_cancelled": sum(event.is_cancelled for event in events.values()),
        "events_new": refreshed.inserted,
        "events_changed": refreshed.changed,
        "events_newly_cancelled": refreshed.cancelled,
        "events_revived": refreshed.revived,
        COUNTS_KEY: MetadataValue.json(counts_by_table(run)),
        "feeds": MetadataValue.md("\n".join(lines)),
    }
