-- Seasons that are not complete, with the track of each week in a column of its own.
-- New columns come last, so that CREATE OR REPLACE keeps a view that somebody has built on this one.

CREATE OR REPLACE VIEW iracing.week_grid AS
SELECT series_id, series_name, season_id, season_name, license_group, category,
       max(track) FILTER (WHERE race_week_num = 0) AS week_0,
       max(track) FILTER (WHERE race_week_num = 1) AS week_1,
       max(track) FILTER (WHERE race_week_num = 2) AS week_2,
       max(track) FILTER (WHERE race_week_num = 3) AS week_3,
       max(track) FILTER (WHERE race_week_num = 4) AS week_4,
       max(track) FILTER (WHERE race_week_num = 5) AS week_5,
       max(track) FILTER (WHERE race_week_num = 6) AS week_6,
       max(track) FILTER (WHERE race_week_num = 7) AS week_7,
       max(track) FILTER (WHERE race_week_num = 8) AS week_8,
       max(track) FILTER (WHERE race_week_num = 9) AS week_9,
       max(track) FILTER (WHERE race_week_num = 10) AS week_10,
       max(track) FILTER (WHERE race_week_num = 11) AS week_11,
       max(track) FILTER (WHERE race_week_num = 12) AS week_12,
       count(*)::int AS weeks,
       max(track) FILTER (WHERE race_week_num = 13) AS week_13,
       jsonb_object_agg(race_week_num, track) AS tracks
FROM (
    SELECT c.*, concat_ws(' - ', c.track_name, c.config_name) AS track
    FROM (
        SELECT series_id, series_name, season_id, season_name, license_group,
               min(category) OVER (PARTITION BY season_id) AS category,
               race_week_num, track_name, config_name
        FROM iracing.season_calendar WHERE complete IS NOT TRUE
    ) AS c
) AS tracks
GROUP BY series_id, series_name, season_id, season_name, license_group, category;

COMMENT ON VIEW iracing.week_grid IS
    'A row per season that is not over, the track of week 0 to 13 in a column each, and of all weeks,'
    ' of which some seasons have 38, by race_week_num in `tracks`.';
COMMENT ON COLUMN iracing.week_grid.series_id IS 'Series.';
COMMENT ON COLUMN iracing.week_grid.series_name IS 'Current name of the series; NULL while only its season is known.';
COMMENT ON COLUMN iracing.week_grid.season_id IS 'Season.';
COMMENT ON COLUMN iracing.week_grid.season_name IS 'Current name of the season.';
COMMENT ON COLUMN iracing.week_grid.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';
COMMENT ON COLUMN iracing.week_grid.category IS
    'Category of the season; the first by alphabet where its weeks differ.';
COMMENT ON COLUMN iracing.week_grid.week_0 IS
    'Track and configuration of week 0, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_1 IS
    'Track and configuration of week 1, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_2 IS
    'Track and configuration of week 2, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_3 IS
    'Track and configuration of week 3, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_4 IS
    'Track and configuration of week 4, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_5 IS
    'Track and configuration of week 5, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_6 IS
    'Track and configuration of week 6, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_7 IS
    'Track and configuration of week 7, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_8 IS
    'Track and configuration of week 8, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_9 IS
    'Track and configuration of week 9, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_10 IS
    'Track and configuration of week 10, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_11 IS
    'Track and configuration of week 11, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.week_12 IS
    'Track and configuration of week 12, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.weeks IS 'Number of its weeks.';
COMMENT ON COLUMN iracing.week_grid.week_13 IS
    'Track and configuration of week 13, counted from 0; NULL where the season has no such week.';
COMMENT ON COLUMN iracing.week_grid.tracks IS 'Track and configuration of every week, by race_week_num.';
