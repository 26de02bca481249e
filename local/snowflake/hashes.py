"""`HASH_AGG`: one number for all rows, whatever their order.

https://docs.snowflake.com/en/sql-reference/functions/hash_agg
"""

from __future__ import annotations

from sqlglot import Expr, exp

from local.snowflake.nodes import call, rewritten

# A sum, and no exclusive or: two equal rows must not take each other away.
_MODULUS = 2**63 - 1


def after(expression: Expr) -> Expr:
    """Rewrite it as a sum of DuckDB's hashes; the numbers differ from Snowflake's own."""
    return rewritten(expression, _hash_agg)


def _hash_agg(node: Expr) -> Expr:
    if not isinstance(node, exp.HashAgg):
        return node
    values = [node.this, *node.expressions]
    hashed = call("HASH", *(_every_column(one) for one in values))
    total = exp.Mod(this=exp.Sum(this=hashed), expression=exp.Literal.number(_MODULUS))
    number = exp.cast(total, exp.DataType.Type.BIGINT)
    return exp.Coalesce(this=number, expressions=[exp.Literal.number(0)])


def _every_column(value: Expr) -> Expr:
    """`*`, also `* EXCLUDE …`, as the arguments that it stands for."""
    return exp.Columns(this=value, unpack=True) if isinstance(value, exp.Star) else value
