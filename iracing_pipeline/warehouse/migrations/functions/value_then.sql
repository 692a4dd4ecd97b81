-- The value that a column held at the time of a change that did not touch it. With its owner's rights, as word.

CREATE OR REPLACE FUNCTION iracing_private.value_then(
    of_table text, of_key jsonb, of_change bigint, name text, value_now text
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    -- A column that a change does not name had the value that the next change of it found, or that
    -- it has now.
    SELECT CASE WHEN count(*) = 0 THEN value_now ELSE max(value) END
    FROM (
        SELECT before ->> name AS value FROM iracing.changes
        WHERE table_name = of_table AND key = of_key AND change_id > of_change AND before ? name
        ORDER BY change_id LIMIT 1
    ) AS next
$function$;

COMMENT ON FUNCTION iracing_private.value_then(text, jsonb, bigint, text, text) IS
    'What a column held at the time of a change that did not touch it.';
