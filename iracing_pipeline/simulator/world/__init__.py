"""A made-up world of series, seasons, tracks and cars that follows iRacing's calendar since 2008.

In: WorldSource, and the list of oddities that its data holds on purpose. Out: HTTP (protocol.py).
"""

from __future__ import annotations

from .source import PAST_MODES, WorldSource

__all__ = ["ODDITIES", "PAST_MODES", "WorldSource"]

# What iRacing's data does and a naive sync trips over. A world of 25 series or more has each of
# them; every one is the work of a trait in roster.py or of the rules in seasons.py.
ODDITIES: dict[str, str] = {
    "repeats of 15, 30, 60 and 120 minutes": "repeat_minutes of repeating descriptors",
    "explicit session times": "descriptors with session_times and no start_date, sorted",
    "unsorted session times": "the same, latest first, once the season is past",
    "one-day weeks": "week-13 seasons: seven weeks of a day each, the last session at 23:45",
    "two-week gaps": "weeks begin every other Thursday and end on Sunday",
    "long seasons": "38 weeks, filed under the quarter in which they started; one over new year",
    "weeks begin on any weekday": "tours and endurance rounds; Tuesday is only usual",
    "season starts before its first week": "season start_date one to four days before week 0",
    "thirteen weeks": "max_weeks 13: the season runs through week 13",
    "stale race week": "race_week stuck at 2 while the weeks go on",
    "heat racing": "heat_ses_info; practice, qualify and warmup lengths are absent",
    "no config name": "config_name is absent where a track has one configuration",
    "ints and floats": "power_adjust_pct, prices and temperatures are 0 here and -1.75 there",
    "negative weather seed": "weather_seed is signed, up to 53 bits",
    "no weather seed": "weather_seed is absent now and then",
    "high below low": "temp_high a tenth below temp_low",
    "rain": "precip_chance and max_precip_rate above 0; most weeks are dry",
    "weather of version 0": "seasons before 2024: other keys, no summary, no forecast",
    "narrow licence levels": "min_license_level above the group's lowest",
    "fixed setups": "race_setup_id and qual_setup_id on car restrictions",
    "no car restrictions": "car_restrictions is empty",
    "cars vary by week": "race_week_cars, race_week_car_class_ids",
    "category varies by week": "an oval event in a formula series",
    "special events": "special_event_type on a few weeks of two long seasons, null on all others",
    "team racing": "driver_changes, 2 to 16 drivers",
    "several classes": "multiclass with several car_class_ids, score_as_carclassid",
    "retired series": "in stats_series only, all seasons past",
    "three seasons a quarter": "rookies until 2013: A, B and C of four weeks",
    "two seasons a quarter": "one series, one quarter, two season ids",
    "one week in the index": "past_seasons lists one of twelve weeks",
    "four weeks in the schedule": "season_schedule of a past season: weeks 0, 2, 6 and 9 only",
    "blanks in names": "double and trailing blanks in season names",
    "names without a season": "a week-13 season_name that does not say which season it is",
    "retroactive renames": "sponsors, [Legacy], [Retired] and [L] appear on old seasons too",
    "detached qualifying": "season_schedule: qual_time_descriptors, qual_attached false",
    "no forum, no filters": "forum_url and search_filters absent on some series",
    "optional season keys": "reg_open_minutes, rookie_season, score_as_carclassid mostly absent",
    "announced seasons": "listed three weeks ahead, active true for some, false for others",
    "late activation": "a third of the new seasons appear only at noon of the first Tuesday",
    "corrections": "far weeks swap tracks, restrictions and forecasts when two weeks ahead",
}
