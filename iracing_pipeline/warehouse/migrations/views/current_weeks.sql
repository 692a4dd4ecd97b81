-- The week that each season is in now.

CREATE OR REPLACE VIEW iracing.current_weeks AS
SELECT * FROM iracing.season_calendar
WHERE week_start <= now() AND week_end_time >= now() AND complete IS NOT TRUE;

COMMENT ON VIEW iracing.current_weeks IS 'The week that each season is in now, by the week''s own bounds.';
