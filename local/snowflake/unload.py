"""`COPY INTO @stage/path FROM …`: one file of JSON, one row to a line.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-location
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp

from local.snowflake import stages
from local.snowflake.errors import compilation_error, unsupported
from local.snowflake.unload_options import unload_options

if TYPE_CHECKING:
    from local.snowflake.cursor import Cursor


def unload(cursor: Cursor, copy: exp.Copy) -> str:
    """Run the inner query on the session's connection and write its rows to the stage's blob.

    Args:
        copy: The parsed statement; it is not changed.

    Returns:
        DuckDB SQL of the statement's result: rows_unloaded, input_bytes, output_bytes.

    Raises:
        ProgrammingError: Nothing was written: an option that is not supported, a stage or
            container that does not exist, not exactly one VARIANT column, a file that is there.
    """
    session = cursor.session
    options = unload_options(cursor, copy)
    target = copy.this.this if isinstance(copy.this, exp.Table) else copy.this
    name, path = stages.split(target.name, session.database, session.schema)
    url = stages.url(cursor.session.connection, name)
    if not url:
        raise unsupported(f"unloading to the internal stage {'.'.join(name)}")
    if not path or path.endswith("/"):
        raise unsupported("an unload without a file name (SINGLE = TRUE needs one)")
    location = session.account.blobs.locate(url, path)

    table, types = cursor.query(_query(copy))
    if types != ["JSON"]:
        raise compilation_error(
            "JSON file format can produce one and only one column of type variant or object or "
            "array. Use CSV file format if you want to load more than one column.",
            errno=2019,
            sqlstate="0A000",
        )
    lines = ["null" if line is None else line for line in table.column(0).to_pylist()]
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


def _query(copy: exp.Copy) -> Expr:
    source = copy.args["files"][0]
    if isinstance(source, exp.Subquery):
        query: Expr = source.this.copy()
        return query
    return exp.select("*").from_(source.copy())
