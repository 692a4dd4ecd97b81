-- Series by the licence classes that may race them.

CREATE OR REPLACE VIEW iracing.series_by_license AS
SELECT l.license_group, l.group_name, l.min_license_level, l.max_license_level,
       x.series_id, x.series_name, x.category,
       EXISTS (
           SELECT FROM iracing.current_weeks c WHERE c.series_id = x.series_id
       ) AS runs_now
FROM iracing.series_licenses l
JOIN iracing.series x USING (series_id)
WHERE l.retired_at IS NULL AND x.retired_at IS NULL;

COMMENT ON VIEW iracing.series_by_license IS
    'Who may race what: a row per series and licence class that is let in.';
COMMENT ON COLUMN iracing.series_by_license.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';
COMMENT ON COLUMN iracing.series_by_license.group_name IS 'Licence class in words.';
COMMENT ON COLUMN iracing.series_by_license.min_license_level IS
    'Lowest licence level let in; class g spans 4g-3 to 4g.';
COMMENT ON COLUMN iracing.series_by_license.max_license_level IS 'Highest licence level let in.';
COMMENT ON COLUMN iracing.series_by_license.series_id IS 'Series.';
COMMENT ON COLUMN iracing.series_by_license.series_name IS 'Current name of the series.';
COMMENT ON COLUMN iracing.series_by_license.category IS 'Category of the series.';
COMMENT ON COLUMN iracing.series_by_license.runs_now IS 'One of its seasons is in a week now, see current_weeks.';
