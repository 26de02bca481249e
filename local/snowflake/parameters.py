"""Session parameters, set at the login or by ALTER SESSION, and their effects."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

from local.snowflake.errors import compilation_error, unsupported
from local.snowflake.formats import strftime_format
from local.snowflake.sql import escaped

Value = str | bool | int

# Snowflake's own defaults, including its time zone.
# https://docs.snowflake.com/en/sql-reference/parameters
DEFAULTS: dict[str, Value] = {
    "AUTOCOMMIT": True,
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "LOCK_TIMEOUT": 43200,
    "PREVENT_UNLOAD_TO_INTERNAL_STAGES": False,
    "QUERY_TAG": "",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
    "TIMEZONE": "America/Los_Angeles",
}
# Known, but without effect in the emulator: they tune clients, caches and time limits.
ACCEPTED = frozenset(
    {
        "ABORT_DETACHED_QUERY",
        "CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX",
        "CLIENT_PREFETCH_THREADS",
        "CLIENT_REQUEST_MFA_TOKEN",
        "CLIENT_RESULT_CHUNK_SIZE",
        "CLIENT_SESSION_KEEP_ALIVE",
        "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY",
        "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD",
        "CLIENT_STORE_TEMPORARY_CREDENTIAL",
        "GEOGRAPHY_OUTPUT_FORMAT",
        "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT",
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
        "STATEMENT_TIMEOUT_IN_SECONDS",
        "TIMESTAMP_TYPE_MAPPING",
        "USE_CACHED_RESULT",
        "WEEK_START",
    }
)
# Refused at other values, at which SQL would mean something else.
FIXED: dict[str, Value] = {
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "WEEK_START": 0,
}
_ASSIGNMENT = re.compile(r"\s*,?\s*(\w+)\s*=\s*('(?:[^']|'')*'|[\w.+-]+)", re.DOTALL)


class Parameters:
    """A session's parameters, mirrored in variables of its DuckDB connection.

    The macros of `duckdb_macros.py` read the variables `text_ntz`, `text_tz`, `text_date`, `zone`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, given: Mapping[str, Value]) -> None:
        self._connection = connection
        self._set: dict[str, Value] = {}
        for name, value in given.items():
            # Clients log in with parameters that only they use.
            if name.upper() in DEFAULTS or name.upper() in FIXED:
                self._check_and_set(name.upper(), value)
        self._apply()

    def get(self, name: str) -> Value:
        """A parameter's value in this session; Snowflake's default if it was never set."""
        return self._set.get(name, DEFAULTS.get(name, ""))

    def alter(self, clauses: str) -> None:
        """Apply the clauses of `ALTER SESSION`: `SET a = 1 b = 'x'` or `UNSET a, b`.

        Raises:
            ProgrammingError: A parameter is unknown or its value is invalid; nothing is changed.
        """
        word, _, rest = clauses.strip().rstrip(";").partition(" ")
        before = dict(self._set)
        try:
            if word.upper() == "UNSET":
                for name in re.split(r"[,\s]+", rest.strip()):
                    self._set.pop(_checked(name), None)
            elif word.upper() == "SET":
                for name, value in _assignments(rest):
                    self._check_and_set(name, value)
            else:
                raise compilation_error(f"syntax error: unexpected '{word}'.", 1003, "42000")
            self._apply()
        except Exception:
            self._set = before
            raise

    def items(self) -> dict[str, Value]:
        """The values of all parameters."""
        return {**DEFAULTS, **self._set}

    def _check_and_set(self, name: str, value: Value) -> None:
        name = _checked(name)
        wanted = FIXED.get(name)
        if wanted is not None and str(value).upper() != str(wanted).upper():
            raise unsupported(f"the session parameter {name} = {value}")
        if isinstance(DEFAULTS.get(name), bool):
            value = str(value).upper() == "TRUE"
        elif isinstance(DEFAULTS.get(name), int):
            value = int(value)
        self._set[name] = value

    def _apply(self) -> None:
        zone = str(self.get("TIMEZONE"))
        general = _chosen(self.get("TIMESTAMP_OUTPUT_FORMAT"), DEFAULTS["TIMESTAMP_OUTPUT_FORMAT"])
        variables = {
            "zone": zone,
            "text_ntz": strftime_format(_chosen(self.get("TIMESTAMP_NTZ_OUTPUT_FORMAT"), general)),
            "text_tz": strftime_format(_chosen(self.get("TIMESTAMP_TZ_OUTPUT_FORMAT"), general)),
            "text_date": strftime_format(
                _chosen(self.get("DATE_OUTPUT_FORMAT"), DEFAULTS["DATE_OUTPUT_FORMAT"])
            ),
        }
        find_zone = "SELECT 1 FROM pg_timezone_names() WHERE name = ?"
        if not self._connection.execute(find_zone, [zone]).fetchone():
            raise compilation_error(
                f"invalid value '{zone}' for parameter 'TIMEZONE'", 1008, "22023"
            )
        for name, value in variables.items():
            self._connection.execute(f"SET VARIABLE {name} = '{escaped(value)}'")


def _checked(name: str) -> str:
    upper = name.upper()
    if upper not in DEFAULTS and upper not in ACCEPTED and upper not in FIXED:
        raise unsupported(f"the session parameter {upper}")
    return upper


def _chosen(value: Value, otherwise: Value) -> str:
    return str(otherwise) if str(value).upper() in ("", "AUTO") else str(value)


def _assignments(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _ASSIGNMENT.match(text, at)
        if match is None:
            raise compilation_error(f"syntax error near '{text[at:]}'.", 1003, "42000")
        name, value = match.groups()
        literal = value[1:-1].replace("''", "'") if value.startswith("'") else value
        found.append((name, literal))
        at = match.end()
    return found
