"""What the pipeline knows about itself: landed responses, calls, runs, changes, quarantine, feeds, tokens.

In: facts of the pipeline's own work. Out: tables. Nothing here comes from an iRacing field.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from iracing_pipeline.warehouse.schema import PRIVATE_SCHEMA
from iracing_pipeline.warehouse.schema.base import (
    TIMESTAMPTZ,
    check,
    column,
    key,
    ledger_table,
    required,
)


def _number(name: str, comment: str) -> Column[int]:
    return Column(name, BigInteger, Identity(always=True), primary_key=True, comment=comment)


responses = ledger_table(
    "responses",
    "Every landed response, newest per endpoint and parameters: the cache, and what tables are rebuilt from.",
    key("endpoint", Text, "Such as series/seasons."),
    key("params", JSONB, "Query parameters."),
    required(
        "body", JSONB, "The response; signatures of links and what concerns persons are cut out."
    ),
    required("sha256", Text, "SHA-256 of the body with sorted keys, hexadecimal."),
    required("bytes", Integer, "Size of the response as received, uncompressed."),
    required("fetched_at", TIMESTAMPTZ, "When the API responded."),
    column("expires_at", TIMESTAMPTZ, "Until when it serves instead of the API; NULL is for ever."),
    required("run_id", Text, "Dagster run that fetched it."),
    column("asset", Text, "Asset that landed it; NULL before that was noted."),
    column(
        "same_since",
        TIMESTAMPTZ,
        "When the API first gave this very body; later responses with the same sha256 leave it.",
    ),
)

api_calls = ledger_table(
    "api_calls",
    "Every request to the data API, and every one that a landed response saved.",
    _number("call_id", "Running number."),
    required("at", TIMESTAMPTZ, "When the request was sent."),
    required("endpoint", Text, "Such as series/seasons."),
    required("params", JSONB, "Query parameters."),
    column(
        "status", Integer, "HTTP status; NULL where no response came or a landed response was used."
    ),
    column(
        "milliseconds", Integer, "Duration, body included; NULL where a landed response was used."
    ),
    column("bytes", Integer, "Size of the body, uncompressed."),
    required("from_cache", Boolean, "A landed response was used; no request was made."),
    column(
        "ratelimit_remaining", Integer, "Requests left in the account's window, as the API said."
    ),
    column("error", Text, "What went wrong, for the reader."),
    required("run_id", Text, "Dagster run."),
    Index("api_calls_at_idx", "at"),
)

sync_runs = ledger_table(
    "sync_runs",
    "One row per asset (and partition) and run: when it started, when it finished, what came of it.",
    _number("sync_run_id", "Running number."),
    required("run_id", Text, "Dagster run."),
    required("asset", Text, "Asset."),
    column("partition", Text, "Partition key; NULL for assets without partitions."),
    required("started_at", TIMESTAMPTZ, "Start."),
    column("finished_at", TIMESTAMPTZ, "End; NULL while it runs, or where it was killed."),
    required(
        "status",
        Text,
        "running, success, partial (some items quarantined), failure, or skipped: the API was in maintenance and a schedule, not a person, had asked.",
    ),
    column("inserted", Integer, "Rows new to their tables."),
    column("updated", Integer, "Rows whose values changed."),
    column("unchanged", Integer, "Rows that already had these values."),
    column("retired", Integer, "Rows that vanished from a complete response."),
    column("quarantined", Integer, "Items of responses that could not be read."),
    column("api_calls", Integer, "Requests made."),
    column("message", Text, "What went wrong, for the reader."),
    column("series_ids", ARRAY(Integer), "Series that the run was about; NULL for all."),
    check("status", "status IN ('running', 'success', 'partial', 'failure', 'skipped')"),
    Index("sync_runs_asset_started_at_idx", "asset", "started_at"),
)

changes = ledger_table(
    "changes",
    "What changed in the data tables, written in the same transaction as the change. Filling an empty table is a load: its rows are not listed.",
    _number("change_id", "Running number."),
    required("table_name", Text, "Table."),
    required("key", JSONB, "Natural key of the row."),
    required("kind", Text, "inserted, updated, retired or restored."),
    column("before", JSONB, "Changed columns before; NULL for inserted rows."),
    column("after", JSONB, "Changed columns after; NULL for retired rows."),
    required("changed_at", TIMESTAMPTZ, "When the change was stored."),
    required("run_id", Text, "Dagster run."),
    check("kind", "kind IN ('inserted', 'updated', 'retired', 'restored')"),
    check(
        "before_and_after",
        "(before IS NULL) = (kind = 'inserted') AND (after IS NULL) = (kind = 'retired')",
    ),
    Index("changes_changed_at_idx", "changed_at"),
    Index("changes_table_name_key_idx", "table_name", "key"),
    Index("changes_run_id_idx", "run_id"),
)

quarantine = ledger_table(
    "quarantine",
    "Items of a response that could not be read; everything else of that response was stored.",
    _number("quarantine_id", "Running number."),
    required("endpoint", Text, "Endpoint of the response."),
    required("params", JSONB, "Query parameters of the response."),
    required("item_key", Text, "Which item, such as season_id=5862 or race_week_num=3."),
    required("reason", Text, "Why it could not be read."),
    column(
        "payload", JSONB, "The item; signatures of links and what concerns persons are cut out."
    ),
    required("first_seen_at", TIMESTAMPTZ, "When the item was first quarantined."),
    required("last_seen_at", TIMESTAMPTZ, "When the item was last found unreadable."),
    column(
        "resolved_at",
        TIMESTAMPTZ,
        "When the item could be read again, or was gone from the response.",
    ),
    required("asset", Text, "Asset that met it."),
    required("run_id", Text, "Dagster run that last saw it."),
    UniqueConstraint("asset", "endpoint", "params", "item_key"),
    Index("quarantine_open_idx", "asset", postgresql_where=text("resolved_at IS NULL")),
)

dead_links = ledger_table(
    "dead_links",
    "Links to forecasts of which the file was gone (HTTP 403, 404): not asked for again at every run.",
    key("season_id", Integer, "Season."),
    key("race_week_num", Integer, "Week within the season, from 0."),
    required("file", Text, "The link without its signature; another file is asked for at once."),
    required("reason", Text, "What the storage host said, for the reader."),
    required(
        "found_at",
        TIMESTAMPTZ,
        "When it was last asked for. It is again a day later, or never where the week is over.",
    ),
    required("run_id", Text, "Dagster run that asked for it."),
)

drift = ledger_table(
    "drift",
    "Where responses are no longer what the tables foresee, one row each: nothing is lost, landed bodies keep everything.",
    _number("drift_id", "Running number."),
    required("endpoint", Text, "Endpoint of the response."),
    required("kind", Text, "new_field, vanished_field or new_type."),
    required("field", Text, "Object and field, such as Season.drops."),
    required("found", Text, "JSON type that was not expected; empty for fields that came or went."),
    required(
        "occurrences",
        Integer,
        "How many objects of the last response had it; for a vanished field, how many lacked it.",
    ),
    required("first_seen_at", TIMESTAMPTZ, "When it was first seen."),
    required("last_seen_at", TIMESTAMPTZ, "When it was last seen."),
    column("resolved_at", TIMESTAMPTZ, "When a vanished field was there again."),
    required("asset", Text, "Asset that saw it first."),
    required("run_id", Text, "Dagster run that saw it first."),
    check("kind", "kind IN ('new_field', 'vanished_field', 'new_type')"),
    UniqueConstraint("endpoint", "kind", "field", "found"),
)

calendar_events = ledger_table(
    "calendar_events",
    "Every race session and special event that calendar feeds have told of and that is not long past: what subscribers know, so that a change is told as one.",
    key(
        "uid",
        Text,
        "UID of the event: made of season, week and start, so it never changes; of a special event, whose UID begins with special-, of season and week.",
    ),
    required("series_id", Integer, "Series."),
    required("season_id", Integer, "Season."),
    required("race_week_num", Integer, "Week within the season, from 0; summary counts from 1."),
    required(
        "start_time",
        TIMESTAMPTZ,
        "Start of the race session, UTC; of a special event, midnight of its first day.",
    ),
    column(
        "session_minutes",
        Integer,
        "Length of the session, minutes; NULL where it is not known. Of a special event, that of its days.",
    ),
    column(
        "license_group",
        Integer,
        "Licence class of the season: 1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.",
    ),
    required("summary", Text, "Series, week and track, for people."),
    column("location", Text, "Track and configuration."),
    required("description", Text, "Season, cars, length and the rest, a line each."),
    required("categories", ARRAY(Text), "Discipline, licence class and the like."),
    required(
        "sequence",
        Integer,
        "SEQUENCE of the event: raised whenever something else of the row changes.",
    ),
    required("last_modified", TIMESTAMPTZ, "When sequence was last raised."),
    column(
        "cancelled_at",
        TIMESTAMPTZ,
        "When the session vanished from the schedules; NULL while it is to take place.",
    ),
    check("sequence", "sequence >= 0"),
    Index("calendar_events_start_time_idx", "start_time"),
)

owned_packages = ledger_table(
    "owned_packages",
    "Packages of cars and tracks that the account owns, as `iracing-pipeline owned` last read them: personal "
    "data. Empty where nobody has asked.",
    key("package_id", Integer, "Package, as in cars and tracks."),
    required("read_at", TIMESTAMPTZ, "When the account's packages were read."),
)

installation = ledger_table(
    "installation",
    "Facts about this installation, such as which API its data came from.",
    key("name", Text, "Name of the fact."),
    required("value", JSONB, "Its value."),
    required("updated_at", TIMESTAMPTZ, "When it was last set."),
)

oauth_tokens = ledger_table(
    "oauth_tokens",
    "Access and refresh tokens shared by this installation's processes, encrypted with its credentials.",
    key("name", Text, "Hash of token endpoint, client and user."),
    required("value", Text, "Encrypted; readable only by who holds the credentials."),
    required("updated_at", TIMESTAMPTZ, "When it was last set."),
    schema=PRIVATE_SCHEMA,
)

TABLES = (
    responses,
    api_calls,
    sync_runs,
    changes,
    quarantine,
    dead_links,
    drift,
    calendar_events,
    owned_packages,
    installation,
    oauth_tokens,
)
