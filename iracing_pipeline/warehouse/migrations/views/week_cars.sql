-- The cars of each week.

CREATE OR REPLACE VIEW iracing.week_cars AS
SELECT w.season_id, w.race_week_num, k.car_id, c.car_name, c.package_id, c.free_with_subscription
FROM iracing.season_schedules w
JOIN iracing.seasons s USING (season_id)
CROSS JOIN LATERAL (
    -- The week's own cars, else those of the week's own classes, else those of the season's.
    SELECT unnest(w.race_week_car_ids)
    UNION
    SELECT m.car_id
    FROM (
        SELECT unnest(w.race_week_car_class_ids) AS car_class_id
        UNION ALL
        SELECT car_class_id FROM iracing.season_car_classes
        WHERE season_id = w.season_id AND retired_at IS NULL
          AND coalesce(cardinality(w.race_week_car_class_ids), 0) = 0
    ) AS classes
    JOIN iracing.car_class_cars m USING (car_class_id)
    WHERE m.retired_at IS NULL AND coalesce(cardinality(w.race_week_car_ids), 0) = 0
) AS k (car_id)
LEFT JOIN iracing.cars c USING (car_id)
WHERE w.retired_at IS NULL AND s.retired_at IS NULL;

COMMENT ON VIEW iracing.week_cars IS
    'The cars of each week: its own, where they vary by week, else those of its car classes.';
COMMENT ON COLUMN iracing.week_cars.season_id IS 'Season.';
COMMENT ON COLUMN iracing.week_cars.race_week_num IS 'Week within the season, from 0.';
COMMENT ON COLUMN iracing.week_cars.car_id IS 'Car, see cars.';
COMMENT ON COLUMN iracing.week_cars.car_name IS 'Current name of the car; NULL where cars does not hold it.';
COMMENT ON COLUMN iracing.week_cars.package_id IS 'What is bought; see also tracks.package_id.';
COMMENT ON COLUMN iracing.week_cars.free_with_subscription IS 'Comes with the membership.';
