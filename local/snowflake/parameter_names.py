"""The session parameters that the emulator knows, and Snowflake's defaults."""

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
