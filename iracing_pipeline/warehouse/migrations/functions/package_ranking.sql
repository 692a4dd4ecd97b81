-- What to buy next: the packages that somebody lacks, by the number of weeks that each would open.

CREATE OR REPLACE FUNCTION iracing.package_ranking(owned bigint[] DEFAULT '{}')
RETURNS TABLE (
    package_id integer, content text[], price numeric, weeks bigint, series bigint, weeks_with_another bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $function$
    WITH opened AS (
        SELECT m.season_id, m.race_week_num, m.series_id, m.packages_missing, p.package_id
        FROM iracing.missing_content(owned) m
        CROSS JOIN LATERAL (
            SELECT m.track_package_id WHERE m.track_package_id IS NOT NULL
            UNION
            SELECT unnest(m.car_package_ids)
        ) AS p (package_id)
        -- Where one package has the track and a car, the other cars alone open nothing.
        WHERE m.packages_missing = 2 OR m.track_package_id IS NULL OR p.package_id = m.track_package_id
    )
    SELECT o.package_id, n.names, n.price,
           count(*) FILTER (WHERE o.packages_missing = 1),
           count(DISTINCT o.series_id) FILTER (WHERE o.packages_missing = 1),
           count(*) FILTER (WHERE o.packages_missing = 2)
    FROM opened o
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT x.name ORDER BY x.name), min(x.price)
        FROM (
            SELECT t.track_name, t.price FROM iracing.tracks t
            WHERE t.package_id = o.package_id AND t.retired_at IS NULL
            UNION ALL
            SELECT c.car_name, c.price FROM iracing.cars c
            WHERE c.package_id = o.package_id AND c.retired_at IS NULL
        ) AS x (name, price)
    ) AS n (names, price)
    GROUP BY o.package_id, n.names, n.price
    ORDER BY 4 DESC, 6 DESC, 3, 1
$function$;

COMMENT ON FUNCTION iracing.package_ranking(bigint[]) IS
    'The packages that whoever owns these lacks, the one that opens most weeks first: what is in it, its '
    'price in US dollars as stored, the weeks and series that it alone would open, and the weeks that it '
    'would open together with one more package.';
