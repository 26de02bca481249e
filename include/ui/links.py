"""Links on a task instance: its runbook page, what it wrote, and the issue of its incident.

Airflow asks for them when a person looks at a task. What they need is imported then: every process
of Airflow imports this module.
"""

from typing import Any

from airflow.sdk import BaseHook, BaseOperatorLink

from include import warehouse
from include.incidents.alert_types import kind_of
from include.publishing.names import PUBLIC_CONTAINER, PUBLISHED_FILE, source_file
from include.sources import PARTS, JsonList, RawTable

SNOWSIGHT = "https://app.snowflake.com"
NOTHING = ""

_LOADS = ("load", "wait_for_sync")
_PUBLISHING = ("promote", "verify", "watch_public_file")


class RunbookLink(BaseOperatorLink):
    """The page that says what to do if this task fails."""

    name = "Runbook"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Its address in the repository; empty if the deployment names none."""
        from include.incidents.settings import repository

        try:
            kind = kind_of(ti_key.dag_id, ti_key.task_id)
        except KeyError:
            return NOTHING
        return kind.page_url(repository())


class TableLink(BaseOperatorLink):
    """The table that this task filled or unloaded, in Snowflake's own UI."""

    name = "Table in Snowflake"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Its address; empty for other tasks, and where the account tells no organization."""
        table = warehouse_table(ti_key.dag_id, ti_key.task_id)
        if table is None:
            return NOTHING
        extra = BaseHook.get_connection("snowflake_loader").extra_dejson
        organization, dash, account = str(extra.get("account") or "").partition("-")
        if not dash:
            return NOTHING
        database, schema, name = table.split(".")
        path = f"databases/{database}/schemas/{schema}/table/{name}"
        return f"{SNOWSIGHT}/{organization}/{account}/#/data/{path}"


class PublicFileLink(BaseOperatorLink):
    """The public file that this task wrote or looked at."""

    name = "Public file"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Its address; empty for tasks that have to do with none."""
        path = public_path_of(ti_key.dag_id, ti_key.task_id)
        if path is None:
            return NOTHING
        from include.publishing.store import Place
        from include.storage import open_store

        return open_store().public_url(Place(PUBLIC_CONTAINER, path))


class IssueLink(BaseOperatorLink):
    """The GitHub issue of this task's open incident: the issue itself, or the filled form."""

    name = "Incident issue"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Its address; empty where nothing is open."""
        from include.incidents.issue import new_issue_url
        from include.incidents.open_incidents import open_incidents
        from include.incidents.settings import repository
        from include.storage import open_store

        found = repository()
        for incident in open_incidents(open_store(), ti_key.dag_id) if found else []:
            if ti_key.task_id in incident.tasks:
                return incident.issue_url or new_issue_url(found, incident, incident.responder)
        return NOTHING


def warehouse_table(dag: str, task: str) -> str | None:
    """The qualified table that a task fills, or builds or unloads metrics of; null for others."""
    if (raw := table_of(dag, task)) is not None:
        return f"{warehouse.database('RAW')}.{raw.schema}.{raw.name}"
    if task == "unload":
        return warehouse.metrics_table(f"{dag}_metrics" if dag in PARTS else "ddrc_metrics")
    model = task.removeprefix("transform.").removesuffix("_model_build")
    if task.startswith("transform.") and model.endswith("_metrics") and "__" not in model:
        return warehouse.metrics_table(model)
    return None


def table_of(dag: str, task: str) -> RawTable | None:
    """The raw table that a task fills; null for other tasks."""
    for part in PARTS.get(dag, ()):
        tasks = (f"load_{part.name}",) if isinstance(part, JsonList) else _LOADS
        if task in tasks:
            return part.table
    return None


def public_path_of(dag: str, task: str) -> str | None:
    """The public file that a task has to do with; null for other tasks."""
    if task == "release" and dag in PARTS:
        return source_file(dag)
    return PUBLISHED_FILE if task in _PUBLISHING else None
