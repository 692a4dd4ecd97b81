-- Weeks that run or are to come in which it may rain.

CREATE OR REPLACE VIEW iracing.rain_weeks AS
SELECT * FROM iracing.season_calendar
WHERE precip_chance_pct > 0 AND week_end_time >= now() AND complete IS NOT TRUE;

COMMENT ON VIEW iracing.rain_weeks IS 'Weeks that run or are to come in which it may rain.';
