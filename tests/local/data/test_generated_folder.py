"""The generated folder: the same bytes from the same seed, the real sizes, no future times."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.sources import SOURCES
from local.data.clock import parse_as_of
from local.data.files import data_file
from local.data.folder import MAKERS, make_folder
from tests.small_data import rows_in

Read = Callable[[str], Any]

AS_OF = datetime(2026, 11, 22, 8, tzinfo=UTC)
AS_OF_MS = int(AS_OF.timestamp() * 1000)
LAYERS = ["epa", "usace", "pasadena"]
ISO = re.compile(r'"(\d{4}-\d\d-\d\dT[\d:.]+Z)"')


def attributes(read: Read, source: str) -> list[dict[str, Any]]:
    found = read(f"arcgis/{source}/features.json")["features"]
    return [feature["attributes"] for feature in found]


def files(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_the_same_seed_and_moment_give_the_same_bytes_in_another_process(
    generated: Path, tmp_path: Path
) -> None:
    root = Path(__file__).parents[3]
    options = ["--output", str(tmp_path), "--seed", "2025", "--as-of", "2026-11-22T08:00:00Z"]
    subprocess.run([sys.executable, "-m", "local.data", *options], cwd=root, check=True)

    assert files(tmp_path) == files(generated)


def test_another_seed_and_another_moment_give_other_data(generated: Path, tmp_path: Path) -> None:
    make_folder(tmp_path, seed=7, as_of=datetime(2026, 3, 1, tzinfo=UTC))

    other, first = files(tmp_path), files(generated)
    assert other.keys() == first.keys()
    same = {name for name in first if other[name] == first[name]}
    # A source without a maker has its sample at every seed and moment.
    made = {name for name in same if MAKERS.keys() & set(Path(name).parts)}
    assert {Path(name).name for name in made} <= {"schema.json"}
    assert not any(moment > "2026-03-01T00:00:00Z" for moment in _moments(other))


def _moments(contents: dict[str, bytes]) -> Iterator[str]:
    for content in contents.values():
        yield from ISO.findall(content.decode())


@pytest.mark.parametrize(
    ("source", "digest"),
    [
        ("epa", 2_042_289_671),
        ("malibu", 4_004_920_569),
        ("pasadena", 924_667_796),
        ("usace", 4_040_648_443),
    ],
)
def test_the_rows_are_those_that_the_recorded_metrics_belong_to(
    source: str, digest: int, generated: Path
) -> None:
    part = SOURCES[source].loaded[0]
    rows = rows_in(generated / data_file(part, source))
    # Without decimals, whose last digit may depend on the machine.
    names = [name for name in part.needed if name not in ("lat", "lng")]
    needed = [[row[name] for name in names if not isinstance(row[name], float)] for row in rows]

    found = int(hashlib.sha256(json.dumps(needed).encode()).hexdigest()[:8], 16)
    assert found == digest, (
        f"The generator makes other rows of {source}: compare its metrics in"
        " tests/data/generated_metrics.yml with what you changed, then update this digest"
    )


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("arcgis/epa/features.json", 9_900, 10_200),
        ("arcgis/usace/features.json", 12_000, 12_000),
        ("arcgis/pasadena/features.json", 95, 115),
        ("malibu/FireRebuildPoints.json", 275, 275),
        ("fivetran/airtable/rows.json", 280, 330),
        ("fivetran/page_feedback/rows.json", 3_000, 6_000),
    ],
)
def test_each_source_has_its_real_size(read: Read, name: str, low: int, high: int) -> None:
    content = read(name)
    rows = content["features"] if isinstance(content, dict) else content

    assert low <= len(rows) <= high


@pytest.mark.parametrize("source", LAYERS)
def test_rows_hold_the_fields_that_the_layer_declares(read: Read, source: str) -> None:
    layer = read(f"arcgis/{source}/layer.json")
    names = {f["name"] for f in layer["fields"] if f["type"] != "esriFieldTypeGeometry"}
    rows = attributes(read, source)

    assert all(row.keys() == names for row in rows)
    assert len({row[layer["objectIdField"]] for row in rows}) == len(rows)


@pytest.mark.parametrize("source", LAYERS)
def test_texts_fit_the_lengths_that_the_layer_declares(read: Read, source: str) -> None:
    fields = read(f"arcgis/{source}/layer.json")["fields"]
    lengths = {f["name"]: f["length"] for f in fields if f["type"] == "esriFieldTypeString"}

    for row in attributes(read, source):
        assert all(len(row[name] or "") <= length for name, length in lengths.items())


def test_malibus_rows_hold_the_fields_that_the_source_declares(read: Read) -> None:
    for each in SOURCES["malibu"].lists:
        rows = read(data_file(each, "malibu"))

        assert rows
        assert all(row.keys() == {field.name for field in each.fields} for row in rows)


def test_fivetrans_tables_are_named_as_the_warehouse_names_them(read: Read) -> None:
    for connector in (part for source in SOURCES.values() for part in source.connectors):
        schema = read(f"fivetran/{connector.name}/schema.json")
        rows = read(f"fivetran/{connector.name}/rows.json")

        assert (schema["schema"], schema["table"]) == (
            connector.table.schema,
            connector.table.name,
        )
        assert all(row.keys() == schema["columns"].keys() for row in rows)


@pytest.mark.parametrize("source", LAYERS)
def test_no_date_of_a_layer_is_after_the_moment(read: Read, source: str) -> None:
    fields = read(f"arcgis/{source}/layer.json")["fields"]
    dates = {f["name"] for f in fields if f["type"] == "esriFieldTypeDate"} - {"GDB_TO_DATE"}

    moments = [row[name] for row in attributes(read, source) for name in dates if row[name]]
    assert max(moments, default=0) < AS_OF_MS
    assert min(moments, default=AS_OF_MS) > 1736294400000  # the fires began on 8 January 2025


def test_no_time_of_fivetrans_is_after_the_moment(generated: Path) -> None:
    moments = list(_moments({"all": files(generated)["fivetran/page_feedback/rows.json"]}))
    moments += _moments({"all": files(generated)["fivetran/airtable/rows.json"]})
    rows = json.loads(files(generated)["fivetran/page_feedback/rows.json"])

    # Each answer's sync, and four times of each entry.
    assert len(moments) > 5_000
    assert max(moments) < "2026-11-22T08:00:00"
    assert max(row["TIME"] for row in rows) < AS_OF_MS


def test_only_the_hosted_layers_declare_a_last_edit_and_it_is_recent(read: Read) -> None:
    for source in ("epa", "pasadena"):
        edited = read(f"arcgis/{source}/layer.json")["editingInfo"]["lastEditDate"]
        assert AS_OF_MS - 24 * 3_600_000 < edited < AS_OF_MS
    assert "editingInfo" not in read("arcgis/usace/layer.json")


@pytest.mark.parametrize("text", ["2026-11-22T08:00:00", "2025-02-01T00:00:00Z", "yesterday"])
def test_a_moment_without_a_zone_or_before_the_recovery_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        parse_as_of(text)
