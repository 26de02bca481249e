"""Airflow's own REST API, for what a task cannot see: other DAGs, their runs, broken files.

The connection `airflow_api` holds the address, and a deployment's API token as its password.
"""

from datetime import datetime, timedelta
from typing import Any

import httpx
from airflow.sdk import BaseHook

CONNECTION = "airflow_api"
# The longest task limit is 40 minutes, and a chain has one such task.
LONGEST_RUN = timedelta(hours=2)
WAITS_FOR_PEOPLE = ("approve_change", "restore_metrics")
# An hourly DAG that has missed three hours.
LONGEST_REST = timedelta(hours=3)


def look_at_dags(sources: tuple[str, ...], now: datetime) -> list[str]:
    """What is wrong with the DAGs; nothing if all is well.

    Args:
        sources: The DAGs that have to run hourly.
        now: The time of day, in UTC.

    Raises:
        httpx.HTTPError: The API is out of reach or refuses.
    """
    with _client() as api:
        broken = [
            f"{each['filename'].rsplit('/', 1)[-1]} does not parse."
            for each in _get(api, "/importErrors")["import_errors"]
        ]
        running = _get(api, "/dags/~/dagRuns", state="running", limit="100")["dag_runs"]
        hanging = [
            f"{run['dag_id']} hangs: its run {run['dag_run_id']} has not ended in {LONGEST_RUN}."
            for run in running
            if run["dag_id"] not in WAITS_FOR_PEOPLE and _age(run["start_date"], now) > LONGEST_RUN
        ]
        resting = [problem for one in sources if (problem := _rests(api, one, now))]
    return broken + hanging + resting


def _rests(api: httpx.Client, source: str, now: datetime) -> str | None:
    if _get(api, f"/dags/{source}")["is_paused"]:
        return f"{source} is paused: its last good values stay public."
    runs = _get(api, f"/dags/{source}/dagRuns", state="success", order_by="-end_date", limit="1")[
        "dag_runs"
    ]
    if runs and _age(runs[0]["end_date"], now) > LONGEST_REST:
        return f"{source} has not run through since {runs[0]['end_date'][:16]} (UTC)."
    return None


def _age(moment: str | None, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(moment) if moment else timedelta(0)


def _client() -> httpx.Client:
    connection = BaseHook.get_connection(CONNECTION)
    port = f":{connection.port}" if connection.port else ""
    url = f"{connection.schema or 'https'}://{connection.host}{port}"
    # An API that asks for no password (Airflow's simple auth manager) gives anyone a token.
    token = connection.password or httpx.get(f"{url}/auth/token").json()["access_token"]
    return httpx.Client(
        base_url=f"{url}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )


def _get(api: httpx.Client, path: str, **query: str) -> dict[str, Any]:
    answer = api.get(path, params=query).raise_for_status()
    content: dict[str, Any] = answer.json()
    return content
