"""Small helpers for rewriting SQL trees."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import Expr, exp

from local.snowflake import functions

# A macro repeats its argument, so an argument longer than this many nodes is left as it is.
MAX_NODES = 60


def rewritten(expression: Expr, *rewrites: Callable[[Expr], Expr]) -> Expr:
    """The tree after these rewrites of its nodes, one after the other; it is changed in place."""
    for rewrite in rewrites:
        expression = expression.transform(rewrite, copy=False)
    return expression


def call(name: str, *arguments: Expr) -> Expr:
    """A call of a DuckDB function, or of one of our macros if the name begins with `_`."""
    qualified = f"{functions.HOME}.{name}" if name.startswith("_") else name
    return exp.Anonymous(this=qualified, expressions=list(arguments))


def may_be_time(node: Expr) -> bool:
    """Whether a value may be a time, as far as the tree shows."""
    return is_small(node) and not isinstance(
        node, exp.Literal | exp.Null | exp.Boolean | exp.JSONExtract | exp.JSONExtractScalar
    )


def is_small(node: Expr) -> bool:
    """Whether a macro may take this as its argument."""
    if node.find(exp.Query, exp.ArrayAgg) is not None:
        return False
    if any(functions.HOME in str(one.this) for one in node.find_all(exp.Anonymous)):
        return False
    return sum(1 for _ in node.walk()) <= MAX_NODES
