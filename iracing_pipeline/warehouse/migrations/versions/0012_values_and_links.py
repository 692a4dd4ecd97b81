"""Tables for values and links that the baseline could not hold."""

from alembic import op
from sqlalchemy import Connection

from iracing_pipeline.core.landable import landable
from iracing_pipeline.core.personal import PERSONAL_FIELDS
from iracing_pipeline.warehouse.responses.landing import digest

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Minutes, percent and other measures, which may be fractions.
_MEASURES = {
    "seasons": ("op_duration", "reg_open_minutes"),
    "season_schedules": (
        "race_time_limit",
        "practice_length",
        "qualify_length",
        "warmup_length",
        "practice_rubber_pct",
        "qualify_rubber_pct",
        "warmup_rubber_pct",
        "race_rubber_pct",
        "simulated_time_multiplier",
        "rel_humidity_pct",
        "track_water",
        "precip_chance_pct",
    ),
    "race_time_descriptors": ("session_minutes", "repeat_minutes"),
    "weather_forecasts": ("time_offset",),
    "tracks": ("pit_road_speed_limit",),
    "cars": ("hp", "car_weight"),
}


_DEAD_LINKS = """
    CREATE TABLE iracing.dead_links (
        season_id integer NOT NULL,
        race_week_num integer NOT NULL,
        file text NOT NULL,
        reason text NOT NULL,
        found_at timestamptz NOT NULL,
        run_id text NOT NULL,
        PRIMARY KEY (season_id, race_week_num)
    )
"""

# An empty list and NULL were two ways to store the same.
_LISTS = {
    "seasons": ("license_group_types", "car_types", "track_types", "heat_ses_info"),
    "season_schedules": (
        "race_week_car_ids",
        "race_week_car_class_ids",
        "simulated_time_offsets_minutes",
    ),
    "tracks": ("track_types",),
    "cars": ("categories", "car_types", "paint_rules", "car_configs", "car_config_defs"),
}

# Where JSON was kept before personal data was cut out of it.
_KEPT = (
    ("responses", "body"),
    ("quarantine", "payload"),
    ("changes", "before"),
    ("changes", "after"),
    ("seasons", "heat_ses_info"),
)
# As Postgres writes jsonb: such a field with a value that says something.
_PERSONAL = rf'"({"|".join(sorted(PERSONAL_FIELDS))})": (?!null|0[,}}]|false|""|\[\]|\{{\}})'


def upgrade() -> None:
    op.execute(_DEAD_LINKS)
    for table, columns in _MEASURES.items():
        types = ", ".join(f"ALTER COLUMN {name} TYPE double precision" for name in columns)
        op.execute(f"ALTER TABLE iracing.{table} {types}")
    op.execute(
        "ALTER TABLE iracing.season_schedules "
        "ALTER COLUMN simulated_time_offsets_minutes TYPE double precision[]"
    )
    for table, columns in _LISTS.items():
        for name in columns:
            op.execute(
                f"UPDATE iracing.{table} SET {name} = NULL WHERE {name}::text IN ('{{}}', '[]')"  # noqa: S608
            )
    connection = op.get_bind()
    for table, column in _KEPT:
        _cut_out(connection, table, column)
    connection.exec_driver_sql("UPDATE iracing.car_classes SET cust_id = NULL WHERE cust_id <> 0")


def _cut_out(connection: Connection, table: str, column: str) -> None:
    """Cut what concerns persons out of a column, row by row: a body can have 11 MB."""
    name = f"iracing.{table}"
    found = f"SELECT ctid::text FROM {name} WHERE {column}::text ~ %s"  # noqa: S608 - constants
    read = f"SELECT {column} FROM {name} WHERE ctid = %s::tid"  # noqa: S608
    for (row,) in connection.exec_driver_sql(found, (_PERSONAL,)).all():
        value = connection.exec_driver_sql(read, (row,)).scalar()
        encoded, sha256 = digest(landable(value))
        text = encoded.decode()
        if table == "responses":
            connection.exec_driver_sql(
                "UPDATE iracing.responses SET sha256 = %s, body = %s WHERE ctid = %s::tid",
                (sha256, text, row),
            )
        else:
            connection.exec_driver_sql(
                f"UPDATE {name} SET {column} = %s WHERE ctid = %s::tid",  # noqa: S608
                (text, row),
            )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
