"""The other unmodified clients: Airflow's SnowflakeHook and dbt, over TLS with a key pair."""

import base64
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from snowflake.connector.cursor import SnowflakeCursor

from tests.local.snowflake.client import Connect, Emulator, Run

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
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook

    extra = {
        "account": "laptop",
        "database": database,
        "warehouse": "REPORTING",
        "role": "ACCOUNTADMIN",
        "host": "127.0.0.1",
        "port": emulator.port,
        "private_key_content": base64.b64encode(emulator.private_key.encode()).decode(),
    }
    connection = {
        "conn_type": "snowflake",
        "login": "PROVISIONER",
        "schema": "PUBLIC",
        "extra": extra,
    }
    monkeypatch.setenv("AIRFLOW_CONN_EMULATED", json.dumps(connection))
    hook = SnowflakeHook("emulated", session_parameters={"QUERY_TAG": database})
    hook.run(["CREATE TABLE T (A INT)", "INSERT INTO T VALUES (1), (2)"])
    with hook.get_conn() as session:
        row = session.cursor().execute(
            "SELECT COUNT(*), CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE() FROM T"
        )
        assert row.fetchone() == (2, "PROVISIONER", "ACCOUNTADMIN", "REPORTING")
    tags = {one["query_tag"] for one in emulator.get("/emulator/statements")["statements"]}
    assert database in tags


@pytest.fixture
def project(tmp_path: Path, emulator: Emulator, database: str) -> Path:
    target = {
        "type": "snowflake",
        "account": "laptop",
        "host": "127.0.0.1",
        "port": emulator.port,
        "user": "PROVISIONER",
        "role": "ACCOUNTADMIN",
        "warehouse": "TRANSFORMING",
        "database": database,
        "schema": "BUILT",
        "private_key": emulator.private_key,
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


def dbt(project: Path, command: str, *options: str) -> dbtRunnerResult:
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    logs = ["--log-path", str(project / "logs"), "--quiet"]
    return dbtRunner().invoke([command, *options, *folders, *logs])


def dbt_succeeds(project: Path, command: str) -> None:
    done = dbt(project, command)
    assert done.success, done.exception or [one.message for one in done.result.results]


def test_dbt_builds_twice_and_keeps_its_descriptions(
    project: Path, emulator: Emulator, database: str, run: Run
) -> None:
    dbt_succeeds(project, "debug")
    for _ in range(2):
        dbt_succeeds(project, "run")
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
        if one["database"] == database and one["status"] == "failed"
    ]
    assert failed == []


def test_dbts_error_has_the_databases_sentence_and_an_id_of_its_own(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="snowflake.connector.errors")
    (project / "models" / "broken.sql").write_text("select missing from {{ ref('first') }}")
    texts = []
    for selected in ("first broken", "broken"):
        result: Any = dbt(project, "run", "--select", selected).result
        texts += [one.message for one in result.results if one.node.name == "broken"]
    ids = [re.findall(r"\b01[0-9a-f]{6}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", text) for text in texts]
    assert [len(each) for each in ids] == [1, 1]
    assert ids[0] != ids[1]
    first, second = (text.replace(one, "%") for text, [one] in zip(texts, ids, strict=True))
    assert first == second
    assert "000904 (42000): %: SQL compilation error:\n  invalid identifier 'MISSING'" in first


def test_a_merge_into_another_database_is_part_of_its_transaction(
    connect: Connect,
    administrator: SnowflakeCursor,
    database: str,
) -> None:
    other = f"{database}_OTHER"
    administrator.execute(f"CREATE DATABASE {other}")
    target = f"{other}.PUBLIC.KEPT"
    cursor = connect().cursor()
    cursor.execute(f"CREATE TABLE {target} AS SELECT 1 AS A, 'old' AS B")
    merge = (
        f"MERGE INTO {target} AS T USING (SELECT 1 AS A, 'new' AS B UNION ALL SELECT 2, 'x') AS S "
        "ON S.A = T.A WHEN MATCHED THEN UPDATE SET B = S.B "
        'WHEN NOT MATCHED THEN INSERT ("A", "B") VALUES ("A", "B")'
    )
    try:
        for end in ("ROLLBACK", "COMMIT"):
            cursor.execute("BEGIN")
            cursor.execute(merge)
            cursor.execute(end)
            rows = cursor.execute(f"SELECT * FROM {target} ORDER BY A").fetchall()
            assert rows == ([(1, "old")] if end == "ROLLBACK" else [(1, "new"), (2, "x")])
        assert cursor.execute("SELECT CURRENT_DATABASE()").fetchone() == (database,)
    finally:
        administrator.execute(f"DROP DATABASE {other}")
