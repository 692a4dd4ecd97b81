"""What calendar feeds have told their readers: one row per race session, with its SEQUENCE."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _column(name: str, type_: Any, comment: str, *, nullable: bool) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=nullable, comment=comment)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "calendar_events",
        _column(
            "uid",
            sa.Text(),
            "UID of the event: made of season, week and start, so it never changes.",
            nullable=False,
        ),
        _column("series_id", sa.Integer(), "Series.", nullable=False),
        _column("season_id", sa.Integer(), "Season.", nullable=False),
        _column(
            "race_week_num",
            sa.Integer(),
            "Week within the season, from 0; summary counts from 1.",
            nullable=False,
        ),
        _column("start_time", moment, "Start of the race session, UTC.", nullable=False),
        _column(
            "session_minutes",
            sa.Integer(),
            "Length of the session, minutes; NULL where it is not known.",
            nullable=True,
        ),
        _column(
            "license_group",
            sa.Integer(),
            "Licence class of the season: 1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.",
            nullable=True,
        ),
        _column("summary", sa.Text(), "Series, week and track, for people.", nullable=False),
        _column("location", sa.Text(), "Track and configuration.", nullable=True),
        _column(
            "description",
            sa.Text(),
            "Season, cars, length and the rest, a line each.",
            nullable=False,
        ),
        _column(
            "categories",
            ARRAY(sa.Text()),
            "Discipline, licence class and the like.",
            nullable=False,
        ),
        _column(
            "sequence",
            sa.Integer(),
            "SEQUENCE of the event: raised whenever something else of the row changes.",
            nullable=False,
        ),
        _column("last_modified", moment, "When sequence was last raised.", nullable=False),
        _column(
            "cancelled_at",
            moment,
            "When the session vanished from the schedules; NULL while it is to take place.",
            nullable=True,
        ),
        sa.CheckConstraint("sequence >= 0", name=op.f("calendar_events_sequence_check")),
        sa.PrimaryKeyConstraint("uid", name=op.f("calendar_events_pkey")),
        schema="iracing",
        comment="Every race session that calendar feeds have told of and that is not long past: what "
        "subscribers know, so that a change is told as one.",
    )
    op.create_index(
        "calendar_events_start_time_idx", "calendar_events", ["start_time"], schema="iracing"
    )


def downgrade() -> None:
    op.drop_table("calendar_events", schema="iracing")
