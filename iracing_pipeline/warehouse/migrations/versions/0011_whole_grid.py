"""The grid of weeks holds every week: season of 14 weeks in columns, those of up to a year in `tracks`."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TRACKS = """
FROM (
    SELECT c.*, concat_ws(' - ', c.track_name, c.config_name) AS track
    FROM (
        SELECT series_id, series_name, season_id, season_name, license_group,
               min(category) OVER (PARTITION BY season_id) AS category,
               race_week_num, track_name, config_name
        FROM iracing.season_calendar WHERE complete IS NOT TRUE
    ) AS c
) AS tracks
GROUP BY series_id, series_name, season_id, season_name, license_group, category
"""
_COLUMNS = ", ".join(
    f"max(track) FILTER (WHERE race_week_num = {number}) AS week_{number}" for number in range(13)
)
_START = f"""
SELECT series_id, series_name, season_id, season_name, license_group, category,
       {_COLUMNS}, count(*)::int AS weeks"""
# Appended: a view that somebody has built on this one stays as it is.
_MORE = """,
       max(track) FILTER (WHERE race_week_num = 13) AS week_13,
       jsonb_object_agg(race_week_num, track) AS tracks"""
COMMENT = (
    "A row per season that is not over, the track of week 0 to 13 in a column each, and of all "
    "weeks, of which some seasons have 38, by race_week_num in `tracks`."
)
BEFORE = "A row per season that is not over, the track of each week 0 to 12 in a column."


def upgrade() -> None:
    _create("CREATE OR REPLACE", _MORE, COMMENT)


def downgrade() -> None:
    op.execute("DROP VIEW iracing.week_grid")
    _create("CREATE", "", BEFORE)


def _create(verb: str, more: str, comment: str) -> None:
    execute = op.get_bind().exec_driver_sql
    execute(f"{verb} VIEW iracing.week_grid AS {_START}{more} {_TRACKS}")
    execute(f"COMMENT ON VIEW iracing.week_grid IS '{comment}'")
