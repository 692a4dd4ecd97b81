-- What changed in series, seasons and weeks, for people.

CREATE OR REPLACE VIEW iracing.schedule_changes AS
SELECT changed_at, series_id, series_name, season_id, season_name, race_week_num, kind, what, old, new,
       CASE WHEN is_planned_by THEN 'high' ELSE 'low' END AS importance, table_name, change_id, run_id
FROM iracing_private.changes_in_words
WHERE table_name IN ('series', 'series_licenses', 'seasons', 'season_car_classes', 'season_schedules',
                     'race_time_descriptors', 'car_restrictions')
  AND NOT starts_with(run_id, 'rebuild ');

COMMENT ON VIEW iracing.schedule_changes IS
    'What changed in series, seasons and weeks, for people: one row per column that changed, or per '
    'week, season or session that came, went or returned. What racers plan by has importance high.';
COMMENT ON COLUMN iracing.schedule_changes.changed_at IS 'When the change was seen.';
COMMENT ON COLUMN iracing.schedule_changes.series_id IS 'Series.';
COMMENT ON COLUMN iracing.schedule_changes.series_name IS
    'Its current name; NULL while only its season is known.';
COMMENT ON COLUMN iracing.schedule_changes.season_id IS 'Season; NULL where the series itself changed.';
COMMENT ON COLUMN iracing.schedule_changes.season_name IS 'Its current name.';
COMMENT ON COLUMN iracing.schedule_changes.race_week_num IS
    'Week within the season, from 0; NULL where the change is of the season or series.';
COMMENT ON COLUMN iracing.schedule_changes.kind IS 'inserted, updated, retired or restored.';
COMMENT ON COLUMN iracing.schedule_changes.what IS
    'What changed: track (name and configuration together), a column in words, or a whole week, '
    'season, session times, car restriction, car class, licence or series; schedule is all first weeks of '
    'a season.';
COMMENT ON COLUMN iracing.schedule_changes.old IS 'Before, in words; NULL where there was nothing.';
COMMENT ON COLUMN iracing.schedule_changes.new IS
    'After, in words; NULL where nothing is left, over where a season has ended.';
COMMENT ON COLUMN iracing.schedule_changes.importance IS
    'high: what racers plan by (track, dates, session times, lengths, cars, licence, set-up, rain, names; '
    'what comes and goes). low: all else, what came or went with its season or week, and what changed in '
    'a season after its end.';
COMMENT ON COLUMN iracing.schedule_changes.table_name IS 'Table, as in changes.';
COMMENT ON COLUMN iracing.schedule_changes.change_id IS
    'Change, see changes; an update of several columns is several rows here.';
COMMENT ON COLUMN iracing.schedule_changes.run_id IS 'Dagster run.';
