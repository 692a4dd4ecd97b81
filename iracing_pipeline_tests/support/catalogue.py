"""What a database's schema is, as Postgres itself describes it.

In: a connection. Out: a line per schema, relation, column, constraint, index, view, function and the like,
with defaults and comments, so that two schemas are the same where their lines are.
"""

from __future__ import annotations

import json
from typing import Any

import psycopg

# Columns by their rank, not their number: a column that was dropped leaves a gap.
_CATALOGUE = """
WITH ours AS (SELECT * FROM pg_namespace WHERE nspname IN ('iracing', 'iracing_private')),
relations AS (
    SELECT c.*, n.nspname || '.' || c.relname AS name
    FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
)
SELECT jsonb_build_array('schema', nspname, nspacl::text, obj_description(oid, 'pg_namespace'))
FROM ours
UNION ALL
SELECT jsonb_build_array('relation', name, relkind, relpersistence, relrowsecurity, relacl::text,
    reloptions::text, obj_description(oid, 'pg_class'))
FROM relations
UNION ALL
SELECT jsonb_build_array('column', r.name, rank() OVER (PARTITION BY attrelid ORDER BY attnum),
    attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage,
    attcollation::regcollation::text, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum))
FROM pg_attribute JOIN relations r ON r.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT jsonb_build_array('constraint', r.name, conname, pg_get_constraintdef(c.oid), convalidated,
    obj_description(c.oid, 'pg_constraint'))
FROM pg_constraint c JOIN relations r ON r.oid = conrelid
UNION ALL
SELECT jsonb_build_array('index', pg_get_indexdef(indexrelid), indisvalid)
FROM pg_index JOIN relations r ON r.oid = indrelid
UNION ALL
SELECT jsonb_build_array('view', name, pg_get_viewdef(oid)) FROM relations WHERE relkind = 'v'
UNION ALL
SELECT jsonb_build_array('function', pg_get_functiondef(p.oid), proacl::text,
    obj_description(p.oid, 'pg_proc'))
FROM pg_proc p JOIN ours n ON n.oid = pronamespace
UNION ALL
SELECT jsonb_build_array('sequence', r.name, seqstart, seqincrement, seqmax, seqmin, seqcycle)
FROM pg_sequence JOIN relations r ON r.oid = seqrelid
UNION ALL
SELECT jsonb_build_array('trigger', r.name, pg_get_triggerdef(t.oid))
FROM pg_trigger t JOIN relations r ON r.oid = tgrelid WHERE NOT tgisinternal
"""


def catalogue(connection: psycopg.Connection[Any]) -> list[str]:
    """The description, sorted."""
    return sorted(json.dumps(line) for (line,) in connection.execute(_CATALOGUE))
