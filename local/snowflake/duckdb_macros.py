"""DuckDB macros for Snowflake's functions that DuckDB lacks, and helpers to call them.

The macros are in fakesnow's own database, so that a view that uses one works in every session.
They read the session's parameters from variables of the connection. Each decides by the
argument's type when the statement is bound, not for each row.
"""

from __future__ import annotations

from string import Template

from fakesnow.instance import GLOBAL_DATABASE_NAME
from sqlglot import Expr, exp

HOME = f"{GLOBAL_DATABASE_NAME}.main"
TEXT = "_text"
VARIANT = "_variant"
PAIR = "_pair"
PAIR_OR_NULL = "_pair_or_null"
OBJECT = "_object"
TO_ZONE = "_to_zone"
AT_SESSION_ZONE = "_at_session_zone"
# A macro repeats its argument: arguments of more nodes are not passed to macros.
MAX_NODES = 60

# A cast through VARCHAR lets every branch bind, whatever the argument's type.
_AS_NTZ = "TRY_CAST(v::VARCHAR AS TIMESTAMP)"
_AS_TZ = "TRY_CAST(v::VARCHAR AS TIMESTAMPTZ)"
_AS_UTC = f"timezone('UTC', {_AS_TZ})"
_TEXTS = f"""
    WHEN 'TIMESTAMP' THEN {{}}(strftime({_AS_NTZ}, getvariable('text_ntz')))
    WHEN 'TIMESTAMP_NS' THEN {{}}(strftime({_AS_NTZ}, getvariable('text_ntz')))
    WHEN 'TIMESTAMP WITH TIME ZONE' THEN {{}}(strftime({_AS_UTC}, getvariable('text_tz')))
    WHEN 'DATE' THEN {{}}(strftime(TRY_CAST(v::VARCHAR AS DATE), getvariable('text_date')))
"""

MACROS = f"""
CREATE OR REPLACE MACRO {HOME}.{TEXT}(v) AS (
    CASE typeof(v) {_TEXTS.replace("{}", "")}
    WHEN 'JSON' THEN v::JSON ->> '$'
    ELSE v::VARCHAR END
);
CREATE OR REPLACE MACRO {HOME}.{VARIANT}(v) AS (
    CASE WHEN v IS NULL THEN NULL ELSE
    CASE typeof(v) {_TEXTS.replace("{}", "to_json")}
    -- DuckDB's sum of integers, which it would write as 18.0.
    WHEN 'HUGEINT' THEN v::VARCHAR::JSON
    WHEN 'BLOB' THEN to_json(hex(TRY_CAST(v::VARCHAR AS BLOB)))
    ELSE to_json(v) END END
);
CREATE OR REPLACE MACRO {HOME}.{PAIR}(k, v) AS (
    to_json(k::VARCHAR)::VARCHAR || ':' || v::VARCHAR
);
CREATE OR REPLACE MACRO {HOME}.{PAIR_OR_NULL}(k, v) AS (
    to_json(k::VARCHAR)::VARCHAR || ':' || COALESCE(v::VARCHAR, 'null')
);
CREATE OR REPLACE MACRO {HOME}.{OBJECT}(pairs) AS (
    ('{{' || COALESCE(array_to_string(pairs, ','), '') || '}}')::JSON
);
CREATE OR REPLACE MACRO {HOME}.{TO_ZONE}(zone, v) AS (
    CASE typeof(v)
    WHEN 'TIMESTAMP WITH TIME ZONE' THEN timezone(zone, {_AS_TZ})
    WHEN 'TIMESTAMP' THEN timezone(zone, timezone(getvariable('zone'), {_AS_NTZ}))
    ELSE timezone(zone, {_AS_TZ}) END
);
CREATE OR REPLACE MACRO {HOME}.{AT_SESSION_ZONE}(v) AS (
    CASE typeof(v)
    WHEN 'TIMESTAMP' THEN timezone(getvariable('zone'), {_AS_NTZ})
    WHEN 'DATE' THEN timezone(getvariable('zone'), {_AS_NTZ})
    WHEN 'VARCHAR' THEN CASE
        WHEN length(v::VARCHAR) > 10
            AND regexp_matches(v::VARCHAR, '([zZ]|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')
        THEN v::VARCHAR::TIMESTAMPTZ
        ELSE timezone(getvariable('zone'), v::VARCHAR::TIMESTAMP) END
    ELSE v::VARCHAR::TIMESTAMPTZ END
);
"""
_OBJECT_CONSTRUCT_STAR = Template(
    """
CREATE OR REPLACE MACRO "$database".main._fs_object_construct_star(row_value) AS (
    SELECT COALESCE(json_group_object(key, value::JSON), '{}'::JSON)
    FROM (
        UNPIVOT (
            SELECT $home.$variant(COLUMNS(*)) FROM (SELECT UNNEST(row_value))
        ) ON COLUMNS(*)::VARCHAR INTO NAME key VALUE value
    )
)
"""
)


def object_construct_star(database: str) -> str:
    """fakesnow's macro for `OBJECT_CONSTRUCT(*)` in one database, with timestamps as text."""
    return _OBJECT_CONSTRUCT_STAR.substitute(database=database, home=HOME, variant=VARIANT)


def call(name: str, *arguments: Expr) -> Expr:
    """A call of a DuckDB function, or of one of these macros if the name begins with `_`."""
    qualified = f"{HOME}.{name}" if name.startswith("_") else name
    return exp.Anonymous(this=qualified, expressions=list(arguments))


def may_be_time(node: Expr) -> bool:
    """True if a value may be a time, as far as the tree shows."""
    return is_small(node) and not isinstance(
        node, exp.Literal | exp.Null | exp.Boolean | exp.JSONExtract | exp.JSONExtractScalar
    )


def is_small(node: Expr) -> bool:
    """True if the node has few enough nodes to be repeated as a macro's argument."""
    if node.find(exp.Query, exp.ArrayAgg) is not None:
        return False
    if any(HOME in str(one.this) for one in node.find_all(exp.Anonymous)):
        return False
    return sum(1 for _ in node.walk()) <= MAX_NODES
