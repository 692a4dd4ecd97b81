"""History: what the index says of a series, which weeks are known from where, whose schedule is final.

The columns qual_time_descriptors, event_sessions and event_options go: only series/season_schedule says
them, and only of ended seasons, so the same week would look different depending on how it was fetched.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIES: dict[str, tuple[Any, str]] = {
    "active": (sa.Boolean(), "Runs now, by the index of all series (read weekly)."),
    "official": (sa.Boolean(), "Counts for ratings and standings, by the index of all series."),
    "fixed_setup": (sa.Boolean(), "Everyone drives the same set-up, by the index of all series."),
    "license_group": (
        sa.Integer(),
        "1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC, by the index of all series.",
    ),
}
FLAGS = {
    (
        "seasons",
        "has_rules",
    ): "Its dates, rules and limits are known, from the list of current seasons. "
    "False: from the index alone.",
    ("seasons", "has_final_schedule"): "The season is over and its weeks are as the API gave them "
    "afterwards: they are not asked for again.",
    (
        "season_schedules",
        "is_in_schedule",
    ): "Known from a schedule, which has dates and session times. False: from the index alone.",
    (
        "season_schedules",
        "is_in_index",
    ): "Known from the index of all seasons, which has the track only.",
}
WEEKS = "One row per race week of a season: track, length, conditions, bounds. A track swap updates the row."
COMPLETE = "The season is over."
GONE = ("qual_time_descriptors", "event_sessions", "event_options")


def upgrade() -> None:
    for name, (type_, comment) in SERIES.items():
        op.add_column("series", sa.Column(name, type_, comment=comment), schema="iracing")
    for (table, name), comment in FLAGS.items():
        column: sa.Column[bool] = sa.Column(
            name, sa.Boolean(), nullable=False, server_default=sa.text("false"), comment=comment
        )
        op.add_column(table, column, schema="iracing")
    op.create_table_comment(
        "season_schedules",
        f"{WEEKS} Weeks that only the index knows have a track and no dates: is_in_schedule is false.",
        existing_comment=WEEKS,
        schema="iracing",
    )
    op.alter_column(
        "seasons",
        "complete",
        comment="The season is over; NULL while that is not known.",
        existing_comment=COMPLETE,
        existing_type=sa.Boolean(),
        schema="iracing",
    )
    # Until now every season came from the list of current seasons, every week from a schedule.
    op.execute("UPDATE iracing.seasons SET has_rules = true")
    op.execute("UPDATE iracing.season_schedules SET is_in_schedule = true")
    for name in GONE:
        op.drop_column("season_schedules", name, schema="iracing")


def downgrade() -> None:
    op.create_table_comment("season_schedules", WEEKS, schema="iracing")
    op.alter_column(
        "seasons", "complete", comment=COMPLETE, existing_type=sa.Boolean(), schema="iracing"
    )
    for name in GONE:
        op.add_column("season_schedules", sa.Column(name, JSONB()), schema="iracing")
    for table, name in FLAGS:
        op.drop_column(table, name, schema="iracing")
    for name in SERIES:
        op.drop_column("series", name, schema="iracing")
