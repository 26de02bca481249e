"""The command line: a whole file or no file, one line of JSON, an exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest
import shapely
from typer.testing import CliRunner, Result

from include import warehouse as names
from include.loaders.cli import app
from include.sources.epa import EPA
from tests.loaders.emulator import Emulator
from tests.loaders.layer import PATH, Layer
from tests.loaders.service import Reply, Service, esri_error, reply, serving
from tests.loaders.warehouse import Warehouse

REPOSITORY = Path(__file__).parents[2]
[LAYER] = EPA.layers
SUMMARY = {"rows", "bytes", "requests", "seconds", "peak_memory", "content_hash", "notes"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "parcels.parquet"


def test_a_layer_is_saved_as_geoparquet(service: Service, output: Path) -> None:
    result = run("arcgis", service.url + PATH + "?f=pjson", "--output", output)
    assert result.exit_code == 0, result.stderr
    summary = json.loads(result.stdout)
    assert set(summary) == SUMMARY
    assert (summary["rows"], summary["requests"]) == (10, 7)
    assert summary["peak_memory"] > 0
    table = pq.read_table(output)
    assert table.column_names == ["OBJECTID", "Status", "Inspected", "Acres", "Units", "geometry"]
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    assert shapely.bounds(shapes[0]).tolist() == [-118, 34, -117, 35]
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["columns"]["geometry"] == {
        "encoding": "WKB",
        "geometry_types": ["Polygon"],
        "bbox": [-118.0, 34.0, -117.0, 35.0],
    }


def test_equal_rows_have_equal_hashes_whatever_the_pages(
    service: Service, layer: Layer, output: Path
) -> None:
    def content(*options: object) -> str:
        result = run("arcgis", service.url + PATH, "--output", output, *options)
        return str(json.loads(result.stdout)["content_hash"])

    first = content()
    assert content("--page-size", 3, "--concurrency", 1) == first
    layer.rows[4]["attributes"]["Status"] = "changed"
    assert content() != first


def test_a_condition_reaches_the_service(service: Service, output: Path) -> None:
    result = run("arcgis", service.url + PATH, "--output", output, "--where", "OBJECTID > 6")
    assert json.loads(result.stdout)["rows"] == 4
    queries = [sent.query for sent in service.requests if sent.path.endswith("/query")]
    assert {query["where"] for query in queries} == {"OBJECTID > 6"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [(esri_error(429, "Busy"), 75), (esri_error(499, "Token Required"), 1)],
    ids=["transient", "permanent"],
)
def test_a_failure_leaves_the_existing_file(
    service: Service, output: Path, answer: Reply, code: int
) -> None:
    output.write_bytes(b"the last good one")
    service.always(lambda request: request.query.get("resultOffset") == "8", answer)
    result = run("arcgis", service.url + PATH, "--output", output, "--retry-seconds", 0)
    assert result.exit_code == code
    assert "resultOffset=8" in result.stderr
    assert result.stdout == ""
    assert list(output.parent.iterdir()) == [output]
    assert output.read_bytes() == b"the last good one"


def test_an_address_that_is_not_a_layer_is_refused(service: Service, output: Path) -> None:
    service.always(lambda _: True, reply({"layers": [], "currentVersion": 11.2}))
    result = run("arcgis", service.url + PATH, "--output", output)
    assert result.exit_code == 1
    assert result.stderr.startswith("localhost: the address is not an ArcGIS layer"), result.stderr


def test_a_token_is_sent_but_never_shown(service: Service, output: Path) -> None:
    service.always(lambda request: request.is_page, esri_error(498, "Invalid token"))
    result = run("arcgis", service.url + PATH, "--output", output, "--token", "s3cret")
    assert {sent.headers["x-esri-authorization"] for sent in service.requests} == {"Bearer s3cret"}
    assert "s3cret" not in result.output + result.stderr


def test_a_list_is_saved_with_its_declared_fields(service: Service, output: Path) -> None:
    service.always(lambda _: True, reply([{"n": 1, "s": 91101}, {"n": None, "s": "x"}]))
    url = service.url + "/list"
    result = run("json-list", url, "--output", output, "--field", "n:integer")
    assert json.loads(result.stdout)["rows"] == 2
    assert pq.read_table(output).to_pylist() == [{"n": 1, "s": "91101"}, {"n": None, "s": "x"}]
    bad = run("json-list", url, "--output", output, "--field", "n:numeral")
    assert bad.exit_code == 2


@pytest.fixture
def epa() -> Iterator[Service]:
    layer = Layer(path=urlsplit(LAYER.url).path)
    for name in ("PublicStatus", "LandUse"):
        layer.fields[name] = "esriFieldTypeString"
        for feature in layer.rows:
            feature["attributes"][name] = "x"
    with serving(layer.answer) as running:
        yield running


def module(*arguments: object, **environment: str) -> dict[str, Any]:
    """Run the module as a program; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "include.loaders", *map(str, arguments)],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_a_source_can_be_saved_without_a_warehouse(epa: Service, tmp_path: Path) -> None:
    summary = module("epa", "--base-url", epa.url, "--output", tmp_path)
    assert (summary["source"], summary["rows"]) == ("epa", 10)
    assert pq.read_table(tmp_path / "epa.parquet").num_rows == 10


def test_a_source_can_be_loaded_alone(
    epa: Service, warehouse: Warehouse, warehouse_server: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_bytes(warehouse_server.private_key)
    settings = {
        "account": "laptop",
        "user": "AIRFLOW_LOADER_DDRC_DEV",
        "host": "127.0.0.1",
        "authenticator": "SNOWFLAKE_JWT",
        "private_key_file": str(tmp_path / "key.pem"),
    }
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    toml = tmp_path / "connections.toml"
    toml.write_text("\n".join(["[loader]", *lines, f"port = {warehouse.connection.port}"]))
    toml.chmod(0o600)
    database = names.database("RAW")
    warehouse.run(f"CREATE DATABASE IF NOT EXISTS {database}")
    for schema in ("LOADING", LAYER.table.schema):
        warehouse.run(f"CREATE SCHEMA IF NOT EXISTS {database}.{schema}")
    table = f"{database}.{LAYER.table.schema}.{LAYER.table.name}"
    report = module(
        "epa", "--base-url", epa.url, "--accept-drop", "a test", SNOWFLAKE_HOME=str(tmp_path)
    )
    assert report["outcome"] == "loaded"
    assert warehouse.run(f"SELECT COUNT(*) FROM {table}") == [(10,)]
    assert warehouse.run(f"SELECT DISTINCT _LOAD_ID FROM {table}") == [(report["load_id"],)]
