"""Snowflake sessions whose query tag names the running task."""

from typing import TYPE_CHECKING

from airflow.sdk import get_current_context

from include import warehouse
from include.query_tags import query_tag, source_of

if TYPE_CHECKING:
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook


def snowflake_hook(connection: str, compute: warehouse.Compute | None = None) -> "SnowflakeHook":
    """The hook of a connection; its statements carry the running task's query tag.

    Args:
        connection: The connection's id.
        compute: The warehouse that runs its statements; by default the connection's own.
    """
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook

    ti = get_current_context()["ti"]
    tag = query_tag(ti.dag_id, source_of(ti.dag_id), task=ti.task_id, run=ti.run_id)
    return SnowflakeHook(
        snowflake_conn_id=connection,
        warehouse=compute and warehouse.compute(compute),
        session_parameters={"QUERY_TAG": tag},
    )
