"""Session parameters: from the login, from ALTER SESSION, and what each changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb

from local.snowflake.errors import compilation_error, unsupported
from local.snowflake.formats import strftime_format

Value = str | bool | int

# Snowflake's own defaults, its time zone's included.
# https://docs.snowflake.com/en/sql-reference/parameters
DEFAULTS: dict[str, Value] = {
    "AUTOCOMMIT": True,
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "LOCK_TIMEOUT": 43200,
    "QUERY_TAG": "",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
    "TIMEZONE": "America/Los_Angeles",
}
# Known, and without meaning for an emulator: they tune clients, caches and time limits.
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
# Without these set as they are, SQL would mean something else here than it says.
FIXED: dict[str, Value] = {
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "WEEK_START": 0,
}


_ASSIGNMENT = re.compile(r"\s*,?\s*(\w+)\s*=\s*('(?:[^']|'')*'|[\w.+-]+)", re.DOTALL)


class Parameters:
    """A session's parameters, kept in step with its DuckDB connection's variables.

    The macros of `functions.py` read the variables `text_ntz`, `text_tz`, `text_date` and `zone`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, given: Mapping[str, Any]) -> None:
        self._connection = connection
        self._set: dict[str, Value] = {}
        for name, value in given.items():
            # Clients log in with parameters of their own that no server needs to know.
            if name.upper() in DEFAULTS or name.upper() in FIXED:
                self._check_and_keep(name.upper(), value)
        self._apply()

    def get(self, name: str) -> Value:
        """A parameter's value in this session, Snowflake's default if it was never set."""
        return self._set.get(name, DEFAULTS.get(name, ""))

    def alter(self, clauses: str) -> None:
        """Obey what follows `ALTER SESSION`: `SET a = 1 b = 'x'` or `UNSET a, b`.

        Raises:
            ProgrammingError: An unknown parameter or a value that cannot be; nothing is changed.
        """
        word, _, rest = clauses.strip().rstrip(";").partition(" ")
        before = dict(self._set)
        try:
            if word.upper() == "UNSET":
                for name in re.split(r"[,\s]+", rest.strip()):
                    self._set.pop(_known(name), None)
            elif word.upper() == "SET":
                for name, value in _assignments(rest):
                    self._check_and_keep(name, value)
            else:
                raise compilation_error(f"syntax error: unexpected '{word}'.", 1003, "42000")
            self._apply()
        except Exception:
            self._set = before
            raise

    def items(self) -> dict[str, Value]:
        """Every parameter that has a value here."""
        return {**DEFAULTS, **self._set}

    def _check_and_keep(self, name: str, value: Value) -> None:
        name = _known(name)
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
        known = "SELECT count(*) FROM pg_timezone_names() WHERE name = ?"
        found = self._connection.execute(known, [zone]).fetchone()
        if not found or not found[0]:
            raise compilation_error(
                f"invalid value '{zone}' for parameter 'TIMEZONE'", 1008, "22023"
            )
        for name, value in variables.items():
            self._connection.execute(
                f"SET VARIABLE {name} = '{value.replace(chr(39), chr(39) * 2)}'"
            )


def _known(name: str) -> str:
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
