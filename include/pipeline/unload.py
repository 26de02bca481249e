"""Unloads: Snowflake itself writes the JSON files, with `COPY INTO` an external stage."""

from pathlib import Path

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

from include import warehouse
from include.pipeline.assets import SOURCE_ASSETS
from include.pipeline.changes import remember
from include.publishing.names import PUBLISHED_FILE, source_file

REPORTER_CONNECTION = "snowflake_reporter"
SQL = Path(__file__).parent.parent / "publishing"

# The times that the warehouse writes are UTC, in the form that a browser's `new Date` parses.
SESSION = {
    "TIMEZONE": "UTC",
    "TIMESTAMP_OUTPUT_FORMAT": 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM',
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"',
}


def unload_source(source: str) -> SQLExecuteQueryOperator:
    """A task `unload` that writes a source's own metrics and then updates its asset."""
    return _unload(f"{source}_metrics", source_file(source), source)


def unload_summary() -> SQLExecuteQueryOperator:
    """A task `unload` that writes the published file."""
    return _unload("ddrc_metrics", PUBLISHED_FILE)


def _unload(model: str, path: str, source: str | None = None) -> SQLExecuteQueryOperator:
    return SQLExecuteQueryOperator(
        task_id="unload",
        conn_id=REPORTER_CONNECTION,
        sql=(SQL / "unload_metrics.sql").read_text(),
        params={
            "location": f"@{warehouse.stage()}/{path}",
            "table": warehouse.metrics_table(model),
        },
        hook_params={"session_parameters": SESSION},
        outlets=[SOURCE_ASSETS[source]] if source else [],
        post_execute=remember(source) if source else None,
    )
