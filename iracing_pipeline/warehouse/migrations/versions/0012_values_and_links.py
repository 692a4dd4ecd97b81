"""Tables for values and links that the baseline could not hold."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


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


def upgrade() -> None:
    op.execute(_DEAD_LINKS)
    for table, columns in _LISTS.items():
        for name in columns:
            op.execute(
                f"UPDATE iracing.{table} SET {name} = NULL WHERE {name}::text IN ('{{}}', '[]')"  # noqa: S608
            )


def downgrade() -> None:
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
