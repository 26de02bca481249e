"""DuckDB macros for Snowflake's functions that DuckDB lacks, and helpers to call them.

The macros are in fakesnow's own database, so that a view that uses one works in every session.
They read the session's parameters from variables of the connection. Each decides by the
argument's type. DuckDB writes a macro's argument wherever the macro names it, so that macros within
macros would be planned for seconds: those that name theirs often hand it to a lambda, once. So does
the replacement of fakesnow's own macro for timestamps.
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
NTZ_ONLY = "_ntz_only"
NOT_FLOAT = "_not_float"
AS_NTZ = "_as_ntz"
AS_TZ = "_as_tz"
AS_VARCHAR = "_as_varchar"
TRY_NTZ = "_try_ntz"
TRY_TZ = "_try_tz"
# Macros that `translate.before` names without their database; `translate.after` completes the name.
# Until then they do not hide from `is_small` that the expression around them may be a time.
UNQUALIFIED = (NTZ_ONLY, AS_NTZ, AS_TZ, AS_VARCHAR, TRY_NTZ, TRY_TZ)
# Each macro adds to a statement's plan: arguments of more nodes are not passed to macros.
MAX_NODES = 60

# A cast through VARCHAR lets every branch bind, whatever the argument's type.
_AS_NTZ = "TRY_CAST(v::VARCHAR AS TIMESTAMP)"
_AS_TZ = "TRY_CAST(v::VARCHAR AS TIMESTAMPTZ)"
_AS_UTC = f"timezone('UTC', {_AS_TZ})"
# Text with a time of the day and an offset.
_HAS_OFFSET = "regexp_matches(v::VARCHAR, ':[0-9]{2}.*([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)$')"
# DuckDB reads no blank before an offset, as Snowflake writes it.
_OFFSET_TEXT = r"regexp_replace(v::VARCHAR, ' +([+-])', '\1')"
_WHOLE = "typeof(v) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT')"
_NUMERIC = f"({_WHOLE} OR typeof(v) LIKE 'DECIMAL%')"
# Seconds since 1970, whatever the number's size; a FLOAT or BOOLEAN is no time.
# https://docs.snowflake.com/en/sql-reference/functions/to_timestamp
_SECONDS = "make_timestamp((TRY_CAST(v::VARCHAR AS DECIMAL(38, 6)) * 1000000)::BIGINT)"
# DuckDB's name of the type, as Snowflake writes it.
_TYPE_NAME = (
    "CASE WHEN typeof(v) = 'DOUBLE' THEN 'FLOAT'"
    " WHEN typeof(v) = 'TIMESTAMP WITH TIME ZONE' THEN 'TIMESTAMP_TZ(9)'"
    f" WHEN {_WHOLE} THEN 'NUMBER(38,0)' ELSE replace(typeof(v), 'DECIMAL', 'NUMBER') END"
)
_INVALID_ARGUMENTS = (
    "error('SQL compilation error: Invalid argument types for function ''CONVERT_TIMEZONE'': ({}'"
    f" || {_TYPE_NAME} || ')')"
)
_TEXTS = f"""
    WHEN 'TIMESTAMP' THEN {{}}(strftime({_AS_NTZ}, getvariable('text_ntz')))
    WHEN 'TIMESTAMP_NS' THEN {{}}(strftime({_AS_NTZ}, getvariable('text_ntz')))
    WHEN 'TIMESTAMP WITH TIME ZONE' THEN {{}}(strftime({_AS_UTC}, getvariable('text_tz')))
    WHEN 'DATE' THEN {{}}(strftime(TRY_CAST(v::VARCHAR AS DATE), getvariable('text_date')))
"""

_ONCE = "list_transform([argument], lambda v:"

MACROS = f"""
CREATE OR REPLACE MACRO {HOME}.{TEXT}(argument) AS ({_ONCE}
    CASE typeof(v) {_TEXTS.replace("{}", "")}
    WHEN 'JSON' THEN v::JSON ->> '$'
    ELSE v::VARCHAR END
)[1]);
CREATE OR REPLACE MACRO {HOME}.{VARIANT}(argument) AS ({_ONCE}
    CASE WHEN v IS NULL THEN NULL ELSE
    CASE typeof(v) {_TEXTS.replace("{}", "to_json")}
    -- DuckDB's sum of integers, which it would write as 18.0.
    WHEN 'HUGEINT' THEN v::VARCHAR::JSON
    WHEN 'BLOB' THEN to_json(hex(TRY_CAST(v::VARCHAR AS BLOB)))
    ELSE to_json(v) END END
)[1]);
CREATE OR REPLACE MACRO {HOME}.{PAIR}(k, v) AS (
    to_json(k::VARCHAR)::VARCHAR || ':' || v::VARCHAR
);
CREATE OR REPLACE MACRO {HOME}.{PAIR_OR_NULL}(k, v) AS (
    to_json(k::VARCHAR)::VARCHAR || ':' || COALESCE(v::VARCHAR, 'null')
);
CREATE OR REPLACE MACRO {HOME}.{OBJECT}(pairs) AS (
    ('{{' || COALESCE(array_to_string(pairs, ','), '') || '}}')::JSON
);
CREATE OR REPLACE MACRO {HOME}.{AT_SESSION_ZONE}(argument) AS ({_ONCE}
    CASE
    WHEN typeof(v) IN ('TIMESTAMP', 'DATE') THEN timezone(getvariable('zone'), {_AS_NTZ})
    WHEN typeof(v) = 'VARCHAR' THEN CASE
        WHEN {_HAS_OFFSET} THEN {_OFFSET_TEXT}::TIMESTAMPTZ
        ELSE timezone(getvariable('zone'), v::VARCHAR::TIMESTAMP) END
    WHEN {_NUMERIC} THEN timezone('UTC', {_SECONDS})
    ELSE v::VARCHAR::TIMESTAMPTZ END
)[1]);
CREATE OR REPLACE MACRO {HOME}.{TO_ZONE}(zone, argument) AS ({_ONCE}
    CASE
    WHEN typeof(v) = 'TIMESTAMP WITH TIME ZONE' THEN timezone(zone, {_AS_TZ})
    WHEN typeof(v) IN ('TIMESTAMP', 'DATE', 'VARCHAR')
    THEN timezone(zone, {HOME}.{AT_SESSION_ZONE}(v))
    WHEN v IS NULL THEN NULL
    ELSE {_INVALID_ARGUMENTS.format("VARCHAR, ")} END
)[1]);
CREATE OR REPLACE MACRO {HOME}.{NTZ_ONLY}(argument) AS ({_ONCE}
    CASE
    WHEN typeof(v) IN ('TIMESTAMP', 'DATE', 'VARCHAR', '"NULL"') THEN v
    ELSE {_INVALID_ARGUMENTS.format("VARCHAR, VARCHAR, ")} END
)[1]);
CREATE OR REPLACE MACRO {HOME}.{NOT_FLOAT}(argument, target) AS ({_ONCE}
    CASE
    WHEN typeof(v) IN ('DOUBLE', 'FLOAT', 'BOOLEAN')
    THEN error('SQL compilation error: ' || target)
    ELSE v END
)[1]);
CREATE OR REPLACE MACRO {HOME}.{AS_NTZ}(v) AS (
    CASE WHEN typeof(v) = 'TIMESTAMP' THEN {_AS_NTZ} END
);
CREATE OR REPLACE MACRO {HOME}.{AS_TZ}(v) AS (
    CASE WHEN typeof(v) = 'TIMESTAMP WITH TIME ZONE' THEN {_AS_TZ} END
);
CREATE OR REPLACE MACRO {HOME}.{AS_VARCHAR}(argument) AS ({_ONCE}
    CASE
    WHEN typeof(v) = 'VARCHAR' THEN v::VARCHAR
    WHEN typeof(v) = 'JSON' AND json_type(to_json(v)) = 'VARCHAR' THEN to_json(v) ->> '$'
    END
)[1]);
CREATE OR REPLACE MACRO {HOME}.{TRY_NTZ}(v) AS ({_AS_NTZ});
CREATE OR REPLACE MACRO {HOME}.{TRY_TZ}(argument) AS ({_ONCE}
    CASE
    WHEN {_HAS_OFFSET} THEN TRY_CAST({_OFFSET_TEXT} AS TIMESTAMPTZ)
    ELSE timezone(getvariable('zone'), TRY_CAST(v::VARCHAR AS TIMESTAMP)) END
)[1]);
"""
# Replacements of fakesnow's macros: one that named its argument ten times, one for objects.
_OF_FAKESNOW = Template(
    """
CREATE OR REPLACE MACRO "$database".main._fs_to_timestamp(argument, scale) AS ($once
    CASE WHEN TRY_CAST(v AS BIGINT) IS NULL THEN CAST(v AS TIMESTAMP)
    WHEN scale = 0 THEN to_timestamp(v::BIGINT)::TIMESTAMP
    WHEN scale = 3 THEN epoch_ms(v::BIGINT)
    WHEN scale = 6 THEN make_timestamp(v::BIGINT)
    WHEN scale = 9 THEN make_timestamp(v::BIGINT // 1000) END
)[1]);
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


def of_fakesnow(database: str) -> str:
    """Two of fakesnow's macros in one database: for timestamps, and for `OBJECT_CONSTRUCT(*)`."""
    return _OF_FAKESNOW.substitute(database=database, home=HOME, variant=VARIANT, once=_ONCE)


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
