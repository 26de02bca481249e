"""Layers and lists as files: complete and reported, or not there at all."""

import json
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from include.loaders import LoadOptions, Origin, SchemaError, TokenError
from include.loaders.export import export_arcgis, export_json_list, export_part
from include.sources import ArcgisLayer, JsonField, JsonList, RawTable
from tests.loaders.layer import PATH, Layer
from tests.loaders.service import Service, esri_error, reply, serving

pytestmark = pytest.mark.usefixtures("few_roots")

TABLE = RawTable("S", "T")
ROWS = [{"n": 1, "s": 91101}, {"n": None, "s": "x"}]
FIELDS = (JsonField("n", "integer"),)
LIST = JsonList("permits", "https://declared/list", TABLE, FIELDS)
PARCELS = ArcgisLayer("parcels", "https://declared" + PATH, "OBJECTID", TABLE)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.parquet"


@pytest.fixture
def permits() -> Iterator[Service]:
    with serving(lambda _: reply(ROWS)) as running:
        yield running


def options(**more: Any) -> LoadOptions:
    """Options with a clock of which each reading is a second later."""
    ticks = count(100)
    return LoadOptions(retry_seconds=0, monotonic=lambda: float(next(ticks)), **more)


def test_a_list_is_exported_and_reported(permits: Service, output: Path) -> None:
    report = export_part(LIST, output, Origin(base_url=permits.url), options())

    assert pq.read_table(output).to_pylist() == [{"n": 1, "s": "91101"}, {"n": None, "s": "x"}]
    found = report.as_dict()
    assert found.pop("bytes") > 20
    assert 0 < found.pop("seconds") < 50
    assert found.pop("peak_memory") > 10_000_000
    assert len(found.pop("content_hash")) == 64
    assert found == {
        "rows": 2,
        "requests": 1,
        "notes": ("the field 's' is not declared; it is loaded as text",),
    }


def test_a_layer_is_exported_by_its_own_names_with_its_shapes(
    service: Service, output: Path
) -> None:
    report = export_part(PARCELS, output, Origin(base_url=service.url), options())

    table = pq.read_table(output)
    assert table.column_names == ["OBJECTID", "Status", "Inspected", "Acres", "Units", "geometry"]
    assert table["OBJECTID"].to_pylist() == list(range(1, 11))
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["columns"]["geometry"]["bbox"] == [-118, 34, -117, 35]
    assert (report.rows, report.notes) == (10, ())


def test_a_failure_names_the_part_that_was_exported(service: Service, output: Path) -> None:
    service.always(lambda _: True, esri_error(499, "Token Required"))
    origin = Origin(base_url=service.url)

    with pytest.raises(TokenError, match=r"^parcels: "):
        export_part(PARCELS, output, origin, options())
    with pytest.raises(TokenError, match=r"^parcels: "):
        export_arcgis("parcels", "https://declared/0", output, origin, options())
    with pytest.raises(TokenError, match=r"^permits: "):
        export_part(LIST, output, origin, options())
    with pytest.raises(TokenError, match=r"^permits: "):
        export_json_list(
            "permits", LIST.url, FIELDS, output=output, origin=origin, options=options()
        )
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["geometry", "GEOMETRY", "Geometry"])
@pytest.mark.parametrize("type_", ["Feature Layer", "Table"])
def test_a_layer_whose_field_has_the_shapes_name_is_refused(
    service: Service, layer: Layer, output: Path, name: str, type_: str
) -> None:
    layer.set_all(name, "esriFieldTypeString", "x")
    if type_ == "Table":
        layer.metadata = {"geometryType": None, "type": "Table"}

    with pytest.raises(SchemaError) as failure:
        export_part(PARCELS, output, Origin(base_url=service.url), options())

    assert str(failure.value) == (
        f"parcels: the layer has a field named {name!r}, as the shapes are."
    )
    assert service.pages() == []
    assert list(output.parent.iterdir()) == []


def test_a_layer_with_two_fields_of_one_name_is_refused(
    service: Service, layer: Layer, output: Path
) -> None:
    layer.set_all("STATUS", "esriFieldTypeString", "x")

    with pytest.raises(SchemaError) as failure:
        export_part(PARCELS, output, Origin(base_url=service.url), options())

    assert str(failure.value) == "parcels: the fields 'Status' and 'STATUS' are one column."
    assert service.pages() == []
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize("row", [{"n": 1, "N": 2}, {"n": 1, "s": 1, "S": 2}])
def test_a_list_with_two_fields_of_one_name_is_refused(
    permits: Service, output: Path, row: dict[str, int]
) -> None:
    permits.always(lambda _: True, reply([row]))

    with pytest.raises(SchemaError, match=r"^permits: the fields '.' and '.' are one column\.$"):
        export_part(LIST, output, Origin(base_url=permits.url), options())

    assert list(output.parent.iterdir()) == []


def test_a_layer_that_is_read_a_second_time_has_each_row_once(
    service: Service, layer: Layer, output: Path
) -> None:
    layer.rows[0]["geometry"]["rings"][0] = [[0, 0], [0, 1], [1, 1]]
    # Its second page is refused, so the layer is read again by its ids.
    service.always(lambda request: request.query.get("resultOffset") == "4", esri_error(400))
    original = layer.rows[0]["geometry"]

    def changed(request: Any) -> None:
        if "returnIdsOnly" in request.query:
            layer.rows[0]["geometry"] = None

    service.script(changed)
    report = export_part(PARCELS, output, Origin(base_url=service.url), options())

    table = pq.read_table(output)
    assert (report.rows, table.num_rows) == (10, 10)
    assert original["rings"]
    # The first attempt's shape is not in the extent.
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["columns"]["geometry"]["bbox"] == [-118, 34, -117, 35]


def test_an_existing_file_stays_until_the_new_one_is_complete(
    permits: Service, output: Path
) -> None:
    output.write_bytes(b"old")
    seen: list[tuple[list[str], bytes]] = []

    def look(_: object) -> None:
        names = sorted(path.name for path in output.parent.iterdir())
        seen.append((names, output.read_bytes()))

    permits.script(look)
    export_part(LIST, output, Origin(base_url=permits.url), options())

    assert seen == [(["out.parquet"], b"old")]
    assert [path.name for path in output.parent.iterdir()] == ["out.parquet"]
    assert pq.read_table(output).num_rows == 2


def test_the_file_is_written_beside_its_place_under_a_name_of_this_process(
    permits: Service, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced: list[tuple[Path, Path]] = []
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        replaced.append((self, target))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    export_part(LIST, output, Origin(base_url=permits.url), options())

    assert replaced == [(output.with_name(f".out.parquet.{os.getpid()}.part"), output)]


def test_notes_on_the_connection_come_first(
    permits: Service, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.loaders.http_client.expiry_notes", lambda *_: ["expires"])

    report = export_part(LIST, output, Origin(base_url=permits.url), options())

    assert report.notes == ("expires", "the field 's' is not declared; it is loaded as text")


def test_what_is_neither_a_layer_nor_a_list_is_refused(output: Path) -> None:
    with pytest.raises(TypeError, match=r"^7 is not a layer or a list$"):
        export_part(7, output, Origin(), options())  # type: ignore[arg-type]
