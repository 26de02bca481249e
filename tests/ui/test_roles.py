"""The roles that may trigger, clear, approve and pause, as the runbook says and Airflow decides."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from include.publishing.store import Store

PAGE = Path("docs/runbooks/runs.md")
ROLES = ["Viewer", "User", "Op", "Admin"]
RUN = "/api/v2/dags/epa/dagRuns/r1"
# What a person does, by the beginning of its line in the table: the requests that Airflow gets.
REQUESTS: dict[str, list[tuple[str, str, Any]]] = {
    "see the pages": [
        ("GET", "/ddrc/sources/epa", None),
        ("GET", "/api/v2/dags/epa/dagRuns", None),
    ],
    "trigger a source": [
        ("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None})
        for dag in ("epa", "restore_metrics", "release_hold", "set_severity")
    ],
    "clear a task": [
        ("POST", "/api/v2/dags/epa/clearTaskInstances", {"dry_run": True, "task_ids": ["load"]})
    ],
    "approve, hold": [
        (
            "PATCH",
            f"/api/v2/dags/{dag}/dagRuns/r1/taskInstances/{task}/-1/hitlDetails",
            {"chosen_options": ["Publish"], "params_input": {}},
        )
        for dag, task in (("approve_change", "ask"), ("restore_metrics", "choose"))
    ],
    "pause and unpause": [("PATCH", "/api/v2/dags/epa", {"is_paused": True})],
}


def documented() -> dict[str, str]:
    """The least role for each line of the runbook's table."""
    table = PAGE.read_text().split("| to | least role | right |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \| (\w+) \| [^|]+ \|$", table, re.MULTILINE)
    return {next((key for key in REQUESTS if what.startswith(key)), what): least
            for what, least in rows}  # fmt: skip


def token(role: str) -> str:
    """The token of a person with a role."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    user: Any = SimpleAuthManagerUser(username=role.lower(), role=role.upper())
    return get_auth_manager().generate_jwt(user)


def test_the_table_has_a_line_for_everything_that_people_do() -> None:
    assert documented().keys() == REQUESTS.keys()


@pytest.mark.parametrize("action", REQUESTS)
def test_airflow_gives_the_right_to_the_documented_role_and_to_none_below(
    action: str, anyone: TestClient, store: Store
) -> None:
    least = ROLES.index(documented()[action])
    for role in ROLES:
        for method, path, body in REQUESTS[action]:
            headers = {"Authorization": f"Bearer {token(role)}"}
            answer = anyone.request(method, path, json=body, headers=headers)
            is_allowed = answer.status_code != 403
            assert is_allowed is (ROLES.index(role) >= least), (role, path, answer.text)
            assert answer.status_code != 401, answer.text


def test_nobody_may_do_anything_without_a_login(anyone: TestClient) -> None:
    for requests in REQUESTS.values():
        for method, path, body in requests:
            assert anyone.request(method, path, json=body).status_code == 401, path
