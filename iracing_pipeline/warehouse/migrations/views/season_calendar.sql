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
COMMENT ON COLUMN iracing.season_calendar.series_id IS 'Series.';
COMMENT ON COLUMN iracing.season_calendar.series_name IS
    'Current name of the series; NULL while only its season is known.';
COMMENT ON COLUMN iracing.season_calendar.season_id IS 'Season.';
COMMENT ON COLUMN iracing.season_calendar.season_name IS 'Current name of the season.';
COMMENT ON COLUMN iracing.season_calendar.season_year IS 'Year of the season.';
COMMENT ON COLUMN iracing.season_calendar.season_quarter IS 'Quarter of the season, 1 to 4.';
COMMENT ON COLUMN iracing.season_calendar.race_week_num IS 'Week within the season, from 0.';
COMMENT ON COLUMN iracing.season_calendar.week_start IS
    'When the week begins, UTC; NULL where only the index knows the week.';
COMMENT ON COLUMN iracing.season_calendar.week_end_time IS
    'When the week ends: the last moment at which a session of it may start, UTC, inclusive. Where the '
    'API states none, by week_end(). NULL where nothing of the week is dated.';
COMMENT ON COLUMN iracing.season_calendar.track_id IS 'Track configuration, see tracks.';
COMMENT ON COLUMN iracing.season_calendar.track_name IS 'Track.';
COMMENT ON COLUMN iracing.season_calendar.config_name IS 'Track configuration; NULL where the track has only one.';
COMMENT ON COLUMN iracing.season_calendar.category IS
    'Category of the event; of the series where the week does not say.';
COMMENT ON COLUMN iracing.season_calendar.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';
COMMENT ON COLUMN iracing.season_calendar.official IS 'Counts for ratings and standings.';
COMMENT ON COLUMN iracing.season_calendar.fixed_setup IS 'Everyone drives the same set-up.';
COMMENT ON COLUMN iracing.season_calendar.multiclass IS 'More than one car class on track.';
COMMENT ON COLUMN iracing.season_calendar.complete IS 'The season is over; NULL while nothing says so.';
COMMENT ON COLUMN iracing.season_calendar.race_lap_limit IS 'Laps; NULL where only time limits the race.';
COMMENT ON COLUMN iracing.season_calendar.race_time_limit IS 'Minutes; NULL where only laps limit the race.';
COMMENT ON COLUMN iracing.season_calendar.precip_chance_pct IS 'Chance of rain over the event, %.';
COMMENT ON COLUMN iracing.season_calendar.max_precip_rate_mm_h IS 'Strongest rain expected, mm per hour.';
COMMENT ON COLUMN iracing.season_calendar.temp_low_c IS 'Lowest temperature expected, degrees Celsius.';
COMMENT ON COLUMN iracing.season_calendar.temp_high_c IS 'Highest temperature expected, degrees Celsius.';
