"""One load, step by step: what it reads, what it writes, what it reports and what it records."""

from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq
import pytest
from snowflake.connector.errors import OperationalError

from include.loaders import (
    LoadOptions,
    LoadReport,
    Origin,
    SchemaError,
    TransientError,
    hash_json_list,
    load_table,
    read_layer_info,
)
from include.loaders.load import DEFAULTS
from include.sources import LoadedPart
from tests.loaders.layer import PATH, Layer
from tests.loaders.recorded import RecordedWarehouse
from tests.loaders.service import Reply, Service, reply
from tests.loaders.simple_load import (
    BEGAN,
    COLUMNS,
    EDITED,
    FIELDS,
    LIST,
    PARCELS,
    TABLE,
    load,
    options,
    recorded,
    warehouse_with_three_rows,
)

pytestmark = pytest.mark.usefixtures("few_roots")


@pytest.fixture
def warehouse() -> RecordedWarehouse:
    return warehouse_with_three_rows()


def test_a_list_is_loaded_sorted_and_reported(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    seen: list[tuple[int, int | None]] = []

    report = load(warehouse, permits, progress=lambda rows, total: seen.append((rows, total)))

    assert replace(report, seconds=0, read_seconds=0, bytes=0, content_hash="") == LoadReport(
        source="permits",
        table="RAW.S.T",
        load_id="run 1",
        rows=3,
        bytes=0,
        requests=1,
        seconds=0,
        read_seconds=0,
        source_edited_at=None,
        loaded_at=BEGAN,
        content_hash="",
        outcome="loaded",
        reason="",
        notes=tuple(f"the column {name} is new" for name in COLUMNS),
    )
    assert report.bytes > 20
    assert 0 < report.read_seconds < report.seconds < 50
    assert report.read_seconds == round(report.read_seconds, 3)
    assert report.seconds == round(report.seconds, 3)
    assert seen == [(3, 3)]
    table = pq.read_table(_file(warehouse))
    assert table.select(["NAME", "LAT"]).to_pylist() == [
        {"NAME": "a", "LAT": 1.0},
        {"NAME": "a", "LAT": 3.5},
        {"NAME": "b", "LAT": 2.0},
    ]
    assert set(table["_LOAD_ID"].to_pylist()) == {"run 1"}
    assert set(table["_LOADED_AT"].to_pylist()) == {BEGAN.replace(tzinfo=None)}
    assert set(table["_SOURCE_EDITED_AT"].to_pylist()) == {None}
    assert warehouse.log == ["login", "close"]
    assert not warehouse.beginning("CREATE SCHEMA"), "Terraform makes the schemas"
    assert (recorded(warehouse)["OUTCOME"], recorded(warehouse)["ROW_COUNT"]) == ("loaded", 3)


def test_a_layer_is_loaded_under_its_columns_with_its_edit(
    warehouse: RecordedWarehouse, service: Service
) -> None:
    warehouse.answer("COUNT(*)", [(10,)])

    report = load(warehouse, service, PARCELS)

    assert (report.source, report.rows, report.source_edited_at) == ("parcels", 10, EDITED)
    table = pq.read_table(_file(warehouse))
    assert table.column_names == [
        *("OBJECTID", "STATUS", "INSPECTED", "ACRES", "UNITS", "GEOMETRY"),
        *("_LOADED_AT", "_SOURCE_EDITED_AT", "_LOAD_ID"),
    ]
    assert set(table["_SOURCE_EDITED_AT"].to_pylist()) == {EDITED.replace(tzinfo=None)}
    assert recorded(warehouse)["SOURCE_EDITED_AT"] == EDITED.replace(tzinfo=None)


def test_a_key_that_rows_lack_is_required(
    warehouse: RecordedWarehouse, service: Service, layer: Layer
) -> None:
    del layer.rows[1]["attributes"]["Status"]
    part = replace(PARCELS, key="Status")

    with pytest.raises(SchemaError, match="required field 'Status' is missing from 1 rows"):
        load(warehouse, service, part)


def test_notes_on_the_connection_the_rows_and_the_table_are_reported_in_this_order(
    warehouse: RecordedWarehouse, permits: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.loaders.http_client.expiry_notes", lambda *_: ["expires"])

    notes = load(warehouse, permits, replace(LIST, fields=FIELDS[:1])).notes

    undeclared = "the field 'lat' is not declared; it is loaded as text"
    assert notes[:3] == ("expires", undeclared, "the column NAME is new")
    assert load(warehouse, permits).notes[0] == "expires"


@pytest.mark.parametrize(
    ("answer", "kind", "outcome"),
    [
        (Reply(b"busy", 503), TransientError, "transient failure"),
        (reply({"a": 1}), SchemaError, "permanent failure"),
    ],
)
def test_a_failure_is_recorded_without_rows(
    warehouse: RecordedWarehouse,
    permits: Service,
    answer: Reply,
    kind: type[Exception],
    outcome: str,
) -> None:
    permits.always(lambda _: True, answer)

    with pytest.raises(kind) as failure:
        load(warehouse, permits)

    row = recorded(warehouse)
    assert (row["OUTCOME"], row["REASON"]) == (outcome, str(failure.value))
    assert (row["ROW_COUNT"], row["CONTENT_HASH"], row["NOTES"]) == (0, "", "[]")
    assert (row["SOURCE"], row["TABLE_NAME"], row["REQUEST_COUNT"]) == ("permits", "RAW.S.T", 1)
    assert row["BYTE_COUNT"] > 0
    assert warehouse.log == ["login", "close"]
    assert len(warehouse.statements) == 3


def test_an_unexpected_error_is_recorded_by_its_name(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    def fail(_rows: int, _total: int | None) -> None:
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        load(warehouse, permits, progress=fail)

    assert recorded(warehouse)["REASON"] == "RuntimeError: no room"
    assert recorded(warehouse)["OUTCOME"] == "permanent failure"


def no_memory(_rows: int, _total: int | None) -> None:
    raise MemoryError


@pytest.mark.parametrize("part", [LIST, PARCELS], ids=["a list", "a layer"])
def test_a_load_that_runs_out_of_memory_says_what_it_needs_and_logs_in_nowhere(
    warehouse: RecordedWarehouse, permits: Service, service: Service, part: LoadedPart
) -> None:
    source, needs = (permits, "375 MB") if part is LIST else (service, "600 MB")

    with pytest.raises(TransientError, match=f"out of memory .* needs about {needs}") as failure:
        load(warehouse, source, part, progress=no_memory)

    assert failure.value.source == part.name
    assert warehouse.log == []


def test_a_lack_of_memory_is_recorded_by_a_session_that_is_open(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    warehouse.answer("COPY INTO", MemoryError())

    with pytest.raises(TransientError, match="out of memory"):
        load(warehouse, permits)

    assert recorded(warehouse)["OUTCOME"] == "transient failure"
    assert "out of memory" in recorded(warehouse)["REASON"]


def test_without_enough_memory_nothing_is_requested(
    warehouse: RecordedWarehouse, permits: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.loaders.memory.BASE_BYTES", 2**60)

    with pytest.raises(TransientError, match="too little memory"):
        load(warehouse, permits)
    with pytest.raises(TransientError, match="too little memory"):
        hash_json_list(LIST, Origin(base_url=permits.url), options())
    with pytest.raises(TransientError, match="too little memory"):
        read_layer_info(PARCELS, Origin(base_url=permits.url), options())

    assert (permits.requests, warehouse.log) == ([], [])


def test_a_session_that_cannot_be_closed_does_not_undo_a_load(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    warehouse.farewell = OperationalError("gone")

    assert load(warehouse, permits).outcome == "loaded"


def test_a_load_that_never_reached_its_source_is_recorded_too(
    warehouse: RecordedWarehouse,
) -> None:
    with pytest.raises(Exception, match=r"nowhere\.pem does not exist"):
        load_table(
            LIST,
            connect=warehouse.connect,
            database="RAW",
            load_id="run 1",
            origin=Origin(ca_bundle="nowhere.pem"),
        )

    row = recorded(warehouse)
    assert (row["REQUEST_COUNT"], row["BYTE_COUNT"], row["ROW_COUNT"]) == (0, 0, 0)


def test_a_warehouse_out_of_reach_does_not_hide_the_failure(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    warehouse.refusal = OperationalError("out of reach")
    permits.always(lambda _: True, reply({"a": 1}))

    with pytest.raises(SchemaError):
        load(warehouse, permits)


def test_a_part_that_is_neither_a_layer_nor_a_list_is_refused(
    warehouse: RecordedWarehouse,
) -> None:
    class Other:
        name, table = "other", TABLE

        def __repr__(self) -> str:
            return "Other()"

    with pytest.raises(TypeError, match=r"^Other\(\) is not a layer or a list$"):
        load_table(Other(), connect=warehouse.connect, database="RAW", load_id="x")  # type: ignore[arg-type]


def test_a_layers_metadata_comes_with_its_count(service: Service) -> None:
    info = read_layer_info(PARCELS, Origin(base_url=service.url), options())

    assert (info.source, info.url, info.count) == ("parcels", service.url + PATH, 10)
    assert LoadOptions() == DEFAULTS


def _file(warehouse: RecordedWarehouse) -> Any:
    """The one file that was uploaded."""
    import io

    [data] = warehouse.streams
    return io.BytesIO(data)
