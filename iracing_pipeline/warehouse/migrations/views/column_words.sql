-- What a column is called when it changes, how its values are read, and whether racers plan by it.
--
-- The one rule for the view schedule_changes, the webhook and the report. A column that is not listed goes
-- by its own name, and nobody plans by it.

CREATE OR REPLACE VIEW iracing_private.column_words AS
SELECT table_name, column_name, what, reading, is_planned_by
FROM (VALUES
    ('series', 'series_name', 'series name', NULL, true),
    ('series', 'category', 'category', 'name', true),
    ('series_licenses', 'min_license_level', 'lowest level', 'level', true),
    ('series_licenses', 'max_license_level', 'highest level', 'level', true),
    ('seasons', 'season_name', 'season name', NULL, true),
    ('seasons', 'start_date', 'season start', NULL, true),
    ('seasons', 'max_weeks', 'weeks', NULL, true),
    ('seasons', 'drops', 'drops', NULL, true),
    ('seasons', 'schedule_description', 'race times', NULL, true),
    ('seasons', 'official', 'official', NULL, true),
    ('seasons', 'fixed_setup', 'set-up', 'set-up', true),
    ('seasons', 'multiclass', 'multiclass', NULL, true),
    ('seasons', 'is_heat_racing', 'heats', NULL, true),
    ('seasons', 'driver_changes', 'driver changes', NULL, true),
    ('seasons', 'min_team_drivers', 'fewest drivers of a team', NULL, true),
    ('seasons', 'max_team_drivers', 'most drivers of a team', NULL, true),
    ('seasons', 'license_group', 'licence', 'licence', true),
    ('seasons', 'cross_license', 'other licence categories', NULL, true),
    ('seasons', 'restrict_by_member', 'listed members only', NULL, true),
    ('seasons', 'restrict_to_car', 'one car for the season', NULL, true),
    ('seasons', 'incident_limit', 'incident limit', NULL, false),
    ('seasons', 'reg_open_minutes', 'registration opens before', 'min', false),
    ('season_schedules', 'start_date', 'week start', NULL, true),
    ('season_schedules', 'week_end_time', 'week end', NULL, true),
    ('season_schedules', 'race_lap_limit', 'race laps', NULL, true),
    ('season_schedules', 'race_time_limit', 'race time', 'min', true),
    ('season_schedules', 'practice_length', 'practice', 'min', true),
    ('season_schedules', 'qualify_laps', 'qualifying laps', NULL, true),
    ('season_schedules', 'qualify_length', 'qualifying', 'min', true),
    ('season_schedules', 'warmup_length', 'warm-up', 'min', true),
    ('season_schedules', 'race_week_car_ids', 'cars', 'cars', true),
    ('season_schedules', 'race_week_car_class_ids', 'car classes', 'car classes', true),
    ('season_schedules', 'precip_chance_pct', 'chance of rain', '%', true),
    ('season_schedules', 'max_precip_rate_desc', 'strongest rain', NULL, true),
    ('season_schedules', 'max_precip_rate_mm_h', 'rain per hour', 'mm/h', false),
    ('season_schedules', 'category', 'category', 'name', false),
    ('season_schedules', 'start_type', 'start', NULL, false),
    ('season_schedules', 'restart_type', 'restart', NULL, false),
    ('season_schedules', 'full_course_cautions', 'cautions', NULL, false),
    ('season_schedules', 'simulated_start_time', 'time on track', NULL, false),
    ('season_schedules', 'skies', 'sky', 'sky', false),
    ('season_schedules', 'skies_low', 'clearest sky', 'sky', false),
    ('season_schedules', 'skies_high', 'cloudiest sky', 'sky', false),
    ('season_schedules', 'temp_c', 'temperature', '°C', false),
    ('season_schedules', 'temp_low_c', 'lowest temperature', '°C', false),
    ('season_schedules', 'temp_high_c', 'highest temperature', '°C', false),
    ('season_schedules', 'rel_humidity_pct', 'humidity', '%', false),
    ('season_schedules', 'wind_dir', 'wind direction', 'direction', false),
    ('season_schedules', 'summary_wind_dir', 'usual wind direction', 'direction', false),
    ('season_schedules', 'wind_speed_ms', 'wind', 'm/s', false),
    ('season_schedules', 'wind_low_ms', 'least wind', 'm/s', false),
    ('season_schedules', 'wind_high_ms', 'most wind', 'm/s', false),
    ('season_schedules', 'allow_fog', 'fog', NULL, false),
    ('race_time_descriptors', 'repeating', 'repeating sessions', NULL, true),
    ('race_time_descriptors', 'session_minutes', 'session length', 'min', true),
    ('race_time_descriptors', 'super_session', 'super session', NULL, true),
    ('race_time_descriptors', 'start_date', 'sessions from', NULL, true),
    ('race_time_descriptors', 'day_offset', 'session days', 'days', true),
    ('race_time_descriptors', 'first_session_time', 'first session', 'time', true),
    ('race_time_descriptors', 'repeat_minutes', 'a session every', 'min', true),
    ('race_time_descriptors', 'session_times', 'session times', NULL, true),
    ('car_restrictions', 'max_pct_fuel_fill', 'fuel', '%', false),
    ('car_restrictions', 'power_adjust_pct', 'power', '%', false),
    ('car_restrictions', 'weight_penalty_kg', 'ballast', 'kg', false),
    ('car_restrictions', 'max_dry_tire_sets', 'dry tyre sets', NULL, false)
) AS words (table_name, column_name, what, reading, is_planned_by);

COMMENT ON VIEW iracing_private.column_words IS
    'What a column is called when it changes, how its values are read, and whether racers plan by it.';
COMMENT ON COLUMN iracing_private.column_words.table_name IS 'Table, as in changes.';
COMMENT ON COLUMN iracing_private.column_words.column_name IS 'Column of the table.';
COMMENT ON COLUMN iracing_private.column_words.what IS 'What people call it.';
COMMENT ON COLUMN iracing_private.column_words.reading IS
    'How a value is read, see value_in_words; NULL where it is said as it stands.';
COMMENT ON COLUMN iracing_private.column_words.is_planned_by IS 'Racers plan by it.';
