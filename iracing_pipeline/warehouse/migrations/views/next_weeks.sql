-- The next week of each season that has one.

CREATE OR REPLACE VIEW iracing.next_weeks AS
SELECT DISTINCT ON (season_id) * FROM iracing.season_calendar
WHERE week_start > now() AND complete IS NOT TRUE
ORDER BY season_id, week_start, race_week_num;

COMMENT ON VIEW iracing.next_weeks IS 'The next week of each season that has one.';
