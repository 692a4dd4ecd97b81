"""The asset `season_report`: what is stored → one HTML file to look at, on a phone too.

In: the tables, through warehouse.report_reading. Out: the file, replaced as a whole. Asks the API nothing.
"""

import os
from collections.abc import Sequence
from pathlib import Path
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

from iracing_pipeline.assets.attempt import attempt
from iracing_pipeline.assets.defaults import OWNER, RETRIES
from iracing_pipeline.assets.options import SyncOptions
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.schedules import season_schedules
from iracing_pipeline.model.cadence import BY_ASSET, CORE
from iracing_pipeline.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from iracing_pipeline.warehouse.report_facts import Change, Facts

FILE_NAME = "season_report.html"
FILE_KEY = "file"
_PREVIEW_SERIES = 8


class ReportOptions(Config):
    """Where the page goes."""

    path: str | None = Field(
        default=None,
        description="The file to write; by default IRACING_REPORT_FILE, or else "
        f"{FILE_NAME} in the data directory.",
    )


@asset(
    name="season_report",
    group_name="calendar",
    code_version="1",
    deps=[season_schedules],
    kinds={"python", "html"},
    owners=[OWNER],
    retry_policy=RETRIES,
)
def season_report(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: ReportOptions
) -> MaterializeResult:
    """One page that stands alone: seasons by week, this week, what changed, how the sync is."""
    from iracing_pipeline.report import render
    from iracing_pipeline.warehouse.ledger import Outcome
    from iracing_pipeline.warehouse.report_reading import read_facts

    with attempt(context, pipeline, SyncOptions(), asks_api=False) as (run, books):
        target = report_file(pipeline.settings, config.path)
        facts = read_facts(
            pipeline.database,
            pipeline.now(),
            max_ages={name: cadence.max_age for name, cadence in BY_ASSET.items()},
            required=CORE,
            apart_from=books.sync_run_id,
        )
        page = render(facts).encode()
        replace_file(target, page)
        books.close(Outcome("success"))
        run.say(f"{len(facts.seasons):,} seasons on {target}", ended=True)
    return MaterializeResult(metadata=_metadata(facts, target, len(page)))


def report_file(settings: Settings, path: str | None = None) -> Path:
    """Where the page goes: as the run says, or the environment, or into the data directory."""
    if path and path.strip():
        return Path(path).expanduser().absolute()
    return settings.report_file or settings.data_dir / FILE_NAME


def replace_file(target: Path, content: bytes) -> None:
    """Write a file so that whoever opens it sees the old one or the new one, whole.

    Raises ConfigurationError where it cannot be written.
    """
    # A link stays one: what it leads to is replaced.
    target = Path(os.path.realpath(target))
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(content)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The report cannot be written to {target} ({error.strerror}). Set IRACING_REPORT_FILE, or "
            "path in the run config, to a file that can."
        ) from None


def _metadata(facts: "Facts", target: Path, size: int) -> dict[str, Any]:
    return {
        FILE_KEY: MetadataValue.path(target),
        "link": MetadataValue.url(target.as_uri()),
        "bytes": size,
        "seasons": len(facts.seasons),
        "weeks": sum(len(season.weeks) for season in facts.seasons),
        "changes_this_week": sum(change.lines for change in facts.changes),
        "what_changed": MetadataValue.md(_preview(facts.changes)),
    }


def _preview(changes: "Sequence[Change]") -> str:
    """The first stories of the page, as Markdown."""
    from iracing_pipeline.report.news import tell

    news = tell(changes)
    if not news.stories:
        return "Nothing changed in the last days."
    lines = []
    for story in news.stories[:_PREVIEW_SERIES]:
        lines.append(f"- **{_plain(story.series)}**")
        lines += [f"    - {_plain(line.in_words())}" for line in story.lines]
        lines += [f"    - and {story.more:,} more"] if story.more else []
    more = len(news.stories) + news.more_stories - _PREVIEW_SERIES
    return "\n".join([*lines, f"\nand {more} more series"] if more > 0 else lines)


def _plain(text: str) -> str:
    """Text of others as Markdown takes it literally."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~&" else sign for sign in text)
