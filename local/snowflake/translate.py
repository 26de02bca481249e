"""Translation that fakesnow lacks: times and time zones, objects and arrays, `HASH_AGG`."""

from __future__ import annotations

from collections.abc import Callable

from fakesnow import transforms
from sqlglot import Expr, exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.time import format_time

from local.snowflake import duckdb_macros
from local.snowflake.duckdb_macros import call, is_small, may_be_time
from local.snowflake.formats import is_time_format, strftime_format

# HASH_AGG is a sum of hashes, not an exclusive or: two equal rows must not cancel each other.
_MODULUS = 2**63 - 1
_AS_TYPES = {
    "AS_TIMESTAMP_NTZ": duckdb_macros.AS_NTZ,
    "AS_TIMESTAMP_LTZ": duckdb_macros.AS_TZ,
    "AS_TIMESTAMP_TZ": duckdb_macros.AS_TZ,
    "AS_VARCHAR": duckdb_macros.AS_VARCHAR,
}
_EPOCHS = {
    "EPOCH_MILLISECOND": "epoch_ms",
    "EPOCH_MICROSECOND": "epoch_us",
    "EPOCH_NANOSECOND": "epoch_ns",
}


def before(expression: Expr) -> Expr:
    """Rewrite Snowflake's SQL, before fakesnow translates it to DuckDB's."""
    timed = _rewrite(
        expression,
        _formatted,
        _zones,
        _now,
        _tz_from,
        _typed_variants,
        _epochs,
        _trims,
        _geographies,
    )
    return _nested_objects(_rewrite(timed, _empty_arrays))


def after(expression: Expr) -> Expr:
    """Rewrite DuckDB's SQL, after fakesnow has translated Snowflake's."""
    timed = _rewrite(expression, _text, _session_zone)
    objects = _objects(_rewrite(timed, _variants, _no_nulls_in_arrays))
    return _rewrite(objects, _hash_agg, _no_floats, _qualified)


def _rewrite(expression: Expr, *rewrites: Callable[[Expr], Expr]) -> Expr:
    """Apply each rewrite to every node of the tree, in place."""
    for rewrite in rewrites:
        expression = expression.transform(rewrite, copy=False)
    return expression


def _formatted(node: Expr) -> Expr:
    """`TO_VARCHAR(time, 'format')`."""
    template = node.args.get("format")
    if not isinstance(node, exp.ToChar | exp.TimeToStr) or not isinstance(template, exp.Literal):
        return node
    text = template.name
    if isinstance(node, exp.TimeToStr):
        # The parser has recognized a time, and translated the format to its own.
        text = format_time(text, Snowflake.INVERSE_TIME_MAPPING, Snowflake.INVERSE_TIME_TRIE) or ""
    if not is_time_format(text):
        return node
    return call("strftime", node.this, exp.Literal.string(strftime_format(text)))


def _zones(node: Expr) -> Expr:
    """`CONVERT_TIMEZONE`: the wall clock in the target zone, as a timestamp without a zone."""
    if not isinstance(node, exp.ConvertTimezone):
        return node
    target, moment = node.args["target_tz"], node.args["timestamp"]
    source = node.args.get("source_tz")
    if source is None:
        return call(duckdb_macros.TO_ZONE, target, moment)
    # The three-argument form takes no time with a zone.
    # https://docs.snowflake.com/en/sql-reference/functions/convert_timezone
    checked = _named(duckdb_macros.NTZ_ONLY, moment) if is_small(moment) else moment
    without_zone = exp.cast(checked, exp.DataType.Type.TIMESTAMPNTZ)
    return call("timezone", target, call("timezone", source, without_zone))


def _now(node: Expr) -> Expr:
    """`CURRENT_TIMESTAMP()::TIMESTAMP_NTZ`: the wall clock in the session's time zone."""
    if (
        isinstance(node, exp.Cast)
        and isinstance(node.this, exp.CurrentTimestamp)
        # SYSDATE() is the wall clock in UTC.
        and not node.this.args.get("sysdate")
        and node.to.this in (exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.TIMESTAMP)
    ):
        zone = call("getvariable", exp.Literal.string("zone"))
        return call("timezone", zone, exp.CurrentTimestamp())
    return node


def _tz_from(node: Expr) -> Expr:
    """`TO_TIMESTAMP_TZ(n, scale)` is an instant; `TO_TIMESTAMP_TZ(x)` is a cast."""
    zoned = exp.DataType.Type.TIMESTAMPTZ
    if isinstance(node, exp.UnixToTime) and _type(node.args.get("target_type")) in (
        zoned,
        exp.DataType.Type.TIMESTAMPLTZ,
    ):
        without = node.copy()
        without.set("target_type", exp.DataType.build(exp.DataType.Type.TIMESTAMPNTZ))
        return call("timezone", exp.Literal.string("UTC"), without)
    if isinstance(node, exp.Anonymous) and len(node.expressions) == 1:
        name = str(node.this).upper()
        if name in ("TO_TIMESTAMP_TZ", "TO_TIMESTAMP_LTZ"):
            return exp.cast(node.expressions[0], zoned)
        # Not a TRY_CAST: fakesnow makes a cast of it, which raises.
        if name in ("TRY_TO_TIMESTAMP", "TRY_TO_TIMESTAMP_NTZ"):
            return _named(duckdb_macros.TRY_NTZ, node.expressions[0])
        if name in ("TRY_TO_TIMESTAMP_TZ", "TRY_TO_TIMESTAMP_LTZ"):
            return _named(duckdb_macros.TRY_TZ, node.expressions[0])
    return node


def _typed_variants(node: Expr) -> Expr:
    """`AS_TIMESTAMP_TZ(TO_VARIANT(x))` and the like: null unless the value is of the type.

    The emulator's VARIANT is JSON, which has no times, so the value's own type decides. LTZ and TZ
    are one type here.
    """
    if not isinstance(node, exp.Anonymous) or len(node.expressions) != 1:
        return node
    name = _AS_TYPES.get(str(node.this).upper())
    if name is None:
        return node
    (value,) = node.expressions
    return _named(name, value.this if isinstance(value, exp.ToVariant) else value)


def _epochs(node: Expr) -> Expr:
    """`DATE_PART('epoch_microsecond', x)`, which DuckDB has as a function."""
    if isinstance(node, exp.Extract) and (unit := _EPOCHS.get(node.this.name.upper())):
        return call(unit, node.expression)
    return node


def _trims(node: Expr) -> Expr:
    """`TRIM(x)` removes the usual blank only; DuckDB's own removes every kind.

    https://docs.snowflake.com/en/sql-reference/functions/trim
    """
    if not isinstance(node, exp.Trim):
        return node
    # fakesnow would leave out the characters and the side of any other argument.
    if not isinstance(node.this, exp.Cast):
        node.set("this", exp.cast(node.this.copy(), exp.DataType.Type.VARCHAR))
    if node.expression is None:
        node.set("expression", exp.Literal.string(" "))
    return node


def _geographies(node: Expr) -> Expr:
    """A column of type GEOGRAPHY, as a VARIANT with its GeoJSON: DuckDB has no such type."""
    if isinstance(node, exp.DataType) and node.this is exp.DataType.Type.GEOGRAPHY:
        return exp.DataType.build(exp.DataType.Type.VARIANT)
    return node


def _no_floats(node: Expr) -> Expr:
    """A FLOAT or a BOOLEAN as a timestamp, which Snowflake refuses; a NUMBER is seconds."""
    if not isinstance(node, exp.Anonymous):
        return node
    targets = {"_FS_TO_TIMESTAMP": "NTZ", duckdb_macros.AT_SESSION_ZONE.upper(): "TZ"}
    target = targets.get(_macro(node))
    if target is None or not is_small(value := node.expressions[0]):
        return node
    if isinstance(value, exp.Literal):
        return node
    cast = f"CAST({value.sql('snowflake')} AS TIMESTAMP_{target}(9))"
    message = f"invalid type [{cast}] for parameter 'TO_TIMESTAMP_{target}'"
    node.expressions[0].replace(
        call(duckdb_macros.NOT_FLOAT, value.copy(), exp.Literal.string(message))
    )
    return node


def _macro(node: exp.Anonymous) -> str:
    return str(node.this).rpartition(".")[2].upper()


def _named(name: str, *arguments: Expr) -> Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _qualified(node: Expr) -> Expr:
    """The macros that `before` named, with their database."""
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in duckdb_macros.UNQUALIFIED:
        # In place: a node that replaces another one hides its own arguments from `transform`.
        node.set("this", f"{duckdb_macros.HOME}.{str(node.this).lower()}")
    return node


def _text(node: Expr) -> Expr:
    """`x::VARCHAR` and `TO_VARCHAR(x)`, in the session's output formats if x is a time."""
    if isinstance(node, exp.ToChar) and not node.args.get("format") and may_be_time(node.this):
        return call(duckdb_macros.TEXT, node.this)
    if (
        isinstance(node, exp.Cast)
        and not isinstance(node, exp.TryCast)
        and node.to.this in exp.DataType.TEXT_TYPES
        and may_be_time(node.this)
    ):
        return call(duckdb_macros.TEXT, node.this)
    return node


def _session_zone(node: Expr) -> Expr:
    """`x::TIMESTAMP_TZ`: a time without a zone is in the session's time zone."""
    if (
        isinstance(node, exp.Cast)
        and not isinstance(node, exp.TryCast)
        and node.to.this in (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)
        and is_small(node.this)
    ):
        return call(duckdb_macros.AT_SESSION_ZONE, node.this)
    return node


def _type(data_type: object) -> object:
    return data_type.this if isinstance(data_type, exp.DataType) else None


def _empty_arrays(node: Expr) -> Expr:
    """Return an empty array, not null, for `ARRAY_AGG` over no rows, as Snowflake does."""
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
    """Translate inner `OBJECT_CONSTRUCT`s first: fakesnow only translates the outermost one."""
    for node in reversed(list(expression.find_all(exp.Struct))):
        translated = transforms.object_construct(node.copy())
        if translated is not node and node.parent is not None:
            node.replace(translated)
    return expression


def _variants(node: Expr) -> Expr:
    """`TO_JSON(x)`, by which fakesnow makes a VARIANT of a value."""
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
    return call(duckdb_macros.VARIANT, value) if may_be_time(value) else node


def _objects(expression: Expr) -> Expr:
    """Build objects without fakesnow's macro, whose subquery captures aggregates."""
    for node in reversed(list(expression.find_all(exp.Anonymous))):
        if str(node.this).upper() != "_FS_OBJECT_CONSTRUCT" or node.parent is None:
            continue
        keys, values, keep_nulls = node.expressions
        pair = duckdb_macros.PAIR_OR_NULL if keep_nulls.this else duckdb_macros.PAIR
        pairs = [
            call(pair, key.copy(), value.copy())
            for key, value in zip(keys.expressions, values.expressions, strict=True)
        ]
        node.replace(call(duckdb_macros.OBJECT, exp.Array(expressions=pairs)))
    return expression


def _no_nulls_in_arrays(node: Expr) -> Expr:
    """Leave nulls out of `ARRAY_AGG`."""
    if not isinstance(node, exp.ArrayAgg) or isinstance(node.parent, exp.Filter):
        return node
    value = node.this.this if isinstance(node.this, exp.Order) else node.this
    if isinstance(value, exp.Distinct):
        return node
    not_null = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    return exp.Filter(this=node.copy(), expression=exp.Where(this=not_null))


def _hash_agg(node: Expr) -> Expr:
    """`HASH_AGG(…)`: one number for all rows, in any order."""
    if not isinstance(node, exp.HashAgg):
        return node
    values = [node.this, *node.expressions]
    hashed = call("HASH", *(_every_column(value) for value in values))
    total = exp.Mod(this=exp.Sum(this=hashed), expression=exp.Literal.number(_MODULUS))
    number = exp.cast(total, exp.DataType.Type.BIGINT)
    return exp.Coalesce(this=number, expressions=[exp.Literal.number(0)])


def _every_column(value: Expr) -> Expr:
    """Expand `*` and `* EXCLUDE …` to arguments."""
    return exp.Columns(this=value, unpack=True) if isinstance(value, exp.Star) else value
