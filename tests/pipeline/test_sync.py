"""The sensor of a sync: it reports changed columns, and skips the rest if the rows are equal."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped
from fivetran_provider_async.sensors import FivetranSensor

from include.pipeline import sync
from include.pipeline.change_detection import CONTENT_HASH, code_fingerprint
from include.pipeline.fivetran import FivetranApi, FivetranError
from include.pipeline.lineage import Address, Table
from include.pipeline.sync import SyncSensor, sync_connector
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.store import Place
from include.sources import SOURCES
from tests.pipeline.running import context_of, pushed
from tests.publishing.memory_store import MemoryStore
from tests.slack import Slack

AIRTABLE = SOURCES["airtable"]
COLUMNS = [("ID", "VARCHAR(9)"), ("AT", "TIMESTAMP_TZ(9)"), ("METRIC", "NUMBER(38,2)")]
SAME = {"code": code_fingerprint(), "seen": {"wait_for_sync": {"content_hash": "7 rows, 99"}}}


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch, store: MemoryStore) -> Any:
    """A session without a warehouse, after a complete run.

    `columns` are the table's, and `result` is the row with its hash, or an error. `details` are the
    connector's, or an error.
    """
    made = SimpleNamespace(columns=COLUMNS, result=(7, 99), statements=[], connections=[], closed=0)
    made.checked = []
    made.details = {
        "schema": "odi_airtable",
        "succeeded_at": "2026-11-24T20:00:00Z",
        "status": {"sync_state": "scheduled", "setup_state": "connected"},
    }
    store.write(Place(PUBLIC_CONTAINER, source_file("airtable")), b"[]")

    class Session:
        def __enter__(self) -> "Session":
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def cursor(self) -> "Session":
            return self

        def execute(self, sql: str) -> "Session":
            made.statements.append(sql)
            if isinstance(made.result, Exception) and not sql.startswith("DESCRIBE"):
                raise made.result
            return self

        def fetchall(self) -> list[Any]:
            is_described = made.statements[-1].startswith("DESCRIBE")
            return made.columns if is_described else [made.result]

        def close(self) -> None:
            made.closed += 1

    def get_connector(api: FivetranApi, _: str) -> None:
        if isinstance(made.details, Exception):
            raise made.details
        api.details = made.details

    def hook(connection: str, compute: str | None = None) -> Any:
        made.connections.append((connection, compute))
        return SimpleNamespace(get_conn=Session)

    monkeypatch.setattr(sync, "snowflake_hook", hook)
    monkeypatch.setattr(sync, "check_written_table", lambda *given: made.checked.append(given))
    monkeypatch.setattr(FivetranApi, "__init__", lambda api, *_: setattr(api, "details", None))
    monkeypatch.setattr(FivetranApi, "get_connector", get_connector)
    monkeypatch.setattr(FivetranSensor, "execute", lambda self, context: None)
    monkeypatch.setattr(FivetranSensor, "execute_complete", lambda self, context, event: None)
    return made


@pytest.fixture
def sensor() -> SyncSensor:
    with DAG("airtable"):
        return sync_connector(AIRTABLE)


def wait(sensor: SyncSensor, **run: Any) -> Any:
    return sensor.execute(context_of("airtable", "wait_for_sync", **run))


def test_one_session_hashes_the_rows_without_sync_times_on_the_warehouse_that_fivetran_woke(
    sensor: SyncSensor, warehouse: Any
) -> None:
    assert wait(sensor) == {"content_hash": "7 rows, 99"}
    table = AIRTABLE.connectors[0].table
    name = f'"RAW_DDRC_DEV"."{table.schema}"."{table.name}"'
    assert warehouse.statements == [
        f"DESCRIBE TABLE {name}",
        f"SELECT COUNT(*), HASH_AGG(* EXCLUDE _FIVETRAN_SYNCED) FROM {name}",
    ]
    assert warehouse.connections == [("snowflake_transformer", "LOADING")]
    assert warehouse.closed == 1
    assert warehouse.checked == [
        (sensor.hook, sensor.connector_id, "airtable", AIRTABLE.connectors[0])
    ]


@pytest.mark.parametrize("resumed", [False, True])
def test_the_same_rows_skip_the_rest(resumed: bool, sensor: SyncSensor, warehouse: Any) -> None:
    context = context_of("airtable", "wait_for_sync", events=[SAME], after=("unload",))
    execute: Any = sensor.execute
    if resumed:
        execute = partial(sensor.execute_complete, event={"status": "success"})
    with pytest.raises(DownstreamTasksSkipped) as caught:
        execute(context)
    assert caught.value.tasks == ["unload"]
    assert pushed(context)["skipped_because"] == "airtable has the same rows as before the sync"


@pytest.mark.parametrize(
    "run",
    [
        {"events": []},
        {"events": [SAME], "tries": 2},
        {"events": [SAME], "force_full_load": True},
        {"events": [{"code": code_fingerprint(), "seen": {
            "wait_for_sync": {"content_hash": "7 rows, 98"}}}]},
    ],
)  # fmt: skip
def test_other_rows_and_reasons_to_run_continue(
    run: dict[str, Any], sensor: SyncSensor, warehouse: Any
) -> None:
    assert wait(sensor, **run) == {"content_hash": "7 rows, 99"}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([("ID", "VARCHAR(256)"), ("AT", "TIMESTAMP_TZ(3)"), ("METRIC", "NUMBER(38,2)")], None),
        ([("AT", "TIMESTAMP_TZ(9)"), ("METRIC", "NUMBER(38,2)")], "lost ID"),
        ([*COLUMNS, ("MOOD", "VARCHAR(9)", "COLUMN")], "gained MOOD (VARCHAR)"),
        (
            [*COLUMNS[:2], ("METRIC", "VARCHAR(256)")],
            "changed METRIC from NUMBER(38,2) to VARCHAR",
        ),
    ],
)
def test_changed_columns_are_reported_even_if_the_rows_cannot_be_read(
    now: list[Any], said: str | None, sensor: SyncSensor, warehouse: Any, slack: Slack
) -> None:
    wait(sensor)
    assert slack.texts() == [], "the first columns are nobody's change"
    warehouse.columns, warehouse.result = now, ConnectionError("invalid identifier")
    wait(sensor)
    wait(sensor)
    assert [f"airtable: the table {said}" in text for text in slack.texts()] == [True] * bool(said)


def test_a_warehouse_that_cannot_hash_the_rows_continues_without_a_hash(
    sensor: SyncSensor, warehouse: Any, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse.result = ConnectionError("the warehouse is down")
    assert wait(sensor, events=[SAME]) == {}


def test_what_fivetran_says_after_the_sync_is_stored_for_the_page_sources(
    sensor: SyncSensor, warehouse: Any
) -> None:
    context = context_of("airtable", "wait_for_sync")
    sensor.execute(context)
    assert pushed(context)[sync.FIVETRAN] == {
        "name": "odi_airtable",
        "state": "no sync is running",
        "succeeded_at": "2026-11-24T20:00:00Z",
        "failed_at": "",
        "says": "",
    }


def test_a_refusal_after_the_sync_loses_only_fivetrans_words(
    sensor: SyncSensor, warehouse: Any
) -> None:
    warehouse.details = FivetranError("Fivetran refused the request")
    context = context_of("airtable", "wait_for_sync")
    assert CONTENT_HASH in sensor.execute(context)
    assert sync.FIVETRAN not in pushed(context)


def test_the_sensor_waits_for_the_sync_that_its_task_has_started(sensor: SyncSensor) -> None:
    [started] = sensor.upstream_list
    connector = f"{{{{ var.value.{AIRTABLE.connectors[0].connector_variable} }}}}"
    assert (started.task_id, sensor.task_id) == ("sync", "wait_for_sync")
    for task in (started, sensor):
        found: Any = task
        assert found.connector_id == connector
        assert found.fivetran_conn_id == "fivetran"
    first: Any = started
    assert first.wait_for_completion is False
    assert sensor.completed_after_time == "{{ ti.xcom_pull(task_ids='sync') }}"
    assert sensor.always_wait_when_syncing is True
    assert sensor.poke_interval == sync.POLL_SECONDS
    assert sensor.execution_timeout == sync.SYNC_TIMEOUT
    assert [asset.name for asset in sensor.inlets] == ["metrics_of_airtable"]


def test_a_sync_ends_with_its_table_and_its_lineage(
    sensor: SyncSensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitted: list[Any] = []
    logged: list[Any] = []
    monkeypatch.setattr(sync, "emit_lineage", lambda **given: emitted.append(given))
    monkeypatch.setattr(sync.log, "info", lambda event, **given: logged.append((event, given)))
    after: Any = sensor._post_execute_hook

    after(context_of("airtable", "wait_for_sync"), None)

    connector = AIRTABLE.connectors[0]
    table = f"RAW_DDRC_DEV.{connector.table.schema}.{connector.table.name}"
    assert emitted == [
        {
            "reads": [Address(f"fivetran://connectors/{connector.name}")],
            "writes": [Table(table)],
        }
    ]
    [(event, fields)] = logged
    assert event == "synced"
    assert (fields["source"], fields["table"]) == (connector.name, table)
    assert fields["seconds"] == round(fields["seconds"], 3)
