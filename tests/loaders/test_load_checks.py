"""The checks of a load: unchanged rows, too few rows, lost fields."""

import io
from dataclasses import replace

import pytest

from include.loaders import (
    CollapseError,
    Origin,
    SchemaError,
    hash_json_list,
)
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.columns import Column
from include.loaders.load import check_required, check_rows
from include.sources import Expectations, JsonList
from tests.loaders.recorded import RecordedWarehouse
from tests.loaders.service import Service, reply
from tests.loaders.simple_load import (
    LIST,
    PARCELS,
    load,
    options,
    recorded,
    warehouse_with_three_rows,
)

pytestmark = pytest.mark.usefixtures("few_roots")


@pytest.fixture
def warehouse() -> RecordedWarehouse:
    return warehouse_with_three_rows()


def test_unchanged_rows_are_not_written_and_need_no_login(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    known = load(warehouse, permits).content_hash
    warehouse.log.clear()

    report = load(warehouse, permits, known_hash=known)

    assert (report.outcome, report.rows, report.content_hash) == ("unchanged", 3, known)
    assert (report.reason, report.requests) == ("", 1)
    assert warehouse.log == []


@pytest.mark.parametrize(
    ("expects", "outcome"),
    [(Expectations(rows=3), "unchanged"), (Expectations(rows=4), "refused")],
)
def test_too_few_rows_are_not_unchanged(
    warehouse: RecordedWarehouse, permits: Service, expects: Expectations, outcome: str
) -> None:
    known = load(warehouse, permits).content_hash
    part = replace(LIST, expects=expects)

    if outcome == "unchanged":
        assert load(warehouse, permits, part, known_hash=known).outcome == "unchanged"
    else:
        with pytest.raises(CollapseError, match="3 rows after 3; at least 4 were expected"):
            load(warehouse, permits, part, known_hash=known)
        last = recorded(warehouse)
        assert (last["ROW_COUNT"], last["CONTENT_HASH"], last["NOTES"]) == (0, "", "[]")


def test_a_layer_that_declares_an_edit_is_written_though_its_rows_are_known(
    warehouse: RecordedWarehouse, service: Service
) -> None:
    warehouse.answer("COUNT(*)", [(10,)])
    known = load(warehouse, service, PARCELS).content_hash

    assert load(warehouse, service, PARCELS, known_hash=known).outcome == "loaded"


def test_an_accepted_drop_is_the_reason_of_the_load(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    report = load(
        warehouse, permits, replace(LIST, expects=Expectations(rows=4)), accept_drop="By phone"
    )

    assert report.reason == ("accepted: 3 rows after 3; at least 4 were expected. Reason: By phone")
    assert recorded(warehouse)["REASON"] == report.reason


def test_a_list_is_hashed_without_a_warehouse(
    warehouse: RecordedWarehouse, permits: Service
) -> None:
    known = load(warehouse, permits).content_hash
    origin = Origin(base_url=permits.url)

    assert hash_json_list(LIST, origin, options()) == known
    exactly = replace(LIST, expects=Expectations(rows=3))
    assert hash_json_list(exactly, origin, options()) == known
    assert hash_json_list(replace(LIST, expects=Expectations(rows=4)), origin, options()) is None


def test_the_files_of_a_hash_are_closed(permits: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[io.BytesIO] = []

    def open_file() -> io.BytesIO:
        opened.append(io.BytesIO())
        return opened[-1]

    monkeypatch.setattr("include.loaders.load.TemporaryFile", open_file)
    hash_json_list(LIST, Origin(base_url=permits.url), options())

    assert [file.closed for file in opened] == [True]


def test_an_empty_list_is_hashed(permits: Service) -> None:
    permits.always(lambda _: True, reply([]))
    empty = replace(LIST, fields=(), expects=Expectations(rows=0))

    found = hash_json_list(empty, Origin(base_url=permits.url), options())

    assert found is not None
    assert len(found) == 64


def part(rows: int, share: float) -> JsonList:
    return replace(LIST, expects=Expectations(rows=rows, share=share))


@pytest.mark.parametrize(
    ("rows", "before", "expects", "least"),
    [
        (10, 10, (1, 0.9), None),
        (9, 10, (1, 0.9), None),
        (8, 10, (1, 0.9), 9),
        (9, 11, (1, 0.9), 10),
        (0, 0, (1, 0.9), 1),
        (1, 0, (1, 0.9), None),
        (1_999, 1_000, (2_000, 0.9), 2_000),
        (2_000, 0, (2_000, 0.9), None),
        (0, 0, (0, 0.9), None),
    ],
)
def test_rows_are_accepted_down_to_the_least(
    rows: int, before: int, expects: tuple[int, float], least: int | None
) -> None:
    declared = part(*expects)
    if least is None:
        assert check_rows(declared, rows, before, "By phone") == ""
        return
    drop = f"{rows:,} rows after {before:,}; at least {least:,} were expected"
    accepted = check_rows(declared, rows, before, "By phone")
    assert accepted == f"accepted: {drop}. Reason: By phone"
    for nothing in (None, ""):
        with pytest.raises(CollapseError) as failure:
            check_rows(declared, rows, before, nothing)
        assert str(failure.value) == (
            f"permits: {drop}. The table is unchanged; if the drop is real, accept it with a "
            "reason."
        )


def test_a_layer_that_lost_its_key_or_a_needed_field_is_refused() -> None:
    columns = (Column("objectid", "integer"), Column("Other", "text"))
    info = LayerInfo("epa", "https://x/0", columns, "objectid", None, 4, True, None)

    check_required(PARCELS, info)
    check_required(replace(PARCELS, required=("OTHER",)), info)
    with pytest.raises(SchemaError, match="has lost the required Id; its fields"):
        check_required(replace(PARCELS, key="Id"), info)
    with pytest.raises(SchemaError) as failure:
        check_required(replace(PARCELS, key="Id", required=("Id", "Status", "Other")), info)
    assert str(failure.value) == (
        "parcels: the layer has lost the required Id, Status; its fields are objectid, Other. "
        "Request: https://x/0."
    )
