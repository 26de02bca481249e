"""Objects and arrays in SQL: what fakesnow's translation of them loses."""

from __future__ import annotations

from fakesnow import transforms
from sqlglot import Expr, exp

from local.snowflake import functions
from local.snowflake.nodes import call, may_be_time, rewritten


def before(expression: Expr) -> Expr:
    """Rewrite Snowflake's SQL: empty arrays, and objects inside objects."""
    return _nested_objects(rewritten(expression, _empty_arrays))


def after(expression: Expr) -> Expr:
    """Rewrite DuckDB's SQL: times in objects, objects of aggregates, no nulls in arrays."""
    return _objects(rewritten(expression, _variants, _no_nulls_in_arrays))


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
    return call(functions.VARIANT, value) if may_be_time(value) else node


def _objects(expression: Expr) -> Expr:
    """Objects without fakesnow's macro, whose subquery would take an aggregate for its own."""
    for node in reversed(list(expression.find_all(exp.Anonymous))):
        if str(node.this).upper() != "_FS_OBJECT_CONSTRUCT" or node.parent is None:
            continue
        keys, values, keep_nulls = node.expressions
        pair = functions.PAIR_OR_NULL if keep_nulls.this else functions.PAIR
        pairs = [
            call(pair, key.copy(), value.copy())
            for key, value in zip(keys.expressions, values.expressions, strict=True)
        ]
        node.replace(call(functions.OBJECT, exp.Array(expressions=pairs)))
    return expression


def _no_nulls_in_arrays(node: Expr) -> Expr:
    """`ARRAY_AGG` leaves nulls out."""
    if not isinstance(node, exp.ArrayAgg) or isinstance(node.parent, exp.Filter):
        return node
    value = node.this.this if isinstance(node.this, exp.Order) else node.this
    if isinstance(value, exp.Distinct):
        return node
    there = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    return exp.Filter(this=node.copy(), expression=exp.Where(this=there))
