"""MERGE: whose columns the inserted values are."""

from sqlglot import Expr, exp


def name_source_columns(expression: Expr) -> None:
    """Say of every inserted value that it is the source's column, as Snowflake takes it.

    dbt leaves it unsaid, and fakesnow joins the target to the source, where it would be either's.
    """
    if not isinstance(expression, exp.Merge):
        return
    source = expression.args["using"].alias_or_name
    for when in expression.find_all(exp.When):
        inserted = when.args.get("then")
        if not isinstance(inserted, exp.Insert) or not isinstance(inserted.expression, Expr):
            continue
        for column in inserted.expression.find_all(exp.Column):
            if not column.table:
                column.set("table", exp.to_identifier(source))
