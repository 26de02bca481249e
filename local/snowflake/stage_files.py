"""Queries of an external stage: `SELECT $1, METADATA$FILENAME FROM @stage/path (…)`, of JSON files.

https://docs.snowflake.com/en/user-guide/querying-stage
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fakesnow.transforms.file_format import lookup_file_format
from fakesnow.transforms.options import parse_options
from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp

from local.snowflake import stages
from local.snowflake.account import Session
from local.snowflake.errors import unsupported

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"\s*")
RECORD, FILE_NAME = "$1", "METADATA$FILENAME"


def replace_stages(session: Session, expression: Expr) -> None:
    """Replace each stage that a query reads by the records of its files, in place.

    Raises:
        ProgrammingError: The stage, its container or the file format does not exist, a file is not
            JSON, or the query needs what the emulator does not support.
    """
    if isinstance(expression, exp.Copy):
        return
    for table in list(expression.find_all(exp.Table)):
        if not table.name.startswith("@") or not isinstance(table.this, exp.Var | exp.Literal):
            continue
        if isinstance(expression, exp.Create) and expression.args.get("kind") == "VIEW":
            raise unsupported("a view of a stage")
        query = table.find_ancestor(exp.Select)
        if query is None or query.is_star:
            raise unsupported("a query of a stage without the names of its columns, such as $1")
        for node in list(query.find_all(exp.Parameter)):
            if node.find_ancestor(exp.Select) is query:
                name = exp.to_identifier(f"${node.name}", quoted=True)
                node.replace(name if isinstance(node.parent, exp.Column) else exp.column(name))
        table.replace(_rows(_records(session, table), table.alias or "STAGED"))


def store_file_format(session: Session, expression: Expr, translated: Expr) -> None:
    """Add a new stage's file format, which fakesnow ignores, to the statement that stores it.

    Args:
        session: The session that runs the statement.
        expression: The statement as the client sent it.
        translated: The statement in DuckDB's SQL; it is changed in place.

    Raises:
        ProgrammingError: The named file format does not exist.
    """
    if "create_stage_name" not in translated.args:
        return
    given = expression.find(exp.FileFormatProperty)
    options = parse_options(given.expressions) if given else {}
    if name := options.get("FORMAT_NAME"):
        full = ".".join(stages.split(f"@{name}", session.database, session.schema)[0])
        lookup_file_format(session.connection, full, None, None)
        options = {"FORMAT_NAME": full}
    translated.this.append("expressions", exp.to_identifier("file_format"))
    translated.expression.append("expressions", exp.Literal.string(json.dumps(options)))


def _records(session: Session, table: exp.Table) -> list[tuple[str, str]]:
    """Each record of a stage's files: its JSON, and the file's path in the container."""
    name, path = stages.split(table.name, session.database, session.schema)
    url = stages.url(session.connection, name)
    if not url:
        raise unsupported(f"a query of the internal stage {'.'.join(name)}")
    strip = _strips_arrays(session, table, stages.file_format(session.connection, name))
    pattern = table.args.get("pattern")
    matches = re.compile(pattern.name if pattern else ".*", re.DOTALL).fullmatch
    return [
        (json.dumps(record), file)
        for file, content in session.account.blobs.read(url, path, matches)
        for record in _parse(content, file, strip=strip)
    ]


def _strips_arrays(session: Session, table: exp.Table, of_stage: dict[str, Any]) -> bool:
    """The option `STRIP_OUTER_ARRAY` of the query's file format, or else of the stage's own."""
    named = table.args.get("format")
    name = of_stage.get("FORMAT_NAME")
    if named is not None:
        name = named.name if isinstance(named, exp.Literal) else named.sql(dialect="snowflake")
    options = (
        lookup_file_format(session.connection, name, session.database, session.schema)
        if name
        else dict(of_stage)
    )
    kind = str(options.pop("TYPE", "CSV")).upper()
    if kind != "JSON":
        raise unsupported(f"a query of {kind} files (it reads JSON); name a JSON file format")
    if str(options.pop("COMPRESSION", "AUTO")).upper() not in ("AUTO", "NONE"):
        raise unsupported("a query of compressed files")
    strip = bool(options.pop("STRIP_OUTER_ARRAY", False))
    if options:
        raise unsupported(f"FILE_FORMAT option {', '.join(sorted(options))} in a query of a stage")
    return strip


def _parse(content: bytes, file: str, *, strip: bool) -> Iterator[Any]:
    """The documents of a file; with `strip`, the elements of those that are arrays."""
    text, position = content.decode(), 0
    while (position := _end_of_blanks(text, position)) < len(text):
        try:
            document, position = _DECODER.raw_decode(text, position)
        except ValueError as error:
            raise ProgrammingError(
                msg=f"Error parsing JSON: {error}\n  File '{file}', line 1, character {position}",
                errno=100069,
                sqlstate="22P02",
            ) from error
        yield from document if strip and isinstance(document, list) else [document]


def _end_of_blanks(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _rows(records: list[tuple[str, str]], alias: str) -> exp.Subquery:
    """A subquery of the records, which has no row if there are none."""
    values = exp.values(records or [("null", "")], alias="_FILES", columns=["_RECORD", "_FILE"])
    query = exp.select(
        exp.alias_(exp.ParseJSON(this=exp.column("_RECORD")), RECORD, quoted=True),
        exp.alias_(exp.column("_FILE"), FILE_NAME, quoted=True),
    ).from_(values)
    return (query if records else query.where(exp.false())).subquery(alias)
