"""Unloads: Snowflake itself writes the JSON files, with `COPY INTO` an external stage."""

from pathlib import Path

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

from include import warehouse
from include.query_tags import query_tag, source_of

REPORTER_CONNECTION = "snowflake_reporter"
SQL = Path(__file__).parent.parent / "publishing"

# The times that the warehouse writes are UTC, in the form that a browser's `new Date` parses.
SESSION = {
    "TIMEZONE": "UTC",
    "TIMESTAMP_OUTPUT_FORMAT": 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM',
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"',
}


def unload(model: str) -> SQLExecuteQueryOperator:
    """A task `unload` that writes a metrics mart to a candidate of this run.

    The candidate is private. Nothing that the warehouse writes is public before it was looked at.
    """
    return SQLExecuteQueryOperator(
        task_id="unload",
        conn_id=REPORTER_CONNECTION,
        sql=(SQL / "unload_metrics.sql").read_text(),
        params={
            "location": f"@{warehouse.stage()}/{model}",
            "table": warehouse.metrics_table(model),
        },
        hook_params={"session_parameters": {**SESSION, "QUERY_TAG": _tag(model)}},
    )


def _tag(model: str) -> str:
    source = source_of(model.removesuffix("_metrics"))
    return query_tag("{{ ti.dag_id }}", source, task="{{ ti.task_id }}", run="{{ run_id }}")
