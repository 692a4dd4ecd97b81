-- A recorded value as people say it: codes by name, numbers with their unit. Codes are looked up by their
-- text, so that no number there may ever be is too large or too broken for it.

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
        WHEN reading = 'licence' THEN coalesce(license.names ->> word, word)
        -- Four levels to a class; people write them as a safety rating.
        WHEN reading = 'level' AND word ~ '^[0-9]{1,9}$' THEN coalesce(
            (license.names ->> ((word::int + 3) / 4)::text) || ' ' || (word::int + 3) % 4 + 1 || '.0', word)
        WHEN reading = 'sky' THEN coalesce(
            '{"0": "clear", "1": "partly cloudy", "2": "mostly cloudy", "3": "overcast"}'::jsonb ->> word,
            word)
        WHEN reading = 'direction' THEN coalesce(
            '{"0": "N", "1": "NE", "2": "E", "3": "SE", "4": "S", "5": "SW", "6": "W", "7": "NW"}'::jsonb
            ->> word, word)
        WHEN reading = 'cars' THEN (
            SELECT string_agg(coalesce(c.car_name, 'car ' || id), ', ' ORDER BY position)
            FROM jsonb_array_elements_text(value) WITH ORDINALITY AS items (id, position)
            LEFT JOIN iracing.cars c ON c.car_id::text = id)
        WHEN reading = 'car classes' THEN (
            SELECT string_agg(coalesce(c.short_name, c.name, 'car class ' || id), ', ' ORDER BY position)
            FROM jsonb_array_elements_text(value) WITH ORDINALITY AS items (id, position)
            LEFT JOIN iracing.car_classes c ON c.car_class_id::text = id)
        WHEN reading = 'days' THEN (
            SELECT string_agg(coalesce(to_char(first_day + (number::numeric % 7)::int, 'Dy'),
                                       'day ' || number::numeric + 1),
                              ', ' ORDER BY position)
            FROM jsonb_array_elements_text(value) WITH ORDINALITY AS items (number, position))
        ELSE word
    END
    FROM (SELECT iracing_private.word(value)) AS plain (word),
         (SELECT '{"1": "Rookie", "2": "Class D", "3": "Class C", "4": "Class B", "5": "Class A", "6": "Pro",
                   "7": "Pro/WC"}'::jsonb) AS license (names);
END;

COMMENT ON FUNCTION iracing_private.value_in_words(jsonb, text, date) IS
    'A recorded value as people say it. `reading` is its unit, or says what the code stands for; '
    '`first_day` is what days are counted from.';
