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
