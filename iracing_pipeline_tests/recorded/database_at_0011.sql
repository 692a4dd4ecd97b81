-- A database at migration 0011 as pg_dump --inserts gives it, before the migrations became one baseline.
-- Made from recorded/*.json through real syncs, a day apart, with a few answers changed in between.
-- One thing was edited: a cast that pg_dump adds to a constant of changes_in_words, which would rename its column.

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA iracing;

CREATE SCHEMA iracing_private;

CREATE FUNCTION iracing.playable_weeks(package_ids integer[] DEFAULT '{}'::integer[]) RETURNS TABLE(series_id integer, series_name text, season_id integer, season_name text, race_week_num integer, week_start timestamp with time zone, week_end_time timestamp with time zone, track_id integer, track_name text, config_name text, license_group integer, cars text[])
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
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
$$;

COMMENT ON FUNCTION iracing.playable_weeks(package_ids integer[]) IS 'Weeks that run or are to come for whoever owns these packages (tracks.package_id, cars.package_id), free content included, with the cars to choose from.';

CREATE FUNCTION iracing.race_sessions("from" timestamp with time zone, "to" timestamp with time zone) RETURNS TABLE(season_id integer, race_week_num integer, descriptor_num smallint, start_time timestamp with time zone, end_time timestamp with time zone, super_session boolean, registration_opens timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT d.season_id, d.race_week_num, d.descriptor_num, t.start_time,
           t.start_time + d.session_minutes * interval '1 minute', d.super_session,
           t.start_time - s.reg_open_minutes * interval '1 minute'
    FROM iracing.season_schedules w
    JOIN iracing.race_time_descriptors d USING (season_id, race_week_num)
    JOIN iracing.seasons s ON s.season_id = w.season_id
    CROSS JOIN LATERAL (
        -- A pattern: first_session_time on every listed day, then every repeat_minutes until the day
        -- is over; a pattern that does not repeat within the day has one start.
        SELECT k.start_time
        FROM unnest(CASE WHEN d.repeating THEN d.day_offset END) AS days (day_offset)
        CROSS JOIN LATERAL (
            SELECT (coalesce(d.start_date, w.start_date) + days.day_offset)::timestamp AT TIME ZONE 'UTC'
        ) AS day (midnight)
        CROSS JOIN LATERAL generate_series(
            day.midnight + d.first_session_time::interval,
            day.midnight + interval '24 hours' - interval '1 microsecond',
            coalesce(d.repeat_minutes, 1440) * interval '1 minute'
        ) AS k (start_time)
        WHERE day.midnight > "from" - interval '24 hours' AND day.midnight < "to"
        UNION ALL
        SELECT unnest(CASE WHEN NOT d.repeating THEN d.session_times END)
    ) AS t
    WHERE d.retired_at IS NULL AND w.retired_at IS NULL AND s.retired_at IS NULL
      AND (w.week_end_time >= "from" AND w.week_end_time < "to" + interval '366 days'
           OR w.week_end_time IS NULL AND (w.start_date IS NOT NULL OR w.is_in_schedule))
      AND (w.start_date IS NULL OR w.start_date < ("to" AT TIME ZONE 'UTC')::date + 8)
      AND t.start_time >= "from" AND t.start_time < "to"
      AND (w.week_end_time IS NULL OR t.start_time <= w.week_end_time)
$$;

COMMENT ON FUNCTION iracing.race_sessions("from" timestamp with time zone, "to" timestamp with time zone) IS 'Race session starts, UTC, from "from" (inclusive) to "to" (exclusive), bounded by each week''s week_end_time (inclusive). registration_opens is start_time less the season''s reg_open_minutes, NULL where the API does not give them. Retired rows never show.';

CREATE FUNCTION iracing_private.value_then(of_table text, of_key jsonb, of_change bigint, name text, value_now text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    -- A column that a change does not name had the value that the next change of it found, or that
    -- it has now.
    SELECT CASE WHEN count(*) = 0 THEN value_now ELSE max(value) END
    FROM (
        SELECT before ->> name AS value FROM iracing.changes
        WHERE table_name = of_table AND key = of_key AND change_id > of_change AND before ? name
        ORDER BY change_id LIMIT 1
    ) AS next
$$;

COMMENT ON FUNCTION iracing_private.value_then(of_table text, of_key jsonb, of_change bigint, name text, value_now text) IS 'What a column held at the time of a change that did not touch it.';

CREATE FUNCTION iracing_private.word(value jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    -- Moments are recorded in UTC, lists are sorted already.
    SELECT CASE jsonb_typeof(value)
        WHEN 'null' THEN NULL
        WHEN 'array' THEN (
            SELECT string_agg(iracing_private.word(item), ', ' ORDER BY position)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS items (item, position))
        ELSE regexp_replace(
            value #>> '{}',
            '^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:00|(?::\d\d(?:\.\d+)?))?\+00:00$', '\1 \2 UTC')
    END
$_$;

COMMENT ON FUNCTION iracing_private.word(value jsonb) IS 'A recorded value as people read it.';

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE iracing.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE iracing.announced_changes (
    change_id bigint NOT NULL,
    announcement_id bigint
);

COMMENT ON TABLE iracing.announced_changes IS 'Which message tells of a change. What has no row here, and is above the fact announced_up_to, is still to be announced.';

COMMENT ON COLUMN iracing.announced_changes.change_id IS 'Change, see changes.';

COMMENT ON COLUMN iracing.announced_changes.announcement_id IS 'Message; NULL for a change that was there before a webhook was set.';

CREATE TABLE iracing.announcements (
    announcement_id bigint NOT NULL,
    kind text NOT NULL,
    idempotency_key text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_attempt_at timestamp with time zone,
    not_before timestamp with time zone,
    problem text,
    acknowledged_at timestamp with time zone,
    CONSTRAINT announcements_kind_check CHECK ((kind = ANY (ARRAY['schedule_changes'::text, 'run_failure'::text, 'run_recovered'::text])))
);

COMMENT ON TABLE iracing.announcements IS 'Messages to the webhook, entered before they are posted: what is not acknowledged is posted again, unchanged.';

COMMENT ON COLUMN iracing.announcements.announcement_id IS 'Running number.';

COMMENT ON COLUMN iracing.announcements.kind IS 'schedule_changes, run_failure or run_recovered.';

COMMENT ON COLUMN iracing.announcements.idempotency_key IS 'Sent along as Idempotency-Key, the same at every attempt.';

COMMENT ON COLUMN iracing.announcements.body IS 'The message; Discord gets it in its own shape.';

COMMENT ON COLUMN iracing.announcements.created_at IS 'When it was entered.';

COMMENT ON COLUMN iracing.announcements.attempts IS 'How often it was posted.';

COMMENT ON COLUMN iracing.announcements.last_attempt_at IS 'When it was last posted.';

COMMENT ON COLUMN iracing.announcements.not_before IS 'Until when the webhook asked to be left alone.';

COMMENT ON COLUMN iracing.announcements.problem IS 'Why the last attempt was not acknowledged, for the reader.';

COMMENT ON COLUMN iracing.announcements.acknowledged_at IS 'When the webhook took it; NULL until then.';

ALTER TABLE iracing.announcements ALTER COLUMN announcement_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME iracing.announcements_announcement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE iracing.api_calls (
    call_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    endpoint text NOT NULL,
    params jsonb NOT NULL,
    status integer,
    milliseconds integer,
    bytes integer,
    from_cache boolean NOT NULL,
    ratelimit_remaining integer,
    error text,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.api_calls IS 'Every request to the data API, and every one that a landed answer saved.';

COMMENT ON COLUMN iracing.api_calls.call_id IS 'Running number.';

COMMENT ON COLUMN iracing.api_calls.at IS 'When the request was sent.';

COMMENT ON COLUMN iracing.api_calls.endpoint IS 'Such as series/seasons.';

COMMENT ON COLUMN iracing.api_calls.params IS 'Query parameters.';

COMMENT ON COLUMN iracing.api_calls.status IS 'HTTP status; NULL where nothing answered or a landed answer served.';

COMMENT ON COLUMN iracing.api_calls.milliseconds IS 'Duration, body included; NULL where a landed answer served.';

COMMENT ON COLUMN iracing.api_calls.bytes IS 'Size of the body, uncompressed.';

COMMENT ON COLUMN iracing.api_calls.from_cache IS 'A landed answer served; no request was made.';

COMMENT ON COLUMN iracing.api_calls.ratelimit_remaining IS 'Requests left in the account''s window, as the API said.';

COMMENT ON COLUMN iracing.api_calls.error IS 'What went wrong, for the reader.';

COMMENT ON COLUMN iracing.api_calls.run_id IS 'Dagster run.';

ALTER TABLE iracing.api_calls ALTER COLUMN call_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME iracing.api_calls_call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE iracing.calendar_events (
    uid text NOT NULL,
    series_id integer NOT NULL,
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    start_time timestamp with time zone NOT NULL,
    session_minutes integer,
    license_group integer,
    summary text NOT NULL,
    location text,
    description text NOT NULL,
    categories text[] NOT NULL,
    sequence integer NOT NULL,
    last_modified timestamp with time zone NOT NULL,
    cancelled_at timestamp with time zone,
    CONSTRAINT calendar_events_sequence_check CHECK ((sequence >= 0))
);

COMMENT ON TABLE iracing.calendar_events IS 'Every race session that calendar feeds have told of and that is not long past: what subscribers know, so that a change is told as one.';

COMMENT ON COLUMN iracing.calendar_events.uid IS 'UID of the event: made of season, week and start, so it never changes.';

COMMENT ON COLUMN iracing.calendar_events.series_id IS 'Series.';

COMMENT ON COLUMN iracing.calendar_events.season_id IS 'Season.';

COMMENT ON COLUMN iracing.calendar_events.race_week_num IS 'Week within the season, from 0; summary counts from 1.';

COMMENT ON COLUMN iracing.calendar_events.start_time IS 'Start of the race session, UTC.';

COMMENT ON COLUMN iracing.calendar_events.session_minutes IS 'Length of the session, minutes; NULL where it is not known.';

COMMENT ON COLUMN iracing.calendar_events.license_group IS 'Licence class of the season: 1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';

COMMENT ON COLUMN iracing.calendar_events.summary IS 'Series, week and track, for people.';

COMMENT ON COLUMN iracing.calendar_events.location IS 'Track and configuration.';

COMMENT ON COLUMN iracing.calendar_events.description IS 'Season, cars, length and the rest, a line each.';

COMMENT ON COLUMN iracing.calendar_events.categories IS 'Discipline, licence class and the like.';

COMMENT ON COLUMN iracing.calendar_events.sequence IS 'SEQUENCE of the event: raised whenever something else of the row changes.';

COMMENT ON COLUMN iracing.calendar_events.last_modified IS 'When sequence was last raised.';

COMMENT ON COLUMN iracing.calendar_events.cancelled_at IS 'When the session vanished from the schedules; NULL while it is to take place.';

CREATE TABLE iracing.car_class_cars (
    car_class_id integer NOT NULL,
    car_id integer NOT NULL,
    car_dirpath text,
    rain_enabled boolean,
    retired boolean,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.car_class_cars IS 'Cars of a class. Unknown car ids are kept: there is no foreign key to cars.';

COMMENT ON COLUMN iracing.car_class_cars.car_class_id IS 'Class.';

COMMENT ON COLUMN iracing.car_class_cars.car_id IS 'Car, see cars.';

COMMENT ON COLUMN iracing.car_class_cars.car_dirpath IS 'Folder in the simulator''s installation.';

COMMENT ON COLUMN iracing.car_class_cars.rain_enabled IS 'Can race in rain.';

COMMENT ON COLUMN iracing.car_class_cars.retired IS 'Taken out of use by iRacing (not retired_at).';

COMMENT ON COLUMN iracing.car_class_cars.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.car_class_cars.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.car_class_cars.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.car_class_cars.run_id IS 'Dagster run that last changed this row.';

CREATE TABLE iracing.car_classes (
    car_class_id integer NOT NULL,
    name text NOT NULL,
    short_name text,
    relative_speed integer,
    rain_enabled boolean,
    cust_id integer,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.car_classes IS 'One row per car class.';

COMMENT ON COLUMN iracing.car_classes.car_class_id IS 'iRacing''s id of the class.';

COMMENT ON COLUMN iracing.car_classes.name IS 'Name; [L] marks legacy classes.';

COMMENT ON COLUMN iracing.car_classes.short_name IS 'Short name.';

COMMENT ON COLUMN iracing.car_classes.relative_speed IS 'Speed relative to other classes; larger is faster.';

COMMENT ON COLUMN iracing.car_classes.rain_enabled IS 'Can race in rain.';

COMMENT ON COLUMN iracing.car_classes.cust_id IS 'Member who made the class; 0 is iRacing.';

COMMENT ON COLUMN iracing.car_classes.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.car_classes.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.car_classes.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.car_classes.run_id IS 'Dagster run that last changed this row.';

CREATE TABLE iracing.car_restrictions (
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    car_id integer NOT NULL,
    max_pct_fuel_fill double precision,
    power_adjust_pct double precision,
    weight_penalty_kg double precision,
    max_dry_tire_sets integer,
    race_setup_id integer,
    qual_setup_id integer,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.car_restrictions IS 'Balance of performance of a week, one row per car. Unknown car ids are kept.';

COMMENT ON COLUMN iracing.car_restrictions.season_id IS 'Season.';

COMMENT ON COLUMN iracing.car_restrictions.race_week_num IS 'Week within the season.';

COMMENT ON COLUMN iracing.car_restrictions.car_id IS 'Car, see cars.';

COMMENT ON COLUMN iracing.car_restrictions.max_pct_fuel_fill IS 'Largest fuel fill, %.';

COMMENT ON COLUMN iracing.car_restrictions.power_adjust_pct IS 'Power adjustment, %.';

COMMENT ON COLUMN iracing.car_restrictions.weight_penalty_kg IS 'Ballast, kg.';

COMMENT ON COLUMN iracing.car_restrictions.max_dry_tire_sets IS 'Dry tyre sets; 0 is unlimited.';

COMMENT ON COLUMN iracing.car_restrictions.race_setup_id IS 'Fixed set-up of the race.';

COMMENT ON COLUMN iracing.car_restrictions.qual_setup_id IS 'Fixed set-up of qualifying.';

COMMENT ON COLUMN iracing.car_restrictions.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.car_restrictions.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.car_restrictions.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.car_restrictions.run_id IS 'Dagster run that last changed this row.';

CREATE TABLE iracing.cars (
    car_id integer NOT NULL,
    car_name text NOT NULL,
    car_name_abbreviated text,
    car_make text,
    car_model text,
    categories text[],
    car_types text[],
    package_id integer,
    price numeric,
    price_display text,
    sku integer,
    is_ps_purchasable boolean,
    free_with_subscription boolean,
    award_exempt boolean,
    retired boolean,
    hp integer,
    car_weight integer,
    min_power_adjust_pct double precision,
    max_power_adjust_pct double precision,
    max_weight_penalty_kg double precision,
    rain_enabled boolean,
    has_headlights boolean,
    has_multiple_dry_tire_types boolean,
    has_rain_capable_tire_types boolean,
    ai_enabled boolean,
    created timestamp with time zone,
    first_sale timestamp with time zone,
    patterns integer,
    allow_number_colors boolean,
    allow_number_font boolean,
    allow_sponsor1 boolean,
    allow_sponsor2 boolean,
    allow_wheel_color boolean,
    paint_rules jsonb,
    car_configs jsonb,
    car_config_defs jsonb,
    folder text,
    logo text,
    sponsor_logo text,
    small_image text,
    search_filters text,
    forum_url text,
    site_url text,
    car_dirpath text,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.cars IS 'One row per car.';

COMMENT ON COLUMN iracing.cars.car_id IS 'iRacing''s id of the car.';

COMMENT ON COLUMN iracing.cars.car_name IS 'Name.';

COMMENT ON COLUMN iracing.cars.car_name_abbreviated IS 'Short name.';

COMMENT ON COLUMN iracing.cars.car_make IS 'Make.';

COMMENT ON COLUMN iracing.cars.car_model IS 'Model.';

COMMENT ON COLUMN iracing.cars.categories IS 'Licence categories the car races in, sorted.';

COMMENT ON COLUMN iracing.cars.car_types IS 'Search tags, sorted.';

COMMENT ON COLUMN iracing.cars.package_id IS 'What is bought; see also tracks.package_id.';

COMMENT ON COLUMN iracing.cars.price IS 'Price in US dollars.';

COMMENT ON COLUMN iracing.cars.price_display IS 'Price as shown.';

COMMENT ON COLUMN iracing.cars.sku IS 'Stock keeping number; 0 where it is not sold.';

COMMENT ON COLUMN iracing.cars.is_ps_purchasable IS 'Can be bought with participation credits.';

COMMENT ON COLUMN iracing.cars.free_with_subscription IS 'Comes with the membership.';

COMMENT ON COLUMN iracing.cars.award_exempt IS 'Exempt from awards.';

COMMENT ON COLUMN iracing.cars.retired IS 'Taken out of use by iRacing (not retired_at).';

COMMENT ON COLUMN iracing.cars.hp IS 'Power, hp.';

COMMENT ON COLUMN iracing.cars.car_weight IS 'Weight, pounds.';

COMMENT ON COLUMN iracing.cars.min_power_adjust_pct IS 'Least power adjustment, %.';

COMMENT ON COLUMN iracing.cars.max_power_adjust_pct IS 'Most power adjustment, %.';

COMMENT ON COLUMN iracing.cars.max_weight_penalty_kg IS 'Most ballast, kg.';

COMMENT ON COLUMN iracing.cars.rain_enabled IS 'Can race in rain.';

COMMENT ON COLUMN iracing.cars.has_headlights IS 'Has headlights.';

COMMENT ON COLUMN iracing.cars.has_multiple_dry_tire_types IS 'Has several dry tyre types.';

COMMENT ON COLUMN iracing.cars.has_rain_capable_tire_types IS 'Has rain tyres.';

COMMENT ON COLUMN iracing.cars.ai_enabled IS 'AI drivers can race it.';

COMMENT ON COLUMN iracing.cars.created IS 'When iRacing entered the car.';

COMMENT ON COLUMN iracing.cars.first_sale IS 'When it was first sold.';

COMMENT ON COLUMN iracing.cars.patterns IS 'Paint patterns.';

COMMENT ON COLUMN iracing.cars.allow_number_colors IS 'Number colours can be chosen.';

COMMENT ON COLUMN iracing.cars.allow_number_font IS 'Number font can be chosen.';

COMMENT ON COLUMN iracing.cars.allow_sponsor1 IS 'First sponsor can be chosen.';

COMMENT ON COLUMN iracing.cars.allow_sponsor2 IS 'Second sponsor can be chosen.';

COMMENT ON COLUMN iracing.cars.allow_wheel_color IS 'Wheel colour can be chosen.';

COMMENT ON COLUMN iracing.cars.paint_rules IS 'Paint rules, as the API gives them.';

COMMENT ON COLUMN iracing.cars.car_configs IS 'Which configuration runs on which track, as the API gives it.';

COMMENT ON COLUMN iracing.cars.car_config_defs IS 'Configurations of the car, as the API gives them.';

COMMENT ON COLUMN iracing.cars.folder IS 'Image folder, relative to https://images-static.iracing.com/.';

COMMENT ON COLUMN iracing.cars.logo IS 'Logo, relative to https://images-static.iracing.com/.';

COMMENT ON COLUMN iracing.cars.sponsor_logo IS 'Sponsor''s logo, relative to https://images-static.iracing.com/.';

COMMENT ON COLUMN iracing.cars.small_image IS 'Small image, inside folder.';

COMMENT ON COLUMN iracing.cars.search_filters IS 'Comma-separated search words.';

COMMENT ON COLUMN iracing.cars.forum_url IS 'Forum of the car.';

COMMENT ON COLUMN iracing.cars.site_url IS 'Web page of the car.';

COMMENT ON COLUMN iracing.cars.car_dirpath IS 'Folder in the simulator''s installation.';

COMMENT ON COLUMN iracing.cars.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.cars.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.cars.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.cars.run_id IS 'Dagster run that last changed this row.';

CREATE TABLE iracing.changes (
    change_id bigint NOT NULL,
    table_name text NOT NULL,
    key jsonb NOT NULL,
    kind text NOT NULL,
    before jsonb,
    after jsonb,
    changed_at timestamp with time zone NOT NULL,
    run_id text NOT NULL,
    CONSTRAINT changes_before_and_after_check CHECK ((((before IS NULL) = (kind = 'inserted'::text)) AND ((after IS NULL) = (kind = 'retired'::text)))),
    CONSTRAINT changes_kind_check CHECK ((kind = ANY (ARRAY['inserted'::text, 'updated'::text, 'retired'::text, 'restored'::text])))
);

COMMENT ON TABLE iracing.changes IS 'What changed in the data tables, written in the same transaction as the change. Filling an empty table is a load: its rows are not listed.';

COMMENT ON COLUMN iracing.changes.change_id IS 'Running number.';

COMMENT ON COLUMN iracing.changes.table_name IS 'Table.';

COMMENT ON COLUMN iracing.changes.key IS 'Natural key of the row.';

COMMENT ON COLUMN iracing.changes.kind IS 'inserted, updated, retired or restored.';

COMMENT ON COLUMN iracing.changes.before IS 'Changed columns before; NULL for inserted rows.';

COMMENT ON COLUMN iracing.changes.after IS 'Changed columns after; NULL for retired rows.';

COMMENT ON COLUMN iracing.changes.changed_at IS 'When.';

COMMENT ON COLUMN iracing.changes.run_id IS 'Dagster run.';

ALTER TABLE iracing.changes ALTER COLUMN change_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME iracing.changes_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE iracing.season_schedules (
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    series_id integer,
    schedule_name text,
    start_date date,
    week_end_time timestamp with time zone,
    track_id integer,
    track_name text,
    config_name text,
    track_category text,
    track_category_id integer,
    category text,
    category_id integer,
    race_lap_limit integer,
    race_time_limit integer,
    practice_length integer,
    qualify_laps integer,
    qualify_length integer,
    warmup_length integer,
    qual_attached boolean,
    start_type text,
    restart_type text,
    full_course_cautions boolean,
    short_parade_lap boolean,
    start_zone boolean,
    enable_pitlane_collisions boolean,
    special_event_type integer,
    race_week_car_ids integer[],
    race_week_car_class_ids integer[],
    leave_marbles boolean,
    practice_rubber_pct integer,
    qualify_rubber_pct integer,
    warmup_rubber_pct integer,
    race_rubber_pct integer,
    weather_version integer,
    simulated_start_time timestamp without time zone,
    simulated_time_multiplier integer,
    simulated_time_offsets_minutes integer[],
    time_of_day integer,
    temp_c double precision,
    rel_humidity_pct integer,
    skies integer,
    wind_speed_ms double precision,
    wind_dir integer,
    allow_fog boolean,
    track_water integer,
    precip_option integer,
    forecast_type integer,
    weather_seed bigint,
    precip_chance_pct integer,
    max_precip_rate_mm_h double precision,
    max_precip_rate_desc text,
    temp_low_c double precision,
    temp_high_c double precision,
    wind_low_ms double precision,
    wind_high_ms double precision,
    summary_wind_dir integer,
    skies_low integer,
    skies_high integer,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL,
    is_in_schedule boolean DEFAULT false NOT NULL,
    is_in_index boolean DEFAULT false NOT NULL,
    CONSTRAINT season_schedules_race_week_num_check CHECK ((race_week_num >= 0)),
    CONSTRAINT season_schedules_week_bounds_check CHECK ((week_end_time >= ((start_date)::timestamp without time zone AT TIME ZONE 'UTC'::text)))
);

COMMENT ON TABLE iracing.season_schedules IS 'One row per race week of a season: track, length, conditions, bounds. A track swap updates the row. Weeks that only the index knows have a track and no dates: is_in_schedule is false.';

COMMENT ON COLUMN iracing.season_schedules.season_id IS 'Season.';

COMMENT ON COLUMN iracing.season_schedules.race_week_num IS 'Week within the season, from 0; not always weekly, not always contiguous.';

COMMENT ON COLUMN iracing.season_schedules.series_id IS 'Series, repeated for convenience.';

COMMENT ON COLUMN iracing.season_schedules.schedule_name IS 'iRacing''s name of the schedule template, typos included.';

COMMENT ON COLUMN iracing.season_schedules.start_date IS 'First day of the week, UTC.';

COMMENT ON COLUMN iracing.season_schedules.week_end_time IS 'Last moment a session may start, inclusive; not midnight.';

COMMENT ON COLUMN iracing.season_schedules.track_id IS 'Track configuration, see tracks. Unknown ids are kept.';

COMMENT ON COLUMN iracing.season_schedules.track_name IS 'Track name as the schedule gives it.';

COMMENT ON COLUMN iracing.season_schedules.config_name IS 'Track configuration; NULL where the track has only one.';

COMMENT ON COLUMN iracing.season_schedules.track_category IS 'Category of the track: road, oval, dirt_oval, dirt_road.';

COMMENT ON COLUMN iracing.season_schedules.track_category_id IS 'Category id of the track.';

COMMENT ON COLUMN iracing.season_schedules.category IS 'Category of the event; may vary by week and differs from the track''s.';

COMMENT ON COLUMN iracing.season_schedules.category_id IS 'Category id of the event.';

COMMENT ON COLUMN iracing.season_schedules.race_lap_limit IS 'Laps; NULL where only time limits the race.';

COMMENT ON COLUMN iracing.season_schedules.race_time_limit IS 'Minutes; NULL where only laps limit the race.';

COMMENT ON COLUMN iracing.season_schedules.practice_length IS 'Minutes; NULL for heat racing.';

COMMENT ON COLUMN iracing.season_schedules.qualify_laps IS 'Laps; NULL for heat racing.';

COMMENT ON COLUMN iracing.season_schedules.qualify_length IS 'Minutes; NULL for heat racing.';

COMMENT ON COLUMN iracing.season_schedules.warmup_length IS 'Minutes; NULL for heat racing.';

COMMENT ON COLUMN iracing.season_schedules.qual_attached IS 'Qualifying belongs to the race session.';

COMMENT ON COLUMN iracing.season_schedules.start_type IS 'Rolling or Standing.';

COMMENT ON COLUMN iracing.season_schedules.restart_type IS 'Such as Double-file Back.';

COMMENT ON COLUMN iracing.season_schedules.full_course_cautions IS 'Full-course cautions (yellow_flags until 2022).';

COMMENT ON COLUMN iracing.season_schedules.short_parade_lap IS 'Pace lap is shortened.';

COMMENT ON COLUMN iracing.season_schedules.start_zone IS 'Starts happen inside a start zone.';

COMMENT ON COLUMN iracing.season_schedules.enable_pitlane_collisions IS 'Cars collide in the pit lane.';

COMMENT ON COLUMN iracing.season_schedules.special_event_type IS 'iRacing''s code of a special event.';

COMMENT ON COLUMN iracing.season_schedules.race_week_car_ids IS 'Cars of this week where they vary by week, ascending; empty otherwise.';

COMMENT ON COLUMN iracing.season_schedules.race_week_car_class_ids IS 'Car classes of this week where they vary, ascending.';

COMMENT ON COLUMN iracing.season_schedules.leave_marbles IS 'Marbles stay between sessions.';

COMMENT ON COLUMN iracing.season_schedules.practice_rubber_pct IS 'Rubber at the start of practice, %; NULL is automatic.';

COMMENT ON COLUMN iracing.season_schedules.qualify_rubber_pct IS 'Rubber at the start of qualifying, %; NULL is carried over.';

COMMENT ON COLUMN iracing.season_schedules.warmup_rubber_pct IS 'Rubber at the start of warm-up, %; NULL is carried over.';

COMMENT ON COLUMN iracing.season_schedules.race_rubber_pct IS 'Rubber at the start of the race, %; NULL is carried over.';

COMMENT ON COLUMN iracing.season_schedules.weather_version IS '1 since 2024 S2, 0 before.';

COMMENT ON COLUMN iracing.season_schedules.simulated_start_time IS 'Date and time on track, local to the track.';

COMMENT ON COLUMN iracing.season_schedules.simulated_time_multiplier IS 'How much faster time passes on track.';

COMMENT ON COLUMN iracing.season_schedules.simulated_time_offsets_minutes IS 'Offset of each session from simulated_start_time, minutes.';

COMMENT ON COLUMN iracing.season_schedules.time_of_day IS 'iRacing''s code of the time of day.';

COMMENT ON COLUMN iracing.season_schedules.temp_c IS 'Air temperature setting, degrees Celsius.';

COMMENT ON COLUMN iracing.season_schedules.rel_humidity_pct IS 'Relative humidity setting, %.';

COMMENT ON COLUMN iracing.season_schedules.skies IS '0 clear, 1 partly cloudy, 2 mostly cloudy, 3 overcast.';

COMMENT ON COLUMN iracing.season_schedules.wind_speed_ms IS 'Wind setting, metres per second.';

COMMENT ON COLUMN iracing.season_schedules.wind_dir IS 'Wind direction: 0 N, 1 NE ... 7 NW.';

COMMENT ON COLUMN iracing.season_schedules.allow_fog IS 'Fog may appear.';

COMMENT ON COLUMN iracing.season_schedules.track_water IS 'Water on track at the start, iRacing''s scale.';

COMMENT ON COLUMN iracing.season_schedules.precip_option IS 'iRacing''s code of the rain option.';

COMMENT ON COLUMN iracing.season_schedules.forecast_type IS 'iRacing''s code of the forecast type.';

COMMENT ON COLUMN iracing.season_schedules.weather_seed IS 'Seed of the generated weather; changes when it is rolled again.';

COMMENT ON COLUMN iracing.season_schedules.precip_chance_pct IS 'Chance of rain over the event, %.';

COMMENT ON COLUMN iracing.season_schedules.max_precip_rate_mm_h IS 'Strongest rain expected, mm per hour.';

COMMENT ON COLUMN iracing.season_schedules.max_precip_rate_desc IS 'The same in words: None, Light, ...';

COMMENT ON COLUMN iracing.season_schedules.temp_low_c IS 'Lowest temperature expected, degrees Celsius.';

COMMENT ON COLUMN iracing.season_schedules.temp_high_c IS 'Highest temperature expected, degrees Celsius; may be 0.1 below temp_low_c.';

COMMENT ON COLUMN iracing.season_schedules.wind_low_ms IS 'Least wind expected, metres per second.';

COMMENT ON COLUMN iracing.season_schedules.wind_high_ms IS 'Most wind expected, metres per second.';

COMMENT ON COLUMN iracing.season_schedules.summary_wind_dir IS 'Prevailing wind direction expected: 0 N ... 7 NW.';

COMMENT ON COLUMN iracing.season_schedules.skies_low IS 'Clearest sky expected, code as in skies.';

COMMENT ON COLUMN iracing.season_schedules.skies_high IS 'Most clouded sky expected, code as in skies.';

COMMENT ON COLUMN iracing.season_schedules.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.season_schedules.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.season_schedules.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.season_schedules.run_id IS 'Dagster run that last changed this row.';

COMMENT ON COLUMN iracing.season_schedules.is_in_schedule IS 'Known from a schedule, which has dates and session times. False: from the index alone.';

COMMENT ON COLUMN iracing.season_schedules.is_in_index IS 'Known from the index of all seasons, which has the track only.';

CREATE TABLE iracing.seasons (
    season_id integer NOT NULL,
    series_id integer NOT NULL,
    season_name text NOT NULL,
    season_short_name text,
    season_year integer,
    season_quarter smallint,
    start_date timestamp with time zone,
    active boolean,
    complete boolean,
    official boolean,
    fixed_setup boolean,
    multiclass boolean,
    grid_by_class boolean,
    driver_changes boolean,
    driver_change_rule integer,
    min_team_drivers integer,
    max_team_drivers integer,
    license_group integer,
    license_group_types integer[],
    max_weeks integer,
    drops integer,
    race_week integer,
    race_week_to_make_divisions integer,
    schedule_description text,
    car_types text[],
    track_types text[],
    incident_limit integer,
    incident_warn_mode integer,
    incident_warn_param1 integer,
    incident_warn_param2 integer,
    unsport_conduct_rule_mode integer,
    connection_black_flag boolean,
    caution_laps_do_not_count boolean,
    consec_caution_within_nlaps integer,
    consec_cautions_single_file boolean,
    green_white_checkered_limit integer,
    lucky_dog boolean,
    must_use_diff_tire_types_in_race boolean,
    start_on_qual_tire boolean,
    qualifier_must_start_race boolean,
    num_opt_laps integer,
    num_fast_tows integer,
    hardcore_level integer,
    short_parade_lap boolean,
    start_zone boolean,
    enable_pitlane_collisions boolean,
    cross_license boolean,
    ignore_license_for_practice boolean,
    region_competition boolean,
    restrict_by_member boolean,
    restrict_to_car boolean,
    restrict_viewing boolean,
    car_switching boolean,
    send_to_open_practice boolean,
    open_practice_session_type_id integer,
    op_duration integer,
    reg_open_minutes integer,
    rookie_season text,
    score_as_carclassid integer,
    distributed_matchmaking boolean,
    has_supersessions boolean,
    is_heat_racing boolean,
    heat_ses_info jsonb,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL,
    has_rules boolean DEFAULT false NOT NULL,
    has_final_schedule boolean DEFAULT false NOT NULL,
    CONSTRAINT seasons_max_weeks_check CHECK ((max_weeks >= 0)),
    CONSTRAINT seasons_season_quarter_check CHECK (((season_quarter >= 1) AND (season_quarter <= 4))),
    CONSTRAINT seasons_season_year_check CHECK ((season_year >= 2008))
);

COMMENT ON TABLE iracing.seasons IS 'One row per season of a series: running, announced or past.';

COMMENT ON COLUMN iracing.seasons.season_id IS 'iRacing''s id of the season; never reused.';

COMMENT ON COLUMN iracing.seasons.series_id IS 'Series the season belongs to.';

COMMENT ON COLUMN iracing.seasons.season_name IS 'Current name; iRacing rewrites it retroactively.';

COMMENT ON COLUMN iracing.seasons.season_short_name IS 'Such as 2025 Season 3; unreliable in old seasons.';

COMMENT ON COLUMN iracing.seasons.season_year IS 'Year the season is filed under; season 1 may start in the December before.';

COMMENT ON COLUMN iracing.seasons.season_quarter IS 'Quarter 1-4; long seasons keep the one they started in.';

COMMENT ON COLUMN iracing.seasons.start_date IS 'Start of the season, UTC; up to 4 days before its first week.';

COMMENT ON COLUMN iracing.seasons.active IS 'The API lists the season as active.';

COMMENT ON COLUMN iracing.seasons.complete IS 'The season is over; NULL while that is not known.';

COMMENT ON COLUMN iracing.seasons.official IS 'Counts for ratings and standings.';

COMMENT ON COLUMN iracing.seasons.fixed_setup IS 'Everyone drives the same set-up.';

COMMENT ON COLUMN iracing.seasons.multiclass IS 'More than one car class on track.';

COMMENT ON COLUMN iracing.seasons.grid_by_class IS 'Classes are gridded separately.';

COMMENT ON COLUMN iracing.seasons.driver_changes IS 'Team racing with driver changes.';

COMMENT ON COLUMN iracing.seasons.driver_change_rule IS 'iRacing''s code for the driver change rule.';

COMMENT ON COLUMN iracing.seasons.min_team_drivers IS 'Fewest drivers of a team.';

COMMENT ON COLUMN iracing.seasons.max_team_drivers IS 'Most drivers of a team.';

COMMENT ON COLUMN iracing.seasons.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';

COMMENT ON COLUMN iracing.seasons.license_group_types IS 'Licence groups the season is listed under, ascending.';

COMMENT ON COLUMN iracing.seasons.max_weeks IS 'Number of race weeks.';

COMMENT ON COLUMN iracing.seasons.drops IS 'Weeks dropped from the standings.';

COMMENT ON COLUMN iracing.seasons.race_week IS 'Index of the current or next week as the API gives it; can be stale.';

COMMENT ON COLUMN iracing.seasons.race_week_to_make_divisions IS 'Week after which divisions are made.';

COMMENT ON COLUMN iracing.seasons.schedule_description IS 'Free text, such as: Races every 30 minutes at :15 past.';

COMMENT ON COLUMN iracing.seasons.car_types IS 'Search tags of the cars, sorted.';

COMMENT ON COLUMN iracing.seasons.track_types IS 'Categories of the tracks, sorted.';

COMMENT ON COLUMN iracing.seasons.incident_limit IS 'Incident points that disqualify; 0 is no limit.';

COMMENT ON COLUMN iracing.seasons.incident_warn_mode IS 'iRacing''s code: how warnings repeat.';

COMMENT ON COLUMN iracing.seasons.incident_warn_param1 IS 'Incident points of the first warning.';

COMMENT ON COLUMN iracing.seasons.incident_warn_param2 IS 'Incident points between further warnings.';

COMMENT ON COLUMN iracing.seasons.unsport_conduct_rule_mode IS 'iRacing''s code (undocumented).';

COMMENT ON COLUMN iracing.seasons.connection_black_flag IS 'Connection quality can earn a black flag.';

COMMENT ON COLUMN iracing.seasons.caution_laps_do_not_count IS 'Caution laps are not counted as race laps.';

COMMENT ON COLUMN iracing.seasons.consec_caution_within_nlaps IS 'Laps within which cautions count as consecutive.';

COMMENT ON COLUMN iracing.seasons.consec_cautions_single_file IS 'Consecutive cautions restart single file.';

COMMENT ON COLUMN iracing.seasons.green_white_checkered_limit IS 'Attempts at a green-white-checkered finish.';

COMMENT ON COLUMN iracing.seasons.lucky_dog IS 'First car a lap down gets the lap back at a caution.';

COMMENT ON COLUMN iracing.seasons.must_use_diff_tire_types_in_race IS 'Two tyre types have to be used.';

COMMENT ON COLUMN iracing.seasons.start_on_qual_tire IS 'Race starts on the qualifying tyre.';

COMMENT ON COLUMN iracing.seasons.qualifier_must_start_race IS 'Whoever qualified has to start.';

COMMENT ON COLUMN iracing.seasons.num_opt_laps IS 'Optional-path (joker) laps to drive.';

COMMENT ON COLUMN iracing.seasons.num_fast_tows IS 'Fast repairs.';

COMMENT ON COLUMN iracing.seasons.hardcore_level IS 'iRacing''s code for driving aids that are barred.';

COMMENT ON COLUMN iracing.seasons.short_parade_lap IS 'Pace lap is shortened.';

COMMENT ON COLUMN iracing.seasons.start_zone IS 'Starts happen inside a start zone.';

COMMENT ON COLUMN iracing.seasons.enable_pitlane_collisions IS 'Cars collide in the pit lane.';

COMMENT ON COLUMN iracing.seasons.cross_license IS 'Drivers of neighbouring licence categories may race.';

COMMENT ON COLUMN iracing.seasons.ignore_license_for_practice IS 'Anybody may practise.';

COMMENT ON COLUMN iracing.seasons.region_competition IS 'Regional competition.';

COMMENT ON COLUMN iracing.seasons.restrict_by_member IS 'Only listed members may race.';

COMMENT ON COLUMN iracing.seasons.restrict_to_car IS 'Drivers stay with their first car.';

COMMENT ON COLUMN iracing.seasons.restrict_viewing IS 'Spectating is restricted.';

COMMENT ON COLUMN iracing.seasons.car_switching IS 'Cars may be switched during the season.';

COMMENT ON COLUMN iracing.seasons.send_to_open_practice IS 'Drivers wait in open practice.';

COMMENT ON COLUMN iracing.seasons.open_practice_session_type_id IS 'iRacing''s code of the open practice.';

COMMENT ON COLUMN iracing.seasons.op_duration IS 'Length of the open practice, minutes.';

COMMENT ON COLUMN iracing.seasons.reg_open_minutes IS 'Registration opens so many minutes before the start.';

COMMENT ON COLUMN iracing.seasons.rookie_season IS 'Letter of a rookie series'' short season.';

COMMENT ON COLUMN iracing.seasons.score_as_carclassid IS 'Car class the standings are scored as.';

COMMENT ON COLUMN iracing.seasons.distributed_matchmaking IS 'Distributed matchmaking.';

COMMENT ON COLUMN iracing.seasons.has_supersessions IS 'Has super sessions.';

COMMENT ON COLUMN iracing.seasons.is_heat_racing IS 'Runs heats; see heat_ses_info.';

COMMENT ON COLUMN iracing.seasons.heat_ses_info IS 'Format of the heats, as the API gives it.';

COMMENT ON COLUMN iracing.seasons.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.seasons.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.seasons.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.seasons.run_id IS 'Dagster run that last changed this row.';

COMMENT ON COLUMN iracing.seasons.has_rules IS 'Its dates, rules and limits are known, from the list of current seasons. False: from the index alone.';

COMMENT ON COLUMN iracing.seasons.has_final_schedule IS 'The season is over and its weeks are as the API gave them afterwards: they are not asked for again.';

CREATE TABLE iracing.series (
    series_id integer NOT NULL,
    series_name text NOT NULL,
    series_short_name text,
    category text,
    category_id integer,
    min_starters integer,
    max_starters integer,
    oval_caution_type integer,
    road_caution_type integer,
    first_season_year integer,
    first_season_quarter smallint,
    forum_url text,
    search_filters text,
    logo text,
    large_image text,
    small_image text,
    series_copy text,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL,
    active boolean,
    official boolean,
    fixed_setup boolean,
    license_group integer,
    CONSTRAINT series_first_season_quarter_check CHECK (((first_season_quarter >= 1) AND (first_season_quarter <= 4)))
);

COMMENT ON TABLE iracing.series IS 'One row per iRacing series. Names are rewritten by iRacing at season turns: never join on them.';

COMMENT ON COLUMN iracing.series.series_id IS 'iRacing''s id of the series; never reused.';

COMMENT ON COLUMN iracing.series.series_name IS 'Current name.';

COMMENT ON COLUMN iracing.series.series_short_name IS 'Current short name, mostly equal to series_name.';

COMMENT ON COLUMN iracing.series.category IS 'oval, dirt_oval, dirt_road, sports_car, formula_car; before 2024 also road.';

COMMENT ON COLUMN iracing.series.category_id IS '1 oval, 2 road (before 2024), 3 dirt oval, 4 dirt road, 5 sports car, 6 formula car.';

COMMENT ON COLUMN iracing.series.min_starters IS 'Drivers needed for an official race.';

COMMENT ON COLUMN iracing.series.max_starters IS 'Largest grid of one split.';

COMMENT ON COLUMN iracing.series.oval_caution_type IS 'iRacing''s code (undocumented) for cautions on ovals.';

COMMENT ON COLUMN iracing.series.road_caution_type IS 'iRacing''s code (undocumented) for cautions on road courses.';

COMMENT ON COLUMN iracing.series.first_season_year IS 'Year of the series'' first season.';

COMMENT ON COLUMN iracing.series.first_season_quarter IS 'Quarter (1-4) of the series'' first season.';

COMMENT ON COLUMN iracing.series.forum_url IS 'Forum of the series.';

COMMENT ON COLUMN iracing.series.search_filters IS 'Comma-separated search words.';

COMMENT ON COLUMN iracing.series.logo IS 'Logo file, relative to https://images-static.iracing.com/img/logos/series/.';

COMMENT ON COLUMN iracing.series.large_image IS 'Large image file, relative to https://images-static.iracing.com/.';

COMMENT ON COLUMN iracing.series.small_image IS 'Small image file, relative to https://images-static.iracing.com/.';

COMMENT ON COLUMN iracing.series.series_copy IS 'iRacing''s description of the series, HTML.';

COMMENT ON COLUMN iracing.series.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.series.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.series.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.series.run_id IS 'Dagster run that last changed this row.';

COMMENT ON COLUMN iracing.series.active IS 'Runs now, by the index of all series (read weekly).';

COMMENT ON COLUMN iracing.series.official IS 'Counts for ratings and standings, by the index of all series.';

COMMENT ON COLUMN iracing.series.fixed_setup IS 'Everyone drives the same set-up, by the index of all series.';

COMMENT ON COLUMN iracing.series.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC, by the index of all series.';

CREATE VIEW iracing.season_calendar AS
 SELECT s.series_id,
    x.series_name,
    w.season_id,
    s.season_name,
    s.season_year,
    s.season_quarter,
    w.race_week_num,
    ((w.start_date)::timestamp without time zone AT TIME ZONE 'UTC'::text) AS week_start,
    w.week_end_time,
    w.track_id,
    w.track_name,
    w.config_name,
    COALESCE(w.category, x.category) AS category,
    s.license_group,
    s.official,
    s.fixed_setup,
    s.multiclass,
    s.complete,
    w.race_lap_limit,
    w.race_time_limit,
    w.precip_chance_pct,
    w.max_precip_rate_mm_h,
    w.temp_low_c,
    w.temp_high_c
   FROM ((iracing.season_schedules w
     JOIN iracing.seasons s USING (season_id))
     LEFT JOIN iracing.series x ON ((x.series_id = s.series_id)))
  WHERE ((w.retired_at IS NULL) AND (s.retired_at IS NULL));

COMMENT ON VIEW iracing.season_calendar IS 'Every week of every living season, with series, track, bounds in UTC and rain.';

CREATE VIEW iracing.current_weeks AS
 SELECT series_id,
    series_name,
    season_id,
    season_name,
    season_year,
    season_quarter,
    race_week_num,
    week_start,
    week_end_time,
    track_id,
    track_name,
    config_name,
    category,
    license_group,
    official,
    fixed_setup,
    multiclass,
    complete,
    race_lap_limit,
    race_time_limit,
    precip_chance_pct,
    max_precip_rate_mm_h,
    temp_low_c,
    temp_high_c
   FROM iracing.season_calendar
  WHERE ((week_start <= now()) AND (week_end_time >= now()) AND (complete IS NOT TRUE));

COMMENT ON VIEW iracing.current_weeks IS 'The week each season is in now, by the API''s own bounds.';

CREATE TABLE iracing.drift (
    drift_id bigint NOT NULL,
    endpoint text NOT NULL,
    kind text NOT NULL,
    field text NOT NULL,
    found text NOT NULL,
    occurrences integer NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    asset text NOT NULL,
    run_id text NOT NULL,
    CONSTRAINT drift_kind_check CHECK ((kind = ANY (ARRAY['new_field'::text, 'vanished_field'::text, 'new_type'::text])))
);

COMMENT ON TABLE iracing.drift IS 'Where answers are no longer what the tables foresee, one row each: nothing is lost, landed bodies keep everything.';

COMMENT ON COLUMN iracing.drift.drift_id IS 'Running number.';

COMMENT ON COLUMN iracing.drift.endpoint IS 'Endpoint of the answers.';

COMMENT ON COLUMN iracing.drift.kind IS 'new_field, vanished_field or new_type.';

COMMENT ON COLUMN iracing.drift.field IS 'Object and field, such as Season.drops.';

COMMENT ON COLUMN iracing.drift.found IS 'JSON type that was not expected; empty for fields that came or went.';

COMMENT ON COLUMN iracing.drift.occurrences IS 'How many objects of the last answer had it; for a vanished field, how many lacked it.';

COMMENT ON COLUMN iracing.drift.first_seen_at IS 'When it was first seen.';

COMMENT ON COLUMN iracing.drift.last_seen_at IS 'When it was last seen.';

COMMENT ON COLUMN iracing.drift.resolved_at IS 'When a vanished field was there again.';

COMMENT ON COLUMN iracing.drift.asset IS 'Asset that saw it first.';

COMMENT ON COLUMN iracing.drift.run_id IS 'Dagster run that saw it first.';

ALTER TABLE iracing.drift ALTER COLUMN drift_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME iracing.drift_drift_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE iracing.installation (
    name text NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE iracing.installation IS 'Facts about this installation, such as which API its data came from.';

COMMENT ON COLUMN iracing.installation.name IS 'Fact.';

COMMENT ON COLUMN iracing.installation.value IS 'Its value.';

COMMENT ON COLUMN iracing.installation.updated_at IS 'When it was last set.';

CREATE VIEW iracing.next_weeks AS
 SELECT DISTINCT ON (season_id) series_id,
    series_name,
    season_id,
    season_name,
    season_year,
    season_quarter,
    race_week_num,
    week_start,
    week_end_time,
    track_id,
    track_name,
    config_name,
    category,
    license_group,
    official,
    fixed_setup,
    multiclass,
    complete,
    race_lap_limit,
    race_time_limit,
    precip_chance_pct,
    max_precip_rate_mm_h,
    temp_low_c,
    temp_high_c
   FROM iracing.season_calendar
  WHERE ((week_start > now()) AND (complete IS NOT TRUE))
  ORDER BY season_id, week_start, race_week_num;

COMMENT ON VIEW iracing.next_weeks IS 'The next week of each season that has one.';

CREATE TABLE iracing.quarantine (
    quarantine_id bigint NOT NULL,
    endpoint text NOT NULL,
    params jsonb NOT NULL,
    item_key text NOT NULL,
    reason text NOT NULL,
    payload jsonb,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    asset text NOT NULL,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.quarantine IS 'Items of an answer that could not be read; everything else of that answer landed.';

COMMENT ON COLUMN iracing.quarantine.quarantine_id IS 'Running number.';

COMMENT ON COLUMN iracing.quarantine.endpoint IS 'Endpoint of the answer.';

COMMENT ON COLUMN iracing.quarantine.params IS 'Query parameters of the answer.';

COMMENT ON COLUMN iracing.quarantine.item_key IS 'Which item, such as season_id=5862 or race_week_num=3.';

COMMENT ON COLUMN iracing.quarantine.reason IS 'Why it could not be read.';

COMMENT ON COLUMN iracing.quarantine.payload IS 'The item as received; signatures of links are cut off.';

COMMENT ON COLUMN iracing.quarantine.first_seen_at IS 'When it was first set aside.';

COMMENT ON COLUMN iracing.quarantine.last_seen_at IS 'When it was last seen so.';

COMMENT ON COLUMN iracing.quarantine.resolved_at IS 'When the item could be read again, or was gone from the answer.';

COMMENT ON COLUMN iracing.quarantine.asset IS 'Asset that met it.';

COMMENT ON COLUMN iracing.quarantine.run_id IS 'Dagster run that last saw it.';

ALTER TABLE iracing.quarantine ALTER COLUMN quarantine_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME iracing.quarantine_quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE iracing.race_time_descriptors (
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    descriptor_num smallint NOT NULL,
    repeating boolean NOT NULL,
    session_minutes integer,
    super_session boolean,
    start_date date,
    day_offset integer[],
    first_session_time time without time zone,
    repeat_minutes integer,
    session_times timestamp with time zone[],
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL,
    CONSTRAINT race_time_descriptors_repeat_minutes_check CHECK ((repeat_minutes > 0)),
    CONSTRAINT race_time_descriptors_says_when_check CHECK (
CASE
    WHEN repeating THEN ((first_session_time IS NOT NULL) AND (day_offset IS NOT NULL))
    ELSE (session_times IS NOT NULL)
END),
    CONSTRAINT race_time_descriptors_session_minutes_check CHECK ((session_minutes >= 0))
);

COMMENT ON TABLE iracing.race_time_descriptors IS 'How the sessions of a week recur; race_sessions() expands them into UTC starts.';

COMMENT ON COLUMN iracing.race_time_descriptors.season_id IS 'Season.';

COMMENT ON COLUMN iracing.race_time_descriptors.race_week_num IS 'Week within the season.';

COMMENT ON COLUMN iracing.race_time_descriptors.descriptor_num IS 'Position in the API''s list, from 0.';

COMMENT ON COLUMN iracing.race_time_descriptors.repeating IS 'True: a pattern; false: session_times lists the starts.';

COMMENT ON COLUMN iracing.race_time_descriptors.session_minutes IS 'Length of one session, minutes.';

COMMENT ON COLUMN iracing.race_time_descriptors.super_session IS 'Super session.';

COMMENT ON COLUMN iracing.race_time_descriptors.start_date IS 'First day of the pattern, UTC.';

COMMENT ON COLUMN iracing.race_time_descriptors.day_offset IS 'Days after start_date on which the pattern runs, ascending.';

COMMENT ON COLUMN iracing.race_time_descriptors.first_session_time IS 'First start of each day, UTC.';

COMMENT ON COLUMN iracing.race_time_descriptors.repeat_minutes IS 'Minutes between starts.';

COMMENT ON COLUMN iracing.race_time_descriptors.session_times IS 'Listed starts, UTC, ascending.';

COMMENT ON COLUMN iracing.race_time_descriptors.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.race_time_descriptors.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.race_time_descriptors.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.race_time_descriptors.run_id IS 'Dagster run that last changed this row.';

CREATE VIEW iracing.rain_weeks AS
 SELECT series_id,
    series_name,
    season_id,
    season_name,
    season_year,
    season_quarter,
    race_week_num,
    week_start,
    week_end_time,
    track_id,
    track_name,
    config_name,
    category,
    license_group,
    official,
    fixed_setup,
    multiclass,
    complete,
    race_lap_limit,
    race_time_limit,
    precip_chance_pct,
    max_precip_rate_mm_h,
    temp_low_c,
    temp_high_c
   FROM iracing.season_calendar
  WHERE ((precip_chance_pct > 0) AND (week_end_time >= now()) AND (complete IS NOT TRUE));

COMMENT ON VIEW iracing.rain_weeks IS 'Weeks that run or are to come in which it may rain.';

CREATE TABLE iracing.responses (
    endpoint text NOT NULL,
    params jsonb NOT NULL,
    body jsonb NOT NULL,
    sha256 text NOT NULL,
    bytes integer NOT NULL,
    fetched_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    run_id text NOT NULL,
    asset text,
    same_since timestamp with time zone
);

COMMENT ON TABLE iracing.responses IS 'Every landed answer, newest per endpoint and parameters: the cache, and what tables are rebuilt from.';

COMMENT ON COLUMN iracing.responses.endpoint IS 'Such as series/seasons.';

COMMENT ON COLUMN iracing.responses.params IS 'Query parameters.';

COMMENT ON COLUMN iracing.responses.body IS 'The answer; signatures of links are cut off.';

COMMENT ON COLUMN iracing.responses.sha256 IS 'SHA-256 of the body with sorted keys, hexadecimal.';

COMMENT ON COLUMN iracing.responses.bytes IS 'Size of the answer as received, uncompressed.';

COMMENT ON COLUMN iracing.responses.fetched_at IS 'When the API answered.';

COMMENT ON COLUMN iracing.responses.expires_at IS 'Until when it serves instead of the API; NULL is for ever.';

COMMENT ON COLUMN iracing.responses.run_id IS 'Dagster run that fetched it.';

COMMENT ON COLUMN iracing.responses.asset IS 'Asset that landed it; NULL before that was noted.';

COMMENT ON COLUMN iracing.responses.same_since IS 'When the API first gave this very body; later answers with the same sha256 leave it.';

CREATE TABLE iracing.series_licenses (
    series_id integer NOT NULL,
    license_group integer NOT NULL,
    group_name text,
    min_license_level integer,
    max_license_level integer,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL,
    CONSTRAINT series_licenses_levels_check CHECK (((min_license_level >= 0) AND (max_license_level >= 0)))
);

COMMENT ON TABLE iracing.series_licenses IS 'Who may race a series: one row per licence class that is let in.';

COMMENT ON COLUMN iracing.series_licenses.series_id IS 'Series.';

COMMENT ON COLUMN iracing.series_licenses.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';

COMMENT ON COLUMN iracing.series_licenses.group_name IS 'Name of the class, such as Class D.';

COMMENT ON COLUMN iracing.series_licenses.min_license_level IS 'Lowest level let in; class g spans 4g-3 to 4g.';

COMMENT ON COLUMN iracing.series_licenses.max_license_level IS 'Highest level let in.';

COMMENT ON COLUMN iracing.series_licenses.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.series_licenses.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.series_licenses.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.series_licenses.run_id IS 'Dagster run that last changed this row.';

CREATE TABLE iracing.tracks (
    track_id integer NOT NULL,
    track_name text NOT NULL,
    config_name text,
    category text,
    category_id integer,
    track_type integer,
    track_type_text text,
    track_types text[],
    package_id integer,
    price numeric,
    price_display text,
    sku integer,
    purchasable boolean,
    is_ps_purchasable boolean,
    free_with_subscription boolean,
    award_exempt boolean,
    retired boolean,
    track_config_length double precision,
    corners_per_lap integer,
    is_oval boolean,
    is_dirt boolean,
    banking text,
    nominal_lap_time double precision,
    pit_road_speed_limit integer,
    grid_stalls integer,
    number_pitstalls integer,
    max_cars integer,
    qualify_laps integer,
    solo_laps integer,
    lap_scoring integer,
    latitude double precision,
    longitude double precision,
    location text,
    time_zone text,
    opens date,
    closes date,
    created timestamp with time zone,
    first_sale timestamp with time zone,
    rain_enabled boolean,
    night_lighting boolean,
    fully_lit boolean,
    ai_enabled boolean,
    allow_pitlane_collisions boolean,
    allow_rolling_start boolean,
    allow_standing_start boolean,
    has_opt_path boolean,
    has_short_parade_lap boolean,
    has_start_zone boolean,
    has_svg_map boolean,
    start_on_left boolean,
    restart_on_left boolean,
    supports_grip_compound boolean,
    tech_track boolean,
    priority integer,
    folder text,
    logo text,
    small_image text,
    search_filters text,
    site_url text,
    track_dirpath text,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.tracks IS 'One row per track configuration; configurations that are bought together share package_id.';

COMMENT ON COLUMN iracing.tracks.track_id IS 'iRacing''s id of the configuration.';

COMMENT ON COLUMN iracing.tracks.track_name IS 'Name; [Retired] and [Legacy] prefixes appear at builds.';

COMMENT ON COLUMN iracing.tracks.config_name IS 'Configuration; NULL where the track has only one.';

COMMENT ON COLUMN iracing.tracks.category IS 'road, oval, dirt_oval, dirt_road.';

COMMENT ON COLUMN iracing.tracks.category_id IS 'Category id.';

COMMENT ON COLUMN iracing.tracks.track_type IS 'iRacing''s code of the surface and shape.';

COMMENT ON COLUMN iracing.tracks.track_type_text IS 'The same in words.';

COMMENT ON COLUMN iracing.tracks.track_types IS 'Track types, sorted.';

COMMENT ON COLUMN iracing.tracks.package_id IS 'What is bought; see also cars.package_id.';

COMMENT ON COLUMN iracing.tracks.price IS 'Price in US dollars.';

COMMENT ON COLUMN iracing.tracks.price_display IS 'Price as shown.';

COMMENT ON COLUMN iracing.tracks.sku IS 'Stock keeping number; 0 where it is not sold.';

COMMENT ON COLUMN iracing.tracks.purchasable IS 'Can be bought.';

COMMENT ON COLUMN iracing.tracks.is_ps_purchasable IS 'Can be bought with participation credits.';

COMMENT ON COLUMN iracing.tracks.free_with_subscription IS 'Comes with the membership.';

COMMENT ON COLUMN iracing.tracks.award_exempt IS 'Exempt from awards.';

COMMENT ON COLUMN iracing.tracks.retired IS 'Taken out of use by iRacing (not retired_at).';

COMMENT ON COLUMN iracing.tracks.track_config_length IS 'Length of a lap, miles.';

COMMENT ON COLUMN iracing.tracks.corners_per_lap IS 'Corners of a lap.';

COMMENT ON COLUMN iracing.tracks.is_oval IS 'Oval.';

COMMENT ON COLUMN iracing.tracks.is_dirt IS 'Dirt.';

COMMENT ON COLUMN iracing.tracks.banking IS 'Banking as shown, HTML entities included.';

COMMENT ON COLUMN iracing.tracks.nominal_lap_time IS 'Typical lap, seconds.';

COMMENT ON COLUMN iracing.tracks.pit_road_speed_limit IS 'Pit road speed limit, mph.';

COMMENT ON COLUMN iracing.tracks.grid_stalls IS 'Places on the grid.';

COMMENT ON COLUMN iracing.tracks.number_pitstalls IS 'Pit stalls.';

COMMENT ON COLUMN iracing.tracks.max_cars IS 'Most cars on track.';

COMMENT ON COLUMN iracing.tracks.qualify_laps IS 'Default qualifying laps.';

COMMENT ON COLUMN iracing.tracks.solo_laps IS 'Default solo laps.';

COMMENT ON COLUMN iracing.tracks.lap_scoring IS 'iRacing''s code of lap scoring.';

COMMENT ON COLUMN iracing.tracks.latitude IS 'Degrees north.';

COMMENT ON COLUMN iracing.tracks.longitude IS 'Degrees east.';

COMMENT ON COLUMN iracing.tracks.location IS 'Place.';

COMMENT ON COLUMN iracing.tracks.time_zone IS 'IANA time zone of the track.';

COMMENT ON COLUMN iracing.tracks.opens IS 'First day of its season at the real place.';

COMMENT ON COLUMN iracing.tracks.closes IS 'Last day of its season at the real place.';

COMMENT ON COLUMN iracing.tracks.created IS 'When iRacing entered the track.';

COMMENT ON COLUMN iracing.tracks.first_sale IS 'When it was first sold.';

COMMENT ON COLUMN iracing.tracks.rain_enabled IS 'Rain is possible.';

COMMENT ON COLUMN iracing.tracks.night_lighting IS 'Has lights.';

COMMENT ON COLUMN iracing.tracks.fully_lit IS 'Lit all around.';

COMMENT ON COLUMN iracing.tracks.ai_enabled IS 'AI drivers can race here.';

COMMENT ON COLUMN iracing.tracks.allow_pitlane_collisions IS 'Pit lane collisions can be enabled.';

COMMENT ON COLUMN iracing.tracks.allow_rolling_start IS 'Rolling starts are possible.';

COMMENT ON COLUMN iracing.tracks.allow_standing_start IS 'Standing starts are possible.';

COMMENT ON COLUMN iracing.tracks.has_opt_path IS 'Has an optional path (joker lap).';

COMMENT ON COLUMN iracing.tracks.has_short_parade_lap IS 'Has a short parade lap.';

COMMENT ON COLUMN iracing.tracks.has_start_zone IS 'Has a start zone.';

COMMENT ON COLUMN iracing.tracks.has_svg_map IS 'iRacing has a map of it.';

COMMENT ON COLUMN iracing.tracks.start_on_left IS 'Starts on the left.';

COMMENT ON COLUMN iracing.tracks.restart_on_left IS 'Restarts on the left.';

COMMENT ON COLUMN iracing.tracks.supports_grip_compound IS 'Traction compound can be applied.';

COMMENT ON COLUMN iracing.tracks.tech_track IS 'A test track for developers.';

COMMENT ON COLUMN iracing.tracks.priority IS 'iRacing''s sort order.';

COMMENT ON COLUMN iracing.tracks.folder IS 'Image folder, relative to https://images-static.iracing.com/.';

COMMENT ON COLUMN iracing.tracks.logo IS 'Logo, relative to https://images-static.iracing.com/.';

COMMENT ON COLUMN iracing.tracks.small_image IS 'Small image, inside folder.';

COMMENT ON COLUMN iracing.tracks.search_filters IS 'Comma-separated search words.';

COMMENT ON COLUMN iracing.tracks.site_url IS 'Web site of the track.';

COMMENT ON COLUMN iracing.tracks.track_dirpath IS 'Folder in the simulator''s installation.';

COMMENT ON COLUMN iracing.tracks.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.tracks.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.tracks.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.tracks.run_id IS 'Dagster run that last changed this row.';

CREATE VIEW iracing_private.changes_in_words AS
 SELECT c.changed_at,
    ids.series_id,
    series.series_name,
    ids.season_id,
    season.season_name,
    ids.race_week_num,
    c.kind,
    words.what,
    words.old,
    words.new,
    c.table_name,
    c.change_id,
    c.run_id
   FROM ((((((((((iracing.changes c
     CROSS JOIN LATERAL ( SELECT
                CASE c.kind
                    WHEN 'retired'::text THEN c.before
                    ELSE c.after
                END AS row_then) row_of)
     LEFT JOIN LATERAL ( SELECT x.season_name,
            x.series_id
           FROM iracing.seasons x
          WHERE (x.season_id = ((c.key ->> 'season_id'::text))::integer)) season ON (true))
     CROSS JOIN LATERAL ( SELECT COALESCE(((c.key ->> 'series_id'::text))::integer, season.series_id, ((row_of.row_then ->> 'series_id'::text))::integer) AS series_id,
            ((c.key ->> 'season_id'::text))::integer AS season_id,
            ((c.key ->> 'race_week_num'::text))::integer AS race_week_num) ids)
     LEFT JOIN iracing.series series ON ((series.series_id = ids.series_id)))
     LEFT JOIN LATERAL ( SELECT concat_ws(' – '::text,
                CASE
                    WHEN (c.before ? 'track_name'::text) THEN (c.before ->> 'track_name'::text)
                    ELSE name_then.value
                END,
                CASE
                    WHEN (c.before ? 'config_name'::text) THEN (c.before ->> 'config_name'::text)
                    ELSE config_then.value
                END) AS old,
            concat_ws(' – '::text,
                CASE
                    WHEN (c.after ? 'track_name'::text) THEN (c.after ->> 'track_name'::text)
                    ELSE name_then.value
                END,
                CASE
                    WHEN (c.after ? 'config_name'::text) THEN (c.after ->> 'config_name'::text)
                    ELSE config_then.value
                END) AS new
           FROM ((iracing.season_schedules w
             CROSS JOIN LATERAL iracing_private.value_then(c.table_name, c.key, c.change_id, 'track_name'::text, w.track_name) name_then(value))
             CROSS JOIN LATERAL iracing_private.value_then(c.table_name, c.key, c.change_id, 'config_name'::text, w.config_name) config_then(value))
          WHERE ((c.table_name = 'season_schedules'::text) AND (w.season_id = ids.season_id) AND (w.race_week_num = ids.race_week_num))) track ON (true))
     LEFT JOIN LATERAL ( SELECT x.car_name
           FROM iracing.cars x
          WHERE (x.car_id = ((c.key ->> 'car_id'::text))::integer)) car ON (true))
     LEFT JOIN LATERAL ( SELECT COALESCE(x.short_name, x.name) AS class_name
           FROM iracing.car_classes x
          WHERE (x.car_class_id = ((c.key ->> 'car_class_id'::text))::integer)) class ON (true))
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN (c.table_name = 'car_restrictions'::text) THEN COALESCE(car.car_name, ('car '::text || (c.key ->> 'car_id'::text)))
                    WHEN (c.table_name = 'season_car_classes'::text) THEN COALESCE(class.class_name, ('car class '::text || (c.key ->> 'car_class_id'::text)))
                    WHEN (c.table_name = 'series_licenses'::text) THEN COALESCE((row_of.row_then ->> 'group_name'::text), ( SELECT l.group_name
                       FROM iracing.series_licenses l
                      WHERE ((l.series_id = ids.series_id) AND (l.license_group = ((c.key ->> 'license_group'::text))::integer))), ('licence group '::text || (c.key ->> 'license_group'::text)))
                    WHEN (c.table_name = ANY (ARRAY['cars'::text, 'car_class_cars'::text])) THEN car.car_name
                    WHEN (c.table_name = 'car_classes'::text) THEN class.class_name
                    WHEN (c.table_name = 'tracks'::text) THEN ( SELECT concat_ws(' – '::text, t.track_name, t.config_name) AS concat_ws
                       FROM iracing.tracks t
                      WHERE (t.track_id = ((c.key ->> 'track_id'::text))::integer))
                    ELSE NULL::text
                END AS owner) owned)
     CROSS JOIN LATERAL ( SELECT
                CASE c.table_name
                    WHEN 'series'::text THEN 'series'::text
                    WHEN 'series_licenses'::text THEN 'licence'::text
                    WHEN 'seasons'::text THEN 'season'::text
                    WHEN 'season_car_classes'::text THEN 'car class'::text
                    WHEN 'season_schedules'::text THEN 'week'::text
                    WHEN 'race_time_descriptors'::text THEN 'session times'::text
                    WHEN 'car_restrictions'::text THEN 'car restriction'::text
                    WHEN 'weather_forecasts'::text THEN 'forecast'::text
                    WHEN 'tracks'::text THEN 'track'::text
                    WHEN 'cars'::text THEN 'car'::text
                    WHEN 'car_classes'::text THEN 'car class'::text
                    WHEN 'car_class_cars'::text THEN 'car of a class'::text
                    ELSE c.table_name
                END AS noun,
                CASE c.table_name
                    WHEN 'series'::text THEN COALESCE((row_of.row_then ->> 'series_name'::text), series.series_name)
                    WHEN 'seasons'::text THEN COALESCE((row_of.row_then ->> 'season_name'::text), season.season_name)
                    WHEN 'season_schedules'::text THEN
                    CASE
                        WHEN (row_of.row_then ? 'track_id'::text) THEN concat_ws(' – '::text, (row_of.row_then ->> 'track_name'::text), (row_of.row_then ->> 'config_name'::text))
                        ELSE track.new
                    END
                    WHEN 'race_time_descriptors'::text THEN COALESCE(iracing_private.word((row_of.row_then -> 'session_times'::text)), (('from '::text || (row_of.row_then ->> 'first_session_time'::text)) || COALESCE(((' every '::text || (row_of.row_then ->> 'repeat_minutes'::text)) || ' min'::text), ''::text)), ('descriptor '::text || (c.key ->> 'descriptor_num'::text)))
                    WHEN 'car_restrictions'::text THEN (owned.owner || COALESCE((': '::text || ( SELECT string_agg(((f.key || ' '::text) || iracing_private.word(f.value)), ', '::text ORDER BY f.key) AS string_agg
                       FROM jsonb_each(row_of.row_then) f(key, value)
                      WHERE (f.value <> 'null'::jsonb))), ''::text))
                    ELSE COALESCE(owned.owner, (c.key)::text)
                END AS label) whole)
     CROSS JOIN LATERAL ( SELECT whole.noun,
                CASE
                    WHEN (c.kind = 'retired'::text) THEN whole.label
                    ELSE NULL::text
                END AS "case",
                CASE
                    WHEN (c.kind <> 'retired'::text) THEN whole.label
                    ELSE NULL::text
                END AS "case"
          WHERE (c.kind <> 'updated'::text)
        UNION ALL
         SELECT 'track',
            track.old,
            track.new
          WHERE ((c.kind = 'updated'::text) AND (c.table_name = 'season_schedules'::text) AND (c.after ?| ARRAY['track_id'::text, 'track_name'::text, 'config_name'::text]))
        UNION ALL
         SELECT (f.key || COALESCE((' of '::text || owned.owner), ''::text)),
            iracing_private.word((c.before -> f.key)) AS word,
            iracing_private.word(f.value) AS word
           FROM jsonb_each(c.after) f(key, value)
          WHERE ((c.kind = 'updated'::text) AND (NOT ((c.table_name = 'season_schedules'::text) AND ((f.key = ANY (ARRAY['track_id'::text, 'track_name'::text, 'config_name'::text])) OR ((c.after ? 'track_id'::text) AND (f.key = ANY (ARRAY['track_category'::text, 'track_category_id'::text])))))))) words(what, old, new));

COMMENT ON VIEW iracing_private.changes_in_words IS 'Every change of every table in words, what rehearsals and rebuilds found included.';

CREATE VIEW iracing.schedule_changes AS
 SELECT changed_at,
    series_id,
    series_name,
    season_id,
    season_name,
    race_week_num,
    kind,
    what,
    old,
    new,
    table_name,
    change_id,
    run_id
   FROM iracing_private.changes_in_words
  WHERE ((table_name = ANY (ARRAY['series'::text, 'series_licenses'::text, 'seasons'::text, 'season_car_classes'::text, 'season_schedules'::text, 'race_time_descriptors'::text, 'car_restrictions'::text])) AND (NOT starts_with(run_id, 'rebuild '::text)));

COMMENT ON VIEW iracing.schedule_changes IS 'What changed in series, seasons and weeks, for people: one row per column that changed, or per week, season or session that came, went or returned.';

COMMENT ON COLUMN iracing.schedule_changes.changed_at IS 'When the change was seen.';

COMMENT ON COLUMN iracing.schedule_changes.series_id IS 'Series.';

COMMENT ON COLUMN iracing.schedule_changes.series_name IS 'Its current name; NULL while only its season is known.';

COMMENT ON COLUMN iracing.schedule_changes.season_id IS 'Season; NULL where the series itself changed.';

COMMENT ON COLUMN iracing.schedule_changes.season_name IS 'Its current name.';

COMMENT ON COLUMN iracing.schedule_changes.race_week_num IS 'Week within the season, from 0; NULL where the change is of the season or series.';

COMMENT ON COLUMN iracing.schedule_changes.kind IS 'inserted, updated, retired or restored.';

COMMENT ON COLUMN iracing.schedule_changes.what IS 'What changed: track (name and configuration together), a column, or a whole week, season, session times, car restriction, car class, licence or series.';

COMMENT ON COLUMN iracing.schedule_changes.old IS 'Before; NULL where there was nothing.';

COMMENT ON COLUMN iracing.schedule_changes.new IS 'After; NULL where nothing is left.';

COMMENT ON COLUMN iracing.schedule_changes.table_name IS 'Table, as in changes.';

COMMENT ON COLUMN iracing.schedule_changes.change_id IS 'Change, see changes; an update of several columns is several rows here.';

COMMENT ON COLUMN iracing.schedule_changes.run_id IS 'Dagster run.';

CREATE TABLE iracing.season_car_classes (
    season_id integer NOT NULL,
    car_class_id integer NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.season_car_classes IS 'Car classes of a season. Unknown class ids are kept: there is no foreign key to car_classes.';

COMMENT ON COLUMN iracing.season_car_classes.season_id IS 'Season.';

COMMENT ON COLUMN iracing.season_car_classes.car_class_id IS 'Car class, see car_classes.';

COMMENT ON COLUMN iracing.season_car_classes.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.season_car_classes.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.season_car_classes.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.season_car_classes.run_id IS 'Dagster run that last changed this row.';

CREATE VIEW iracing.season_status AS
 SELECT s.season_id,
    s.series_id,
    x.series_name,
    s.season_name,
    s.season_year,
    s.season_quarter,
        CASE
            WHEN (s.complete OR (w.last_week_end < now())) THEN 'complete'::text
            WHEN (w.first_week_start > now()) THEN 'future'::text
            WHEN ((w.first_week_start <= now()) OR s.active) THEN 'active'::text
            ELSE NULL::text
        END AS status,
    w.first_week_start,
    w.last_week_end,
    w.weeks,
    w.weeks_left
   FROM ((iracing.seasons s
     LEFT JOIN iracing.series x USING (series_id))
     LEFT JOIN LATERAL ( SELECT ((min(season_schedules.start_date))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS first_week_start,
            max(season_schedules.week_end_time) AS last_week_end,
            (count(*))::integer AS weeks,
            (count(*) FILTER (WHERE (season_schedules.week_end_time >= now())))::integer AS weeks_left
           FROM iracing.season_schedules
          WHERE ((season_schedules.season_id = s.season_id) AND (season_schedules.retired_at IS NULL))) w ON (true))
  WHERE (s.retired_at IS NULL);

COMMENT ON VIEW iracing.season_status IS 'Every living season and whether it is future, active or complete, by its own weeks; NULL where nothing is known but its name.';

CREATE VIEW iracing.series_by_license AS
 SELECT l.license_group,
    l.group_name,
    l.min_license_level,
    l.max_license_level,
    x.series_id,
    x.series_name,
    x.category,
    (EXISTS ( SELECT
           FROM iracing.current_weeks c
          WHERE (c.series_id = x.series_id))) AS runs_now
   FROM (iracing.series_licenses l
     JOIN iracing.series x USING (series_id))
  WHERE ((l.retired_at IS NULL) AND (x.retired_at IS NULL));

COMMENT ON VIEW iracing.series_by_license IS 'Who may race what: a row per series and licence class that is let in.';

CREATE TABLE iracing.sync_runs (
    sync_run_id bigint NOT NULL,
    run_id text NOT NULL,
    asset text NOT NULL,
    partition text,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    status text NOT NULL,
    inserted integer,
    updated integer,
    unchanged integer,
    retired integer,
    quarantined integer,
    api_calls integer,
    message text,
    series_ids integer[],
    CONSTRAINT sync_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'success'::text, 'partial'::text, 'failure'::text, 'skipped'::text])))
);

COMMENT ON TABLE iracing.sync_runs IS 'One row per asset (and partition) and attempt, started and finished.';

COMMENT ON COLUMN iracing.sync_runs.sync_run_id IS 'Running number.';

COMMENT ON COLUMN iracing.sync_runs.run_id IS 'Dagster run.';

COMMENT ON COLUMN iracing.sync_runs.asset IS 'Asset.';

COMMENT ON COLUMN iracing.sync_runs.partition IS 'Partition key; NULL for assets without partitions.';

COMMENT ON COLUMN iracing.sync_runs.started_at IS 'Start.';

COMMENT ON COLUMN iracing.sync_runs.finished_at IS 'End; NULL while it runs, or where it was killed.';

COMMENT ON COLUMN iracing.sync_runs.status IS 'running, success, partial (some items quarantined), failure, or skipped: the API was in maintenance and a schedule, not a person, had asked.';

COMMENT ON COLUMN iracing.sync_runs.inserted IS 'Rows new to their tables.';

COMMENT ON COLUMN iracing.sync_runs.updated IS 'Rows whose values changed.';

COMMENT ON COLUMN iracing.sync_runs.unchanged IS 'Rows that were already so.';

COMMENT ON COLUMN iracing.sync_runs.retired IS 'Rows that vanished from a complete answer.';

COMMENT ON COLUMN iracing.sync_runs.quarantined IS 'Items set aside.';

COMMENT ON COLUMN iracing.sync_runs.api_calls IS 'Requests made.';

COMMENT ON COLUMN iracing.sync_runs.message IS 'What went wrong, for the reader.';

COMMENT ON COLUMN iracing.sync_runs.series_ids IS 'Series the attempt was about; NULL for all.';

ALTER TABLE iracing.sync_runs ALTER COLUMN sync_run_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME iracing.sync_runs_sync_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW iracing.upcoming_sessions AS
 SELECT r.start_time,
    r.end_time,
    r.season_id,
    r.race_week_num,
    r.super_session,
    s.series_id,
    x.series_name,
    s.season_name,
    s.license_group,
    s.official,
    s.fixed_setup,
    w.track_id,
    w.track_name,
    w.config_name,
    w.category,
    w.race_lap_limit,
    w.race_time_limit,
    r.registration_opens,
    s.driver_changes,
    s.min_team_drivers,
    s.max_team_drivers
   FROM (((iracing.race_sessions(now(), (now() + '24:00:00'::interval)) r(season_id, race_week_num, descriptor_num, start_time, end_time, super_session, registration_opens)
     JOIN iracing.seasons s USING (season_id))
     JOIN iracing.season_schedules w USING (season_id, race_week_num))
     LEFT JOIN iracing.series x ON ((x.series_id = s.series_id)))
  ORDER BY r.start_time, x.series_name, r.season_id;

COMMENT ON VIEW iracing.upcoming_sessions IS 'Race sessions that start within the next 24 hours, UTC, with series, track and when registration opens.';

COMMENT ON COLUMN iracing.upcoming_sessions.start_time IS 'Start of the race session, UTC.';

COMMENT ON COLUMN iracing.upcoming_sessions.end_time IS 'Its end by the schedule, UTC.';

COMMENT ON COLUMN iracing.upcoming_sessions.season_id IS 'Season.';

COMMENT ON COLUMN iracing.upcoming_sessions.race_week_num IS 'Week within the season, from 0.';

COMMENT ON COLUMN iracing.upcoming_sessions.super_session IS 'Super session.';

COMMENT ON COLUMN iracing.upcoming_sessions.series_id IS 'Series.';

COMMENT ON COLUMN iracing.upcoming_sessions.series_name IS 'Current name of the series; NULL while only its season is known.';

COMMENT ON COLUMN iracing.upcoming_sessions.season_name IS 'Current name of the season.';

COMMENT ON COLUMN iracing.upcoming_sessions.license_group IS '1 Rookie, 2 D, 3 C, 4 B, 5 A, 6 Pro, 7 Pro/WC.';

COMMENT ON COLUMN iracing.upcoming_sessions.official IS 'Counts for ratings and standings.';

COMMENT ON COLUMN iracing.upcoming_sessions.fixed_setup IS 'Everyone drives the same set-up.';

COMMENT ON COLUMN iracing.upcoming_sessions.track_id IS 'Track configuration, see tracks.';

COMMENT ON COLUMN iracing.upcoming_sessions.track_name IS 'Track.';

COMMENT ON COLUMN iracing.upcoming_sessions.config_name IS 'Track configuration; NULL where the track has only one.';

COMMENT ON COLUMN iracing.upcoming_sessions.category IS 'Category of the event.';

COMMENT ON COLUMN iracing.upcoming_sessions.race_lap_limit IS 'Laps; NULL where only time limits the race.';

COMMENT ON COLUMN iracing.upcoming_sessions.race_time_limit IS 'Minutes; NULL where only laps limit the race.';

COMMENT ON COLUMN iracing.upcoming_sessions.registration_opens IS 'When registration opens, UTC; NULL where the API does not say (it seldom does).';

COMMENT ON COLUMN iracing.upcoming_sessions.driver_changes IS 'Team racing with driver changes: a team registers, not a driver.';

COMMENT ON COLUMN iracing.upcoming_sessions.min_team_drivers IS 'Fewest drivers of a team.';

COMMENT ON COLUMN iracing.upcoming_sessions.max_team_drivers IS 'Most drivers of a team.';

CREATE TABLE iracing.watched_runs (
    subject text NOT NULL,
    run_id text NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    kind text,
    failed_assets text[],
    message text,
    CONSTRAINT watched_runs_outcome_check CHECK ((outcome = ANY (ARRAY['success'::text, 'failure'::text, 'neutral'::text])))
);

COMMENT ON TABLE iracing.watched_runs IS 'How Dagster''s runs ended, a row per job, or per asset where no job ran: what alerts are made of.';

COMMENT ON COLUMN iracing.watched_runs.subject IS 'Such as job daily, or asset series.';

COMMENT ON COLUMN iracing.watched_runs.run_id IS 'Dagster run.';

COMMENT ON COLUMN iracing.watched_runs.ended_at IS 'When the run ended.';

COMMENT ON COLUMN iracing.watched_runs.outcome IS 'success, failure, or neutral: says nothing, such as maintenance.';

COMMENT ON COLUMN iracing.watched_runs.kind IS 'Kind of the failure, such as credentials; bug where it is none we know.';

COMMENT ON COLUMN iracing.watched_runs.failed_assets IS 'Assets that failed.';

COMMENT ON COLUMN iracing.watched_runs.message IS 'What went wrong, for the reader.';

CREATE TABLE iracing.weather_forecasts (
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    time_offset integer NOT NULL,
    "timestamp" timestamp without time zone,
    raw_air_temp_c double precision,
    air_temp_c double precision,
    precip_chance_pct double precision,
    precip_amount_mm_h double precision,
    pressure_hpa double precision,
    wind_speed_ms double precision,
    wind_dir_deg double precision,
    cloud_cover_pct double precision,
    rel_humidity_pct double precision,
    is_sun_up boolean,
    affects_session boolean,
    allow_precip boolean,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    run_id text NOT NULL
);

COMMENT ON TABLE iracing.weather_forecasts IS 'Hourly forecast of a week''s event, from the file behind weather.weather_url. Unknown is NULL, never 0.';

COMMENT ON COLUMN iracing.weather_forecasts.season_id IS 'Season.';

COMMENT ON COLUMN iracing.weather_forecasts.race_week_num IS 'Week within the season.';

COMMENT ON COLUMN iracing.weather_forecasts.time_offset IS 'Minutes from the start of the session; negative before it.';

COMMENT ON COLUMN iracing.weather_forecasts."timestamp" IS 'Moment on track, local to the track.';

COMMENT ON COLUMN iracing.weather_forecasts.raw_air_temp_c IS 'Air temperature before adjustment, degrees Celsius.';

COMMENT ON COLUMN iracing.weather_forecasts.air_temp_c IS 'Air temperature, degrees Celsius.';

COMMENT ON COLUMN iracing.weather_forecasts.precip_chance_pct IS 'Chance of rain, %.';

COMMENT ON COLUMN iracing.weather_forecasts.precip_amount_mm_h IS 'Rain, mm per hour.';

COMMENT ON COLUMN iracing.weather_forecasts.pressure_hpa IS 'Air pressure, hPa.';

COMMENT ON COLUMN iracing.weather_forecasts.wind_speed_ms IS 'Wind, metres per second.';

COMMENT ON COLUMN iracing.weather_forecasts.wind_dir_deg IS 'Wind direction, degrees.';

COMMENT ON COLUMN iracing.weather_forecasts.cloud_cover_pct IS 'Cloud cover, %.';

COMMENT ON COLUMN iracing.weather_forecasts.rel_humidity_pct IS 'Relative humidity, %.';

COMMENT ON COLUMN iracing.weather_forecasts.is_sun_up IS 'The sun is up.';

COMMENT ON COLUMN iracing.weather_forecasts.affects_session IS 'The hour lies within the session.';

COMMENT ON COLUMN iracing.weather_forecasts.allow_precip IS 'Rain may fall in this hour.';

COMMENT ON COLUMN iracing.weather_forecasts.first_seen_at IS 'When this row was first stored here.';

COMMENT ON COLUMN iracing.weather_forecasts.updated_at IS 'When a value of this row last changed.';

COMMENT ON COLUMN iracing.weather_forecasts.retired_at IS 'When the row vanished from a complete answer of the API; NULL while it is alive.';

COMMENT ON COLUMN iracing.weather_forecasts.run_id IS 'Dagster run that last changed this row.';

CREATE VIEW iracing.week_cars AS
 SELECT w.season_id,
    w.race_week_num,
    k.car_id,
    c.car_name,
    c.package_id,
    c.free_with_subscription
   FROM (((iracing.season_schedules w
     JOIN iracing.seasons s USING (season_id))
     CROSS JOIN LATERAL ( SELECT unnest(w.race_week_car_ids) AS unnest
        UNION
         SELECT m.car_id
           FROM (( SELECT unnest(w.race_week_car_class_ids) AS car_class_id
                UNION ALL
                 SELECT season_car_classes.car_class_id
                   FROM iracing.season_car_classes
                  WHERE ((season_car_classes.season_id = w.season_id) AND (season_car_classes.retired_at IS NULL) AND (COALESCE(cardinality(w.race_week_car_class_ids), 0) = 0))) classes
             JOIN iracing.car_class_cars m USING (car_class_id))
          WHERE ((m.retired_at IS NULL) AND (COALESCE(cardinality(w.race_week_car_ids), 0) = 0))) k(car_id))
     LEFT JOIN iracing.cars c USING (car_id))
  WHERE ((w.retired_at IS NULL) AND (s.retired_at IS NULL));

COMMENT ON VIEW iracing.week_cars IS 'The cars of each week: its own, where they vary by week, else those of its car classes.';

CREATE VIEW iracing.week_grid AS
 SELECT series_id,
    series_name,
    season_id,
    season_name,
    license_group,
    category,
    max(track) FILTER (WHERE (race_week_num = 0)) AS week_0,
    max(track) FILTER (WHERE (race_week_num = 1)) AS week_1,
    max(track) FILTER (WHERE (race_week_num = 2)) AS week_2,
    max(track) FILTER (WHERE (race_week_num = 3)) AS week_3,
    max(track) FILTER (WHERE (race_week_num = 4)) AS week_4,
    max(track) FILTER (WHERE (race_week_num = 5)) AS week_5,
    max(track) FILTER (WHERE (race_week_num = 6)) AS week_6,
    max(track) FILTER (WHERE (race_week_num = 7)) AS week_7,
    max(track) FILTER (WHERE (race_week_num = 8)) AS week_8,
    max(track) FILTER (WHERE (race_week_num = 9)) AS week_9,
    max(track) FILTER (WHERE (race_week_num = 10)) AS week_10,
    max(track) FILTER (WHERE (race_week_num = 11)) AS week_11,
    max(track) FILTER (WHERE (race_week_num = 12)) AS week_12,
    (count(*))::integer AS weeks,
    max(track) FILTER (WHERE (race_week_num = 13)) AS week_13,
    jsonb_object_agg(race_week_num, track) AS tracks
   FROM ( SELECT c.series_id,
            c.series_name,
            c.season_id,
            c.season_name,
            c.license_group,
            c.category,
            c.race_week_num,
            c.track_name,
            c.config_name,
            concat_ws(' - '::text, c.track_name, c.config_name) AS track
           FROM ( SELECT season_calendar.series_id,
                    season_calendar.series_name,
                    season_calendar.season_id,
                    season_calendar.season_name,
                    season_calendar.license_group,
                    min(season_calendar.category) OVER (PARTITION BY season_calendar.season_id) AS category,
                    season_calendar.race_week_num,
                    season_calendar.track_name,
                    season_calendar.config_name
                   FROM iracing.season_calendar
                  WHERE (season_calendar.complete IS NOT TRUE)) c) tracks
  GROUP BY series_id, series_name, season_id, season_name, license_group, category;

COMMENT ON VIEW iracing.week_grid IS 'A row per season that is not over, the track of week 0 to 13 in a column each, and of all weeks, of which some seasons have 38, by race_week_num in `tracks`.';

CREATE TABLE iracing_private.oauth_tokens (
    name text NOT NULL,
    value text NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE iracing_private.oauth_tokens IS 'Access and refresh tokens shared by this installation''s processes, encrypted with its credentials.';

COMMENT ON COLUMN iracing_private.oauth_tokens.name IS 'Hash of token endpoint, client and user.';

COMMENT ON COLUMN iracing_private.oauth_tokens.value IS 'Encrypted; readable only by who holds the credentials.';

COMMENT ON COLUMN iracing_private.oauth_tokens.updated_at IS 'When it was last set.';

INSERT INTO iracing.alembic_version VALUES
	('0011');

INSERT INTO iracing.announced_changes VALUES
	(1, 1),
	(5, 1),
	(6, 1),
	(7, 1),
	(11, 2),
	(12, 2),
	(13, 2),
	(14, 2),
	(15, 2);

INSERT INTO iracing.announcements OVERRIDING SYSTEM VALUE VALUES
	(1, 'schedule_changes', '44a487c03f074a9796b06d07c387d97c', '{"text": "4 schedule changes (simulated):\nBeginners Cup: series_name: Rookie Cup → Beginners Cup\nBeginners Cup, season 1001: drops: 4 → 3\nBeginners Cup, season 1001, week 0: track: Limestone Park – Full Course → The Bowl\nBeginners Cup, season 1001, week 0: power_adjust_pct of Little Roadster: -1.75 → -2.5", "type": "schedule_changes", "batch": "44a487c03f074a9796b06d07c387d97c", "changes": [{"new": "Beginners Cup", "old": "Rookie Cup", "kind": "updated", "what": "series_name", "change_id": 1, "season_id": null, "series_id": 10, "changed_at": "2026-11-27T20:16:47.447693+00:00", "season_name": null, "series_name": "Beginners Cup", "race_week_num": null}, {"new": "3", "old": "4", "kind": "updated", "what": "drops", "change_id": 5, "season_id": 1001, "series_id": 10, "changed_at": "2026-11-27T20:16:51.739627+00:00", "season_name": "Rookie Cup - 2026 Season 2", "series_name": "Beginners Cup", "race_week_num": null}, {"new": "The Bowl", "old": "Limestone Park – Full Course", "kind": "updated", "what": "track", "change_id": 6, "season_id": 1001, "series_id": 10, "changed_at": "2026-11-27T20:16:53.037002+00:00", "season_name": "Rookie Cup - 2026 Season 2", "series_name": "Beginners Cup", "race_week_num": 0}, {"new": "-2.5", "old": "-1.75", "kind": "updated", "what": "power_adjust_pct of Little Roadster", "change_id": 7, "season_id": 1001, "series_id": 10, "changed_at": "2026-11-27T20:16:53.037002+00:00", "season_name": "Rookie Cup - 2026 Season 2", "series_name": "Beginners Cup", "race_week_num": 0}], "version": 1, "headline": "4 schedule changes (simulated)", "data_origin": "simulated", "last_change_id": 7, "first_change_id": 1}', '2026-11-27 20:16:54.42108+00', 1, '2026-11-27 20:16:54.484896+00', NULL, NULL, '2026-11-27 20:16:54.484896+00'),
	(2, 'schedule_changes', '8a2dc9a2d7d14a9fbd905cd9a6acb5f0', '{"text": "5 schedule changes (simulated):\nOval Tour, season 1002, week 1: new week: The Bowl\nBeginners Cup, season 1001, week 1: week gone: The Bowl\nOval Tour, season 1002, week 1: new session times: 2026-03-18 01:00 UTC, 2026-03-22 19:00 UTC\nBeginners Cup, season 1001, week 1: car restriction gone: Little Roadster: max_dry_tire_sets 0, max_pct_fuel_fill 100,...\nBeginners Cup, season 1001, week 1: session times gone: from 00:45:00 every 120 min", "type": "schedule_changes", "batch": "8a2dc9a2d7d14a9fbd905cd9a6acb5f0", "changes": [{"new": "The Bowl", "old": null, "kind": "inserted", "what": "week", "change_id": 11, "season_id": 1002, "series_id": 20, "changed_at": "2026-11-27T20:17:01.170075+00:00", "season_name": "Oval Tour  - 2026 Season 2 ", "series_name": "Oval Tour", "race_week_num": 1}, {"new": null, "old": "The Bowl", "kind": "retired", "what": "week", "change_id": 12, "season_id": 1001, "series_id": 10, "changed_at": "2026-11-27T20:17:01.170075+00:00", "season_name": "Rookie Cup - 2026 Season 2", "series_name": "Beginners Cup", "race_week_num": 1}, {"new": "2026-03-18 01:00 UTC, 2026-03-22 19:00 UTC", "old": null, "kind": "inserted", "what": "session times", "change_id": 13, "season_id": 1002, "series_id": 20, "changed_at": "2026-11-27T20:17:01.170075+00:00", "season_name": "Oval Tour  - 2026 Season 2 ", "series_name": "Oval Tour", "race_week_num": 1}, {"new": null, "old": "Little Roadster: max_dry_tire_sets 0, max_pct_fuel_fill 100, power_adjust_pct -1.75, weight_penalty_kg 15", "kind": "retired", "what": "car restriction", "change_id": 14, "season_id": 1001, "series_id": 10, "changed_at": "2026-11-27T20:17:01.229888+00:00", "season_name": "Rookie Cup - 2026 Season 2", "series_name": "Beginners Cup", "race_week_num": 1}, {"new": null, "old": "from 00:45:00 every 120 min", "kind": "retired", "what": "session times", "change_id": 15, "season_id": 1001, "series_id": 10, "changed_at": "2026-11-27T20:17:01.247436+00:00", "season_name": "Rookie Cup - 2026 Season 2", "series_name": "Beginners Cup", "race_week_num": 1}], "version": 1, "headline": "5 schedule changes (simulated)", "data_origin": "simulated", "last_change_id": 15, "first_change_id": 11}', '2026-11-27 20:17:03.702138+00', 1, '2026-11-27 20:17:04.047739+00', NULL, 'The webhook at http://127.0.0.1:41233 answered 500: it is in trouble. It is tried again.', NULL),
	(3, 'run_failure', 'run_failure asset tracks b53a4b09-9b49-4a36-8f18-fa89cf597600', '{"kind": "permanent", "text": "Asset tracks has failed 2 times in a row, since 2026-11-27 20:17 UTC.\ntrack/get: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).\nWhat to do: iRacing refuses this request for good. See docs/operations.md, When something fails.\nWhere to look: run 78af6dc1-7f5a-462b-8f5c-5de3dedccff2 in Dagster''s UI (/runs/78af6dc1-7f5a-462b-8f5c-5de3dedccff2); `iracing-pipeline db status`.", "type": "run_failure", "reason": "track/get: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).", "run_id": "78af6dc1-7f5a-462b-8f5c-5de3dedccff2", "subject": "asset tracks", "version": 1, "headline": "Asset tracks has failed 2 times in a row, since 2026-11-27 20:17 UTC", "run_path": "/runs/78af6dc1-7f5a-462b-8f5c-5de3dedccff2", "failed_at": "2026-11-27T20:17:06.509470+00:00", "what_to_do": "iRacing refuses this request for good. See docs/operations.md, When something fails.", "failed_assets": ["tracks"], "failing_since": "2026-11-27T20:17:05.576777+00:00", "failures_in_a_row": 2}', '2026-11-27 20:17:06.660925+00', 2, '2026-11-27 20:17:07.350485+00', NULL, NULL, '2026-11-27 20:17:07.350485+00');

INSERT INTO iracing.api_calls OVERRIDING SYSTEM VALUE VALUES
	(1, '2026-11-27 20:16:35.263734+00', 'series/get', '{}', 200, 176, 911, false, 239, NULL, 'ed6595e9-541d-4af6-af88-9bc247420d54'),
	(2, '2026-11-27 20:16:35.474206+00', 'series/stats_series', '{}', 200, 19, 3368, false, 238, NULL, 'ed6595e9-541d-4af6-af88-9bc247420d54'),
	(3, '2026-11-27 20:16:35.500523+00', 'series/assets', '{}', 200, 4, 221, false, 237, NULL, 'ed6595e9-541d-4af6-af88-9bc247420d54'),
	(4, '2026-11-27 20:16:38.52566+00', 'carclass/get', '{}', 200, 23, 475, false, 236, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(5, '2026-11-27 20:16:39.225227+00', 'car/get', '{}', 200, 31, 1061, false, 235, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(6, '2026-11-27 20:16:40.221014+00', 'series/seasons', '{"include_series": "true"}', 200, 33, 9820, false, 234, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(7, '2026-11-27 20:16:41.053791+00', 'track/get', '{}', 200, 25, 1577, false, 233, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(8, '2026-03-18 09:00:16.904178+00', 'series/seasons', '{"include_series": "true"}', NULL, NULL, NULL, true, NULL, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(9, '2026-11-27 20:16:42.120573+00', 'series/seasons', '{"season_year": "2026", "include_series": "true", "season_quarter": "1"}', 200, 8, 9820, false, 232, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(10, '2026-11-27 20:16:42.195982+00', 'series/season_schedule', '{"season_id": "902"}', 200, 4, 1590, false, 231, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(11, '2026-11-27 20:16:42.201981+00', 'series/season_schedule', '{"season_id": "901"}', 200, 30, 3362, false, 230, NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(12, '2026-11-27 20:16:47.206093+00', 'series/get', '{}', 200, 15, 914, false, 229, NULL, '461bcb40-bccb-4def-9fb6-b573479c9714'),
	(13, '2026-11-27 20:16:47.297393+00', 'series/stats_series', '{}', 200, 11, 3368, false, 228, NULL, '461bcb40-bccb-4def-9fb6-b573479c9714'),
	(14, '2026-11-27 20:16:47.333395+00', 'series/assets', '{}', 200, 7, 221, false, 227, NULL, '461bcb40-bccb-4def-9fb6-b573479c9714'),
	(15, '2026-11-27 20:16:50.325389+00', 'carclass/get', '{}', 200, 11, 203, false, 226, NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(16, '2026-11-27 20:16:50.674863+00', 'car/get', '{}', 200, 4, 1061, false, 225, NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(17, '2026-11-27 20:16:51.584493+00', 'series/seasons', '{"include_series": "true"}', 200, 14, 9877, false, 224, NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(18, '2026-11-27 20:16:52.240887+00', 'track/get', '{}', 200, 8, 1577, false, 223, NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(19, '2026-03-19 09:00:27.944758+00', 'series/seasons', '{"include_series": "true"}', NULL, NULL, NULL, true, NULL, NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(20, '2026-11-27 20:16:55.860539+00', 'series/get', '{}', 200, 22, 914, false, 222, NULL, '0d844512-b1a7-44b3-b961-dc34cd050573'),
	(21, '2026-11-27 20:16:55.937425+00', 'series/stats_series', '{}', 200, 15, 3368, false, 221, NULL, '0d844512-b1a7-44b3-b961-dc34cd050573'),
	(22, '2026-11-27 20:16:55.980255+00', 'series/assets', '{}', 200, 15, 221, false, 220, NULL, '0d844512-b1a7-44b3-b961-dc34cd050573'),
	(23, '2026-11-27 20:16:58.757192+00', 'carclass/get', '{}', 200, 11, 475, false, 219, NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(24, '2026-11-27 20:16:59.164255+00', 'car/get', '{}', 200, 12, 1061, false, 218, NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(25, '2026-11-27 20:16:59.784628+00', 'series/seasons', '{"include_series": "true"}', 200, 14, 9586, false, 217, NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(26, '2026-11-27 20:17:00.335696+00', 'track/get', '{}', 200, 7, 1577, false, 216, NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(27, '2026-03-20 09:00:36.010111+00', 'series/seasons', '{"include_series": "true"}', NULL, NULL, NULL, true, NULL, NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(28, '2026-11-27 20:17:05.394785+00', 'track/get', '{}', 404, 18, 21, false, 215, 'permanent: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).', 'b53a4b09-9b49-4a36-8f18-fa89cf597600'),
	(29, '2026-11-27 20:17:06.461769+00', 'track/get', '{}', 404, 5, 21, false, 214, 'permanent: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).', '78af6dc1-7f5a-462b-8f5c-5de3dedccff2');

INSERT INTO iracing.calendar_events VALUES
	('1001-0-20260319T084500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 08:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T124500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 12:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260319T024500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 02:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T144500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 14:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T004500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 00:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T104500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 10:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260319T004500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 00:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T164500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 16:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1002-0-20260318T010000Z@iracing-pipeline', 20, 1002, 0, '2026-03-18 01:00:00+00', 90, 4, 'Oval Tour · week 1 · The Bowl', 'The Bowl', 'Oval Tour  - 2026 Season 2 
Cars: Little Roadster, car 999
Race: 60 laps
Class B, official, fixed set-up, multiclass
Chance of rain: 30 %
Registration opens 15 minutes before the start', '{oval,"Class B","fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T024500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 02:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T204500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 20:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T064500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 06:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T044500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 04:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260319T064500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 06:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260319T224500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 22:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 1, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260318T224500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 22:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T084500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 08:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260318T184500Z@iracing-pipeline', 10, 1001, 0, '2026-03-18 18:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260319T044500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 04:45:00+00', 29, 1, 'Rookie Cup · week 1 · Limestone Park - Full Course', 'Limestone Park - Full Course', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-18 09:00:20+00', NULL),
	('1001-0-20260319T124500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 12:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 1, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260319T184500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 18:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 1, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260319T204500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 20:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 1, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260319T144500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 14:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 1, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260319T164500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 16:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 1, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260319T104500Z@iracing-pipeline', 10, 1001, 0, '2026-03-19 10:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 1, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T224500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 22:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T004500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 00:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T024500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 02:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T084500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 08:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T044500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 04:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T124500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 12:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T184500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 18:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T144500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 14:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T064500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 06:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T104500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 10:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T164500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 16:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL),
	('1001-0-20260320T204500Z@iracing-pipeline', 10, 1001, 0, '2026-03-20 20:45:00+00', 29, 1, 'Beginners Cup · week 1 · The Bowl', 'The Bowl', 'Rookie Cup - 2026 Season 2
Cars: Little Roadster
Race: 20 minutes
Rookie, official, fixed set-up
Chance of rain: 30 %', '{"sports car",Rookie,"fixed set-up"}', 0, '2026-03-19 09:00:30+00', NULL);

INSERT INTO iracing.car_class_cars VALUES
	(1, 1, 'mx5', true, false, '2026-11-27 20:16:38.642786+00', '2026-11-27 20:16:38.642786+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(2, 999, 'stock', false, false, '2026-11-27 20:16:38.642786+00', '2026-11-27 20:16:58.809365+00', NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(2, 1, 'mx5', true, false, '2026-11-27 20:16:38.642786+00', '2026-11-27 20:16:58.809365+00', NULL, '3772b89e-7610-485f-9fab-7e0bda138559');

INSERT INTO iracing.car_classes VALUES
	(1, 'Little Roadsters', 'LR', 51, true, 0, '2026-11-27 20:16:38.642786+00', '2026-11-27 20:16:38.642786+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(2, 'Everything', 'All', 60, false, 0, '2026-11-27 20:16:38.642786+00', '2026-11-27 20:16:58.809365+00', NULL, '3772b89e-7610-485f-9fab-7e0bda138559');

INSERT INTO iracing.car_restrictions VALUES
	(1001, 0, 1, 100, -2.5, 15, 0, NULL, NULL, '2026-11-27 20:16:41.975577+00', '2026-11-27 20:16:53.037002+00', NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(1001, 1, 1, 100, -1.75, 15, 0, NULL, NULL, '2026-11-27 20:16:41.975577+00', '2026-11-27 20:17:01.229888+00', '2026-11-27 20:17:01.229888+00', '3772b89e-7610-485f-9fab-7e0bda138559');

INSERT INTO iracing.cars VALUES
	(1, 'Little Roadster', 'LR', 'Maker', 'M5', '{sports_car}', '{mx5,road}', 15, 11.95, '$11.95', 10009, true, true, false, false, 155, 2300, -5, 0, 250, true, false, false, true, true, '2006-05-03 19:10:00+00', '2008-02-03 00:00:00+00', 3, false, false, true, true, true, '{"1": {"PaintCarAvailable": false}, "RestrictCustomPaint": true}', '[{"carcfg": 1, "track_id": 400}]', '[]', '/img/cars/mx5', NULL, NULL, 'mx5-small.jpg', 'road', NULL, NULL, 'mx5', '2026-11-27 20:16:39.402306+00', '2026-11-27 20:16:39.402306+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd');

INSERT INTO iracing.changes OVERRIDING SYSTEM VALUE VALUES
	(1, 'series', '{"series_id": 10}', 'updated', '{"series_name": "Rookie Cup"}', '{"series_name": "Beginners Cup"}', '2026-11-27 20:16:47.447693+00', '461bcb40-bccb-4def-9fb6-b573479c9714'),
	(2, 'car_classes', '{"car_class_id": 2}', 'retired', '{"name": "Everything", "cust_id": 0, "short_name": "All", "rain_enabled": false, "relative_speed": 60}', NULL, '2026-11-27 20:16:50.411648+00', 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(3, 'car_class_cars', '{"car_id": 999, "car_class_id": 2}', 'retired', '{"retired": false, "car_dirpath": "stock", "rain_enabled": false}', NULL, '2026-11-27 20:16:50.427447+00', 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(4, 'car_class_cars', '{"car_id": 1, "car_class_id": 2}', 'retired', '{"retired": false, "car_dirpath": "mx5", "rain_enabled": true}', NULL, '2026-11-27 20:16:50.427447+00', 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(5, 'seasons', '{"season_id": 1001}', 'updated', '{"drops": 4}', '{"drops": 3}', '2026-11-27 20:16:51.739627+00', 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(6, 'season_schedules', '{"season_id": 1001, "race_week_num": 0}', 'updated', '{"track_id": 101, "track_name": "Limestone Park", "config_name": "Full Course", "track_category": "road", "track_category_id": 2}', '{"track_id": 102, "track_name": "The Bowl", "config_name": null, "track_category": "oval", "track_category_id": 1}', '2026-11-27 20:16:53.037002+00', 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(7, 'car_restrictions', '{"car_id": 1, "season_id": 1001, "race_week_num": 0}', 'updated', '{"power_adjust_pct": -1.75}', '{"power_adjust_pct": -2.5}', '2026-11-27 20:16:53.037002+00', 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(8, 'car_classes', '{"car_class_id": 2}', 'restored', '{}', '{}', '2026-11-27 20:16:58.809365+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(9, 'car_class_cars', '{"car_id": 999, "car_class_id": 2}', 'restored', '{}', '{}', '2026-11-27 20:16:58.809365+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(10, 'car_class_cars', '{"car_id": 1, "car_class_id": 2}', 'restored', '{}', '{}', '2026-11-27 20:16:58.809365+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(11, 'season_schedules', '{"season_id": 1002, "race_week_num": 1}', 'inserted', NULL, '{"skies": 1, "temp_c": 20, "category": "oval", "track_id": 102, "wind_dir": 6, "allow_fog": false, "series_id": 20, "skies_low": 1, "skies_high": 3, "start_date": "2026-03-24", "start_type": "Standing", "start_zone": false, "temp_low_c": 19.7, "track_name": "The Bowl", "category_id": 1, "config_name": null, "temp_high_c": 19.6, "time_of_day": 2, "track_water": 0, "wind_low_ms": 2.5, "qualify_laps": null, "restart_type": "Double-file Back", "weather_seed": -124949489675454, "wind_high_ms": 5, "forecast_type": 1, "leave_marbles": false, "precip_option": 8, "qual_attached": true, "schedule_name": "rookie - every hour", "warmup_length": null, "week_end_time": "2026-03-30T23:58:00+00:00", "wind_speed_ms": 4.47, "qualify_length": null, "race_lap_limit": 60, "track_category": "oval", "practice_length": null, "race_rubber_pct": null, "race_time_limit": null, "weather_version": 1, "rel_humidity_pct": 55, "short_parade_lap": false, "summary_wind_dir": 2, "precip_chance_pct": 30, "race_week_car_ids": [], "track_category_id": 1, "warmup_rubber_pct": null, "qualify_rubber_pct": null, "special_event_type": null, "practice_rubber_pct": 25, "full_course_cautions": false, "max_precip_rate_desc": "Light", "max_precip_rate_mm_h": 1.5, "simulated_start_time": "2026-05-21T15:20:00", "race_week_car_class_ids": [], "enable_pitlane_collisions": false, "simulated_time_multiplier": 1, "simulated_time_offsets_minutes": [15, 35]}', '2026-11-27 20:17:01.170075+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(12, 'season_schedules', '{"season_id": 1001, "race_week_num": 1}', 'retired', '{"skies": 1, "temp_c": 20, "category": "sports_car", "track_id": 102, "wind_dir": 6, "allow_fog": false, "series_id": 10, "skies_low": 1, "skies_high": 3, "start_date": "2026-03-24", "start_type": "Standing", "start_zone": false, "temp_low_c": 19.7, "track_name": "The Bowl", "category_id": 5, "config_name": null, "temp_high_c": 19.6, "time_of_day": 2, "track_water": 0, "wind_low_ms": 2.5, "qualify_laps": 2, "restart_type": "Double-file Back", "weather_seed": -124949489675454, "wind_high_ms": 5, "forecast_type": 1, "leave_marbles": false, "precip_option": 8, "qual_attached": true, "schedule_name": "rookie - every hour", "warmup_length": 0, "week_end_time": "2026-03-30T22:45:00+00:00", "wind_speed_ms": 4.47, "qualify_length": 8, "race_lap_limit": null, "track_category": "oval", "practice_length": 3, "race_rubber_pct": null, "race_time_limit": 20, "weather_version": 1, "rel_humidity_pct": 55, "short_parade_lap": false, "summary_wind_dir": 2, "precip_chance_pct": 30, "race_week_car_ids": [], "track_category_id": 1, "warmup_rubber_pct": null, "qualify_rubber_pct": null, "special_event_type": null, "practice_rubber_pct": 25, "full_course_cautions": false, "max_precip_rate_desc": "Light", "max_precip_rate_mm_h": 1.5, "simulated_start_time": "2026-05-21T15:20:00", "race_week_car_class_ids": [], "enable_pitlane_collisions": false, "simulated_time_multiplier": 1, "simulated_time_offsets_minutes": [15, 35]}', NULL, '2026-11-27 20:17:01.170075+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(13, 'race_time_descriptors', '{"season_id": 1002, "race_week_num": 1, "descriptor_num": 0}', 'inserted', NULL, '{"repeating": false, "day_offset": null, "start_date": null, "session_times": ["2026-03-18T01:00:00+00:00", "2026-03-22T19:00:00+00:00"], "super_session": false, "repeat_minutes": null, "session_minutes": 90, "first_session_time": null}', '2026-11-27 20:17:01.170075+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(14, 'car_restrictions', '{"car_id": 1, "season_id": 1001, "race_week_num": 1}', 'retired', '{"qual_setup_id": null, "race_setup_id": null, "power_adjust_pct": -1.75, "max_dry_tire_sets": 0, "max_pct_fuel_fill": 100, "weight_penalty_kg": 15}', NULL, '2026-11-27 20:17:01.229888+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(15, 'race_time_descriptors', '{"season_id": 1001, "race_week_num": 1, "descriptor_num": 0}', 'retired', '{"repeating": true, "day_offset": [0, 1, 2, 3, 4, 5, 6], "start_date": "2026-03-24", "session_times": null, "super_session": false, "repeat_minutes": 120, "session_minutes": 29, "first_session_time": "00:45:00"}', NULL, '2026-11-27 20:17:01.247436+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(16, 'weather_forecasts', '{"season_id": 1001, "time_offset": -65, "race_week_num": 1}', 'retired', '{"is_sun_up": true, "timestamp": "2026-04-13T12:00:00", "air_temp_c": 18.63, "allow_precip": true, "pressure_hpa": 967.1, "wind_dir_deg": 239, "wind_speed_ms": 6.07, "raw_air_temp_c": 7.72, "affects_session": false, "cloud_cover_pct": 76.6, "rel_humidity_pct": 99.99, "precip_chance_pct": 98.5, "precip_amount_mm_h": 4.2}', NULL, '2026-11-27 20:17:01.255427+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(17, 'weather_forecasts', '{"season_id": 1001, "time_offset": -5, "race_week_num": 1}', 'retired', '{"is_sun_up": false, "timestamp": "2026-04-13T13:00:00", "air_temp_c": -1.25, "allow_precip": false, "pressure_hpa": 968.9, "wind_dir_deg": 0, "wind_speed_ms": 0, "raw_air_temp_c": -1.5, "affects_session": true, "cloud_cover_pct": 0, "rel_humidity_pct": 100, "precip_chance_pct": 0, "precip_amount_mm_h": 0}', NULL, '2026-11-27 20:17:01.255427+00', '3772b89e-7610-485f-9fab-7e0bda138559');

INSERT INTO iracing.drift OVERRIDING SYSTEM VALUE VALUES
	(1, 'series/seasons', 'new_field', 'Season.colour_of_the_flag', '', 1, '2026-11-27 20:16:51.645935+00', '2026-11-27 20:16:59.8188+00', NULL, 'current_seasons', 'bf8e5877-61b2-41c1-8743-80e44ebbb872');

INSERT INTO iracing.installation VALUES
	('fields series series/get', '{"Series": {"always": ["allowed_licenses", "category", "category_id", "eligible", "first_season", "max_starters", "min_starters", "oval_caution_type", "road_caution_type", "series_id", "series_name", "series_short_name"], "sometimes": ["forum_url", "search_filters"]}, "YearQuarter": {"always": ["season_quarter", "season_year"], "sometimes": []}, "AllowedLicense": {"always": ["group_name", "license_group", "max_license_level", "min_license_level"], "sometimes": []}}', '2026-11-27 20:16:35.515657+00'),
	('fields series series/assets', '{"SeriesAsset": {"always": ["large_image", "logo", "series_copy", "series_id", "small_image"], "sometimes": []}}', '2026-11-27 20:16:35.515657+00'),
	('fields series series/stats_series', '{"IndexedSeries": {"always": ["active", "allowed_licenses", "category", "category_id", "fixed_setup", "license_group", "license_group_types", "logo", "official", "seasons", "series_id", "series_name", "series_short_name"], "sometimes": ["search_filters"]}, "AllowedLicense": {"always": ["group_name", "license_group", "max_license_level", "min_license_level"], "sometimes": []}, "LicenseGroupType": {"always": ["license_group_type"], "sometimes": []}}', '2026-11-27 20:16:35.515657+00'),
	('data_origin', '"simulated"', '2026-11-27 20:16:35.515657+00'),
	('fields car_classes carclass/get', '{"CarClass": {"always": ["car_class_id", "cars_in_class", "cust_id", "name", "rain_enabled", "relative_speed", "short_name"], "sometimes": []}, "ClassCar": {"always": ["car_dirpath", "car_id", "rain_enabled", "retired"], "sometimes": []}}', '2026-11-27 20:16:38.586521+00'),
	('fields cars car/get', '{"Car": {"always": ["ai_enabled", "allow_number_colors", "allow_number_font", "allow_sponsor1", "allow_sponsor2", "allow_wheel_color", "award_exempt", "car_config_defs", "car_configs", "car_dirpath", "car_id", "car_make", "car_model", "car_name", "car_name_abbreviated", "car_types", "car_weight", "categories", "created", "first_sale", "folder", "free_with_subscription", "has_headlights", "has_multiple_dry_tire_types", "has_rain_capable_tire_types", "hp", "is_ps_purchasable", "logo", "max_power_adjust_pct", "max_weight_penalty_kg", "min_power_adjust_pct", "package_id", "paint_rules", "patterns", "price", "price_display", "rain_enabled", "retired", "search_filters", "sku", "small_image", "sponsor_logo"], "sometimes": []}, "CarType": {"always": ["car_type"], "sometimes": []}}', '2026-11-27 20:16:39.315251+00'),
	('fields current_seasons series/seasons', '{"Season": {"always": ["active", "allowed_season_members", "car_class_ids", "car_switching", "car_types", "caution_laps_do_not_count", "complete", "connection_black_flag", "consec_caution_within_nlaps", "consec_cautions_single_file", "cross_license", "distributed_matchmaking", "driver_change_rule", "driver_changes", "drops", "enable_pitlane_collisions", "fixed_setup", "green_white_checkered_limit", "grid_by_class", "hardcore_level", "has_supersessions", "ignore_license_for_practice", "incident_limit", "incident_warn_mode", "incident_warn_param1", "incident_warn_param2", "is_heat_racing", "license_group", "license_group_types", "lucky_dog", "max_team_drivers", "max_weeks", "min_team_drivers", "multiclass", "must_use_diff_tire_types_in_race", "next_race_session", "num_fast_tows", "num_opt_laps", "official", "op_duration", "open_practice_session_type_id", "qualifier_must_start_race", "race_week", "race_week_to_make_divisions", "reg_user_count", "region_competition", "restrict_by_member", "restrict_to_car", "restrict_viewing", "schedule_description", "schedules", "season_id", "season_name", "season_quarter", "season_short_name", "season_year", "send_to_open_practice", "series_id", "short_parade_lap", "start_date", "start_on_qual_tire", "start_zone", "track_types", "unsport_conduct_rule_mode"], "sometimes": ["heat_ses_info", "reg_open_minutes", "rookie_season"]}, "CarType": {"always": ["car_type"], "sometimes": []}, "TrackType": {"always": ["track_type"], "sometimes": []}, "LicenseGroupType": {"always": ["license_group_type"], "sometimes": []}}', '2026-11-27 20:16:40.331548+00'),
	('fields tracks track/get', '{"Track": {"always": ["category", "category_id", "free_with_subscription", "package_id", "price", "retired", "track_config_length", "track_id", "track_name", "track_types"], "sometimes": ["ai_enabled", "allow_pitlane_collisions", "allow_rolling_start", "allow_standing_start", "award_exempt", "closes", "config_name", "corners_per_lap", "created", "first_sale", "folder", "fully_lit", "grid_stalls", "has_opt_path", "has_short_parade_lap", "has_start_zone", "has_svg_map", "is_dirt", "is_oval", "is_ps_purchasable", "lap_scoring", "latitude", "location", "logo", "longitude", "max_cars", "night_lighting", "nominal_lap_time", "number_pitstalls", "opens", "pit_road_speed_limit", "price_display", "priority", "purchasable", "qualify_laps", "rain_enabled", "restart_on_left", "search_filters", "site_url", "sku", "small_image", "solo_laps", "start_on_left", "supports_grip_compound", "tech_track", "time_zone", "track_dirpath", "track_type", "track_type_text"]}, "TrackType": {"always": ["track_type"], "sometimes": []}}', '2026-11-27 20:16:41.120207+00'),
	('past_quarters', '{"at": "2026-03-18T09:00:17+00:00", "tried": "2026 quarter 1", "carries": "other seasons"}', '2026-11-27 20:16:42.147499+00'),
	('fields weather_forecasts weather_url', '{"ForecastHour": {"always": ["affects_session", "air_temp", "allow_precip", "cloud_cover", "index", "is_sun_up", "precip_amount", "precip_chance", "pressure", "raw_air_temp", "rel_humidity", "time_offset", "timestamp", "valid_stats", "wind_dir", "wind_speed"], "sometimes": []}}', '2026-11-27 20:16:43.265162+00'),
	('alerts_since', '"2026-11-27T20:16:31.835315+00:00"', '2026-11-27 20:16:31.835843+00'),
	('alerts_seen_until', '"2026-11-27T20:17:07.040512+00:00"', '2026-11-27 20:17:07.117489+00'),
	('index_merged', '"2026-11-27T20:16:55.969025+00:00"', '2026-11-27 20:16:56.010645+00'),
	('announced_up_to', '17', '2026-11-27 20:17:04.119468+00'),
	('fields season_schedules series/seasons', '{"Week": {"always": ["car_restrictions", "category", "category_id", "enable_pitlane_collisions", "full_course_cautions", "qual_attached", "race_lap_limit", "race_time_descriptors", "race_time_limit", "race_week_car_class_ids", "race_week_cars", "race_week_num", "restart_type", "schedule_name", "season_id", "season_name", "series_id", "series_name", "short_parade_lap", "special_event_type", "start_date", "start_type", "start_zone", "track", "track_state", "weather", "week_end_time"], "sometimes": ["practice_length", "qualify_laps", "qualify_length", "warmup_length"]}, "Weather": {"always": ["allow_fog", "forecast_options", "precip_option", "rel_humidity", "simulated_start_time", "simulated_time_multiplier", "simulated_time_offsets", "skies", "temp_units", "temp_value", "time_of_day", "track_water", "version", "weather_summary", "weather_url", "wind_dir", "wind_units", "wind_value"], "sometimes": []}, "TrackRef": {"always": ["category", "category_id", "track_id", "track_name"], "sometimes": ["config_name"]}, "TrackState": {"always": ["leave_marbles", "practice_rubber"], "sometimes": []}, "CarRestriction": {"always": ["car_id", "max_dry_tire_sets", "max_pct_fuel_fill", "power_adjust_pct", "weight_penalty_kg"], "sometimes": []}, "WeatherSummary": {"always": ["max_precip_rate", "max_precip_rate_desc", "precip_chance", "skies_high", "skies_low", "temp_high", "temp_low", "temp_units", "wind_dir", "wind_high", "wind_low", "wind_units"], "sometimes": []}, "ForecastOptions": {"always": ["allow_fog", "forecast_type", "precipitation", "skies", "stop_precip", "temperature", "weather_seed", "wind_dir", "wind_speed"], "sometimes": []}, "RaceTimeDescriptor": {"always": ["repeating"], "sometimes": ["day_offset", "first_session_time", "repeat_minutes", "session_minutes", "session_times", "start_date", "super_session"]}}', '2026-11-27 20:16:52.928315+00');

INSERT INTO iracing.quarantine OVERRIDING SYSTEM VALUE VALUES
	(1, 'series/seasons', '{"include_series": "true"}', 'season_id=1002', 'season_year: Input should be a valid integer, unable to parse string as an integer', '{"drops": 4, "active": true, "complete": false, "official": true, "car_types": [{"car_type": "road"}, {"car_type": "mx5"}], "lucky_dog": false, "max_weeks": 2, "race_week": 0, "schedules": [{"track": {"category": "oval", "track_id": 102, "track_name": "The Bowl", "category_id": 1}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1002/rw0_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "oval", "season_id": 1002, "series_id": 20, "start_date": "2026-03-17", "start_type": "Standing", "start_zone": false, "category_id": 1, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 0, "schedule_name": "rookie - every hour", "week_end_time": "2026-03-29T18:00:00Z", "race_lap_limit": 60, "race_week_cars": [], "race_time_limit": null, "car_restrictions": [], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": false, "session_times": ["2026-03-22T19:00:00Z", "2026-03-18T01:00:00Z"], "super_session": false, "session_minutes": 90}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}], "season_id": 1002, "series_id": 20, "multiclass": true, "start_date": "2026-03-17T00:00:00Z", "start_zone": false, "fixed_setup": true, "op_duration": 60, "season_name": "Oval Tour  - 2026 Season 2 ", "season_year": "MMXXVI", "track_types": [{"track_type": "sports_car"}], "num_opt_laps": 0, "car_class_ids": [2, 1], "car_switching": false, "cross_license": false, "grid_by_class": false, "heat_ses_info": {"description": "Two heats\r\nand a feature", "heat_info_id": 7}, "license_group": 4, "num_fast_tows": 0, "driver_changes": false, "hardcore_level": 0, "incident_limit": 17, "is_heat_racing": true, "reg_user_count": 100, "season_quarter": 2, "restrict_to_car": false, "max_team_drivers": 1, "min_team_drivers": 1, "reg_open_minutes": 15, "restrict_viewing": false, "short_parade_lap": false, "has_supersessions": false, "next_race_session": null, "season_short_name": "2026 Season 2", "driver_change_rule": 0, "incident_warn_mode": 0, "region_competition": true, "restrict_by_member": false, "start_on_qual_tire": false, "license_group_types": [{"license_group_type": 1}], "incident_warn_param1": 0, "incident_warn_param2": 0, "schedule_description": "Races every 2 hours at :45 past", "connection_black_flag": true, "send_to_open_practice": true, "allowed_season_members": null, "distributed_matchmaking": false, "caution_laps_do_not_count": false, "enable_pitlane_collisions": false, "qualifier_must_start_race": false, "unsport_conduct_rule_mode": 0, "consec_caution_within_nlaps": 2, "consec_cautions_single_file": false, "green_white_checkered_limit": 0, "ignore_license_for_practice": true, "race_week_to_make_divisions": 0, "open_practice_session_type_id": 169, "must_use_diff_tire_types_in_race": false}', '2026-11-27 20:16:51.645935+00', '2026-11-27 20:16:51.645935+00', '2026-11-27 20:16:59.8188+00', 'current_seasons', 'bf8e5877-61b2-41c1-8743-80e44ebbb872'),
	(2, 'series/seasons', '{"include_series": "true"}', 'season_id=1001 race_week_num=1', 'race_time_descriptors.1: Input should be a valid dictionary or instance of RaceTimeDescriptor; race_time_descriptors.2: Value error, repeats, but first_session_time or day_offset cannot be read', '{"track": {"category": "road", "track_id": 101, "track_name": "Limestone Park", "category_id": 2, "config_name": "Full Course"}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1001/rw1_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "sports_car", "season_id": 1001, "series_id": 10, "start_date": "2026-03-24", "start_type": "Standing", "start_zone": false, "category_id": 5, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "qualify_laps": 2, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 1, "schedule_name": "rookie - every hour", "warmup_length": 0, "week_end_time": "2026-03-30T22:45:00Z", "qualify_length": 8, "race_lap_limit": null, "race_week_cars": [], "practice_length": 3, "race_time_limit": 20, "car_restrictions": [{"car_id": 1, "power_adjust_pct": -1.75, "max_dry_tire_sets": 0, "max_pct_fuel_fill": 100, "weight_penalty_kg": 15}], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": true, "day_offset": [0, 1, 2, 3, 4, 5, 6], "start_date": "2026-03-24", "super_session": false, "repeat_minutes": 120, "session_minutes": 29, "first_session_time": "00:45:00"}, null, {"repeating": true}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}', '2026-11-27 20:16:52.928315+00', '2026-11-27 20:16:52.928315+00', '2026-11-27 20:17:01.002426+00', 'season_schedules', 'bf8e5877-61b2-41c1-8743-80e44ebbb872');

INSERT INTO iracing.race_time_descriptors VALUES
	(1001, 0, 0, true, 29, false, '2026-03-17', '{0,1,2,3,4,5,6}', '00:45:00', 120, NULL, '2026-11-27 20:16:41.975577+00', '2026-11-27 20:16:41.975577+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(1002, 0, 0, false, 90, false, NULL, NULL, NULL, NULL, '{"2026-03-18 01:00:00+00","2026-03-22 19:00:00+00"}', '2026-11-27 20:16:41.975577+00', '2026-11-27 20:16:41.975577+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(902, 0, 0, false, 90, false, '2025-12-16', NULL, NULL, NULL, '{"2025-12-17 02:00:00+00","2025-12-17 20:00:00+00"}', '2026-11-27 20:16:42.372248+00', '2026-11-27 20:16:42.372248+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(901, 0, 0, true, 29, false, '2025-12-16', '{0,1,2,3,4,5,6}', '00:45:00', 120, NULL, '2026-11-27 20:16:42.58762+00', '2026-11-27 20:16:42.58762+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(901, 1, 0, true, 29, false, '2025-12-23', '{0,1,2,3,4,5,6}', '00:45:00', 120, NULL, '2026-11-27 20:16:42.58762+00', '2026-11-27 20:16:42.58762+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(1002, 1, 0, false, 90, false, NULL, NULL, NULL, NULL, '{"2026-03-18 01:00:00+00","2026-03-22 19:00:00+00"}', '2026-11-27 20:17:01.170075+00', '2026-11-27 20:17:01.170075+00', NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(1001, 1, 0, true, 29, false, '2026-03-24', '{0,1,2,3,4,5,6}', '00:45:00', 120, NULL, '2026-11-27 20:16:41.975577+00', '2026-11-27 20:17:01.247436+00', '2026-11-27 20:17:01.247436+00', '3772b89e-7610-485f-9fab-7e0bda138559');

INSERT INTO iracing.responses VALUES
	('series/seasons', '{"season_year": "2026", "include_series": "true", "season_quarter": "1"}', '[{"drops": 4, "active": true, "complete": false, "official": true, "car_types": [{"car_type": "road"}, {"car_type": "mx5"}], "lucky_dog": false, "max_weeks": 2, "race_week": 0, "schedules": [{"track": {"category": "road", "track_id": 101, "track_name": "Limestone Park", "category_id": 2, "config_name": "Full Course"}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1001/rw0_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "sports_car", "season_id": 1001, "series_id": 10, "start_date": "2026-03-17", "start_type": "Standing", "start_zone": false, "category_id": 5, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "qualify_laps": 2, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 0, "schedule_name": "rookie - every hour", "warmup_length": 0, "week_end_time": "2026-03-23T23:58:00Z", "qualify_length": 8, "race_lap_limit": null, "race_week_cars": [], "practice_length": 3, "race_time_limit": 20, "car_restrictions": [{"car_id": 1, "power_adjust_pct": -1.75, "max_dry_tire_sets": 0, "max_pct_fuel_fill": 100, "weight_penalty_kg": 15}], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": true, "day_offset": [0, 1, 2, 3, 4, 5, 6], "start_date": "2026-03-17", "super_session": false, "repeat_minutes": 120, "session_minutes": 29, "first_session_time": "00:45:00"}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}, {"track": {"category": "oval", "track_id": 102, "track_name": "The Bowl", "category_id": 1}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1001/rw1_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "sports_car", "season_id": 1001, "series_id": 10, "start_date": "2026-03-24", "start_type": "Standing", "start_zone": false, "category_id": 5, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "qualify_laps": 2, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 1, "schedule_name": "rookie - every hour", "warmup_length": 0, "week_end_time": "2026-03-30T22:45:00Z", "qualify_length": 8, "race_lap_limit": null, "race_week_cars": [], "practice_length": 3, "race_time_limit": 20, "car_restrictions": [{"car_id": 1, "power_adjust_pct": -1.75, "max_dry_tire_sets": 0, "max_pct_fuel_fill": 100, "weight_penalty_kg": 15}], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": true, "day_offset": [0, 1, 2, 3, 4, 5, 6], "start_date": "2026-03-24", "super_session": false, "repeat_minutes": 120, "session_minutes": 29, "first_session_time": "00:45:00"}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}], "season_id": 1001, "series_id": 10, "multiclass": false, "start_date": "2026-03-17T00:00:00Z", "start_zone": false, "fixed_setup": true, "op_duration": 60, "season_name": "Rookie Cup - 2026 Season 2", "season_year": 2026, "track_types": [{"track_type": "sports_car"}], "num_opt_laps": 0, "car_class_ids": [1], "car_switching": false, "cross_license": false, "grid_by_class": false, "license_group": 1, "num_fast_tows": 0, "rookie_season": "A", "driver_changes": false, "hardcore_level": 0, "incident_limit": 17, "is_heat_racing": false, "reg_user_count": 33, "season_quarter": 2, "restrict_to_car": false, "max_team_drivers": 1, "min_team_drivers": 1, "restrict_viewing": false, "short_parade_lap": false, "has_supersessions": false, "next_race_session": null, "season_short_name": "2026 Season 2", "driver_change_rule": 0, "incident_warn_mode": 0, "region_competition": true, "restrict_by_member": false, "start_on_qual_tire": false, "license_group_types": [{"license_group_type": 1}], "incident_warn_param1": 0, "incident_warn_param2": 0, "schedule_description": "Races every 2 hours at :45 past", "connection_black_flag": true, "send_to_open_practice": true, "allowed_season_members": null, "distributed_matchmaking": false, "caution_laps_do_not_count": false, "enable_pitlane_collisions": false, "qualifier_must_start_race": false, "unsport_conduct_rule_mode": 0, "consec_caution_within_nlaps": 2, "consec_cautions_single_file": false, "green_white_checkered_limit": 0, "ignore_license_for_practice": true, "race_week_to_make_divisions": 0, "open_practice_session_type_id": 169, "must_use_diff_tire_types_in_race": false}, {"drops": 4, "active": true, "complete": false, "official": true, "car_types": [{"car_type": "road"}, {"car_type": "mx5"}], "lucky_dog": false, "max_weeks": 2, "race_week": 0, "schedules": [{"track": {"category": "oval", "track_id": 102, "track_name": "The Bowl", "category_id": 1}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1002/rw0_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "oval", "season_id": 1002, "series_id": 20, "start_date": "2026-03-17", "start_type": "Standing", "start_zone": false, "category_id": 1, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 0, "schedule_name": "rookie - every hour", "week_end_time": "2026-03-29T18:00:00Z", "race_lap_limit": 60, "race_week_cars": [], "race_time_limit": null, "car_restrictions": [], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": false, "session_times": ["2026-03-22T19:00:00Z", "2026-03-18T01:00:00Z"], "super_session": false, "session_minutes": 90}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}], "season_id": 1002, "series_id": 20, "multiclass": true, "start_date": "2026-03-17T00:00:00Z", "start_zone": false, "fixed_setup": true, "op_duration": 60, "season_name": "Oval Tour  - 2026 Season 2 ", "season_year": 2026, "track_types": [{"track_type": "sports_car"}], "num_opt_laps": 0, "car_class_ids": [2, 1], "car_switching": false, "cross_license": false, "grid_by_class": false, "heat_ses_info": {"description": "Two heats\r\nand a feature", "heat_info_id": 7}, "license_group": 4, "num_fast_tows": 0, "driver_changes": false, "hardcore_level": 0, "incident_limit": 17, "is_heat_racing": true, "reg_user_count": 370, "season_quarter": 2, "restrict_to_car": false, "max_team_drivers": 1, "min_team_drivers": 1, "reg_open_minutes": 15, "restrict_viewing": false, "short_parade_lap": false, "has_supersessions": false, "next_race_session": null, "season_short_name": "2026 Season 2", "driver_change_rule": 0, "incident_warn_mode": 0, "region_competition": true, "restrict_by_member": false, "start_on_qual_tire": false, "license_group_types": [{"license_group_type": 1}], "incident_warn_param1": 0, "incident_warn_param2": 0, "schedule_description": "Races every 2 hours at :45 past", "connection_black_flag": true, "send_to_open_practice": true, "allowed_season_members": null, "distributed_matchmaking": false, "caution_laps_do_not_count": false, "enable_pitlane_collisions": false, "qualifier_must_start_race": false, "unsport_conduct_rule_mode": 0, "consec_caution_within_nlaps": 2, "consec_cautions_single_file": false, "green_white_checkered_limit": 0, "ignore_license_for_practice": true, "race_week_to_make_divisions": 0, "open_practice_session_type_id": 169, "must_use_diff_tire_types_in_race": false}]', '199bb9c34ac415b70802d68166636714232e9e17678e518c361425c83e90b76a', 9820, '2026-11-27 20:16:42.144839+00', '2026-11-27 21:16:42.144839+00', 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'season_schedules', '2026-11-27 20:16:42.144839+00'),
	('series/assets', '{}', '{"10": {"logo": "rookie.png", "series_id": 10, "large_image": null, "series_copy": "<p>For beginners.</p>", "small_image": null}, "20": {"logo": null, "series_id": 20, "large_image": null, "series_copy": "<p>Ovals.</p>", "small_image": null}}', '86c9037c2c3a5031f27840093431b018a573e1073ffeecd055682efc2848d471', 221, '2026-11-27 20:16:56.003308+00', '2026-11-27 21:16:56.003308+00', '0d844512-b1a7-44b3-b961-dc34cd050573', 'series', '2026-11-27 20:16:35.506538+00'),
	('carclass/get', '{}', '[{"name": "Little Roadsters", "cust_id": 0, "short_name": "LR", "car_class_id": 1, "rain_enabled": true, "cars_in_class": [{"car_id": 1, "retired": false, "car_dirpath": "mx5", "rain_enabled": true}], "relative_speed": 51}, {"name": "Everything", "cust_id": 0, "short_name": "All", "car_class_id": 2, "rain_enabled": false, "cars_in_class": [{"car_id": 999, "retired": false, "car_dirpath": "stock", "rain_enabled": false}, {"car_id": 1, "retired": false, "car_dirpath": "mx5", "rain_enabled": true}], "relative_speed": 60}]', '5b6a4becf30e44fe1a57bbbff276d4c043ad6cfb46ec9b4ad75bcc4b4d7eb09e', 475, '2026-11-27 20:16:58.77415+00', '2026-11-27 21:16:58.77415+00', '3772b89e-7610-485f-9fab-7e0bda138559', 'car_classes', '2026-11-27 20:16:58.77415+00'),
	('car/get', '{}', '[{"hp": 155, "sku": 10009, "logo": null, "price": 11.95, "car_id": 1, "folder": "/img/cars/mx5", "created": "2006-05-03T19:10:00Z", "retired": false, "car_make": "Maker", "car_name": "Little Roadster", "patterns": 3, "car_model": "M5", "car_types": [{"car_type": "road"}, {"car_type": "mx5"}], "ai_enabled": true, "car_weight": 2300, "categories": ["sports_car"], "first_sale": "2008-02-03T00:00:00Z", "package_id": 15, "car_configs": [{"carcfg": 1, "track_id": 400}], "car_dirpath": "mx5", "paint_rules": {"1": {"PaintCarAvailable": false}, "RestrictCustomPaint": true}, "small_image": "mx5-small.jpg", "award_exempt": false, "rain_enabled": true, "sponsor_logo": null, "price_display": "$11.95", "allow_sponsor1": true, "allow_sponsor2": true, "has_headlights": false, "search_filters": "road", "car_config_defs": [], "allow_number_font": false, "allow_wheel_color": true, "is_ps_purchasable": true, "allow_number_colors": false, "car_name_abbreviated": "LR", "max_power_adjust_pct": 0, "min_power_adjust_pct": -5, "max_weight_penalty_kg": 250, "free_with_subscription": true, "has_multiple_dry_tire_types": false, "has_rain_capable_tire_types": true}]', '1a05c964624b97ac1829db5be2497ee28ff5b0bf143deff8cfb1e2a7f9e3c162', 1061, '2026-11-27 20:16:59.19294+00', '2026-11-27 21:16:59.19294+00', '3772b89e-7610-485f-9fab-7e0bda138559', 'cars', '2026-11-27 20:16:39.277605+00'),
	('series/seasons', '{"include_series": "true"}', '[{"drops": 3, "active": true, "complete": false, "official": true, "car_types": [{"car_type": "road"}, {"car_type": "mx5"}], "lucky_dog": false, "max_weeks": 2, "race_week": 0, "schedules": [{"track": {"category": "oval", "track_id": 102, "track_name": "The Bowl", "category_id": 1}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1001/rw0_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "sports_car", "season_id": 1001, "series_id": 10, "start_date": "2026-03-17", "start_type": "Standing", "start_zone": false, "category_id": 5, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "qualify_laps": 2, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 0, "schedule_name": "rookie - every hour", "warmup_length": 0, "week_end_time": "2026-03-23T23:58:00Z", "qualify_length": 8, "race_lap_limit": null, "race_week_cars": [], "practice_length": 3, "race_time_limit": 20, "car_restrictions": [{"car_id": 1, "power_adjust_pct": -2.5, "max_dry_tire_sets": 0, "max_pct_fuel_fill": 100, "weight_penalty_kg": 15}], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": true, "day_offset": [0, 1, 2, 3, 4, 5, 6], "start_date": "2026-03-17", "super_session": false, "repeat_minutes": 120, "session_minutes": 29, "first_session_time": "00:45:00"}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}], "season_id": 1001, "series_id": 10, "multiclass": false, "start_date": "2026-03-17T00:00:00Z", "start_zone": false, "fixed_setup": true, "op_duration": 60, "season_name": "Rookie Cup - 2026 Season 2", "season_year": 2026, "track_types": [{"track_type": "sports_car"}], "num_opt_laps": 0, "car_class_ids": [1], "car_switching": false, "cross_license": false, "grid_by_class": false, "license_group": 1, "num_fast_tows": 0, "rookie_season": "A", "driver_changes": false, "hardcore_level": 0, "incident_limit": 17, "is_heat_racing": false, "reg_user_count": 170, "season_quarter": 2, "restrict_to_car": false, "max_team_drivers": 1, "min_team_drivers": 1, "restrict_viewing": false, "short_parade_lap": false, "has_supersessions": false, "next_race_session": null, "season_short_name": "2026 Season 2", "colour_of_the_flag": "green", "driver_change_rule": 0, "incident_warn_mode": 0, "region_competition": true, "restrict_by_member": false, "start_on_qual_tire": false, "license_group_types": [{"license_group_type": 1}], "incident_warn_param1": 0, "incident_warn_param2": 0, "schedule_description": "Races every 2 hours at :45 past", "connection_black_flag": true, "send_to_open_practice": true, "allowed_season_members": null, "distributed_matchmaking": false, "caution_laps_do_not_count": false, "enable_pitlane_collisions": false, "qualifier_must_start_race": false, "unsport_conduct_rule_mode": 0, "consec_caution_within_nlaps": 2, "consec_cautions_single_file": false, "green_white_checkered_limit": 0, "ignore_license_for_practice": true, "race_week_to_make_divisions": 0, "open_practice_session_type_id": 169, "must_use_diff_tire_types_in_race": false}, {"drops": 4, "active": true, "complete": false, "official": true, "car_types": [{"car_type": "road"}, {"car_type": "mx5"}], "lucky_dog": false, "max_weeks": 2, "race_week": 0, "schedules": [{"track": {"category": "oval", "track_id": 102, "track_name": "The Bowl", "category_id": 1}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1002/rw0_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "oval", "season_id": 1002, "series_id": 20, "start_date": "2026-03-17", "start_type": "Standing", "start_zone": false, "category_id": 1, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 0, "schedule_name": "rookie - every hour", "week_end_time": "2026-03-29T18:00:00Z", "race_lap_limit": 60, "race_week_cars": [], "race_time_limit": null, "car_restrictions": [], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": false, "session_times": ["2026-03-22T19:00:00Z", "2026-03-18T01:00:00Z"], "super_session": false, "session_minutes": 90}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}, {"track": {"category": "oval", "track_id": 102, "track_name": "The Bowl", "category_id": 1}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "weather_url": "http://127.0.0.1:36695/storage/weather-forecast/season/1002/rw0_evt5.json", "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "oval", "season_id": 1002, "series_id": 20, "start_date": "2026-03-24", "start_type": "Standing", "start_zone": false, "category_id": 1, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 1, "schedule_name": "rookie - every hour", "week_end_time": "2026-03-30T23:58:00Z", "race_lap_limit": 60, "race_week_cars": [], "race_time_limit": null, "car_restrictions": [], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": false, "session_times": ["2026-03-22T19:00:00Z", "2026-03-18T01:00:00Z"], "super_session": false, "session_minutes": 90}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}], "season_id": 1002, "series_id": 20, "multiclass": true, "start_date": "2026-03-17T00:00:00Z", "start_zone": false, "fixed_setup": true, "op_duration": 60, "season_name": "Oval Tour  - 2026 Season 2 ", "season_year": 2026, "track_types": [{"track_type": "sports_car"}], "num_opt_laps": 0, "car_class_ids": [2, 1], "car_switching": false, "cross_license": false, "grid_by_class": false, "heat_ses_info": {"description": "Two heats\r\nand a feature", "heat_info_id": 7}, "license_group": 4, "num_fast_tows": 0, "driver_changes": false, "hardcore_level": 0, "incident_limit": 17, "is_heat_racing": true, "reg_user_count": 140, "season_quarter": 2, "restrict_to_car": false, "max_team_drivers": 1, "min_team_drivers": 1, "reg_open_minutes": 15, "restrict_viewing": false, "short_parade_lap": false, "has_supersessions": false, "next_race_session": null, "season_short_name": "2026 Season 2", "driver_change_rule": 0, "incident_warn_mode": 0, "region_competition": true, "restrict_by_member": false, "start_on_qual_tire": false, "license_group_types": [{"license_group_type": 1}], "incident_warn_param1": 0, "incident_warn_param2": 0, "schedule_description": "Races every 2 hours at :45 past", "connection_black_flag": true, "send_to_open_practice": true, "allowed_season_members": null, "distributed_matchmaking": false, "caution_laps_do_not_count": false, "enable_pitlane_collisions": false, "qualifier_must_start_race": false, "unsport_conduct_rule_mode": 0, "consec_caution_within_nlaps": 2, "consec_cautions_single_file": false, "green_white_checkered_limit": 0, "ignore_license_for_practice": true, "race_week_to_make_divisions": 0, "open_practice_session_type_id": 169, "must_use_diff_tire_types_in_race": false}]', 'e3fed7b4ecf3ed14adedd5aa68e81ab4c2c12e522ca45be989ededade7d50878', 9586, '2026-11-27 20:16:59.803678+00', '2026-11-27 21:16:59.803678+00', '3772b89e-7610-485f-9fab-7e0bda138559', 'current_seasons', '2026-11-27 20:16:59.803678+00'),
	('series/season_schedule', '{"season_id": "902"}', '{"success": true, "schedules": [{"track": {"track_id": 102, "track_name": "The Bowl"}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "oval", "season_id": 902, "series_id": 20, "start_date": "2025-12-16", "start_type": "Standing", "start_zone": false, "category_id": 1, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 0, "schedule_name": "rookie - every hour", "week_end_time": "2025-12-22T23:58:00Z", "race_lap_limit": 60, "race_week_cars": [], "race_time_limit": null, "car_restrictions": [], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": false, "start_date": "2025-12-16", "session_times": ["2025-12-17T02:00:00Z", "2025-12-17T20:00:00Z"], "super_session": false, "session_minutes": 90}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}], "season_id": 902}', '3e1289d7ffdc76176ad76ca1dcbe0fcd23b737a1debaa47145407bebdc5e54ee', 1590, '2026-11-27 20:16:42.215621+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'season_schedules', '2026-11-27 20:16:42.215621+00'),
	('series/season_schedule', '{"season_id": "901"}', '{"success": true, "schedules": [{"track": {"track_id": 102, "track_name": "The Bowl"}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "sports_car", "season_id": 901, "series_id": 10, "start_date": "2025-12-16", "start_type": "Standing", "start_zone": false, "category_id": 5, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "qualify_laps": 2, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 0, "schedule_name": "rookie - every hour", "warmup_length": 0, "week_end_time": "2025-12-22T23:58:00Z", "qualify_length": 8, "race_lap_limit": null, "race_week_cars": [], "practice_length": 3, "race_time_limit": 20, "car_restrictions": [], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": true, "day_offset": [0, 1, 2, 3, 4, 5, 6], "start_date": "2025-12-16", "super_session": false, "repeat_minutes": 120, "session_minutes": 29, "first_session_time": "00:45:00"}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}, {"track": {"track_id": 101, "track_name": "Limestone Park", "config_name": "Full Course"}, "weather": {"skies": 1, "version": 1, "wind_dir": 6, "allow_fog": false, "temp_units": 0, "temp_value": 68, "wind_units": 0, "wind_value": 10, "time_of_day": 2, "track_water": 0, "rel_humidity": 55, "precip_option": 8, "weather_summary": {"temp_low": 19.7, "wind_dir": 2, "wind_low": 9.0, "skies_low": 1, "temp_high": 19.6, "wind_high": 18, "skies_high": 3, "temp_units": 1, "wind_units": 1, "precip_chance": 30, "max_precip_rate": 1.5, "max_precip_rate_desc": "Light"}, "forecast_options": {"skies": 0, "wind_dir": 0, "allow_fog": false, "wind_speed": 0, "stop_precip": 0, "temperature": 0, "weather_seed": -124949489675454, "forecast_type": 1, "precipitation": 1}, "simulated_start_time": "2026-05-21T15:20:00", "simulated_time_offsets": [15, 35], "simulated_time_multiplier": 1}, "category": "sports_car", "season_id": 901, "series_id": 10, "start_date": "2025-12-23", "start_type": "Standing", "start_zone": false, "category_id": 5, "season_name": "x", "series_name": "y", "track_state": {"leave_marbles": false, "practice_rubber": 25}, "qualify_laps": 2, "restart_type": "Double-file Back", "qual_attached": true, "race_week_num": 1, "schedule_name": "rookie - every hour", "warmup_length": 0, "week_end_time": "2025-12-29T23:58:00Z", "qualify_length": 8, "race_lap_limit": null, "race_week_cars": [], "practice_length": 3, "race_time_limit": 20, "car_restrictions": [], "short_parade_lap": false, "special_event_type": null, "full_course_cautions": false, "race_time_descriptors": [{"repeating": true, "day_offset": [0, 1, 2, 3, 4, 5, 6], "start_date": "2025-12-23", "super_session": false, "repeat_minutes": 120, "session_minutes": 29, "first_session_time": "00:45:00"}], "race_week_car_class_ids": [], "enable_pitlane_collisions": false}], "season_id": 901}', '679320f406df1cd402f057f09691cc4494f33d777c69b713e1756b5e353d1f0a', 3362, '2026-11-27 20:16:42.23698+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'season_schedules', '2026-11-27 20:16:42.23698+00'),
	('series/get', '{}', '[{"category": "sports_car", "eligible": true, "forum_url": "https://forums.example/rookie-cup", "series_id": 10, "category_id": 5, "series_name": "Beginners Cup", "first_season": {"season_year": 2012, "season_quarter": 1}, "max_starters": 12, "min_starters": 4, "search_filters": "road,rookie", "allowed_licenses": [{"group_name": "Rookie", "license_group": 1, "max_license_level": 4, "min_license_level": 1}, {"group_name": "Class D", "license_group": 2, "max_license_level": 8, "min_license_level": 5}], "oval_caution_type": 0, "road_caution_type": 1, "series_short_name": "Rookie Cup"}, {"category": "oval", "eligible": false, "series_id": 20, "category_id": 1, "series_name": "Oval Tour", "first_season": {"season_year": 2020, "season_quarter": 3}, "max_starters": 40, "min_starters": 6, "allowed_licenses": [{"group_name": "Class B", "license_group": 4, "max_license_level": 16, "min_license_level": 13}], "oval_caution_type": 3, "road_caution_type": 0, "series_short_name": "Oval Tour"}]', 'f73a7b3aa6b42de99fa61f5486a1717be3a30bd31f87064b59e228cd860e9b16', 914, '2026-11-27 20:16:55.906212+00', '2026-11-27 21:16:55.906212+00', '0d844512-b1a7-44b3-b961-dc34cd050573', 'series', '2026-11-27 20:16:47.246532+00'),
	('weather_url', '{"season_id": "1001", "race_week_num": "1"}', '[{"index": 0, "air_temp": 1863, "pressure": 9671, "wind_dir": 239, "is_sun_up": true, "timestamp": "2026-04-13T12:00:00", "wind_speed": 607, "cloud_cover": 766, "time_offset": -65, "valid_stats": true, "allow_precip": true, "raw_air_temp": 772, "rel_humidity": 9999, "precip_amount": 42, "precip_chance": 9850, "affects_session": false}, {"index": 1, "air_temp": -125, "pressure": 9689, "wind_dir": 0, "is_sun_up": false, "timestamp": "2026-04-13T13:00:00", "wind_speed": 0, "cloud_cover": 0, "time_offset": -5, "valid_stats": true, "allow_precip": false, "raw_air_temp": -150, "rel_humidity": 10000, "precip_amount": 0, "precip_chance": 0, "affects_session": true}]', 'cbdc1136f8769bfc93af347018b02eee13285a67866bc5d1b160a0903699f7c1', 0, '2026-03-19 09:00:28.576392+00', '2026-03-19 10:00:28.576392+00', 'bf8e5877-61b2-41c1-8743-80e44ebbb872', 'weather_forecasts', '2026-03-18 09:00:18.265317+00'),
	('series/stats_series', '{}', '[{"logo": "rookie.png", "active": true, "seasons": [{"active": true, "official": true, "season_id": 1001, "series_id": 10, "race_weeks": [{"track": {"track_id": 101, "track_name": "Limestone Park", "config_name": "Full Course"}, "season_id": 1001, "race_week_num": 0}, {"track": {"track_id": 102, "track_name": "The Bowl"}, "season_id": 1001, "race_week_num": 1}], "car_classes": [{"name": "Little Roadsters", "short_name": "Little Roadsters", "car_class_id": 1, "relative_speed": 40}], "fixed_setup": true, "season_name": "Rookie Cup - 2026 Season 2", "season_year": 2026, "car_switching": false, "license_group": 1, "driver_changes": false, "season_quarter": 2, "has_supersessions": false, "season_short_name": "2026 Season 2", "license_group_types": [{"license_group_type": 1}]}, {"active": false, "official": true, "season_id": 901, "series_id": 10, "race_weeks": [{"track": {"track_id": 102, "track_name": "The Bowl"}, "season_id": 901, "race_week_num": 0}, {"track": {"track_id": 101, "track_name": "Limestone Park", "config_name": "Full Course"}, "season_id": 901, "race_week_num": 1}], "car_classes": [{"name": "Little Roadsters", "short_name": "Little Roadsters", "car_class_id": 1, "relative_speed": 40}], "fixed_setup": true, "season_name": "Rookie Cup - 2026 Season 1", "season_year": 2026, "car_switching": false, "license_group": 1, "driver_changes": false, "season_quarter": 1, "has_supersessions": false, "season_short_name": "2026 Season 1", "license_group_types": [{"license_group_type": 1}]}], "category": "sports_car", "official": true, "series_id": 10, "category_id": 5, "fixed_setup": true, "series_name": "Rookie Cup", "license_group": 1, "search_filters": "road,rookie", "allowed_licenses": [{"group_name": "Rookie", "license_group": 1, "max_license_level": 4, "min_license_level": 1}, {"group_name": "Class D", "license_group": 2, "max_license_level": 8, "min_license_level": 5}], "series_short_name": "Rookie Cup", "license_group_types": [{"license_group_type": 1}]}, {"logo": null, "active": true, "seasons": [{"active": true, "official": true, "season_id": 1002, "series_id": 20, "race_weeks": [{"track": {"track_id": 102, "track_name": "The Bowl"}, "season_id": 1002, "race_week_num": 0}], "car_classes": [{"name": "Everything", "short_name": "Everything", "car_class_id": 2, "relative_speed": 40}, {"name": "Little Roadsters", "short_name": "Little Roadsters", "car_class_id": 1, "relative_speed": 40}], "fixed_setup": true, "season_name": "Oval Tour  - 2026 Season 2 ", "season_year": 2026, "car_switching": false, "license_group": 4, "driver_changes": false, "season_quarter": 2, "has_supersessions": false, "season_short_name": "2026 Season 2", "license_group_types": [{"license_group_type": 4}]}, {"active": false, "official": true, "season_id": 902, "series_id": 20, "race_weeks": [{"track": {"track_id": 102, "track_name": "The Bowl"}, "season_id": 902, "race_week_num": 0}], "car_classes": [{"name": "Everything", "short_name": "Everything", "car_class_id": 2, "relative_speed": 40}], "fixed_setup": true, "season_name": "Oval Tour - 2026 Season 1", "season_year": 2026, "car_switching": false, "license_group": 4, "driver_changes": false, "season_quarter": 1, "has_supersessions": false, "season_short_name": "2026 Season 1", "license_group_types": [{"license_group_type": 4}]}], "category": "oval", "official": true, "series_id": 20, "category_id": 1, "fixed_setup": true, "series_name": "Oval Tour", "license_group": 4, "allowed_licenses": [{"group_name": "Class B", "license_group": 4, "max_license_level": 16, "min_license_level": 13}], "series_short_name": "Oval Tour", "license_group_types": [{"license_group_type": 4}]}]', '84db9d3dc2641354b025e6d6dda319848b160c2bf0ef5856211c4df3a6526441', 3368, '2026-11-27 20:16:55.969025+00', '2026-12-04 20:16:55.969025+00', '0d844512-b1a7-44b3-b961-dc34cd050573', 'series', '2026-11-27 20:16:35.496255+00'),
	('weather_url', '{"season_id": "1001", "race_week_num": "0"}', '[{"index": 0, "air_temp": 1863, "pressure": 9671, "wind_dir": 239, "is_sun_up": true, "timestamp": "2026-04-13T12:00:00", "wind_speed": 607, "cloud_cover": 766, "time_offset": -65, "valid_stats": true, "allow_precip": true, "raw_air_temp": 772, "rel_humidity": 9999, "precip_amount": 42, "precip_chance": 9850, "affects_session": false}, {"index": 1, "air_temp": -125, "pressure": 9689, "wind_dir": 0, "is_sun_up": false, "timestamp": "2026-04-13T13:00:00", "wind_speed": 0, "cloud_cover": 0, "time_offset": -5, "valid_stats": true, "allow_precip": false, "raw_air_temp": -150, "rel_humidity": 10000, "precip_amount": 0, "precip_chance": 0, "affects_session": true}]', 'cbdc1136f8769bfc93af347018b02eee13285a67866bc5d1b160a0903699f7c1', 0, '2026-03-20 09:00:37.138689+00', '2026-03-20 10:00:37.138689+00', '3772b89e-7610-485f-9fab-7e0bda138559', 'weather_forecasts', '2026-03-18 09:00:18.262998+00'),
	('weather_url', '{"season_id": "1002", "race_week_num": "0"}', '[{"index": 0, "air_temp": 1863, "pressure": 9671, "wind_dir": 239, "is_sun_up": true, "timestamp": "2026-04-13T12:00:00", "wind_speed": 607, "cloud_cover": 766, "time_offset": -65, "valid_stats": true, "allow_precip": true, "raw_air_temp": 772, "rel_humidity": 9999, "precip_amount": 42, "precip_chance": 9850, "affects_session": false}, {"index": 1, "air_temp": -125, "pressure": 9689, "wind_dir": 0, "is_sun_up": false, "timestamp": "2026-04-13T13:00:00", "wind_speed": 0, "cloud_cover": 0, "time_offset": -5, "valid_stats": true, "allow_precip": false, "raw_air_temp": -150, "rel_humidity": 10000, "precip_amount": 0, "precip_chance": 0, "affects_session": true}]', 'cbdc1136f8769bfc93af347018b02eee13285a67866bc5d1b160a0903699f7c1', 0, '2026-03-20 09:00:37.143244+00', '2026-03-20 10:00:37.143244+00', '3772b89e-7610-485f-9fab-7e0bda138559', 'weather_forecasts', '2026-03-18 09:00:18.264294+00'),
	('track/get', '{}', '[{"sku": 1, "logo": "/img/logos/tracks/limestone.png", "opens": "2018-04-01", "price": 11.95, "closes": "2018-10-31", "folder": "/img/tracks/limestone", "created": "2006-04-04T19:10:00Z", "is_dirt": false, "is_oval": false, "retired": false, "category": "road", "latitude": 41.9282105, "location": "Somewhere", "max_cars": 66, "priority": 1, "site_url": "http://limestone.example/", "track_id": 101, "fully_lit": false, "longitude": -73.3839642, "solo_laps": 8, "time_zone": "America/New_York", "ai_enabled": true, "first_sale": "2008-02-04T00:00:00Z", "package_id": 9, "tech_track": false, "track_name": "Limestone Park", "track_type": 5, "category_id": 2, "config_name": "Full Course", "grid_stalls": 62, "has_svg_map": true, "lap_scoring": 0, "purchasable": true, "small_image": "limestone-small.jpg", "track_types": [{"track_type": "road"}], "award_exempt": false, "has_opt_path": false, "qualify_laps": 2, "rain_enabled": true, "price_display": "$11.95", "start_on_left": false, "track_dirpath": "limestone\\full", "has_start_zone": false, "night_lighting": false, "search_filters": "road", "corners_per_lap": 7, "restart_on_left": false, "track_type_text": "Road Course", "nominal_lap_time": 48.803066, "number_pitstalls": 34, "is_ps_purchasable": false, "allow_rolling_start": true, "track_config_length": 1.53, "allow_standing_start": true, "has_short_parade_lap": true, "pit_road_speed_limit": 45, "free_with_subscription": true, "supports_grip_compound": false, "allow_pitlane_collisions": true}, {"price": 0, "retired": false, "category": "oval", "track_id": 102, "package_id": 10, "track_name": "The Bowl", "category_id": 1, "track_types": [], "track_config_length": 2, "free_with_subscription": false}]', '271dc6699e36aa0f04c260a957e74d5ef2252f87ee07ad98219315765d79aa39', 1577, '2026-11-27 20:17:00.345239+00', '2026-11-27 21:17:00.345239+00', '3772b89e-7610-485f-9fab-7e0bda138559', 'tracks', '2026-11-27 20:16:41.088888+00'),
	('weather_url', '{"season_id": "1002", "race_week_num": "1"}', '[{"index": 0, "air_temp": 1863, "pressure": 9671, "wind_dir": 239, "is_sun_up": true, "timestamp": "2026-04-13T12:00:00", "wind_speed": 607, "cloud_cover": 766, "time_offset": -65, "valid_stats": true, "allow_precip": true, "raw_air_temp": 772, "rel_humidity": 9999, "precip_amount": 42, "precip_chance": 9850, "affects_session": false}, {"index": 1, "air_temp": -125, "pressure": 9689, "wind_dir": 0, "is_sun_up": false, "timestamp": "2026-04-13T13:00:00", "wind_speed": 0, "cloud_cover": 0, "time_offset": -5, "valid_stats": true, "allow_precip": false, "raw_air_temp": -150, "rel_humidity": 10000, "precip_amount": 0, "precip_chance": 0, "affects_session": true}]', 'cbdc1136f8769bfc93af347018b02eee13285a67866bc5d1b160a0903699f7c1', 0, '2026-03-20 09:00:37.141468+00', '2026-03-20 10:00:37.141468+00', '3772b89e-7610-485f-9fab-7e0bda138559', 'weather_forecasts', '2026-03-20 09:00:37.141468+00');

INSERT INTO iracing.season_car_classes VALUES
	(1001, 1, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:36.727817+00', NULL, 'd28fd00e-bbe5-45bd-bb56-c73f27b94324'),
	(901, 1, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:36.727817+00', NULL, 'd28fd00e-bbe5-45bd-bb56-c73f27b94324'),
	(1002, 1, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:36.727817+00', NULL, 'd28fd00e-bbe5-45bd-bb56-c73f27b94324'),
	(1002, 2, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:36.727817+00', NULL, 'd28fd00e-bbe5-45bd-bb56-c73f27b94324'),
	(902, 2, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:36.727817+00', NULL, 'd28fd00e-bbe5-45bd-bb56-c73f27b94324');

INSERT INTO iracing.season_schedules VALUES
	(1002, 0, 20, 'rookie - every hour', '2026-03-17', '2026-03-29 18:00:00+00', 102, 'The Bowl', NULL, 'oval', 1, 'oval', 1, 60, NULL, NULL, NULL, NULL, NULL, true, 'Standing', 'Double-file Back', false, false, false, false, NULL, '{}', '{}', false, 25, NULL, NULL, NULL, 1, '2026-05-21 15:20:00', 1, '{15,35}', 2, 20, 55, 1, 4.47, 6, false, 0, 8, 1, -124949489675454, 30, 1.5, 'Light', 19.7, 19.6, 2.5, 5, 2, 1, 3, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:41.975577+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', true, true),
	(902, 0, 20, 'rookie - every hour', '2025-12-16', '2025-12-22 23:58:00+00', 102, 'The Bowl', NULL, NULL, NULL, 'oval', 1, 60, NULL, NULL, NULL, NULL, NULL, true, 'Standing', 'Double-file Back', false, false, false, false, NULL, NULL, NULL, false, 25, NULL, NULL, NULL, 1, '2026-05-21 15:20:00', 1, '{15,35}', 2, 20, 55, 1, 4.47, 6, false, 0, 8, 1, -124949489675454, 30, 1.5, 'Light', 19.7, 19.6, 2.5, 5, 2, 1, 3, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:42.372248+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', true, true),
	(901, 0, 10, 'rookie - every hour', '2025-12-16', '2025-12-22 23:58:00+00', 102, 'The Bowl', NULL, NULL, NULL, 'sports_car', 5, NULL, 20, 3, 2, 8, 0, true, 'Standing', 'Double-file Back', false, false, false, false, NULL, NULL, NULL, false, 25, NULL, NULL, NULL, 1, '2026-05-21 15:20:00', 1, '{15,35}', 2, 20, 55, 1, 4.47, 6, false, 0, 8, 1, -124949489675454, 30, 1.5, 'Light', 19.7, 19.6, 2.5, 5, 2, 1, 3, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:42.58762+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', true, true),
	(901, 1, 10, 'rookie - every hour', '2025-12-23', '2025-12-29 23:58:00+00', 101, 'Limestone Park', 'Full Course', NULL, NULL, 'sports_car', 5, NULL, 20, 3, 2, 8, 0, true, 'Standing', 'Double-file Back', false, false, false, false, NULL, NULL, NULL, false, 25, NULL, NULL, NULL, 1, '2026-05-21 15:20:00', 1, '{15,35}', 2, 20, 55, 1, 4.47, 6, false, 0, 8, 1, -124949489675454, 30, 1.5, 'Light', 19.7, 19.6, 2.5, 5, 2, 1, 3, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:42.58762+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', true, true),
	(1001, 0, 10, 'rookie - every hour', '2026-03-17', '2026-03-23 23:58:00+00', 102, 'The Bowl', NULL, 'oval', 1, 'sports_car', 5, NULL, 20, 3, 2, 8, 0, true, 'Standing', 'Double-file Back', false, false, false, false, NULL, '{}', '{}', false, 25, NULL, NULL, NULL, 1, '2026-05-21 15:20:00', 1, '{15,35}', 2, 20, 55, 1, 4.47, 6, false, 0, 8, 1, -124949489675454, 30, 1.5, 'Light', 19.7, 19.6, 2.5, 5, 2, 1, 3, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:53.037002+00', NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', true, true),
	(1001, 1, 10, 'rookie - every hour', '2026-03-24', '2026-03-30 22:45:00+00', 102, 'The Bowl', NULL, 'oval', 1, 'sports_car', 5, NULL, 20, 3, 2, 8, 0, true, 'Standing', 'Double-file Back', false, false, false, false, NULL, '{}', '{}', false, 25, NULL, NULL, NULL, 1, '2026-05-21 15:20:00', 1, '{15,35}', 2, 20, 55, 1, 4.47, 6, false, 0, 8, 1, -124949489675454, 30, 1.5, 'Light', 19.7, 19.6, 2.5, 5, 2, 1, 3, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:17:01.170075+00', '2026-11-27 20:17:01.170075+00', '3772b89e-7610-485f-9fab-7e0bda138559', true, true),
	(1002, 1, 20, 'rookie - every hour', '2026-03-24', '2026-03-30 23:58:00+00', 102, 'The Bowl', NULL, 'oval', 1, 'oval', 1, 60, NULL, NULL, NULL, NULL, NULL, true, 'Standing', 'Double-file Back', false, false, false, false, NULL, '{}', '{}', false, 25, NULL, NULL, NULL, 1, '2026-05-21 15:20:00', 1, '{15,35}', 2, 20, 55, 1, 4.47, 6, false, 0, 8, 1, -124949489675454, 30, 1.5, 'Light', 19.7, 19.6, 2.5, 5, 2, 1, 3, '2026-11-27 20:17:01.170075+00', '2026-11-27 20:17:01.170075+00', NULL, '3772b89e-7610-485f-9fab-7e0bda138559', true, false);

INSERT INTO iracing.seasons VALUES
	(1002, 20, 'Oval Tour  - 2026 Season 2 ', '2026 Season 2', 2026, 2, '2026-03-17 00:00:00+00', true, false, true, true, true, false, false, 0, 1, 1, 4, '{1}', 2, 4, 0, 0, 'Races every 2 hours at :45 past', '{mx5,road}', '{sports_car}', 17, 0, 0, 0, 0, true, false, 2, false, 0, false, false, false, false, 0, 0, 0, false, false, false, false, true, true, false, false, false, false, true, 169, 60, 15, NULL, NULL, false, false, true, '{"description": "Two heats\r\nand a feature", "heat_info_id": 7}', '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:40.438587+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', true, false),
	(902, 20, 'Oval Tour - 2026 Season 1', '2026 Season 1', 2026, 1, NULL, false, true, true, true, NULL, NULL, false, NULL, NULL, NULL, 4, '{4}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:42.372248+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', false, true),
	(901, 10, 'Rookie Cup - 2026 Season 1', '2026 Season 1', 2026, 1, NULL, false, true, true, true, NULL, NULL, false, NULL, NULL, NULL, 1, '{1}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:42.58762+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', false, true),
	(1001, 10, 'Rookie Cup - 2026 Season 2', '2026 Season 2', 2026, 2, '2026-03-17 00:00:00+00', true, false, true, true, false, false, false, 0, 1, 1, 1, '{1}', 2, 3, 0, 0, 'Races every 2 hours at :45 past', '{mx5,road}', '{sports_car}', 17, 0, 0, 0, 0, true, false, 2, false, 0, false, false, false, false, 0, 0, 0, false, false, false, false, true, true, false, false, false, false, true, 169, 60, NULL, 'A', NULL, false, false, false, NULL, '2026-11-27 20:16:36.727817+00', '2026-11-27 20:16:51.739627+00', NULL, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', true, false);

INSERT INTO iracing.series VALUES
	(20, 'Oval Tour', 'Oval Tour', 'oval', 1, 6, 40, 3, 0, 2020, 3, NULL, NULL, NULL, NULL, NULL, '<p>Ovals.</p>', '2026-11-27 20:16:35.567497+00', '2026-11-27 20:16:35.567497+00', NULL, 'ed6595e9-541d-4af6-af88-9bc247420d54', true, true, true, 4),
	(10, 'Beginners Cup', 'Rookie Cup', 'sports_car', 5, 4, 12, 0, 1, 2012, 1, 'https://forums.example/rookie-cup', 'road,rookie', 'rookie.png', NULL, NULL, '<p>For beginners.</p>', '2026-11-27 20:16:35.567497+00', '2026-11-27 20:16:47.447693+00', NULL, '461bcb40-bccb-4def-9fb6-b573479c9714', true, true, true, 1);

INSERT INTO iracing.series_licenses VALUES
	(10, 1, 'Rookie', 1, 4, '2026-11-27 20:16:35.567497+00', '2026-11-27 20:16:35.567497+00', NULL, 'ed6595e9-541d-4af6-af88-9bc247420d54'),
	(10, 2, 'Class D', 5, 8, '2026-11-27 20:16:35.567497+00', '2026-11-27 20:16:35.567497+00', NULL, 'ed6595e9-541d-4af6-af88-9bc247420d54'),
	(20, 4, 'Class B', 13, 16, '2026-11-27 20:16:35.567497+00', '2026-11-27 20:16:35.567497+00', NULL, 'ed6595e9-541d-4af6-af88-9bc247420d54');

INSERT INTO iracing.sync_runs OVERRIDING SYSTEM VALUE VALUES
	(1, 'ed6595e9-541d-4af6-af88-9bc247420d54', 'series', NULL, '2026-11-27 20:16:33.754845+00', '2026-11-27 20:16:35.697723+00', 'success', 5, 0, 0, 0, 0, 3, NULL, NULL),
	(23, '3772b89e-7610-485f-9fab-7e0bda138559', 'current_seasons', NULL, '2026-11-27 20:16:59.754246+00', '2026-11-27 20:16:59.945293+00', 'success', 0, 0, 5, 0, 0, 1, NULL, NULL),
	(2, 'd28fd00e-bbe5-45bd-bb56-c73f27b94324', 'past_seasons', '10...20', '2026-11-27 20:16:36.592428+00', '2026-11-27 20:16:36.798323+00', 'success', 15, 0, 0, 0, 0, 0, NULL, '{10,20}'),
	(3, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'car_classes', NULL, '2026-11-27 20:16:38.464719+00', '2026-11-27 20:16:38.74471+00', 'success', 5, 0, 0, 0, 0, 1, NULL, NULL),
	(4, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'cars', NULL, '2026-11-27 20:16:39.192256+00', '2026-11-27 20:16:39.522253+00', 'success', 1, 0, 0, 0, 0, 1, NULL, NULL),
	(5, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'current_seasons', NULL, '2026-11-27 20:16:40.190822+00', '2026-11-27 20:16:40.529408+00', 'success', 0, 2, 3, 0, 0, 1, NULL, NULL),
	(6, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'tracks', NULL, '2026-11-27 20:16:41.02835+00', '2026-11-27 20:16:41.283573+00', 'success', 2, 0, 0, 0, 0, 1, NULL, NULL),
	(24, '3772b89e-7610-485f-9fab-7e0bda138559', 'tracks', NULL, '2026-11-27 20:17:00.324119+00', '2026-11-27 20:17:00.439116+00', 'success', 0, 0, 2, 0, 0, 1, NULL, NULL),
	(25, '3772b89e-7610-485f-9fab-7e0bda138559', 'season_schedules', NULL, '2026-11-27 20:17:00.936496+00', '2026-11-27 20:17:01.356263+00', 'success', 2, 0, 5, 5, 0, 0, NULL, NULL),
	(7, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'season_schedules', NULL, '2026-11-27 20:16:41.7999+00', '2026-11-27 20:16:42.71175+00', 'success', 8, 8, 0, 0, 0, 3, NULL, NULL),
	(8, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', 'weather_forecasts', NULL, '2026-11-27 20:16:43.135878+00', '2026-11-27 20:16:43.336083+00', 'success', 6, 0, 0, 0, 0, 0, NULL, NULL),
	(9, '2328ca0e-bba7-4010-85f3-2a29550f07da', 'calendar_feeds', NULL, '2026-11-27 20:16:45.583153+00', '2026-11-27 20:16:46.094199+00', 'success', 25, 0, 0, 0, 0, 0, NULL, NULL),
	(10, '461bcb40-bccb-4def-9fb6-b573479c9714', 'series', NULL, '2026-11-27 20:16:46.890879+00', '2026-11-27 20:16:47.540209+00', 'success', 0, 1, 4, 0, 0, 3, NULL, NULL),
	(11, 'c4c84c08-a8c0-44d5-ac35-83d86a00ab15', 'past_seasons', '10...20', '2026-11-27 20:16:48.504555+00', '2026-11-27 20:16:48.739224+00', 'success', 0, 0, 10, 0, 0, 0, NULL, '{10,20}'),
	(12, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', 'car_classes', NULL, '2026-11-27 20:16:50.290465+00', '2026-11-27 20:16:50.484006+00', 'success', 0, 0, 2, 3, 0, 1, NULL, NULL),
	(13, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', 'cars', NULL, '2026-11-27 20:16:50.668415+00', '2026-11-27 20:16:51.375827+00', 'success', 0, 0, 1, 0, 0, 1, NULL, NULL),
	(14, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', 'current_seasons', NULL, '2026-11-27 20:16:51.573715+00', '2026-11-27 20:16:51.829315+00', 'partial', 0, 1, 1, 0, 1, 1, 'season_id=1002: season_year: Input should be a valid integer, unable to parse string as an integer', NULL),
	(15, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', 'tracks', NULL, '2026-11-27 20:16:52.220855+00', '2026-11-27 20:16:52.373758+00', 'success', 0, 0, 2, 0, 0, 1, NULL, NULL),
	(16, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', 'season_schedules', NULL, '2026-11-27 20:16:52.872181+00', '2026-11-27 20:16:53.145353+00', 'partial', 0, 2, 1, 0, 1, 0, 'season_id=1001 race_week_num=1: race_time_descriptors.1: Input should be a valid dictionary or instance of RaceTimeDescriptor; race_time_descriptors.2: Value error, repeats, but first_session_time or day_offset cannot be read', NULL),
	(26, '3772b89e-7610-485f-9fab-7e0bda138559', 'weather_forecasts', NULL, '2026-11-27 20:17:02.004111+00', '2026-11-27 20:17:02.295869+00', 'success', 2, 0, 4, 0, 0, 0, NULL, NULL),
	(17, 'bf8e5877-61b2-41c1-8743-80e44ebbb872', 'weather_forecasts', NULL, '2026-11-27 20:16:53.477227+00', '2026-11-27 20:16:53.548408+00', 'success', 0, 0, 6, 0, 0, 0, NULL, NULL),
	(18, '74769624-eaed-41d2-8954-a31f8769ea3c', 'calendar_feeds', NULL, '2026-11-27 20:16:54.997133+00', '2026-11-27 20:16:55.116826+00', 'success', 12, 7, 5, 0, 0, 0, NULL, NULL),
	(19, '0d844512-b1a7-44b3-b961-dc34cd050573', 'series', NULL, '2026-11-27 20:16:55.69395+00', '2026-11-27 20:16:56.078726+00', 'success', 0, 0, 5, 0, 0, 3, NULL, NULL),
	(20, 'a6e06c79-c5f7-482e-afb8-84041c6d111a', 'past_seasons', '10...20', '2026-11-27 20:16:57.127006+00', '2026-11-27 20:16:57.480897+00', 'success', 0, 0, 10, 0, 0, 0, NULL, '{10,20}'),
	(21, '3772b89e-7610-485f-9fab-7e0bda138559', 'car_classes', NULL, '2026-11-27 20:16:58.751088+00', '2026-11-27 20:16:58.862521+00', 'success', 0, 3, 2, 0, 0, 1, NULL, NULL),
	(22, '3772b89e-7610-485f-9fab-7e0bda138559', 'cars', NULL, '2026-11-27 20:16:59.1147+00', '2026-11-27 20:16:59.294993+00', 'success', 0, 0, 1, 0, 0, 1, NULL, NULL),
	(27, 'b53a4b09-9b49-4a36-8f18-fa89cf597600', 'tracks', NULL, '2026-11-27 20:17:05.28121+00', '2026-11-27 20:17:05.448907+00', 'failure', 0, 0, 0, 0, 0, 1, 'track/get: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).', NULL),
	(28, '78af6dc1-7f5a-462b-8f5c-5de3dedccff2', 'tracks', NULL, '2026-11-27 20:17:06.343731+00', '2026-11-27 20:17:06.474151+00', 'failure', 0, 0, 0, 0, 0, 1, 'track/get: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).', NULL);

INSERT INTO iracing.tracks VALUES
	(101, 'Limestone Park', 'Full Course', 'road', 2, 5, 'Road Course', '{road}', 9, 11.95, '$11.95', 1, true, false, true, false, false, 1.53, 7, false, false, NULL, 48.803066, 45, 62, 34, 66, 2, 8, 0, 41.9282105, -73.3839642, 'Somewhere', 'America/New_York', '2018-04-01', '2018-10-31', '2006-04-04 19:10:00+00', '2008-02-04 00:00:00+00', true, false, false, true, true, true, true, false, true, false, true, false, false, false, false, 1, '/img/tracks/limestone', '/img/logos/tracks/limestone.png', 'limestone-small.jpg', 'road', 'http://limestone.example/', 'limestone\full', '2026-11-27 20:16:41.183847+00', '2026-11-27 20:16:41.183847+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(102, 'The Bowl', NULL, 'oval', 1, NULL, NULL, '{}', 10, 0, NULL, NULL, NULL, NULL, false, NULL, false, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-27 20:16:41.183847+00', '2026-11-27 20:16:41.183847+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd');

INSERT INTO iracing.watched_runs VALUES
	('asset series', 'ed6595e9-541d-4af6-af88-9bc247420d54', '2026-11-27 20:16:36.042485+00', 'success', NULL, '{}', NULL),
	('asset past_seasons', 'd28fd00e-bbe5-45bd-bb56-c73f27b94324', '2026-11-27 20:16:37.076242+00', 'success', NULL, '{}', NULL),
	('asset car_classes', 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', '2026-11-27 20:16:43.862111+00', 'success', NULL, '{}', NULL),
	('asset cars', 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', '2026-11-27 20:16:43.862111+00', 'success', NULL, '{}', NULL),
	('asset current_seasons', 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', '2026-11-27 20:16:43.862111+00', 'success', NULL, '{}', NULL),
	('asset season_schedules', 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', '2026-11-27 20:16:43.862111+00', 'success', NULL, '{}', NULL),
	('asset tracks', 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', '2026-11-27 20:16:43.862111+00', 'success', NULL, '{}', NULL),
	('asset weather_forecasts', 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd', '2026-11-27 20:16:43.862111+00', 'success', NULL, '{}', NULL),
	('asset calendar_feeds', '2328ca0e-bba7-4010-85f3-2a29550f07da', '2026-11-27 20:16:46.209379+00', 'success', NULL, '{}', NULL),
	('asset series', '461bcb40-bccb-4def-9fb6-b573479c9714', '2026-11-27 20:16:47.869067+00', 'success', NULL, '{}', NULL),
	('asset past_seasons', 'c4c84c08-a8c0-44d5-ac35-83d86a00ab15', '2026-11-27 20:16:48.921866+00', 'success', NULL, '{}', NULL),
	('asset car_classes', 'bf8e5877-61b2-41c1-8743-80e44ebbb872', '2026-11-27 20:16:53.879118+00', 'success', NULL, '{}', NULL),
	('asset cars', 'bf8e5877-61b2-41c1-8743-80e44ebbb872', '2026-11-27 20:16:53.879118+00', 'success', NULL, '{}', NULL),
	('asset current_seasons', 'bf8e5877-61b2-41c1-8743-80e44ebbb872', '2026-11-27 20:16:53.879118+00', 'success', NULL, '{}', NULL),
	('asset season_schedules', 'bf8e5877-61b2-41c1-8743-80e44ebbb872', '2026-11-27 20:16:53.879118+00', 'success', NULL, '{}', NULL),
	('asset tracks', 'bf8e5877-61b2-41c1-8743-80e44ebbb872', '2026-11-27 20:16:53.879118+00', 'success', NULL, '{}', NULL),
	('asset weather_forecasts', 'bf8e5877-61b2-41c1-8743-80e44ebbb872', '2026-11-27 20:16:53.879118+00', 'success', NULL, '{}', NULL),
	('asset calendar_feeds', '74769624-eaed-41d2-8954-a31f8769ea3c', '2026-11-27 20:16:55.191937+00', 'success', NULL, '{}', NULL),
	('asset series', '0d844512-b1a7-44b3-b961-dc34cd050573', '2026-11-27 20:16:56.30215+00', 'success', NULL, '{}', NULL),
	('asset past_seasons', 'a6e06c79-c5f7-482e-afb8-84041c6d111a', '2026-11-27 20:16:57.736312+00', 'success', NULL, '{}', NULL),
	('asset car_classes', '3772b89e-7610-485f-9fab-7e0bda138559', '2026-11-27 20:17:02.610878+00', 'success', NULL, '{}', NULL),
	('asset cars', '3772b89e-7610-485f-9fab-7e0bda138559', '2026-11-27 20:17:02.610878+00', 'success', NULL, '{}', NULL),
	('asset current_seasons', '3772b89e-7610-485f-9fab-7e0bda138559', '2026-11-27 20:17:02.610878+00', 'success', NULL, '{}', NULL),
	('asset season_schedules', '3772b89e-7610-485f-9fab-7e0bda138559', '2026-11-27 20:17:02.610878+00', 'success', NULL, '{}', NULL),
	('asset tracks', '3772b89e-7610-485f-9fab-7e0bda138559', '2026-11-27 20:17:02.610878+00', 'success', NULL, '{}', NULL),
	('asset weather_forecasts', '3772b89e-7610-485f-9fab-7e0bda138559', '2026-11-27 20:17:02.610878+00', 'success', NULL, '{}', NULL),
	('asset tracks', 'b53a4b09-9b49-4a36-8f18-fa89cf597600', '2026-11-27 20:17:05.576777+00', 'failure', 'permanent', '{tracks}', 'track/get: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).'),
	('asset tracks', '78af6dc1-7f5a-462b-8f5c-5de3dedccff2', '2026-11-27 20:17:06.50947+00', 'failure', 'permanent', '{tracks}', 'track/get: HTTP 404 ''Not Found'': iRacing has no such thing (or no such data).');

INSERT INTO iracing.weather_forecasts VALUES
	(1001, 0, -65, '2026-04-13 12:00:00', 7.72, 18.63, 98.5, 4.2, 967.1, 6.07, 239, 76.6, 99.99, true, false, true, '2026-11-27 20:16:43.225498+00', '2026-11-27 20:16:43.225498+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(1001, 0, -5, '2026-04-13 13:00:00', -1.5, -1.25, 0, 0, 968.9, 0, 0, 0, 100, false, true, false, '2026-11-27 20:16:43.225498+00', '2026-11-27 20:16:43.225498+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(1002, 0, -65, '2026-04-13 12:00:00', 7.72, 18.63, 98.5, 4.2, 967.1, 6.07, 239, 76.6, 99.99, true, false, true, '2026-11-27 20:16:43.225498+00', '2026-11-27 20:16:43.225498+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(1002, 0, -5, '2026-04-13 13:00:00', -1.5, -1.25, 0, 0, 968.9, 0, 0, 0, 100, false, true, false, '2026-11-27 20:16:43.225498+00', '2026-11-27 20:16:43.225498+00', NULL, 'de7cac4c-06ec-4579-bcb5-2de68af0fbbd'),
	(1001, 1, -65, '2026-04-13 12:00:00', 7.72, 18.63, 98.5, 4.2, 967.1, 6.07, 239, 76.6, 99.99, true, false, true, '2026-11-27 20:16:43.225498+00', '2026-11-27 20:17:01.255427+00', '2026-11-27 20:17:01.255427+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(1001, 1, -5, '2026-04-13 13:00:00', -1.5, -1.25, 0, 0, 968.9, 0, 0, 0, 100, false, true, false, '2026-11-27 20:16:43.225498+00', '2026-11-27 20:17:01.255427+00', '2026-11-27 20:17:01.255427+00', '3772b89e-7610-485f-9fab-7e0bda138559'),
	(1002, 1, -65, '2026-04-13 12:00:00', 7.72, 18.63, 98.5, 4.2, 967.1, 6.07, 239, 76.6, 99.99, true, false, true, '2026-11-27 20:17:02.151443+00', '2026-11-27 20:17:02.151443+00', NULL, '3772b89e-7610-485f-9fab-7e0bda138559'),
	(1002, 1, -5, '2026-04-13 13:00:00', -1.5, -1.25, 0, 0, 968.9, 0, 0, 0, 100, false, true, false, '2026-11-27 20:17:02.151443+00', '2026-11-27 20:17:02.151443+00', NULL, '3772b89e-7610-485f-9fab-7e0bda138559');

SELECT pg_catalog.setval('iracing.announcements_announcement_id_seq', 3, true);

SELECT pg_catalog.setval('iracing.api_calls_call_id_seq', 29, true);

SELECT pg_catalog.setval('iracing.changes_change_id_seq', 17, true);

SELECT pg_catalog.setval('iracing.drift_drift_id_seq', 2, true);

SELECT pg_catalog.setval('iracing.quarantine_quarantine_id_seq', 2, true);

SELECT pg_catalog.setval('iracing.sync_runs_sync_run_id_seq', 28, true);

ALTER TABLE ONLY iracing.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY iracing.announced_changes
    ADD CONSTRAINT announced_changes_pkey PRIMARY KEY (change_id);

ALTER TABLE ONLY iracing.announcements
    ADD CONSTRAINT announcements_idempotency_key_key UNIQUE (idempotency_key);

ALTER TABLE ONLY iracing.announcements
    ADD CONSTRAINT announcements_pkey PRIMARY KEY (announcement_id);

ALTER TABLE ONLY iracing.api_calls
    ADD CONSTRAINT api_calls_pkey PRIMARY KEY (call_id);

ALTER TABLE ONLY iracing.calendar_events
    ADD CONSTRAINT calendar_events_pkey PRIMARY KEY (uid);

ALTER TABLE ONLY iracing.car_class_cars
    ADD CONSTRAINT car_class_cars_pkey PRIMARY KEY (car_class_id, car_id);

ALTER TABLE ONLY iracing.car_classes
    ADD CONSTRAINT car_classes_pkey PRIMARY KEY (car_class_id);

ALTER TABLE ONLY iracing.car_restrictions
    ADD CONSTRAINT car_restrictions_pkey PRIMARY KEY (season_id, race_week_num, car_id);

ALTER TABLE ONLY iracing.cars
    ADD CONSTRAINT cars_pkey PRIMARY KEY (car_id);

ALTER TABLE ONLY iracing.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (change_id);

ALTER TABLE ONLY iracing.drift
    ADD CONSTRAINT drift_endpoint_kind_field_found_key UNIQUE (endpoint, kind, field, found);

ALTER TABLE ONLY iracing.drift
    ADD CONSTRAINT drift_pkey PRIMARY KEY (drift_id);

ALTER TABLE ONLY iracing.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (name);

ALTER TABLE ONLY iracing.quarantine
    ADD CONSTRAINT quarantine_asset_endpoint_params_item_key_key UNIQUE (asset, endpoint, params, item_key);

ALTER TABLE ONLY iracing.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (quarantine_id);

ALTER TABLE ONLY iracing.race_time_descriptors
    ADD CONSTRAINT race_time_descriptors_pkey PRIMARY KEY (season_id, race_week_num, descriptor_num);

ALTER TABLE ONLY iracing.responses
    ADD CONSTRAINT responses_pkey PRIMARY KEY (endpoint, params);

ALTER TABLE ONLY iracing.season_car_classes
    ADD CONSTRAINT season_car_classes_pkey PRIMARY KEY (season_id, car_class_id);

ALTER TABLE ONLY iracing.season_schedules
    ADD CONSTRAINT season_schedules_pkey PRIMARY KEY (season_id, race_week_num);

ALTER TABLE ONLY iracing.seasons
    ADD CONSTRAINT seasons_pkey PRIMARY KEY (season_id);

ALTER TABLE ONLY iracing.series_licenses
    ADD CONSTRAINT series_licenses_pkey PRIMARY KEY (series_id, license_group);

ALTER TABLE ONLY iracing.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (series_id);

ALTER TABLE ONLY iracing.sync_runs
    ADD CONSTRAINT sync_runs_pkey PRIMARY KEY (sync_run_id);

ALTER TABLE ONLY iracing.tracks
    ADD CONSTRAINT tracks_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY iracing.watched_runs
    ADD CONSTRAINT watched_runs_pkey PRIMARY KEY (subject, run_id);

ALTER TABLE ONLY iracing.weather_forecasts
    ADD CONSTRAINT weather_forecasts_pkey PRIMARY KEY (season_id, race_week_num, time_offset);

ALTER TABLE ONLY iracing_private.oauth_tokens
    ADD CONSTRAINT oauth_tokens_pkey PRIMARY KEY (name);

CREATE INDEX announcements_waiting_idx ON iracing.announcements USING btree (kind, announcement_id) WHERE (acknowledged_at IS NULL);

CREATE INDEX api_calls_at_idx ON iracing.api_calls USING btree (at);

CREATE INDEX calendar_events_start_time_idx ON iracing.calendar_events USING btree (start_time);

CREATE INDEX cars_package_id_idx ON iracing.cars USING btree (package_id);

CREATE INDEX changes_changed_at_idx ON iracing.changes USING btree (changed_at);

CREATE INDEX changes_run_id_idx ON iracing.changes USING btree (run_id);

CREATE INDEX changes_table_name_key_idx ON iracing.changes USING btree (table_name, key);

CREATE INDEX quarantine_open_idx ON iracing.quarantine USING btree (asset) WHERE (resolved_at IS NULL);

CREATE INDEX season_schedules_series_id_idx ON iracing.season_schedules USING btree (series_id);

CREATE INDEX season_schedules_track_id_idx ON iracing.season_schedules USING btree (track_id);

CREATE INDEX season_schedules_week_end_time_start_date_idx ON iracing.season_schedules USING btree (week_end_time, start_date) WHERE (retired_at IS NULL);

CREATE INDEX seasons_series_id_idx ON iracing.seasons USING btree (series_id);

CREATE INDEX sync_runs_asset_started_at_idx ON iracing.sync_runs USING btree (asset, started_at);

CREATE INDEX tracks_package_id_idx ON iracing.tracks USING btree (package_id);

CREATE INDEX watched_runs_subject_ended_at_idx ON iracing.watched_runs USING btree (subject, ended_at);

ALTER TABLE ONLY iracing.announced_changes
    ADD CONSTRAINT announced_changes_announcement_id_fkey FOREIGN KEY (announcement_id) REFERENCES iracing.announcements(announcement_id) DEFERRABLE;

ALTER TABLE ONLY iracing.car_class_cars
    ADD CONSTRAINT car_class_cars_car_class_id_fkey FOREIGN KEY (car_class_id) REFERENCES iracing.car_classes(car_class_id) DEFERRABLE;

ALTER TABLE ONLY iracing.car_restrictions
    ADD CONSTRAINT car_restrictions_season_id_fkey FOREIGN KEY (season_id, race_week_num) REFERENCES iracing.season_schedules(season_id, race_week_num) DEFERRABLE;

ALTER TABLE ONLY iracing.race_time_descriptors
    ADD CONSTRAINT race_time_descriptors_season_id_fkey FOREIGN KEY (season_id, race_week_num) REFERENCES iracing.season_schedules(season_id, race_week_num) DEFERRABLE;

ALTER TABLE ONLY iracing.season_car_classes
    ADD CONSTRAINT season_car_classes_season_id_fkey FOREIGN KEY (season_id) REFERENCES iracing.seasons(season_id) DEFERRABLE;

ALTER TABLE ONLY iracing.season_schedules
    ADD CONSTRAINT season_schedules_season_id_fkey FOREIGN KEY (season_id) REFERENCES iracing.seasons(season_id) DEFERRABLE;

ALTER TABLE ONLY iracing.series_licenses
    ADD CONSTRAINT series_licenses_series_id_fkey FOREIGN KEY (series_id) REFERENCES iracing.series(series_id) DEFERRABLE;

ALTER TABLE ONLY iracing.weather_forecasts
    ADD CONSTRAINT weather_forecasts_season_id_fkey FOREIGN KEY (season_id, race_week_num) REFERENCES iracing.season_schedules(season_id, race_week_num) DEFERRABLE;
