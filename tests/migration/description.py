"""What a database says about its own tables, as lines that can be compared.

Alembic's comparison overlooks the predicates of partial indexes, storage options and more; the databases' own
catalogues do not.
"""

from __future__ import annotations

from sqlalchemy import Connection

_SQLITE = """
    SELECT m.name, 'without rowid', l.wr, l.strict
    FROM sqlite_master m JOIN pragma_table_list(m.name) l WHERE m.type = 'table';

    SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
    FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table';

    SELECT m.name, f."from", f."table", f."to", f.on_delete
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table';

    SELECT m.name, i."unique", i.origin, i.partial, k.seqno, k.name
    FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) k
    WHERE m.type = 'table';

    SELECT name, tbl_name, sql
    FROM sqlite_master WHERE (type <> 'table' AND sql IS NOT NULL) OR sql GLOB 'CREATE VIRTUAL*'
"""

_POSTGRES = """
    SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
        attgenerated, pg_get_expr(adbin, adrelid)
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    JOIN pg_class ON pg_class.oid = attrelid
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped;

    SELECT relname, relkind, relpersistence, reloptions
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S');

    SELECT conrelid::regclass, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace;

    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public';

    SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal;

    SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def described(connection: Connection) -> set[str]:
    """One line for each column, key, index, option, trigger and virtual table; not for Alembic's own."""
    queries = (_SQLITE if connection.dialect.name == "sqlite" else _POSTGRES).split(";")
    rows = (row for query in queries for row in connection.exec_driver_sql(query))
    lines = {" ".join(" ".join(str(part) for part in row).split()) for row in rows}
    return {line for line in lines if "alembic_version" not in line}
