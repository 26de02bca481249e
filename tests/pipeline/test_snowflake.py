"""The hook of a task's Snowflake session: its warehouse and its query tag."""

import json
from typing import Any

import pytest
from airflow.sdk.execution_time.context import set_current_context

from include import connections, warehouse
from include.pipeline.snowflake import snowflake_hook
from tests.pipeline.running import RUN, context_of

CONNECTION = json.dumps(
    {
        "conn_type": "snowflake",
        "login": "AIRFLOW_TRANSFORMER_DDRC_DEV",
        "extra": {"account": "local", "warehouse": "TRANSFORMING_XS_DDRC_DEV"},
    }
)


@pytest.mark.parametrize(
    ("compute", "expected"),
    [(None, "TRANSFORMING_XS_DDRC_DEV"), ("LOADING", "LOADING_XS_DDRC_DEV")],
)
def test_a_session_uses_the_connections_warehouse_or_the_one_that_a_task_names(
    compute: warehouse.Compute | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SNOWFLAKE_TRANSFORMER", CONNECTION)
    context = context_of("airtable", "wait_for_sync")
    options = {} if compute is None else {"compute": compute}
    with set_current_context(context):
        hook = snowflake_hook(connections.TRANSFORMER, **options)
        given: dict[str, Any] = dict(hook._get_conn_params())
    assert given["warehouse"] == expected
    assert json.loads(given["session_parameters"]["QUERY_TAG"]) == {
        "app": "ddrc",
        "dag": "airtable",
        "task": "wait_for_sync",
        "run": RUN,
        "source": "airtable",
    }
