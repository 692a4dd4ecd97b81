-- What people call a licence class.

CREATE OR REPLACE FUNCTION iracing_private.license_name(license_group integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{"1": "Rookie", "2": "Class D", "3": "Class C", "4": "Class B", "5": "Class A", "6": "Pro",
         "7": "Pro/WC"}'::jsonb ->> license_group::text;

COMMENT ON FUNCTION iracing_private.license_name(integer) IS
    'What people call a licence class; NULL for a number that is new.';
