"""The functions, types and clauses of a statement, in the bodies of its queries too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from sqlglot import Expr, Token, TokenType, exp
from sqlglot.dialects.snowflake import Snowflake

_WORD = re.compile(r"[A-Z_]\w*")
_QUOTED = (TokenType.IDENTIFIER, TokenType.STRING, TokenType.RAW_STRING)
# Words before a parenthesis that are not functions.
_KEYWORDS = {
    "ALL", "AND", "ANY", "AS", "BY", "CASE", "DISTINCT", "ELSE", "EXCEPT", "EXCLUDE", "EXISTS",
    "FROM", "GROUP", "HAVING", "IN", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "LIKE", "NOT",
    "ON", "OR", "OVER", "QUALIFY", "SELECT", "THEN", "UNION", "USING", "VALUES", "WHEN",
    "WHERE", "WITH",
}  # fmt: skip
# Context functions that need no parentheses:
# https://docs.snowflake.com/en/sql-reference/functions-context
_BARE = {
    "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "LOCALTIME",
    "LOCALTIMESTAMP", "CURRENT_ACCOUNT", "CURRENT_ROLE",
}  # fmt: skip
# sqlglot's names of types, where Snowflake's documentation has others.
_TYPES = {
    "DECIMAL": "NUMBER",
    "DOUBLE": "FLOAT",
    "INT": "NUMBER",
    "TEXT": "VARCHAR",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMPTZ": "TIMESTAMP_TZ",
}
# Parts of every statement, operators, and what the shape itself shows.
_PLAIN = (
    exp.Add, exp.Alias, exp.All, exp.And, exp.Boolean, exp.CTE, exp.Column, exp.ColumnConstraint,
    exp.ColumnDef, exp.Command, exp.CopyParameter, exp.Credentials, exp.DataType, exp.DataTypeParam,
    exp.Div, exp.EQ, exp.From, exp.GT, exp.GTE, exp.Identifier, exp.Is, exp.JSONKeyValue,
    exp.JSONPathKey, exp.JSONPathRoot, exp.LT, exp.LTE, exp.Literal, exp.Mul, exp.NEQ, exp.Neg,
    exp.Not, exp.Null, exp.Or, exp.Ordered, exp.Paren, exp.Placeholder, exp.Properties,
    exp.Property, exp.RawString, exp.Schema, exp.Select, exp.Sub, exp.Subquery, exp.Table,
    exp.TableAlias, exp.TableFromRows, exp.Tuple, exp.Var, exp.Where,
    exp.Alter, exp.Comment, exp.Commit, exp.Copy, exp.Create, exp.Delete, exp.Describe, exp.Drop,
    exp.Insert, exp.Merge, exp.Put, exp.Rollback, exp.Show, exp.TemporaryProperty,
    exp.Transaction, exp.TransientProperty, exp.Update, exp.When, exp.Whens,
)  # fmt: skip
# Snowflake's words for the nodes of sqlglot's tree that have other names.
_CLAUSES: dict[type[Expr], str] = {
    exp.CommentColumnConstraint: "COMMENT",
    exp.DPipe: "||",
    exp.Distinct: "DISTINCT",
    exp.Group: "GROUP BY",
    exp.JSONPath: ":",
    exp.Kwarg: "=>",
    exp.NotNullColumnConstraint: "NOT NULL",
    exp.Order: "ORDER BY",
    exp.Parameter: "$1",
    exp.Window: "OVER",
}
# What follows a star: `* EXCLUDE (a)`.
_STAR = {"except_": "EXCLUDE"}


@dataclass(frozen=True)
class Words:
    """The names of what a statement uses, as Snowflake's documentation has them."""

    functions: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    clauses: frozenset[str] = frozenset()


def words_of(sql: str, tree: Expr) -> Words:
    """What a statement uses.

    Args:
        sql: One statement, as the warehouse receives it.
        tree: The same, parsed.
    """
    types = {_type(node) for node in tree.find_all(exp.DataType)}
    functions = {*_functions(Snowflake().tokenize(sql))} - types - _KEYWORDS
    return Words(frozenset(functions), frozenset(types), frozenset(_clauses(tree)))


def _functions(tokens: list[Token]) -> Iterator[str]:
    """Words before a parenthesis, as the statement has them: sqlglot's tree renames some.

    A word after a point is the last part of a name.
    """
    before = TokenType.SEMICOLON
    for token, following in pairwise([*tokens, tokens[-1]]):
        name = token.text.upper()
        is_name = before is TokenType.DOT or token.token_type in _QUOTED
        is_called = following.token_type is TokenType.L_PAREN or name in _BARE
        if is_called and not is_name and _WORD.fullmatch(name):
            yield name
        before = token.token_type


def _type(node: exp.DataType) -> str:
    name = str(node.this.value if hasattr(node.this, "value") else node.this).upper()
    return _TYPES.get(name, name)


def _clauses(tree: Expr) -> Iterator[str]:
    for node in tree.walk():
        kind: Any = type(node)
        if kind is exp.Star:
            yield from (_STAR.get(name, name.upper()) for name, value in node.args.items() if value)
        elif kind is exp.Join:
            yield _join(node)
        elif isinstance(node, exp.SetOperation):
            yield f"{node.key} {'' if node.args.get('distinct') else 'ALL'}".strip().upper()
        elif not _is_plain(kind):
            yield _words_for(kind)


def _join(node: Expr) -> str:
    """The kind of join; `LEFT OUTER JOIN` is a `LEFT JOIN`, and `JOIN` an `INNER JOIN`."""
    words = [str(node.args[name]) for name in ("method", "side", "kind") if node.args.get(name)]
    text = " ".join([*words, "JOIN"]).upper().replace(" OUTER ", " ")
    return "INNER JOIN" if text == "JOIN" else text


@cache
def _is_plain(kind: Any) -> bool:
    """True for what `functions` and the shape show, and for operators."""
    is_function = issubclass(kind, exp.Func) and not issubclass(kind, exp.Connector)
    return is_function or issubclass(kind, _PLAIN)


@cache
def _words_for(kind: Any) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).upper()
    return _CLAUSES.get(kind, spaced)
