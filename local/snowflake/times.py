"""Times in SQL: as text, from text, and between time zones."""

from __future__ import annotations

from sqlglot import Expr, exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.time import format_time

from local.snowflake import functions
from local.snowflake.formats import is_time_format, strftime_format
from local.snowflake.nodes import call, is_small, may_be_time, rewritten


def before(expression: Expr) -> Expr:
    """Rewrite Snowflake's SQL: formats, conversions between time zones, the present moment."""
    return rewritten(expression, _formatted, _zones, _now, _tz_from)


def after(expression: Expr) -> Expr:
    """Rewrite DuckDB's SQL where a time becomes text, or gets the session's time zone."""
    return rewritten(expression, _text, _session_zone)


def _formatted(node: Expr) -> Expr:
    """`TO_VARCHAR(time, 'format')`."""
    template = node.args.get("format")
    if not isinstance(node, exp.ToChar | exp.TimeToStr) or not isinstance(template, exp.Literal):
        return node
    text = template.name
    if isinstance(node, exp.TimeToStr):
        # The parser knew that this is a time, and translated the format to its own.
        text = format_time(text, Snowflake.INVERSE_TIME_MAPPING, Snowflake.INVERSE_TIME_TRIE) or ""
    if not is_time_format(text):
        return node
    return call("strftime", node.this, exp.Literal.string(strftime_format(text)))


def _zones(node: Expr) -> Expr:
    """`CONVERT_TIMEZONE`: the wall clock there, as a timestamp without zone."""
    if not isinstance(node, exp.ConvertTimezone):
        return node
    target, moment = node.args["target_tz"], node.args["timestamp"]
    source = node.args.get("source_tz")
    if source is None:
        return call(functions.TO_ZONE, target, moment)
    without_zone = exp.cast(moment, exp.DataType.Type.TIMESTAMPNTZ)
    return call("timezone", target, call("timezone", source, without_zone))


def _now(node: Expr) -> Expr:
    """`CURRENT_TIMESTAMP()::TIMESTAMP_NTZ`: the wall clock in the session's time zone."""
    if (
        isinstance(node, exp.Cast)
        and isinstance(node.this, exp.CurrentTimestamp)
        and node.to.this in (exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.TIMESTAMP)
    ):
        zone = call("getvariable", exp.Literal.string("zone"))
        return call("timezone", zone, exp.CurrentTimestamp())
    return node


def _tz_from(node: Expr) -> Expr:
    """`TO_TIMESTAMP_TZ(n, scale)` is an instant; `TO_TIMESTAMP_TZ(x)` is a cast."""
    zoned = exp.DataType.Type.TIMESTAMPTZ
    if isinstance(node, exp.UnixToTime) and _type(node.args.get("target_type")) == zoned:
        without = node.copy()
        without.set("target_type", exp.DataType.build(exp.DataType.Type.TIMESTAMPNTZ))
        return call("timezone", exp.Literal.string("UTC"), without)
    if isinstance(node, exp.Anonymous) and len(node.expressions) == 1:
        name = str(node.this).upper()
        if name in ("TO_TIMESTAMP_TZ", "TO_TIMESTAMP_LTZ"):
            return exp.cast(node.expressions[0], zoned)
        if name in ("TRY_TO_TIMESTAMP", "TRY_TO_TIMESTAMP_NTZ"):
            return exp.TryCast(
                this=node.expressions[0], to=exp.DataType.build(exp.DataType.Type.TIMESTAMPNTZ)
            )
    return node


def _text(node: Expr) -> Expr:
    """`x::VARCHAR` and `TO_VARCHAR(x)`, in the session's output formats if x is a time."""
    if isinstance(node, exp.ToChar) and not node.args.get("format") and may_be_time(node.this):
        return call(functions.TEXT, node.this)
    if (
        isinstance(node, exp.Cast)
        and not isinstance(node, exp.TryCast)
        and node.to.this in exp.DataType.TEXT_TYPES
        and may_be_time(node.this)
    ):
        return call(functions.TEXT, node.this)
    return node


def _session_zone(node: Expr) -> Expr:
    """`x::TIMESTAMP_TZ`: a time without zone is one of the session's time zone."""
    if (
        isinstance(node, exp.Cast)
        and not isinstance(node, exp.TryCast)
        and node.to.this in (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)
        and is_small(node.this)
    ):
        return call(functions.AT_SESSION_ZONE, node.this)
    return node


def _type(data_type: object) -> object:
    return data_type.this if isinstance(data_type, exp.DataType) else None
