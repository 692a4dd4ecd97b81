-- All tables of revisions 0001 to 0011. Comments are in warehouse/schema, views and functions in files of their own.

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
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    active boolean,
    official boolean,
    fixed_setup boolean,
    license_group integer,
    PRIMARY KEY (series_id),
    CONSTRAINT series_first_season_quarter_check CHECK (first_season_quarter BETWEEN 1 AND 4)
);

CREATE TABLE iracing.series_licenses (
    series_id integer NOT NULL,
    license_group integer NOT NULL,
    group_name text,
    min_license_level integer,
    max_license_level integer,
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (series_id, license_group),
    CONSTRAINT series_licenses_levels_check CHECK (min_license_level >= 0 AND max_license_level >= 0),
    CONSTRAINT series_licenses_series_id_fkey FOREIGN KEY (series_id) REFERENCES iracing.series (series_id) DEFERRABLE
);

CREATE TABLE iracing.seasons (
    season_id integer NOT NULL,
    series_id integer NOT NULL,
    season_name text NOT NULL,
    season_short_name text,
    season_year integer,
    season_quarter smallint,
    start_date timestamptz,
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
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    has_rules boolean DEFAULT false NOT NULL,
    has_final_schedule boolean DEFAULT false NOT NULL,
    PRIMARY KEY (season_id),
    CONSTRAINT seasons_max_weeks_check CHECK (max_weeks >= 0),
    CONSTRAINT seasons_season_quarter_check CHECK (season_quarter BETWEEN 1 AND 4),
    CONSTRAINT seasons_season_year_check CHECK (season_year >= 2008)
);

CREATE INDEX seasons_series_id_idx ON iracing.seasons (series_id);

CREATE TABLE iracing.season_car_classes (
    season_id integer NOT NULL,
    car_class_id integer NOT NULL,
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (season_id, car_class_id),
    CONSTRAINT season_car_classes_season_id_fkey FOREIGN KEY (season_id) REFERENCES iracing.seasons (season_id) DEFERRABLE
);

CREATE TABLE iracing.season_schedules (
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    series_id integer,
    schedule_name text,
    start_date date,
    week_end_time timestamptz,
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
    simulated_start_time timestamp,
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
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    is_in_schedule boolean DEFAULT false NOT NULL,
    is_in_index boolean DEFAULT false NOT NULL,
    PRIMARY KEY (season_id, race_week_num),
    CONSTRAINT season_schedules_race_week_num_check CHECK (race_week_num >= 0),
    CONSTRAINT season_schedules_week_bounds_check CHECK (week_end_time >= (start_date::timestamp AT TIME ZONE 'UTC')),
    CONSTRAINT season_schedules_season_id_fkey FOREIGN KEY (season_id) REFERENCES iracing.seasons (season_id) DEFERRABLE
);

CREATE INDEX season_schedules_series_id_idx ON iracing.season_schedules (series_id);

CREATE INDEX season_schedules_track_id_idx ON iracing.season_schedules (track_id);

CREATE INDEX season_schedules_week_end_time_start_date_idx ON iracing.season_schedules (week_end_time, start_date) WHERE retired_at IS NULL;

CREATE TABLE iracing.race_time_descriptors (
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    descriptor_num smallint NOT NULL,
    repeating boolean NOT NULL,
    session_minutes integer,
    super_session boolean,
    start_date date,
    day_offset integer[],
    first_session_time time,
    repeat_minutes integer,
    session_times timestamptz[],
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (season_id, race_week_num, descriptor_num),
    CONSTRAINT race_time_descriptors_repeat_minutes_check CHECK (repeat_minutes > 0),
    CONSTRAINT race_time_descriptors_says_when_check CHECK (CASE WHEN repeating THEN first_session_time IS NOT NULL AND day_offset IS NOT NULL ELSE session_times IS NOT NULL END),
    CONSTRAINT race_time_descriptors_session_minutes_check CHECK (session_minutes >= 0),
    CONSTRAINT race_time_descriptors_season_id_fkey FOREIGN KEY (season_id, race_week_num) REFERENCES iracing.season_schedules (season_id, race_week_num) DEFERRABLE
);

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
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (season_id, race_week_num, car_id),
    CONSTRAINT car_restrictions_season_id_fkey FOREIGN KEY (season_id, race_week_num) REFERENCES iracing.season_schedules (season_id, race_week_num) DEFERRABLE
);

CREATE TABLE iracing.weather_forecasts (
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    time_offset integer NOT NULL,
    timestamp timestamp,
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
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (season_id, race_week_num, time_offset),
    CONSTRAINT weather_forecasts_season_id_fkey FOREIGN KEY (season_id, race_week_num) REFERENCES iracing.season_schedules (season_id, race_week_num) DEFERRABLE
);

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
    created timestamptz,
    first_sale timestamptz,
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
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (track_id)
);

CREATE INDEX tracks_package_id_idx ON iracing.tracks (package_id);

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
    created timestamptz,
    first_sale timestamptz,
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
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (car_id)
);

CREATE INDEX cars_package_id_idx ON iracing.cars (package_id);

CREATE TABLE iracing.car_classes (
    car_class_id integer NOT NULL,
    name text NOT NULL,
    short_name text,
    relative_speed integer,
    rain_enabled boolean,
    cust_id integer,
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (car_class_id)
);

CREATE TABLE iracing.car_class_cars (
    car_class_id integer NOT NULL,
    car_id integer NOT NULL,
    car_dirpath text,
    rain_enabled boolean,
    retired boolean,
    first_seen_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    retired_at timestamptz,
    run_id text NOT NULL,
    PRIMARY KEY (car_class_id, car_id),
    CONSTRAINT car_class_cars_car_class_id_fkey FOREIGN KEY (car_class_id) REFERENCES iracing.car_classes (car_class_id) DEFERRABLE
);

CREATE TABLE iracing.responses (
    endpoint text NOT NULL,
    params jsonb NOT NULL,
    body jsonb NOT NULL,
    sha256 text NOT NULL,
    bytes integer NOT NULL,
    fetched_at timestamptz NOT NULL,
    expires_at timestamptz,
    run_id text NOT NULL,
    asset text,
    same_since timestamptz,
    PRIMARY KEY (endpoint, params)
);

CREATE TABLE iracing.api_calls (
    call_id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    endpoint text NOT NULL,
    params jsonb NOT NULL,
    status integer,
    milliseconds integer,
    bytes integer,
    from_cache boolean NOT NULL,
    ratelimit_remaining integer,
    error text,
    run_id text NOT NULL,
    PRIMARY KEY (call_id)
);

CREATE INDEX api_calls_at_idx ON iracing.api_calls (at);

CREATE TABLE iracing.sync_runs (
    sync_run_id bigint GENERATED ALWAYS AS IDENTITY,
    run_id text NOT NULL,
    asset text NOT NULL,
    partition text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    status text NOT NULL,
    inserted integer,
    updated integer,
    unchanged integer,
    retired integer,
    quarantined integer,
    api_calls integer,
    message text,
    series_ids integer[],
    PRIMARY KEY (sync_run_id),
    CONSTRAINT sync_runs_status_check CHECK (status IN ('running', 'success', 'partial', 'failure', 'skipped'))
);

CREATE INDEX sync_runs_asset_started_at_idx ON iracing.sync_runs (asset, started_at);

CREATE TABLE iracing.changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    key jsonb NOT NULL,
    kind text NOT NULL,
    before jsonb,
    after jsonb,
    changed_at timestamptz NOT NULL,
    run_id text NOT NULL,
    PRIMARY KEY (change_id),
    CONSTRAINT changes_before_and_after_check CHECK ((before IS NULL) = (kind = 'inserted') AND (after IS NULL) = (kind = 'retired')),
    CONSTRAINT changes_kind_check CHECK (kind IN ('inserted', 'updated', 'retired', 'restored'))
);

CREATE INDEX changes_changed_at_idx ON iracing.changes (changed_at);

CREATE INDEX changes_run_id_idx ON iracing.changes (run_id);

CREATE INDEX changes_table_name_key_idx ON iracing.changes (table_name, key);

CREATE TABLE iracing.quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY,
    endpoint text NOT NULL,
    params jsonb NOT NULL,
    item_key text NOT NULL,
    reason text NOT NULL,
    payload jsonb,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    resolved_at timestamptz,
    asset text NOT NULL,
    run_id text NOT NULL,
    PRIMARY KEY (quarantine_id),
    CONSTRAINT quarantine_asset_endpoint_params_item_key_key UNIQUE (asset, endpoint, params, item_key)
);

CREATE INDEX quarantine_open_idx ON iracing.quarantine (asset) WHERE resolved_at IS NULL;

CREATE TABLE iracing.drift (
    drift_id bigint GENERATED ALWAYS AS IDENTITY,
    endpoint text NOT NULL,
    kind text NOT NULL,
    field text NOT NULL,
    found text NOT NULL,
    occurrences integer NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    resolved_at timestamptz,
    asset text NOT NULL,
    run_id text NOT NULL,
    PRIMARY KEY (drift_id),
    CONSTRAINT drift_kind_check CHECK (kind IN ('new_field', 'vanished_field', 'new_type')),
    CONSTRAINT drift_endpoint_kind_field_found_key UNIQUE (endpoint, kind, field, found)
);

CREATE TABLE iracing.calendar_events (
    uid text NOT NULL,
    series_id integer NOT NULL,
    season_id integer NOT NULL,
    race_week_num integer NOT NULL,
    start_time timestamptz NOT NULL,
    session_minutes integer,
    license_group integer,
    summary text NOT NULL,
    location text,
    description text NOT NULL,
    categories text[] NOT NULL,
    sequence integer NOT NULL,
    last_modified timestamptz NOT NULL,
    cancelled_at timestamptz,
    PRIMARY KEY (uid),
    CONSTRAINT calendar_events_sequence_check CHECK (sequence >= 0)
);

CREATE INDEX calendar_events_start_time_idx ON iracing.calendar_events (start_time);

CREATE TABLE iracing.installation (
    name text NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE iracing_private.oauth_tokens (
    name text NOT NULL,
    value text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE iracing.announcements (
    announcement_id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    idempotency_key text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_attempt_at timestamptz,
    not_before timestamptz,
    problem text,
    acknowledged_at timestamptz,
    PRIMARY KEY (announcement_id),
    CONSTRAINT announcements_kind_check CHECK (kind IN ('schedule_changes', 'run_failure', 'run_recovered')),
    CONSTRAINT announcements_idempotency_key_key UNIQUE (idempotency_key)
);

CREATE INDEX announcements_waiting_idx ON iracing.announcements (kind, announcement_id) WHERE acknowledged_at IS NULL;

CREATE TABLE iracing.announced_changes (
    change_id bigint NOT NULL,
    announcement_id bigint,
    PRIMARY KEY (change_id),
    CONSTRAINT announced_changes_announcement_id_fkey FOREIGN KEY (announcement_id) REFERENCES iracing.announcements (announcement_id) DEFERRABLE
);

CREATE TABLE iracing.watched_runs (
    subject text NOT NULL,
    run_id text NOT NULL,
    ended_at timestamptz NOT NULL,
    outcome text NOT NULL,
    kind text,
    failed_assets text[],
    message text,
    PRIMARY KEY (subject, run_id),
    CONSTRAINT watched_runs_outcome_check CHECK (outcome IN ('success', 'failure', 'neutral'))
);

CREATE INDEX watched_runs_subject_ended_at_idx ON iracing.watched_runs (subject, ended_at);
