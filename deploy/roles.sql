-- Who may what in a database of the pipeline: docs/security.md. For an administrator of the server, after the first
-- `iracing-pipeline db upgrade`; run again after every upgrade, or never: a second time changes nothing.
--   psql --single-transaction -v ON_ERROR_STOP=1 -f deploy/roles.sql racing

-- The owner is who has run the first upgrade, and stays the one who runs the others.
DO $$
BEGIN
    CREATE ROLE iracing_writer NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    CREATE ROLE iracing_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- Writes rows, and cannot change a table: syncs, maintenance, rebuilds, calendars, and Dagster's own records.
GRANT USAGE ON SCHEMA iracing, iracing_private TO iracing_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA iracing, iracing_private TO iracing_writer;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA iracing, iracing_private TO iracing_writer;

-- Reads views and tables; no tokens, and nothing of what iRacing answered but when.
GRANT USAGE ON SCHEMA iracing TO iracing_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA iracing TO iracing_reader;
REVOKE SELECT ON iracing.responses FROM iracing_reader;
GRANT SELECT (endpoint, params, fetched_at, expires_at) ON iracing.responses TO iracing_reader;

-- What a later version adds, and Dagster's schema where it is in this database.
DO $$
DECLARE
    one text;
    owner regrole;
BEGIN
    FOR one, owner IN
        SELECT nspname, nspowner::regrole FROM pg_namespace
        WHERE nspname IN ('iracing', 'iracing_private', 'dagster')
    LOOP
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %I '
            'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO iracing_writer', owner, one);
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %I '
            'GRANT USAGE, SELECT ON SEQUENCES TO iracing_writer', owner, one);
        IF one = 'iracing' THEN
            EXECUTE format(
                'ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA iracing GRANT SELECT ON TABLES TO iracing_reader',
                owner);
        ELSIF one = 'dagster' THEN
            GRANT USAGE ON SCHEMA dagster TO iracing_writer;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dagster TO iracing_writer;
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA dagster TO iracing_writer;
        END IF;
    END LOOP;
END $$;
