"""The gate names what the catalogue lacks, who sent it and how to add it; the rest passes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from include.query_tags import query_tag
from tests.local.snowflake.in_process import Role, Warehouse, prepare, started
from tests.statements.__main__ import main
from tests.statements.catalogue import TODO, sent
from tests.statements.gate import Gate, UnknownStatementError

TABLE = "RAW_DDRC_DEV.EPA_AGOL_ASSESSMENT.PARCELS"
COUNT = f"SELECT COUNT(*) FROM {TABLE}"
UNKNOWN = f"SELECT APPROX_COUNT_DISTINCT(A) FROM {TABLE}"
TAG = query_tag("epa", "epa", task="load", run="manual__1")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    with started(folder) as made:
        prepare(made, folder)
        yield made


@pytest.fixture
def loader(warehouse: Warehouse) -> Role:
    """A session like that of EPA's task `load`."""
    session = warehouse.as_("LOADER")
    session.run(f"ALTER SESSION SET QUERY_TAG = '{TAG}'")
    return session


@pytest.fixture
def gate(warehouse: Warehouse, loader: Role, tmp_path: Path) -> Gate:
    """A gate that has compared everything up to now."""
    last = max(int(str(one["number"])) for one in warehouse.account.history.since())
    return Gate(tmp_path / "unknown.json", last)


def compare(gate: Gate, warehouse: Warehouse) -> None:
    gate.compare(warehouse.account.history.since(gate.last))


def refusal(gate: Gate, warehouse: Warehouse) -> str:
    with pytest.raises(UnknownStatementError) as refused:
        compare(gate, warehouse)
    return str(refused.value)


def test_known_statements_pass_and_are_seen(gate: Gate, warehouse: Warehouse, loader: Role) -> None:
    loader.run(COUNT)

    compare(gate, warehouse)

    assert gate.seen == {("LOADER", "SELECT COUNT(*) FROM <table>")}
    assert gate.words == {"COUNT"}
    assert not gate.file.exists()


def test_a_statement_of_unknown_shape_is_refused_with_its_sender_and_the_way_to_add_it(
    gate: Gate, warehouse: Warehouse, loader: Role
) -> None:
    loader.run(COUNT)
    loader.run(UNKNOWN)

    message = refusal(gate, warehouse)

    assert "LOADER, sent by load (epa load)" in message
    assert "the shape SELECT APPROX_COUNT_DISTINCT(<columns>) FROM <table>" in message
    assert "the function APPROX_COUNT_DISTINCT" in message
    assert UNKNOWN in message
    assert COUNT not in message
    assert f"python -m tests.statements --from {gate.file}" in message


def test_a_new_function_in_a_body_of_known_shape_is_refused(
    gate: Gate, warehouse: Warehouse, loader: Role
) -> None:
    loader.run(f"DELETE FROM {TABLE} WHERE A IN (SELECT CBRT(A) FROM {TABLE})")
    loader.run(f"INSERT INTO {TABLE} (A) SELECT CBRT(8)")

    assert refusal(gate, warehouse).count("the function CBRT") == 2


def test_a_known_shape_that_needs_another_privilege_is_refused(
    gate: Gate, warehouse: Warehouse, loader: Role
) -> None:
    loader.run("UPDATE RAW_DDRC_DEV.EPA_AGOL_ASSESSMENT.PARCELS SET A = 1 WHERE A = 2")

    assert "the privilege UPDATE on table in RAW" in refusal(gate, warehouse)


def test_a_known_shape_from_another_sender_is_refused(gate: Gate, warehouse: Warehouse) -> None:
    transformer = warehouse.as_("TRANSFORMER")
    tag = query_tag("epa", "epa")
    transformer.run(f"ALTER SESSION SET QUERY_TAG = '{tag}'")
    gate.last = max(int(str(one["number"])) for one in warehouse.account.history.since())
    transformer.run("SHOW RESOURCE MONITORS LIKE 'DDRC_DEV'")

    assert "the sender dbt" in refusal(gate, warehouse)


def test_a_known_shape_on_another_warehouse_is_refused(
    gate: Gate, warehouse: Warehouse, loader: Role
) -> None:
    [record] = _run_and_take(gate, warehouse, loader, f"DELETE FROM {TABLE}")

    with pytest.raises(UnknownStatementError, match="the warehouse TRANSFORMING"):
        gate.compare([{**record, "used_warehouse": "TRANSFORMING_XS_DDRC_DEV"}])


def test_each_statement_is_compared_once(gate: Gate, warehouse: Warehouse, loader: Role) -> None:
    loader.run(UNKNOWN)
    refusal(gate, warehouse)

    compare(gate, warehouse)


@pytest.mark.parametrize(
    ("role", "tag", "sender"),
    [
        ("LOADER", query_tag("epa", "epa", task="load", run="1"), "load"),
        ("REPORTER", query_tag("epa", "epa", task="unload", run="1"), "unload"),
        ("DASHBOARD", "", "dashboard"),
        ("TRANSFORMER", query_tag("epa", "epa"), "dbt"),
        ("TRANSFORMER", query_tag("publish_metrics", "all"), "dbt"),
        ("TRANSFORMER", query_tag("keep_history", "all"), "snapshots"),
        ("TRANSFORMER", query_tag("check_freshness", "epa"), "freshness"),
        ("TRANSFORMER", query_tag("epa", "epa", task="transform.stg", run="1"), "warnings"),
        ("TRANSFORMER", query_tag("airtable", "airtable", task="wait", run="1"), "change check"),
        ("TRANSFORMER", query_tag("publish_metrics", "all", task="record", run="1"), "history"),
        ("TRANSFORMER", query_tag("watch_publication", "all", task="w", run="1"), "watch"),
    ],
)
def test_the_role_and_the_query_tag_name_the_sender(role: str, tag: str, sender: str) -> None:
    assert sent(_record(sql="COMMIT", role=f"{role}_DDRC_PRD", query_tag=tag)).sender == sender


def test_statements_of_tests_and_of_other_applications_are_left_out(
    gate: Gate, warehouse: Warehouse, loader: Role
) -> None:
    warehouse.log_in("ACCOUNTADMIN").run("CREATE DATABASE SOMETHING_ELSE")
    warehouse.as_("FIVETRAN").run("SHOW TABLES IN SCHEMA RAW_DDRC_DEV.ODI_DYNAMODB")
    warehouse.as_("LOADER").run("SELECT CURRENT_ROLE()")

    compare(gate, warehouse)

    assert gate.seen == set()


def test_the_command_prints_the_missing_entry_and_nothing_else(
    gate: Gate, warehouse: Warehouse, loader: Role, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not that of another test, whose stored result would need no warehouse.
    unknown = f"{UNKNOWN} WHERE A > 1"
    loader.run(COUNT)
    loader.run(unknown)
    refusal(gate, warehouse)

    assert main(["--from", str(gate.file)]) == 1

    assert yaml.safe_load(capsys.readouterr().out) == {
        "statements": [
            {
                "shape": ("SELECT APPROX_COUNT_DISTINCT(<columns>) FROM <table> WHERE <condition>"),
                "role": "LOADER",
                "sent_by": ["load"],
                "warehouse": "LOADING",
                "privileges": ["SELECT on table in RAW"],
                "page": TODO,
                "check": TODO,
                "examples": [unknown],
            }
        ],
        "functions": {"APPROX_COUNT_DISTINCT": TODO},
    }


def test_the_command_completes_an_entry_that_lacks_a_privilege(
    gate: Gate, warehouse: Warehouse, loader: Role, capsys: pytest.CaptureFixture[str]
) -> None:
    update = f"UPDATE {TABLE} SET A = 1 WHERE A = 2"
    loader.run(update)
    refusal(gate, warehouse)

    assert main(["--from", str(gate.file)]) == 1

    [entry] = yaml.safe_load(capsys.readouterr().out)["statements"]
    known = gate.catalogue.statements["LOADER", entry["shape"]]
    assert entry["privileges"] == ["UPDATE on table in RAW", *known.privileges]
    assert entry["examples"] == [*known.examples, update]
    assert (entry["page"], entry["check"]) == (known.page, known.check)


def test_the_command_is_silent_if_nothing_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "statements.json"
    file.write_text(json.dumps({"statements": [_record(sql="COMMIT")]}))

    assert main(["--from", str(file)]) == 0

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [None, "no JSON", "{}"])
def test_statements_that_cannot_be_read_are_one_sentence(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "statements.json"
    if content is not None:
        file.write_text(content)

    assert main(["--from", str(file)]) == 2

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"The statements of {file} cannot be read: ")


def _run_and_take(gate: Gate, warehouse: Warehouse, role: Role, sql: str) -> list[dict[str, Any]]:
    role.run(sql)
    return warehouse.account.history.since(gate.last)


def _record(**changed: str) -> dict[str, object]:
    usual = {"user": "AIRFLOW_LOADER_DDRC_DEV", "role": "LOADER_DDRC_DEV", "query_tag": TAG}
    return {"number": 1, "used_warehouse": "", **usual, **changed}
