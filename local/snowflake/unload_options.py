"""The options of `COPY INTO @stage/…`: those that are obeyed; every other one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakesnow.transforms.file_format import lookup_file_format
from fakesnow.transforms.options import parse_options
from sqlglot import exp

from local.snowflake.errors import compilation_error, unsupported

if TYPE_CHECKING:
    from local.snowflake.cursor import Cursor

MAX_FILE_SIZE = 16 * 1024 * 1024
LARGEST_FILE_SIZE = 5_368_709_120


@dataclass(frozen=True)
class Options:
    """The options of an unload, with Snowflake's defaults."""

    gzipped: bool
    overwrite: bool
    max_file_size: int


def unload_options(cursor: Cursor, copy: exp.Copy) -> Options:
    """The options of a statement.

    Raises:
        ProgrammingError: One that the emulator does not obey, by its name.
    """
    given: dict[str, exp.CopyParameter] = {}
    for one in copy.args.get("params") or []:
        given[str(one.this.name).upper()] = one
    file_format = _file_format(cursor, given.pop("FILE_FORMAT", None))
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
    return Options(file_format, overwrite, size)


def _file_format(cursor: Cursor, given: exp.CopyParameter | None) -> bool:
    """Whether the format is gzipped JSON; every other format is refused by its name."""
    options = parse_options(given.expressions) if given else {}
    if named := options.pop("FORMAT_NAME", None):
        session = cursor.session
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
