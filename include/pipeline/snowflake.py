"""Snowflake sessions whose query tag names the running task."""

from typing import TYPE_CHECKING

from airflow.sdk import get_current_context

from include.query_tags import query_tag, source_of

if TYPE_CHECKING:
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook


def snowflake_hook(connection: str) -> "SnowflakeHook":
    """The hook of a connection; its statements carry the running task's query tag."""
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook

    ti = get_current_context()["ti"]
    tag = query_tag(ti.dag_id, source_of(ti.dag_id), task=ti.task_id, run=ti.run_id)
    return SnowflakeHook(snowflake_conn_id=connection, session_parameters={"QUERY_TAG": tag})
