-- Every season that is not retired, and whether it is future, active or complete.

CREATE OR REPLACE VIEW iracing.season_status AS
SELECT s.season_id, s.series_id, x.series_name, s.season_name, s.season_year, s.season_quarter,
       CASE
           WHEN s.complete OR w.last_week_end < now() THEN 'complete'
           WHEN w.first_week_start > now() THEN 'future'
           WHEN w.first_week_start <= now() OR s.active THEN 'active'
       END AS status,
       w.first_week_start, w.last_week_end, w.weeks, w.weeks_left
FROM iracing.seasons s
LEFT JOIN iracing.series x USING (series_id)
LEFT JOIN LATERAL (
    SELECT min(w.start_date)::timestamp AT TIME ZONE 'UTC' AS first_week_start,
           max(e.week_end) AS last_week_end, count(*)::int AS weeks,
           (count(*) FILTER (WHERE e.week_end >= now()))::int AS weeks_left
    FROM iracing.season_schedules w CROSS JOIN LATERAL iracing.week_end(w) AS e
    WHERE w.season_id = s.season_id AND w.retired_at IS NULL
) AS w ON true
WHERE s.retired_at IS NULL;

COMMENT ON VIEW iracing.season_status IS
    'Every living season and whether it is future, active or complete, by its own weeks; NULL where '
    'nothing is known but its name.';
COMMENT ON COLUMN iracing.season_status.season_id IS 'Season.';
COMMENT ON COLUMN iracing.season_status.series_id IS 'Series.';
COMMENT ON COLUMN iracing.season_status.series_name IS
    'Current name of the series; NULL while only its season is known.';
COMMENT ON COLUMN iracing.season_status.season_name IS 'Current name of the season.';
COMMENT ON COLUMN iracing.season_status.season_year IS 'Year of the season.';
COMMENT ON COLUMN iracing.season_status.season_quarter IS 'Quarter of the season, 1 to 4.';
COMMENT ON COLUMN iracing.season_status.status IS
    'future, active or complete; NULL where nothing is known but the name.';
COMMENT ON COLUMN iracing.season_status.first_week_start IS
    'When its first week begins, UTC; NULL where no week is dated.';
COMMENT ON COLUMN iracing.season_status.last_week_end IS
    'When its last week ends, UTC, inclusive, see season_calendar.week_end_time.';
COMMENT ON COLUMN iracing.season_status.weeks IS 'Number of its weeks.';
COMMENT ON COLUMN iracing.season_status.weeks_left IS 'Number of its weeks that run or are to come.';
