-- A recorded value as people say it: codes by name, numbers with their unit.

CREATE OR REPLACE FUNCTION iracing_private.value_in_words(value jsonb, reading text, first_day date)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN word IS NULL THEN NULL
        WHEN jsonb_typeof(value) = 'boolean' THEN
            CASE WHEN reading = 'set-up' THEN CASE WHEN value::boolean THEN 'fixed' ELSE 'open' END
                 ELSE CASE WHEN value::boolean THEN 'yes' ELSE 'no' END END
        WHEN reading IN ('%', 'min', 'kg', 'm/s', 'mm/h', '°C') THEN word || ' ' || reading
        WHEN reading = 'time' THEN left(word, 5) || ' UTC'
        WHEN reading = 'name' THEN replace(word, '_', ' ')
        WHEN reading = 'licence' THEN coalesce(iracing_private.license_name(word::int), word)
        -- Four levels to a class; people write them as a safety rating.
        WHEN reading = 'level' THEN coalesce(
            iracing_private.license_name(((word::bigint + 3) / 4)::int)
            || ' ' || (word::bigint + 3) % 4 + 1 || '.0', word)
        WHEN reading = 'sky' THEN coalesce(
            '["clear", "partly cloudy", "mostly cloudy", "overcast"]'::jsonb ->> word::int, word)
        WHEN reading = 'direction' THEN coalesce(
            '["N", "NE", "E", "SE", "S", "SW", "W", "NW"]'::jsonb ->> word::int, word)
        WHEN reading = 'cars' THEN (
            SELECT string_agg(coalesce(c.car_name, 'car ' || id), ', ' ORDER BY position)
            FROM jsonb_array_elements_text(value) WITH ORDINALITY AS items (id, position)
            LEFT JOIN iracing.cars c ON c.car_id = id::int)
        WHEN reading = 'car classes' THEN (
            SELECT string_agg(coalesce(c.short_name, c.name, 'car class ' || id), ', ' ORDER BY position)
            FROM jsonb_array_elements_text(value) WITH ORDINALITY AS items (id, position)
            LEFT JOIN iracing.car_classes c ON c.car_class_id = id::int)
        WHEN reading = 'days' THEN (
            SELECT string_agg(coalesce(to_char(first_day + number::int % 7, 'Dy'), 'day ' || number::bigint + 1),
                              ', ' ORDER BY position)
            FROM jsonb_array_elements_text(value) WITH ORDINALITY AS items (number, position))
        ELSE word
    END
    FROM (SELECT iracing_private.word(value)) AS plain (word);
END;

COMMENT ON FUNCTION iracing_private.value_in_words(jsonb, text, date) IS
    'A recorded value as people say it. `reading` is its unit, or says what the code stands for; '
    '`first_day` is what days are counted from.';
