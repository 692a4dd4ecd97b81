-- Weeks that somebody who owns these packages can race, with the cars to choose from.
--
-- bigint[] takes every array of integers: smaller ones are cast to it, larger ones would not be to integer[].

CREATE OR REPLACE FUNCTION iracing.playable_weeks(package_ids bigint[] DEFAULT '{}')
RETURNS TABLE (
    series_id integer, series_name text, season_id integer, season_name text,
    race_week_num integer, week_start timestamptz, week_end_time timestamptz,
    track_id integer, track_name text, config_name text, license_group integer, cars text[]
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $function$
    SELECT c.series_id, c.series_name, c.season_id, c.season_name, c.race_week_num, c.week_start,
           c.week_end_time, c.track_id, c.track_name, c.config_name, c.license_group, k.cars
    FROM iracing.season_calendar c
    JOIN iracing.tracks t ON t.track_id = c.track_id
    CROSS JOIN LATERAL (
        SELECT array_agg(coalesce(w.car_name, 'car ' || w.car_id) ORDER BY w.car_name, w.car_id)
        FROM iracing.week_cars w
        WHERE w.season_id = c.season_id AND w.race_week_num = c.race_week_num
          AND (w.free_with_subscription OR w.package_id = ANY (package_ids))
    ) AS k (cars)
    WHERE c.week_end_time >= now() AND c.complete IS NOT TRUE
      AND (t.free_with_subscription OR t.package_id = ANY (package_ids))
      AND k.cars IS NOT NULL
    ORDER BY c.week_start, c.series_name, c.season_id, c.race_week_num
$function$;

COMMENT ON FUNCTION iracing.playable_weeks(bigint[]) IS
    'Weeks that run or are to come for whoever owns these packages (tracks.package_id, '
    'cars.package_id), free content included, with the cars to choose from.';
