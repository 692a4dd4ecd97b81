-- A recorded value as people read it. With its owner's rights: readers of the views that call it may not use
-- its schema, where the tokens are.

CREATE OR REPLACE FUNCTION iracing_private.word(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

COMMENT ON FUNCTION iracing_private.word(jsonb) IS 'A recorded value as people read it.';
