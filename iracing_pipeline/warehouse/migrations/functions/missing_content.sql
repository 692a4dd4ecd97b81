-- Weeks that somebody who owns these packages cannot race, and what they would have to buy for each.
--
-- A week needs its track, and one of its cars. So there is one package missing or there are two, but for
-- tracks and cars that come together. What has no package_id cannot be bought, and its weeks are left out.

CREATE OR REPLACE FUNCTION iracing.missing_content(package_ids bigint[] DEFAULT '{}')
RETURNS TABLE (
    series_id integer, series_name text, season_id integer, season_name text,
    race_week_num integer, week_start timestamptz, week_end_time timestamptz,
    track_id integer, track_name text, config_name text, license_group integer,
    packages_missing integer, track_package_id integer, track_price numeric,
    car_package_ids integer[], car_price numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $function$
    SELECT c.series_id, c.series_name, c.season_id, c.season_name, c.race_week_num, c.week_start,
           c.week_end_time, c.track_id, c.track_name, c.config_name, c.license_group,
           CASE WHEN t.is_there OR k.is_there OR t.package_id = ANY (k.packages) THEN 1 ELSE 2 END,
           CASE WHEN NOT t.is_there THEN t.package_id END,
           CASE WHEN NOT t.is_there THEN t.price END,
           CASE WHEN NOT k.is_there THEN k.packages END,
           CASE WHEN NOT k.is_there THEN k.price END
    FROM iracing.season_calendar c
    CROSS JOIN LATERAL (
        SELECT track.package_id, track.price,
               coalesce(track.free_with_subscription, false)
               OR coalesce(track.package_id = ANY (package_ids), false) AS is_there
        FROM iracing.tracks track WHERE track.track_id = c.track_id
    ) AS t
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(w.free_with_subscription OR w.package_id = ANY (package_ids)), false) AS is_there,
               array_agg(DISTINCT w.package_id ORDER BY w.package_id)
                   FILTER (WHERE w.package_id IS NOT NULL) AS packages,
               min(car.price) AS price
        FROM iracing.week_cars w LEFT JOIN iracing.cars car USING (car_id)
        WHERE w.season_id = c.season_id AND w.race_week_num = c.race_week_num
    ) AS k
    WHERE c.week_end_time >= now() AND c.complete IS NOT TRUE
      AND NOT (t.is_there AND k.is_there)
      AND (t.is_there OR t.package_id IS NOT NULL)
      AND (k.is_there OR k.packages IS NOT NULL)
    ORDER BY c.week_start, c.series_name, c.season_id, c.race_week_num
$function$;

COMMENT ON FUNCTION iracing.missing_content(bigint[]) IS
    'Weeks that run or are to come and that whoever owns these packages cannot race, with what is missing: '
    'packages_missing (1 or 2), the package of the track and its price (NULL where it is there), the packages '
    'of its cars, any one of which will do, and the lowest price of a car (NULL where one is there). Prices '
    'in US dollars, as stored.';
