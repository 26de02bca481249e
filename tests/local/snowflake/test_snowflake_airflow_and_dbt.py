"""The other stock clients: Airflow's SnowflakeHook and dbt, over TLS with a key pair."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.local.snowflake.client import Emulator

Run = Callable[[str], list[tuple[Any, ...]]]
MODELS = {
    "first.sql": "{{ config(materialized='table') }} select 1 as id, 'a' as name",
    "second.sql": (
        "{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('first') }}"
    ),
    "third.sql": "select object_construct('rows', count(*)) as summary from {{ ref('second') }}",
}
PROPERTIES = {
    "models": [
        {
            "name": name,
            "description": 'It\'s about "quotes".',
            "columns": [{"name": column, "description": f"The {column}."}],
        }
        for name, column in (("first", "id"), ("second", "name"), ("third", "summary"))
    ]
}


def test_airflows_hook_connects_and_sets_its_session_parameters(
    emulator: Emulator, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook  # noqa: PLC0415

    extra = {
        "account": "laptop",
        "database": database,
        "warehouse": "REPORTING",
        "role": "REPORTER",
        "host": "127.0.0.1",
        "port": emulator.port,
        "private_key_content": base64.b64encode(emulator.private_key).decode(),
    }
    connection = {"conn_type": "snowflake", "login": "reporter", "schema": "PUBLIC", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_EMULATED", json.dumps(connection))
    hook = SnowflakeHook("emulated", session_parameters={"QUERY_TAG": "from the hook"})
    hook.run(["CREATE TABLE T (A INT)", "INSERT INTO T VALUES (1), (2)"])
    with hook.get_conn() as session:
        row = session.cursor().execute(
            "SELECT COUNT(*), CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE() FROM T"
        )
        assert row.fetchone() == (2, "REPORTER", "REPORTER", "REPORTING")
    tags = {one["query_tag"] for one in emulator.get("/emulator/statements")["statements"]}
    assert "from the hook" in tags


@pytest.fixture
def project(tmp_path: Path, emulator: Emulator, database: str) -> Path:
    target = {
        "type": "snowflake",
        "account": "laptop",
        "host": "127.0.0.1",
        "port": emulator.port,
        "user": "transformer",
        "role": "TRANSFORMER",
        "warehouse": "TRANSFORMING",
        "database": database,
        "schema": "BUILT",
        "private_key": emulator.private_key.decode(),
        "threads": 2,
    }
    profiles = {"p": {"target": "t", "outputs": {"t": target}}}
    settings = {
        "name": "p",
        "profile": "p",
        "models": {"+persist_docs": {"relation": True, "columns": True}},
        "flags": {"send_anonymous_usage_stats": False},
    }
    (tmp_path / "models").mkdir()
    for name, sql in MODELS.items():
        (tmp_path / "models" / name).write_text(sql)
    for name, content in (
        ("profiles.yml", profiles),
        ("dbt_project.yml", settings),
        ("models/properties.yml", PROPERTIES),
    ):
        (tmp_path / name).write_text(json.dumps(content))
    return tmp_path


def dbt(project: Path, *arguments: str) -> None:
    program = Path(sys.executable).parent / "dbt"
    done = subprocess.run(
        [program, *arguments, "--profiles-dir", "."],
        cwd=project,
        env={**os.environ, "DBT_VERSION_CHECK": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_dbt_builds_twice_and_keeps_its_descriptions(
    project: Path, emulator: Emulator, database: str, run: Run
) -> None:
    dbt(project, "debug")
    for _ in range(2):
        dbt(project, "run")
    assert run("SELECT SUMMARY FROM BUILT.THIRD") == [('{"rows":1}',)]
    information = f"{database}.INFORMATION_SCHEMA"
    tables = f"SELECT TABLE_NAME, COMMENT FROM {information}.TABLES ORDER BY 1"
    about = 'It\'s about "quotes".'
    assert run(tables) == [("FIRST", about), ("SECOND", about)]
    columns = run(
        f"SELECT TABLE_NAME, COLUMN_NAME, COMMENT FROM {information}.COLUMNS "
        "WHERE COMMENT <> '' ORDER BY 1, 2"
    )
    assert columns[:2] == [("FIRST", "ID", "The id."), ("SECOND", "NAME", "The name.")]
    failed = [
        one
        for one in emulator.get("/emulator/statements")["statements"]
        if one["user"] == "TRANSFORMER" and one["status"] == "failed"
    ]
    assert failed == []
