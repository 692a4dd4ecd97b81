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
