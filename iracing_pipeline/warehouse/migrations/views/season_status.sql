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
