"""A statement's shape: what is left when names, values and the bodies of queries are taken out.

`INSERT INTO <table> (<columns>) SELECT <values>` is the shape of each row that the load log gets.
A new model, source or column has a known shape; a new kind of statement or clause has not. The
functions, types and clauses of the bodies are in `words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlglot import Expr, TokenType, exp
from sqlglot.dialects.snowflake import Snowflake

# In the name of each object that Terraform makes.
PROJECT = "_DDRC_"
# Schemas of Snowflake's own views, whose names stay in the shape.
SYSTEM_SCHEMAS = ("INFORMATION_SCHEMA", "ACCOUNT_USAGE")
_PLACEHOLDERS = {"DATABASE": "<database>", "SCHEMA": "<schema>", "STAGE": "<stage>"}
_LITERALS = (exp.Literal, exp.RawString, exp.National, exp.Null, exp.Placeholder)
_PARTS = (
    (exp.Subquery, "(<select>)"),
    (exp.Query, "<select>"),
    ((exp.Column, exp.Identifier), "<column>"),
    (exp.DataType, "<type>"),
    (_LITERALS, "<value>"),
)
_OUTLINED = {
    "with_", "expressions", "distinct", "from_", "joins", "where", "group", "having", "qualify",
    "order", "limit", "kind",
}  # fmt: skip
_NOT_UPPER = re.compile(r"(<[a-z]+>)")
_DBT_COMMENT = re.compile(r'/\*\s*\{"app": "dbt".*?\}\s*\*/', re.DOTALL)


def without_dbts_comment(sql: str) -> str:
    """A statement without the comment in which dbt names the model: the same for each run."""
    return _DBT_COMMENT.sub("", sql).strip().rstrip(";").rstrip()


def shape_of(sql: str, tree: Expr) -> str:
    """The shape of a statement.

    Args:
        sql: One statement, as the warehouse receives it.
        tree: The same, parsed.
    """
    if isinstance(tree, exp.Command):
        return _by_tokens(sql)
    return _tidy(_outline(tree) if isinstance(tree, exp.Query) else _skeleton(tree))


def _outline(query: exp.Query) -> str:
    """A query's clauses in their order."""
    if isinstance(query, exp.Subquery):
        return "(<select>)"
    if not isinstance(query, exp.Select):
        return f"<select> {query.key} <select>"
    parts = ["WITH <select>"] if query.args.get("with_") else []
    parts.append("SELECT DISTINCT" if query.args.get("distinct") else "SELECT")
    parts.append(_projections(query))
    if source := query.args.get("from_"):
        parts.append(f"FROM {_source(source.this)}")
    parts += _once(map(_join, query.args.get("joins") or []))
    if where := query.args.get("where"):
        parts.append(f"WHERE {_condition(where.this)}")
    parts += [
        words
        for name, words in (
            ("group", "GROUP BY <columns>"),
            ("having", "HAVING <condition>"),
            ("qualify", "QUALIFY <condition>"),
            ("order", "ORDER BY <columns>"),
            ("limit", "LIMIT <value>"),
        )
        if query.args.get(name)
    ]
    # A clause that has no words here makes the shape unknown.
    parts += [
        name.strip("_") for name, value in query.args.items() if value and name not in _OUTLINED
    ]
    return " ".join(parts)


def _projections(query: exp.Select) -> str:
    """`*`, columns, values, or the aggregates of a query that answers with one row."""
    found = [one.unalias() for one in query.expressions]
    aggregates = not query.args.get("group") and any(
        isinstance(one.find(exp.AggFunc), exp.AggFunc) and not one.find(exp.Window) for one in found
    )
    if aggregates:
        return ", ".join(_once(_skeleton(one) for one in found))
    kinds = {
        "*" if one.is_star else "<values>" if isinstance(one, _LITERALS) else "<columns>"
        for one in found
    }
    if kinds == {"<values>"} and "from_" in query.args and query.args["from_"]:
        kinds = {"<columns>"}
    return ", ".join(sorted(kinds - {"<values>"} or kinds))


def _source(source: Expr) -> str:
    if isinstance(source, exp.Table):
        return _table(source)
    if isinstance(source, exp.Subquery):
        return "(<select>)"
    if isinstance(source, exp.Values):
        return "VALUES (<values>)"
    return source.key


def _join(join: exp.Join) -> str:
    words = " ".join(
        str(join.args[name]) for name in ("method", "side", "kind") if join.args.get(name)
    )
    on = " ON <condition>" if join.args.get("on") or join.args.get("using") else ""
    return f"{words} JOIN {_source(join.this)}{on}".strip()


def _condition(condition: Expr) -> str:
    return condition.sql() if isinstance(condition, exp.Boolean) else "<condition>"


def _table(table: exp.Table, kind: str = "TABLE") -> str:
    """The placeholder of a table, a view, a schema or a stage; a system view's own name."""
    if kind.upper() in _PLACEHOLDERS:
        return _PLACEHOLDERS[kind.upper()]
    this = table.this
    if isinstance(this, exp.Var | exp.Literal):
        return _stage(this.name) if this.name.startswith("@") else "<value>"
    if not isinstance(this, exp.Identifier):
        return str(this.key)
    if (schema := table.db.upper()) in SYSTEM_SCHEMAS:
        return f"<database>.{schema}.{table.name}"
    return "<table>"


def _stage(reference: str) -> str:
    return "@<stage>/<path>" if "/" in reference else "@<stage>"


def _skeleton(tree: Expr) -> str:
    """The statement, generated again with placeholders for its parts."""
    tree = tree.copy()
    kind = str(tree.args.get("scope_kind") or tree.args.get("kind") or "TABLE")
    if isinstance(tree, exp.Insert) and isinstance(tree.expression, exp.Query):
        tree.set("expression", exp.var(_outline(tree.expression)))
    for schema in tree.find_all(exp.Schema):
        schema.set("expressions", [exp.var("<columns>")])
    for where in tree.find_all(exp.Where):
        if not where.find_ancestor(exp.Query):
            where.set("this", exp.var(_condition(where.this)))
    _simplify_changes(tree)
    return tree.transform(_placeholder, kind, copy=False).sql(dialect="snowflake", comments=False)


def _simplify_changes(tree: Expr) -> None:
    """The assignments and conditions of UPDATE and MERGE."""
    if isinstance(tree, exp.Merge):
        tree.set("on", exp.var("<condition>"))
        for when in tree.find_all(exp.When):
            if when.args.get("condition"):
                when.set("condition", exp.var("<condition>"))
            then = when.args.get("then")
            if isinstance(then, exp.Update):
                then.set("expressions", _assignment())
            elif isinstance(then, exp.Insert):
                then.set("this", exp.Tuple(expressions=[exp.var("<columns>")]))
                then.set("expression", exp.Tuple(expressions=[exp.var("<values>")]))
    elif isinstance(tree, exp.Update):
        tree.set("expressions", _assignment())


def _assignment() -> list[Expr]:
    return [exp.EQ(this=exp.var("<column>"), expression=exp.var("<value>"))]


def _placeholder(node: Expr, kind: str) -> Expr:
    if isinstance(node, exp.Table):
        return exp.var(_table(node, kind))
    if isinstance(node, exp.Var) and node.name.startswith("@"):
        return exp.var(_stage(node.name))
    if isinstance(node, exp.ColumnDef):
        exists = "IF NOT EXISTS " if node.args.get("exists") else ""
        return exp.var(f"ADD COLUMN {exists}<column> <type>")
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        return node
    found = next((text for of, text in _PARTS if isinstance(node, of)), None)
    return node if found is None else exp.var(found)


def _by_tokens(sql: str) -> str:
    """The shape of a statement of which sqlglot knows only the first word."""
    words: list[str] = []
    for token in Snowflake().tokenize(sql):
        text = token.text.upper()
        if token.token_type is TokenType.DOT or (words and words[-1] == "."):
            # A name of several parts is one name.
            words = [*words[:-1], "."] if text == "." else [*words[:-1], "<name>"]
        elif token.token_type in (TokenType.STRING, TokenType.RAW_STRING, TokenType.NUMBER):
            words.append("<value>")
        elif token.token_type is TokenType.IDENTIFIER or PROJECT in text:
            words.append("<name>")
        elif token.token_type is not TokenType.SEMICOLON:
            words.append(text)
    text = " ".join(words).replace(" ,", ",")
    return re.sub(r"(<name> [A-Z ]+<value>)(, \1)+", r"\1", text)


def _tidy(text: str) -> str:
    """Upper case outside of placeholders; a list of equal parts is one part."""
    text = re.sub(r"\s+", " ", text).strip()
    text = "".join(
        part if _NOT_UPPER.fullmatch(part) else part.upper() for part in _NOT_UPPER.split(text)
    )
    for one in ("column", "value"):
        text = re.sub(rf"<{one}>(, <{one}>)+|(?<=\()<{one}>(?=\))", f"<{one}s>", text)
    return text


def _once(parts: Iterable[str]) -> Iterator[str]:
    """The parts in their order, each once."""
    return iter(dict.fromkeys(parts))
