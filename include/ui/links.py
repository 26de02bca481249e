"""Links on a task instance: its runbook page, its table, the public file, its incident's issue.

Also the link of the pages to the form of a run.

Airflow requests them when somebody opens a task. Every process of Airflow imports this module, so
expensive imports are inside the functions.
"""

from typing import Protocol

from airflow.sdk import BaseHook, BaseOperatorLink

from include import connections, warehouse
from include.incidents.airflow_links import Value, run_form
from include.incidents.alert_types import alert_type_of
from include.publishing.names import PUBLIC_CONTAINER, PUBLISHED_FILE, source_file
from include.sources import SOURCES, RawTable
from include.times import utc_now
from include.ui.address import base_path

SNOWSIGHT = "https://app.snowflake.com"
NO_LINK = ""

_PUBLISHING = ("promote", "verify", "watch_public_file")


class TaskKey(Protocol):
    """The part of Airflow's `TaskInstanceKey` that the links need."""

    @property
    def dag_id(self) -> str:
        """The task's DAG."""

    @property
    def task_id(self) -> str:
        """The task."""


class RunbookLink(BaseOperatorLink):
    """The runbook page for a failure of this task."""

    name = "Runbook"

    def get_link(self, operator: object, *, ti_key: TaskKey) -> str:
        """The page's address; empty if the deployment names no repository."""
        from include.incidents.settings import repository

        try:
            alert_type = alert_type_of(ti_key.dag_id, ti_key.task_id)
        except KeyError:
            return NO_LINK
        return alert_type.runbook_url(repository())


class TableLink(BaseOperatorLink):
    """The table that this task fills or unloads, in Snowflake's UI."""

    name = "Table in Snowflake"

    def get_link(self, operator: object, *, ti_key: TaskKey) -> str:
        """The table's address; empty for other tasks, or if the account has no organization."""
        table = warehouse_table(ti_key.dag_id, ti_key.task_id)
        if table is None:
            return NO_LINK
        extra = BaseHook.get_connection(connections.LOADER).extra_dejson
        organization, dash, account = str(extra.get("account") or "").partition("-")
        if not dash:
            return NO_LINK
        database, schema, name = table.split(".")
        path = f"databases/{database}/schemas/{schema}/table/{name}"
        return f"{SNOWSIGHT}/{organization}/{account}/#/data/{path}"


class PublicFileLink(BaseOperatorLink):
    """The public file that this task writes or checks."""

    name = "Public file"

    def get_link(self, operator: object, *, ti_key: TaskKey) -> str:
        """The file's address; empty for other tasks."""
        path = public_path(ti_key.dag_id, ti_key.task_id)
        if path is None:
            return NO_LINK
        from include.publishing.store import Place
        from include.storage import open_store

        return open_store().public_url(Place(PUBLIC_CONTAINER, path))


class IssueLink(BaseOperatorLink):
    """The GitHub issue of this task's open incident, or the filled form for one."""

    name = "Incident issue"

    def get_link(self, operator: object, *, ti_key: TaskKey) -> str:
        """The issue's address; empty without an open incident."""
        from include.incidents.incident_file import read_state
        from include.incidents.issue import new_issue_url
        from include.incidents.settings import repository
        from include.storage import open_store

        name, key = repository(), f"{ti_key.dag_id}.{ti_key.task_id}"
        for incident in read_state(open_store()).open if name else ():
            if key in incident.tasks:
                return incident.issue_url or new_issue_url(
                    name, incident, incident.responder, utc_now()
                )
        return NO_LINK


def trigger_link(dag_id: str, **params: Value) -> str:
    """The address of the form that starts a run of a DAG, filled in; `target="_top"` opens it.

    Args:
        dag_id: The DAG.
        params: Values of its parameters, for example `force_full_load=True`.
    """
    path = base_path()
    return f"{path}{run_form(path, dag_id, params)}"


def warehouse_table(dag: str, task: str) -> str | None:
    """The qualified name of the table that a task fills or unloads; `None` for other tasks."""
    if (raw := raw_table(dag, task)) is not None:
        return f"{warehouse.database('RAW')}.{raw.schema}.{raw.name}"
    if task == "unload":
        return warehouse.metrics_table(SOURCES[dag].mart if dag in SOURCES else "ddrc_metrics")
    model = task.removeprefix("transform.").removesuffix("_model_build")
    if task.startswith("transform.") and model.endswith("_metrics") and "__" not in model:
        return warehouse.metrics_table(model)
    return None


def raw_table(dag: str, task: str) -> RawTable | None:
    """The raw table that a task fills; `None` for other tasks."""
    parts = SOURCES[dag].parts if dag in SOURCES else ()
    return next((part.table for part in parts if part.reader == task), None)


def public_path(dag: str, task: str) -> str | None:
    """The path of the public file that a task writes or checks; `None` for other tasks."""
    if task == "release" and dag in SOURCES:
        return source_file(dag)
    return PUBLISHED_FILE if task in _PUBLISHING else None
