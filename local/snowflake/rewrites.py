"""What is rewritten in a query: before fakesnow translates Snowflake's SQL, and after."""

from __future__ import annotations

from collections.abc import Callable

from fakesnow import transforms
from sqlglot import Expr, exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.time import format_time

from local.snowflake import functions
from local.snowflake.formats import is_time_format, strftime_format

# A macro repeats its argument, so an argument longer than this many nodes is left as it is.
MAX_NODES = 60
Rewrite = Callable[[Expr], Expr]


def before(expression: Expr) -> Expr:
    """Rewrite Snowflake's SQL into what fakesnow translates rightly."""
    for rewrite in (_formatted, _zones, _now, _tz_from, _empty_arrays):
        expression = expression.transform(rewrite)
    return _nested_objects(expression)


def after(expression: Expr) -> Expr:
    """Rewrite DuckDB's SQL where a timestamp becomes text or gets a zone."""
    for rewrite in (_text, _variants, _session_zone, _no_nulls_in_arrays):
        expression = expression.transform(rewrite)
    return _objects(expression)


def _call(name: str, *arguments: Expr) -> Expr:
    qualified = f"{functions.HOME}.{name}" if name.startswith("_") else name
    return exp.Anonymous(this=qualified, expressions=list(arguments))


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
    return _call("strftime", node.this, exp.Literal.string(strftime_format(text)))


def _zones(node: Expr) -> Expr:
    """`CONVERT_TIMEZONE`: the wall clock there, as a timestamp without zone."""
    if not isinstance(node, exp.ConvertTimezone):
        return node
    target, moment = node.args["target_tz"], node.args["timestamp"]
    source = node.args.get("source_tz")
    if source is None:
        return _call(functions.TO_ZONE, target, moment)
    without_zone = exp.cast(moment, exp.DataType.Type.TIMESTAMPNTZ)
    return _call("timezone", target, _call("timezone", source, without_zone))


def _now(node: Expr) -> Expr:
    """`CURRENT_TIMESTAMP()::TIMESTAMP_NTZ`: the wall clock in the session's time zone."""
    if (
        isinstance(node, exp.Cast)
        and isinstance(node.this, exp.CurrentTimestamp)
        and node.to.this in (exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.TIMESTAMP)
    ):
        zone = _call("getvariable", exp.Literal.string("zone"))
        return _call("timezone", zone, exp.CurrentTimestamp())
    return node


def _tz_from(node: Expr) -> Expr:
    """`TO_TIMESTAMP_TZ(n, scale)` is an instant; `TO_TIMESTAMP_TZ(x)` is a cast."""
    zoned = exp.DataType.Type.TIMESTAMPTZ
    if isinstance(node, exp.UnixToTime) and _type(node.args.get("target_type")) == zoned:
        without = node.copy()
        without.set("target_type", exp.DataType.build(exp.DataType.Type.TIMESTAMPNTZ))
        return _call("timezone", exp.Literal.string("UTC"), without)
    if isinstance(node, exp.Anonymous) and len(node.expressions) == 1:
        name = str(node.this).upper()
        if name in ("TO_TIMESTAMP_TZ", "TO_TIMESTAMP_LTZ"):
            return exp.cast(node.expressions[0], zoned)
        if name in ("TRY_TO_TIMESTAMP", "TRY_TO_TIMESTAMP_NTZ"):
            return exp.TryCast(
                this=node.expressions[0], to=exp.DataType.build(exp.DataType.Type.TIMESTAMPNTZ)
            )
    return node


def _empty_arrays(node: Expr) -> Expr:
    """`ARRAY_AGG` over no rows is an empty array in Snowflake, not null."""
    if isinstance(node, exp.Coalesce) and node.meta.get("empty_array"):
        return node
    whole = isinstance(node, exp.ArrayAgg) or (
        isinstance(node, exp.WithinGroup | exp.Window | exp.Filter) and _is_array_agg(node.this)
    )
    inside = isinstance(node.parent, exp.WithinGroup | exp.Window | exp.Filter)
    if not whole or (inside and node.arg_key == "this"):
        return node
    empty = exp.ParseJSON(this=exp.Literal.string("[]"))
    filled = exp.Coalesce(this=node.copy(), expressions=[empty])
    filled.meta["empty_array"] = True
    return filled


def _is_array_agg(node: object) -> bool:
    while isinstance(node, exp.WithinGroup | exp.Window | exp.Filter):
        node = node.this
    return isinstance(node, exp.ArrayAgg)


def _nested_objects(expression: Expr) -> Expr:
    """Inner `OBJECT_CONSTRUCT`s first: fakesnow translates the outermost only."""
    for node in reversed(list(expression.find_all(exp.Struct))):
        translated = transforms.object_construct(node.copy())
        if translated is not node and node.parent is not None:
            node.replace(translated)
    return expression


def _text(node: Expr) -> Expr:
    """`x::VARCHAR` and `TO_VARCHAR(x)`, in the session's output formats if x is a time."""
    if isinstance(node, exp.ToChar) and not node.args.get("format") and _may_be_time(node.this):
        return _call(functions.TEXT, node.this)
    if (
        isinstance(node, exp.Cast)
        and not isinstance(node, exp.TryCast)
        and node.to.this in exp.DataType.TEXT_TYPES
        and _may_be_time(node.this)
    ):
        return _call(functions.TEXT, node.this)
    return node


def _variants(node: Expr) -> Expr:
    """`TO_JSON(x)`: how fakesnow makes a VARIANT of a value."""
    name = (
        str(node.this).upper()
        if isinstance(node, exp.Anonymous)
        else node.sql_name()
        if isinstance(node, exp.Func)
        else ""
    )
    if name not in ("TO_JSON", "JSON_FORMAT"):
        return node
    value = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    return _call(functions.VARIANT, value) if _may_be_time(value) else node


def _objects(expression: Expr) -> Expr:
    """Objects without fakesnow's macro, whose subquery would take an aggregate for its own."""
    for node in reversed(list(expression.find_all(exp.Anonymous))):
        if str(node.this).upper() != "_FS_OBJECT_CONSTRUCT" or node.parent is None:
            continue
        keys, values, keep_nulls = node.expressions
        pair = functions.PAIR_OR_NULL if keep_nulls.this else functions.PAIR
        pairs = [
            _call(pair, key.copy(), value.copy())
            for key, value in zip(keys.expressions, values.expressions, strict=True)
        ]
        node.replace(_call(functions.OBJECT, exp.Array(expressions=pairs)))
    return expression


def _session_zone(node: Expr) -> Expr:
    """`x::TIMESTAMP_TZ`: a time without zone is one of the session's time zone."""
    if (
        isinstance(node, exp.Cast)
        and not isinstance(node, exp.TryCast)
        and node.to.this in (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)
        and _is_small(node.this)
    ):
        return _call(functions.AT_SESSION_ZONE, node.this)
    return node


def _no_nulls_in_arrays(node: Expr) -> Expr:
    """`ARRAY_AGG` leaves nulls out."""
    if not isinstance(node, exp.ArrayAgg) or isinstance(node.parent, exp.Filter):
        return node
    value = node.this.this if isinstance(node.this, exp.Order) else node.this
    if isinstance(value, exp.Distinct):
        return node
    there = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    return exp.Filter(this=node.copy(), expression=exp.Where(this=there))


def _may_be_time(node: Expr) -> bool:
    return _is_small(node) and not isinstance(
        node, exp.Literal | exp.Null | exp.Boolean | exp.JSONExtract | exp.JSONExtractScalar
    )


def _is_small(node: Expr) -> bool:
    if node.find(exp.Query, exp.ArrayAgg) is not None:
        return False
    if any(functions.HOME in str(one.this) for one in node.find_all(exp.Anonymous)):
        return False
    return sum(1 for _ in node.walk()) <= MAX_NODES


def _type(data_type: object) -> object:
    return data_type.this if isinstance(data_type, exp.DataType) else None
