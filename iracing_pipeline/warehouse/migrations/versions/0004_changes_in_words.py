"""What changed, in words for people; drift of the API's answers; which asset landed an answer."""

# ruff: noqa: RUF001 - the dash between a track and its configuration is what people read

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORD = r"""
CREATE FUNCTION iracing_private.word(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    -- Moments are recorded in UTC, lists are sorted already.
    SELECT CASE jsonb_typeof(value)
        WHEN 'null' THEN NULL
        WHEN 'array' THEN (
            SELECT string_agg(iracing_private.word(item), ', ' ORDER BY position)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS items (item, position))
        ELSE regexp_replace(
            value #>> '{}',
            '^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:00|(?::\d\d(?:\.\d+)?))?\+00:00$', '\1 \2 UTC')
    END
$function$
"""

VALUE_THEN = """
CREATE FUNCTION iracing_private.value_then(
    of_table text, of_key jsonb, of_change bigint, name text, value_now text
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $function$
    -- A column that a change does not name had the value that the next change of it found, or that
    -- it has now.
    SELECT CASE WHEN count(*) = 0 THEN value_now ELSE max(value) END
    FROM (
        SELECT before ->> name AS value FROM iracing.changes
        WHERE table_name = of_table AND key = of_key AND change_id > of_change AND before ? name
        ORDER BY change_id LIMIT 1
    ) AS next
$function$
"""

# One row per column that changed; a row that came, went or returned is one. Of all tables: rehearsals
# and rebuilds tell in the same words what they found.
CHANGES_IN_WORDS = """
CREATE VIEW iracing_private.changes_in_words AS
SELECT c.changed_at, ids.series_id, series.series_name, ids.season_id, season.season_name,
       ids.race_week_num, c.kind, words.what, words.old, words.new, c.table_name, c.change_id, c.run_id
FROM iracing.changes c
CROSS JOIN LATERAL (
    -- All columns, where the change is of a whole row; those that changed, where not.
    SELECT CASE c.kind WHEN 'retired' THEN c.before ELSE c.after END AS row_then
) AS row_of
LEFT JOIN LATERAL (
    SELECT x.season_name, x.series_id FROM iracing.seasons x
    WHERE x.season_id = (c.key ->> 'season_id')::int
) AS season ON true
CROSS JOIN LATERAL (
    SELECT coalesce((c.key ->> 'series_id')::int, season.series_id,
                    (row_of.row_then ->> 'series_id')::int) AS series_id,
           (c.key ->> 'season_id')::int AS season_id,
           (c.key ->> 'race_week_num')::int AS race_week_num
) AS ids
LEFT JOIN iracing.series series ON series.series_id = ids.series_id
LEFT JOIN LATERAL (
    -- The track before and after the change.
    SELECT concat_ws(' – ',
               CASE WHEN c.before ? 'track_name' THEN c.before ->> 'track_name'
                    ELSE name_then.value END,
               CASE WHEN c.before ? 'config_name' THEN c.before ->> 'config_name'
                    ELSE config_then.value END) AS old,
           concat_ws(' – ',
               CASE WHEN c.after ? 'track_name' THEN c.after ->> 'track_name'
                    ELSE name_then.value END,
               CASE WHEN c.after ? 'config_name' THEN c.after ->> 'config_name'
                    ELSE config_then.value END) AS new
    FROM iracing.season_schedules w
    CROSS JOIN LATERAL iracing_private.value_then(
        c.table_name, c.key, c.change_id, 'track_name', w.track_name) AS name_then (value)
    CROSS JOIN LATERAL iracing_private.value_then(
        c.table_name, c.key, c.change_id, 'config_name', w.config_name) AS config_then (value)
    WHERE c.table_name = 'season_schedules'
      AND w.season_id = ids.season_id AND w.race_week_num = ids.race_week_num
) AS track ON true
LEFT JOIN LATERAL (
    SELECT x.car_name FROM iracing.cars x WHERE x.car_id = (c.key ->> 'car_id')::int
) AS car ON true
LEFT JOIN LATERAL (
    SELECT coalesce(x.short_name, x.name) AS class_name FROM iracing.car_classes x
    WHERE x.car_class_id = (c.key ->> 'car_class_id')::int
) AS class ON true
CROSS JOIN LATERAL (
    -- Whose row it is, where the table has several of a week or season.
    SELECT CASE
        WHEN c.table_name = 'car_restrictions'
            THEN coalesce(car.car_name, 'car ' || (c.key ->> 'car_id'))
        WHEN c.table_name = 'season_car_classes'
            THEN coalesce(class.class_name, 'car class ' || (c.key ->> 'car_class_id'))
        WHEN c.table_name = 'series_licenses'
            THEN coalesce(row_of.row_then ->> 'group_name', (
                SELECT l.group_name FROM iracing.series_licenses l
                WHERE l.series_id = ids.series_id
                  AND l.license_group = (c.key ->> 'license_group')::int),
                'licence group ' || (c.key ->> 'license_group'))
        WHEN c.table_name IN ('cars', 'car_class_cars') THEN car.car_name
        WHEN c.table_name = 'car_classes' THEN class.class_name
        WHEN c.table_name = 'tracks' THEN (
            SELECT concat_ws(' – ', t.track_name, t.config_name) FROM iracing.tracks t
            WHERE t.track_id = (c.key ->> 'track_id')::int)
    END AS owner
) AS owned
CROSS JOIN LATERAL (
    SELECT CASE c.table_name
        WHEN 'series' THEN 'series'
        WHEN 'series_licenses' THEN 'licence'
        WHEN 'seasons' THEN 'season'
        WHEN 'season_car_classes' THEN 'car class'
        WHEN 'season_schedules' THEN 'week'
        WHEN 'race_time_descriptors' THEN 'session times'
        WHEN 'car_restrictions' THEN 'car restriction'
        WHEN 'weather_forecasts' THEN 'forecast'
        WHEN 'tracks' THEN 'track'
        WHEN 'cars' THEN 'car'
        WHEN 'car_classes' THEN 'car class'
        WHEN 'car_class_cars' THEN 'car of a class'
        ELSE c.table_name
    END AS noun,
    CASE c.table_name
        WHEN 'series' THEN coalesce(row_of.row_then ->> 'series_name', series.series_name)
        WHEN 'seasons' THEN coalesce(row_of.row_then ->> 'season_name', season.season_name)
        WHEN 'season_schedules' THEN CASE
            WHEN row_of.row_then ? 'track_id' THEN concat_ws(
                ' – ', row_of.row_then ->> 'track_name', row_of.row_then ->> 'config_name')
            ELSE track.new END
        WHEN 'race_time_descriptors' THEN coalesce(
            iracing_private.word(row_of.row_then -> 'session_times'),
            'from ' || (row_of.row_then ->> 'first_session_time')
                || coalesce(' every ' || (row_of.row_then ->> 'repeat_minutes') || ' min', ''),
            'descriptor ' || (c.key ->> 'descriptor_num'))
        WHEN 'car_restrictions' THEN owned.owner || coalesce(': ' || (
            SELECT string_agg(f.key || ' ' || iracing_private.word(f.value), ', ' ORDER BY f.key)
            FROM jsonb_each(row_of.row_then) f WHERE f.value <> 'null'), '')
        ELSE coalesce(owned.owner, c.key::text)
    END AS label
) AS whole
CROSS JOIN LATERAL (
    SELECT whole.noun, CASE WHEN c.kind = 'retired' THEN whole.label END,
           CASE WHEN c.kind <> 'retired' THEN whole.label END
    WHERE c.kind <> 'updated'
    UNION ALL
    SELECT 'track', track.old, track.new
    WHERE c.kind = 'updated' AND c.table_name = 'season_schedules'
      AND c.after ?| ARRAY['track_id', 'track_name', 'config_name']
    UNION ALL
    SELECT f.key || coalesce(' of ' || owned.owner, ''),
           iracing_private.word(c.before -> f.key), iracing_private.word(f.value)
    FROM jsonb_each(c.after) f
    WHERE c.kind = 'updated' AND NOT (
        c.table_name = 'season_schedules'
        AND (f.key IN ('track_id', 'track_name', 'config_name')
             OR c.after ? 'track_id' AND f.key IN ('track_category', 'track_category_id')))
) AS words (what, old, new)
"""

SCHEDULE_CHANGES = """
CREATE VIEW iracing.schedule_changes AS
SELECT changed_at, series_id, series_name, season_id, season_name, race_week_num, kind, what, old, new,
       table_name, change_id, run_id
FROM iracing_private.changes_in_words
WHERE table_name IN ('series', 'series_licenses', 'seasons', 'season_car_classes', 'season_schedules',
                     'race_time_descriptors', 'car_restrictions')
  AND NOT starts_with(run_id, 'rebuild ')
"""

COLUMNS = {
    "changed_at": "When the change was seen.",
    "series_id": "Series.",
    "series_name": "Its current name; NULL while only its season is known.",
    "season_id": "Season; NULL where the series itself changed.",
    "season_name": "Its current name.",
    "race_week_num": "Week within the season, from 0; NULL where the change is of the season or series.",
    "kind": "inserted, updated, retired or restored.",
    "what": "What changed: track (name and configuration together), a column, or a whole week, season, "
    "session times, car restriction, car class, licence or series.",
    "old": "Before; NULL where there was nothing.",
    "new": "After; NULL where nothing is left.",
    "table_name": "Table, as in changes.",
    "change_id": "Change, see changes; an update of several columns is several rows here.",
    "run_id": "Dagster run.",
}


CHECKS = (
    (
        "changes",
        "before_and_after",
        "(before IS NULL) = (kind = 'inserted') AND (after IS NULL) = (kind = 'retired')",
    ),
    ("race_time_descriptors", "session_minutes", "session_minutes >= 0"),
    (
        "race_time_descriptors",
        "says_when",
        "CASE WHEN repeating THEN first_session_time IS NOT NULL AND day_offset IS NOT NULL "
        "ELSE session_times IS NOT NULL END",
    ),
)


def upgrade() -> None:
    op.add_column(
        "responses",
        sa.Column("asset", sa.Text(), comment="Asset that landed it; NULL before that was noted."),
        schema="iracing",
    )
    op.add_column(
        "sync_runs",
        sa.Column(
            "series_ids",
            sa.ARRAY(sa.Integer()),
            comment="Series the attempt was about; NULL for all.",
        ),
        schema="iracing",
    )
    op.create_index("changes_run_id_idx", "changes", ["run_id"], schema="iracing")
    op.create_table(
        "drift",
        sa.Column(
            "drift_id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Running number.",
        ),
        sa.Column("endpoint", sa.Text(), nullable=False, comment="Endpoint of the answers."),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="new_field, vanished_field or new_type."
        ),
        sa.Column(
            "field", sa.Text(), nullable=False, comment="Object and field, such as Season.drops."
        ),
        sa.Column(
            "found",
            sa.Text(),
            nullable=False,
            comment="JSON type that was not expected; empty for fields that came or went.",
        ),
        sa.Column(
            "occurrences",
            sa.Integer(),
            nullable=False,
            comment="How many objects of the last answer had it; for a vanished field, how many lacked it.",
        ),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was first seen.",
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was last seen.",
        ),
        sa.Column(
            "resolved_at",
            sa.DateTime(timezone=True),
            comment="When a vanished field was there again.",
        ),
        sa.Column("asset", sa.Text(), nullable=False, comment="Asset that saw it first."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Dagster run that saw it first."),
        sa.CheckConstraint(
            "kind IN ('new_field', 'vanished_field', 'new_type')", name=op.f("drift_kind_check")
        ),
        sa.PrimaryKeyConstraint("drift_id", name=op.f("drift_pkey")),
        sa.UniqueConstraint(
            "endpoint", "kind", "field", "found", name=op.f("drift_endpoint_kind_field_found_key")
        ),
        schema="iracing",
        comment="Where answers are no longer what the tables foresee, one row each: nothing is lost, "
        "landed bodies keep everything.",
    )
    for table, name, condition in CHECKS:
        op.create_check_constraint(
            op.f(f"{table}_{name}_check"), table, condition, schema="iracing"
        )
    # Not through text(), which would take the colons of the pattern for parameters.
    execute = op.get_bind().exec_driver_sql
    for statement in (WORD, VALUE_THEN, CHANGES_IN_WORDS, SCHEDULE_CHANGES):
        execute(statement)
    for name, text in (
        ("FUNCTION iracing_private.word(jsonb)", "A recorded value as people read it."),
        (
            "FUNCTION iracing_private.value_then(text, jsonb, bigint, text, text)",
            "What a column held at the time of a change that did not touch it.",
        ),
        (
            "VIEW iracing_private.changes_in_words",
            "Every change of every table in words, what rehearsals and rebuilds found included.",
        ),
        (
            "VIEW iracing.schedule_changes",
            "What changed in series, seasons and weeks, for people: one row per column that changed, or "
            "per week, season or session that came, went or returned.",
        ),
    ):
        execute(f"COMMENT ON {name} IS '{text}'")
    for name, text in COLUMNS.items():
        execute(f"COMMENT ON COLUMN iracing.schedule_changes.{name} IS '{text}'")


def downgrade() -> None:
    op.execute("DROP VIEW iracing.schedule_changes")
    op.execute("DROP VIEW iracing_private.changes_in_words")
    op.execute("DROP FUNCTION iracing_private.value_then(text, jsonb, bigint, text, text)")
    op.execute("DROP FUNCTION iracing_private.word(jsonb)")
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"{table}_{name}_check"), table, schema="iracing")
    op.drop_table("drift", schema="iracing")
    op.drop_index("changes_run_id_idx", "changes", schema="iracing")
    op.drop_column("sync_runs", "series_ids", schema="iracing")
    op.drop_column("responses", "asset", schema="iracing")
