-- Every change of every table in words: one row per column that changed, or per row that came, went or
-- returned. Dry runs and rebuilds tell in the same words what they found, so no table is left out.
--
-- Whether racers plan by it: a column that column_words says they do; what came, went or returned, except
-- along with the series, season or week it belongs to; and of a season that was over only that.

CREATE OR REPLACE VIEW iracing_private.changes_in_words AS
SELECT c.changed_at, ids.series_id, series.series_name, ids.season_id, season.season_name,
       words.race_week_num, c.kind, words.what, words.old, words.new,
       words.is_planned_by AND (words.is_end OR NOT coalesce(
           iracing_private.value_then('seasons', jsonb_build_object('season_id', ids.season_id),
                                      c.change_id, 'complete', season.is_over)::boolean, false))
           AS is_planned_by,
       c.table_name, c.change_id, c.run_id
FROM iracing.changes c
CROSS JOIN LATERAL (
    -- All columns, where the change is of a whole row; those that changed, where not.
    SELECT CASE c.kind WHEN 'retired' THEN c.before ELSE c.after END AS row_then
) AS row_of
LEFT JOIN LATERAL (
    SELECT x.season_name, x.series_id, x.complete::text AS is_over FROM iracing.seasons x
    WHERE x.season_id = (c.key ->> 'season_id')::int
) AS season ON true
CROSS JOIN LATERAL (
    SELECT coalesce((c.key ->> 'series_id')::int, season.series_id,
                    (row_of.row_then ->> 'series_id')::int) AS series_id,
           (c.key ->> 'season_id')::int AS season_id,
           (c.key ->> 'race_week_num')::int AS race_week_num
) AS ids
LEFT JOIN iracing.series series ON series.series_id = ids.series_id
LEFT JOIN LATERAL (
    -- The track before and after the change.
    SELECT concat_ws(' – ',
               CASE WHEN c.before ? 'track_name' THEN c.before ->> 'track_name'
                    ELSE name_then.value END,
               CASE WHEN c.before ? 'config_name' THEN c.before ->> 'config_name'
                    ELSE config_then.value END) AS old,
           concat_ws(' – ',
               CASE WHEN c.after ? 'track_name' THEN c.after ->> 'track_name'
                    ELSE name_then.value END,
               CASE WHEN c.after ? 'config_name' THEN c.after ->> 'config_name'
                    ELSE config_then.value END) AS new
    FROM iracing.season_schedules w
    CROSS JOIN LATERAL iracing_private.value_then(
        c.table_name, c.key, c.change_id, 'track_name', w.track_name) AS name_then (value)
    CROSS JOIN LATERAL iracing_private.value_then(
        c.table_name, c.key, c.change_id, 'config_name', w.config_name) AS config_then (value)
    WHERE c.table_name = 'season_schedules'
      AND w.season_id = ids.season_id AND w.race_week_num = ids.race_week_num
) AS track ON true
LEFT JOIN LATERAL (
    SELECT x.car_name FROM iracing.cars x WHERE x.car_id = (c.key ->> 'car_id')::int
) AS car ON true
LEFT JOIN LATERAL (
    SELECT coalesce(x.short_name, x.name) AS class_name FROM iracing.car_classes x
    WHERE x.car_class_id = (c.key ->> 'car_class_id')::int
) AS class ON true
CROSS JOIN LATERAL (
    -- Whose row it is, where the table has several of a week or season.
    SELECT CASE
        WHEN c.table_name = 'car_restrictions'
            THEN coalesce(car.car_name, 'car ' || (c.key ->> 'car_id'))
        WHEN c.table_name = 'season_car_classes'
            THEN coalesce(class.class_name, 'car class ' || (c.key ->> 'car_class_id'))
        WHEN c.table_name = 'series_licenses'
            THEN coalesce(row_of.row_then ->> 'group_name', (
                SELECT l.group_name FROM iracing.series_licenses l
                WHERE l.series_id = ids.series_id
                  AND l.license_group = (c.key ->> 'license_group')::int),
                'licence group ' || (c.key ->> 'license_group'))
        WHEN c.table_name IN ('cars', 'car_class_cars') THEN car.car_name
        WHEN c.table_name = 'car_classes' THEN class.class_name
        WHEN c.table_name = 'tracks' THEN (
            SELECT concat_ws(' – ', t.track_name, t.config_name) FROM iracing.tracks t
            WHERE t.track_id = (c.key ->> 'track_id')::int)
    END AS owner
) AS owned
CROSS JOIN LATERAL (
    SELECT CASE c.table_name
        WHEN 'series' THEN 'series'
        WHEN 'series_licenses' THEN 'licence'
        WHEN 'seasons' THEN 'season'
        WHEN 'season_car_classes' THEN 'car class'
        WHEN 'season_schedules' THEN 'week'
        WHEN 'race_time_descriptors' THEN 'session times'
        WHEN 'car_restrictions' THEN 'car restriction'
        WHEN 'weather_forecasts' THEN 'forecast'
        WHEN 'tracks' THEN 'track'
        WHEN 'cars' THEN 'car'
        WHEN 'car_classes' THEN 'car class'
        WHEN 'car_class_cars' THEN 'car of a class'
        ELSE c.table_name
    END AS noun,
    CASE c.table_name
        WHEN 'series' THEN coalesce(row_of.row_then ->> 'series_name', series.series_name)
        WHEN 'seasons' THEN coalesce(row_of.row_then ->> 'season_name', season.season_name)
        WHEN 'season_schedules' THEN CASE
            WHEN row_of.row_then ? 'track_id' THEN concat_ws(
                ' – ', row_of.row_then ->> 'track_name', row_of.row_then ->> 'config_name')
            ELSE track.new END
        WHEN 'race_time_descriptors' THEN coalesce(
            iracing_private.word(row_of.row_then -> 'session_times'),
            'from ' || (row_of.row_then ->> 'first_session_time')
                || coalesce(' every ' || (row_of.row_then ->> 'repeat_minutes') || ' min', ''),
            'descriptor ' || (c.key ->> 'descriptor_num'))
        WHEN 'car_restrictions' THEN owned.owner || coalesce(': ' || (
            SELECT string_agg(concat_ws(' ', coalesce(w.what, f.key),
                       iracing_private.value_in_words(f.value, w.reading, NULL)), ', ' ORDER BY f.key)
            FROM jsonb_each(row_of.row_then) f
            LEFT JOIN iracing_private.column_words w
                ON w.table_name = c.table_name AND w.column_name = f.key
            WHERE f.value <> 'null'), '')
        ELSE coalesce(owned.owner, c.key::text)
    END AS label
) AS whole
LEFT JOIN LATERAL (
    -- The first weeks, or session times, that the season ever had, all from one statement: its schedule.
    SELECT part.first_seen_at, min(part.place) AS first_place, min(part.start_date) AS first_day,
           count(DISTINCT part.race_week_num) AS weeks
    FROM (
        SELECT x.first_seen_at, x.race_week_num, x.start_date, ARRAY[x.race_week_num, 0] AS place
        FROM iracing.season_schedules x
        WHERE c.table_name = 'season_schedules' AND x.season_id = ids.season_id
        UNION ALL
        SELECT x.first_seen_at, x.race_week_num, x.start_date, ARRAY[x.race_week_num, x.descriptor_num]
        FROM iracing.race_time_descriptors x
        WHERE c.table_name = 'race_time_descriptors' AND x.season_id = ids.season_id
    ) AS part
    GROUP BY part.first_seen_at ORDER BY part.first_seen_at LIMIT 1
) AS schedule ON c.kind = 'inserted' AND schedule.first_seen_at = c.changed_at
LEFT JOIN LATERAL (
    -- When a descriptor's days were counted from another day, that day changed with them.
    SELECT coalesce(c.before ->> 'start_date', day.value)::date AS old,
           coalesce(c.after ->> 'start_date', day.value)::date AS new
    FROM iracing.race_time_descriptors d
    CROSS JOIN LATERAL iracing_private.value_then(
        c.table_name, c.key, c.change_id, 'start_date', d.start_date::text) AS day (value)
    WHERE c.table_name = 'race_time_descriptors' AND c.after ? 'day_offset'
      AND d.season_id = ids.season_id AND d.race_week_num = ids.race_week_num
      AND d.descriptor_num = (c.key ->> 'descriptor_num')::int
) AS first_day ON true
CROSS JOIN LATERAL (
    -- Whether it came, went or returned with the row that it belongs to.
    SELECT EXISTS (
        SELECT FROM iracing.changes p
        WHERE p.kind = c.kind AND p.run_id = c.run_id AND p.key = c.key - ARRAY[
                  'license_group', 'car_class_id', 'descriptor_num', 'car_id',
                  CASE c.table_name WHEN 'season_schedules' THEN 'race_week_num' END]
          AND p.table_name = CASE c.table_name
                  WHEN 'series_licenses' THEN 'series' WHEN 'season_car_classes' THEN 'seasons'
                  WHEN 'season_schedules' THEN 'seasons'
                  WHEN 'race_time_descriptors' THEN 'season_schedules'
                  WHEN 'car_restrictions' THEN 'season_schedules' END
    ) AS with_whole
) AS came
CROSS JOIN LATERAL (
    -- True where the season has ended, false where it turns out that it had not.
    SELECT CASE WHEN c.kind <> 'updated' OR c.table_name <> 'seasons' THEN NULL
                WHEN c.after -> 'complete' = 'true' THEN true
                WHEN c.before -> 'complete' = 'true' THEN false END AS has_come
) AS season_end
CROSS JOIN LATERAL (
    SELECT ids.race_week_num, whole.noun, CASE WHEN c.kind = 'retired' THEN whole.label END,
           CASE WHEN c.kind <> 'retired' THEN whole.label END,
           whole.noun IN ('series', 'licence', 'season', 'car class', 'week', 'session times')
               AND schedule.weeks IS NULL AND NOT came.with_whole, false
    WHERE c.kind <> 'updated'
    UNION ALL
    -- The season's schedule as a whole: said once, with the first of its rows.
    SELECT NULL, CASE c.table_name WHEN 'season_schedules' THEN 'schedule' ELSE whole.noun END, NULL,
           schedule.weeks || CASE schedule.weeks WHEN 1 THEN ' week' ELSE ' weeks' END
               || coalesce(' from ' || schedule.first_day, ''),
           true, false
    WHERE (c.table_name = 'season_schedules' OR NOT came.with_whole) AND schedule.first_place = ARRAY[ids.race_week_num, coalesce((c.key ->> 'descriptor_num')::int, 0)]
    UNION ALL
    SELECT ids.race_week_num, 'track', track.old, track.new, true, false
    WHERE c.kind = 'updated' AND c.table_name = 'season_schedules'
      AND c.after ?| ARRAY['track_id', 'track_name', 'config_name']
    UNION ALL
    SELECT NULL, 'season', CASE WHEN season_end.has_come THEN season.season_name ELSE 'over' END,
           CASE WHEN season_end.has_come THEN 'over' ELSE season.season_name END, true, true
    WHERE season_end.has_come IS NOT NULL
    UNION ALL
    SELECT ids.race_week_num, coalesce(w.what, f.key) || coalesce(' of ' || owned.owner, ''),
           iracing_private.value_in_words(c.before -> f.key, w.reading, first_day.old),
           iracing_private.value_in_words(f.value, w.reading, first_day.new),
           coalesce(w.is_planned_by, false), false
    FROM jsonb_each(c.after) f
    LEFT JOIN iracing_private.column_words w
        ON w.table_name = c.table_name AND w.column_name = f.key
    WHERE c.kind = 'updated' AND NOT (
        f.key = 'complete' AND season_end.has_come IS NOT NULL
        OR c.table_name = 'season_schedules'
        AND (f.key IN ('track_id', 'track_name', 'config_name')
             OR c.after ? 'track_id' AND f.key IN ('track_category', 'track_category_id')))
) AS words (race_week_num, what, old, new, is_planned_by, is_end);

COMMENT ON VIEW iracing_private.changes_in_words IS
    'Every change of every table in words, what rehearsals and rebuilds found included.';
COMMENT ON COLUMN iracing_private.changes_in_words.changed_at IS 'When the change was seen.';
COMMENT ON COLUMN iracing_private.changes_in_words.series_id IS 'Series.';
COMMENT ON COLUMN iracing_private.changes_in_words.series_name IS
    'Its current name; NULL while only its season is known.';
COMMENT ON COLUMN iracing_private.changes_in_words.season_id IS 'Season; NULL where the change is of no season.';
COMMENT ON COLUMN iracing_private.changes_in_words.season_name IS 'Its current name.';
COMMENT ON COLUMN iracing_private.changes_in_words.race_week_num IS
    'Week within the season, from 0; NULL where the change is of no week.';
COMMENT ON COLUMN iracing_private.changes_in_words.kind IS 'inserted, updated, retired or restored.';
COMMENT ON COLUMN iracing_private.changes_in_words.what IS 'What changed: a column, or a whole row by its noun.';
COMMENT ON COLUMN iracing_private.changes_in_words.old IS 'Before; NULL where there was nothing.';
COMMENT ON COLUMN iracing_private.changes_in_words.new IS 'After; NULL where nothing is left.';
COMMENT ON COLUMN iracing_private.changes_in_words.table_name IS 'Table, as in changes.';
COMMENT ON COLUMN iracing_private.changes_in_words.change_id IS 'Change, see changes.';
COMMENT ON COLUMN iracing_private.changes_in_words.run_id IS 'Dagster run, dry run or rebuild.';
COMMENT ON COLUMN iracing_private.changes_in_words.is_planned_by IS 'Racers plan by it.';
