-- Race sessions that start within the next 24 hours.

CREATE OR REPLACE VIEW iracing.upcoming_sessions AS
SELECT r.start_time, r.end_time, r.season_id, r.race_week_num, r.super_session,
       s.series_id, x.series_name, s.season_name, s.license_group, s.official, s.fixed_setup,
       w.track_id, w.track_name, w.config_name, w.category, w.race_lap_limit, w.race_time_limit,
       r.registration_opens, s.driver_changes, s.min_team_drivers, s.max_team_drivers
FROM iracing.race_sessions(now(), now() + interval '24 hours') r
JOIN iracing.seasons s USING (season_id)
JOIN iracing.season_schedules w USING (season_id, race_week_num)
LEFT JOIN iracing.series x ON x.series_id = s.series_id
ORDER BY r.start_time, x.series_name, r.season_id;

COMMENT ON VIEW iracing.upcoming_sessions IS
    'Race sessions that start within the next 24 hours, UTC, with series, track and when registration'
    ' opens.';
COMMENT ON COLUMN iracing.upcoming_sessions.start_time IS 'Start of the race session, UTC.';
COMMENT ON COLUMN iracing.upcoming_sessions.end_time IS 'Its end by the schedule, UTC.';
COMMENT ON COLUMN iracing.upcoming_sessions.season_id IS 'Season.';
COMMENT ON COLUMN iracing.upcoming_sessions.race_week_num IS 'Week within the season, from 0.';
COMMENT ON COLUMN iracing.upcoming_sessions.super_session IS 'Super session.';
COMMENT ON COLUMN iracing.upcoming_sessions.series_id IS 'Series.';
COMMENT ON COLUMN iracing.upcoming_sessions.series_name IS
    'Current name of the series; NULL while only its season is known.';
COMMENT ON COLUMN iracing.upcoming_sessions.season_name IS 'Current name of the season.';
COMMENT ON COLUMN iracing.upcoming_sessions.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';
COMMENT ON COLUMN iracing.upcoming_sessions.official IS 'Counts for ratings and standings.';
COMMENT ON COLUMN iracing.upcoming_sessions.fixed_setup IS 'Everyone drives the same set-up.';
COMMENT ON COLUMN iracing.upcoming_sessions.track_id IS 'Track configuration, see tracks.';
COMMENT ON COLUMN iracing.upcoming_sessions.track_name IS 'Track.';
COMMENT ON COLUMN iracing.upcoming_sessions.config_name IS
    'Track configuration; NULL where the track has only one.';
COMMENT ON COLUMN iracing.upcoming_sessions.category IS 'Category of the event.';
COMMENT ON COLUMN iracing.upcoming_sessions.race_lap_limit IS 'Laps; NULL where only time limits the race.';
COMMENT ON COLUMN iracing.upcoming_sessions.race_time_limit IS
    'Minutes; NULL where only laps limit the race.';
COMMENT ON COLUMN iracing.upcoming_sessions.registration_opens IS
    'When registration opens, UTC; NULL where the API does not say (it seldom does).';
COMMENT ON COLUMN iracing.upcoming_sessions.driver_changes IS
    'Team racing with driver changes: a team registers, not a driver.';
COMMENT ON COLUMN iracing.upcoming_sessions.min_team_drivers IS 'Fewest drivers of a team.';
COMMENT ON COLUMN iracing.upcoming_sessions.max_team_drivers IS 'Most drivers of a team.';
