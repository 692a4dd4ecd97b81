-- Every week of every season that is not retired, with series, track and bounds.

CREATE OR REPLACE VIEW iracing.season_calendar AS
SELECT s.series_id, x.series_name, w.season_id, s.season_name, s.season_year, s.season_quarter,
       w.race_week_num, w.start_date::timestamp AT TIME ZONE 'UTC' AS week_start,
       e.week_end AS week_end_time,
       w.track_id, w.track_name, w.config_name, coalesce(w.category, x.category) AS category,
       s.license_group, s.official, s.fixed_setup, s.multiclass, s.complete,
       w.race_lap_limit, w.race_time_limit, w.precip_chance_pct, w.max_precip_rate_mm_h,
       w.temp_low_c, w.temp_high_c
FROM iracing.season_schedules w
JOIN iracing.seasons s USING (season_id)
LEFT JOIN iracing.series x ON x.series_id = s.series_id
CROSS JOIN LATERAL iracing.week_end(w) AS e
WHERE w.retired_at IS NULL AND s.retired_at IS NULL;

COMMENT ON VIEW iracing.season_calendar IS
    'Every week of every living season, with series, track, bounds in UTC and rain.';
