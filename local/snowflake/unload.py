"""`COPY INTO @stage/path FROM …`: one file of JSON, one row a line.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-location
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
from fakesnow.transforms.file_format import lookup_file_format
from fakesnow.transforms.options import parse_options
from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp

from local.snowflake import stages
from local.snowflake.account import Session
from local.snowflake.errors import compilation_error, unsupported

# Runs a query in the session; returns its rows and its columns' DuckDB types.
Query = Callable[[Expr], tuple[pa.Table, list[str]]]

MAX_FILE_SIZE = 16 * 1024 * 1024
LARGEST_FILE_SIZE = 5_368_709_120


@dataclass(frozen=True)
class Options:
    """The options of an unload, with Snowflake's defaults."""

    gzipped: bool
    overwrite: bool
    max_file_size: int


def unload(session: Session, copy: exp.Copy, query: Query) -> str:
    """Run the inner query and write its rows to the stage's blob.

    Args:
        session: The session that runs the statement.
        copy: The parsed statement; it is not changed.
        query: Runs the inner query in the session.

    Returns:
        DuckDB SQL of the statement's result: rows_unloaded, input_bytes, output_bytes.

    Raises:
        ProgrammingError: Nothing was written: an option is not supported, the stage or the
            container does not exist, the query has not exactly one VARIANT column, or the file
            exists.
    """
    options = _read_options(session, copy)
    target = copy.this.this if isinstance(copy.this, exp.Table) else copy.this
    name, path = stages.split(target.name, session.database, session.schema)
    url = stages.url(session.connection, name)
    if not url and session.parameters.get("PREVENT_UNLOAD_TO_INTERNAL_STAGES"):
        raise compilation_error("Unloading to an internal stage is prevented for this user.", 3001)
    if not url:
        raise unsupported(f"unloading to the internal stage {'.'.join(name)}")
    if not path or path.endswith("/"):
        raise unsupported("an unload without a file name (SINGLE = TRUE needs one)")
    location = session.account.blobs.locate(url, path)

    table, types = query(_inner_query(copy))
    if types != ["JSON"]:
        raise compilation_error(
            "JSON file format can produce one and only one column of type variant or object or "
            "array. Use CSV file format if you want to load more than one column.",
            errno=2019,
            sqlstate="0A000",
        )
    lines = ["null" if line is None else line for line in table.column(0).to_pylist()]
    if not lines:
        # Snowflake writes no file for no rows, and leaves a file of the name as it is.
        return 'SELECT 0 AS "rows_unloaded", 0 AS "input_bytes", 0 AS "output_bytes"'
    content = "".join(f"{line}\n" for line in lines).encode()
    if len(content) > options.max_file_size:
        raise ProgrammingError(
            msg="Max file size (max_file_size) exceeded for unload single file mode. "
            f"Max size: '{options.max_file_size}' Actual size: '{len(content)}'",
            errno=100094,
            sqlstate="22000",
        )
    output = gzip.compress(content, mtime=0) if options.gzipped else content
    if not session.account.blobs.write(location, output, overwrite=options.overwrite):
        raise ProgrammingError(
            msg=f"Files already existing at the unload destination: {target.name}. "
            "Use overwrite option to force unloading.",
            errno=1030,
            sqlstate="22000",
        )
    return (
        f'SELECT {len(lines)} AS "rows_unloaded", '
        f'{len(content)} AS "input_bytes", {len(output)} AS "output_bytes"'
    )


def _inner_query(copy: exp.Copy) -> Expr:
    source = copy.args["files"][0]
    if isinstance(source, exp.Subquery):
        inner: Expr = source.this.copy()
        return inner
    return exp.select("*").from_(source.copy())


def _read_options(session: Session, copy: exp.Copy) -> Options:
    given: dict[str, exp.CopyParameter] = {}
    for parameter in copy.args.get("params") or []:
        given[str(parameter.this.name).upper()] = parameter
    gzipped = _is_gzipped(session, given.pop("FILE_FORMAT", None))
    if not _flag(given, "SINGLE", default=False):
        raise unsupported("an unload without SINGLE = TRUE")
    for name in ("HEADER", "INCLUDE_QUERY_ID", "DETAILED_OUTPUT"):
        if _flag(given, name, default=False):
            raise unsupported(f"{name} = TRUE in an unload of JSON")
    overwrite = _flag(given, "OVERWRITE", default=False)
    size = _number(given, "MAX_FILE_SIZE", MAX_FILE_SIZE)
    if not 0 < size <= LARGEST_FILE_SIZE:
        raise compilation_error(
            f"invalid value [{size}] for parameter 'MAX_FILE_SIZE'", 1008, "22023"
        )
    if given:
        raise unsupported(f"{', '.join(sorted(given))} in an unload")
    return Options(gzipped, overwrite, size)


def _is_gzipped(session: Session, given: exp.CopyParameter | None) -> bool:
    """True for gzipped JSON, false for plain JSON; any other format is refused."""
    options = parse_options(given.expressions) if given else {}
    if named := options.pop("FORMAT_NAME", None):
        stored = lookup_file_format(
            session.connection, str(named), session.database, session.schema
        )
        options = {**stored, **options}
    kind = str(options.pop("TYPE", "CSV")).upper()
    compression = str(options.pop("COMPRESSION", "AUTO")).upper()
    if kind != "JSON":
        raise unsupported(f"unloading FILE_FORMAT TYPE = {kind} (it unloads JSON)")
    if compression not in ("NONE", "GZIP", "AUTO"):
        raise unsupported(f"COMPRESSION = {compression} in an unload")
    if options:
        raise unsupported(f"FILE_FORMAT option {', '.join(sorted(options))} in an unload")
    return compression != "NONE"


def _flag(given: dict[str, exp.CopyParameter], name: str, *, default: bool) -> bool:
    parameter = given.pop(name, None)
    if parameter is None:
        return default
    value = parameter.args.get("expression")
    # HEADER alone means HEADER = TRUE.
    return value is None or value.name.upper() == "TRUE" or value.sql().upper() == "TRUE"


def _number(given: dict[str, exp.CopyParameter], name: str, default: int) -> int:
    parameter = given.pop(name, None)
    return default if parameter is None else int(parameter.args["expression"].name)
