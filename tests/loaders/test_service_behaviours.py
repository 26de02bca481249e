"""Whole reads of services that misbehave: exactly the layer's rows, or a typed error."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from include.loaders import IncompleteError, LoadOptions, Origin, read_layer_info
from include.sources import SOURCES
from local.faults import clear_faults
from tests.loaders.exported import exported, ids
from tests.loaders.layer import EDITED, Layer
from tests.loaders.service import Reply, Request, Service
from tests.local.sources.server import PATHS, Server, serving_sources

pytestmark = pytest.mark.usefixtures("few_roots")

ROWS = 14_351
CAP = 2_000
ALL = list(range(1, ROWS + 1))
FIELDS = {"OBJECTID": "esriFieldTypeOID", "roe_status": "esriFieldTypeString"}


@dataclass
class Services:
    """The sources' server, and the folder of what is read from it."""

    server: Server
    folder: Path

    @property
    def url(self) -> str:
        return str(self.server.client.base_url).rstrip("/")

    def declare(self, source: str, **capabilities: bool) -> None:
        """Change what a layer's metadata say of its queries."""
        self.server.rewrite(
            f"arcgis/{source}/layer.json",
            lambda layer: layer["advancedQueryCapabilities"].update(capabilities),
        )

    def set_cap(self, source: str, rows: int) -> None:
        self.server.rewrite(
            f"arcgis/{source}/layer.json", lambda layer: layer.update(maxRecordCount=rows)
        )

    def read(self, source: str, **options: Any) -> pa.Table:
        return exported(self.url, self.folder, PATHS[source], **options)

    def edit(self) -> list[int]:
        """Delete the first row of EPA's layer, add two and declare the edit; its ids now."""

        def change(content: dict[str, Any]) -> None:
            _, *kept, last = content["features"]
            highest = last["attributes"]["OBJECTID"]
            added = [
                {**last, "attributes": {**last["attributes"], "OBJECTID": highest + more}}
                for more in (1, 2)
            ]
            content["features"] = [*kept, last, *added]

        def declare(layer: dict[str, Any]) -> None:
            layer["editingInfo"]["lastEditDate"] += 60_000

        self.server.rewrite("arcgis/epa/features.json", change)
        self.server.rewrite("arcgis/epa/layer.json", declare)
        content = json.loads((self.server.data / "arcgis" / "epa" / "features.json").read_text())
        return sorted(row["attributes"]["OBJECTID"] for row in content["features"])


@pytest.fixture(scope="module")
def _parcels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("services")
    with serving_sources(folder) as server:
        server.rewrite("arcgis/usace/layer.json", _describe)
        rows = [{"attributes": {"OBJECTID": n, "roe_status": f"{n}"}} for n in ALL]
        file = server.data / "arcgis" / "usace" / "features.json"
        file.write_text(json.dumps({"features": rows}))
        yield Services(server, folder)


def _describe(layer: dict[str, Any]) -> None:
    fields = [{"name": name, "type": type_, "alias": name} for name, type_ in FIELDS.items()]
    layer.update(maxRecordCount=CAP, fields=fields, displayField="roe_status")


@pytest.fixture
def parcels(_parcels: Services) -> Iterator[Services]:
    """USACE's layer with 14,351 rows in pages of 2,000 and no declared edit."""
    clear_faults(_parcels.server.faults)
    yield _parcels
    clear_faults(_parcels.server.faults)


@pytest.fixture(scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("small")
    with serving_sources(folder) as server:
        found = Services(server, folder)
        for source in ("epa", "usace"):
            found.set_cap(source, 5)
        yield found


@pytest.fixture
def small(_small: Services) -> Iterator[Services]:
    """The small layers, in pages of 5 rows; a test may change them."""
    clear_faults(_small.server.faults)
    files = {file: file.read_text() for file in (_small.server.data / "arcgis").glob("*/*.json")}
    yield _small
    clear_faults(_small.server.faults)
    for file, content in files.items():
        if file.read_text() != content:
            file.write_text(content)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_row_deleted_and_one_added_between_two_pages_hide_no_third_one(
    parcels: Services, concurrency: int
) -> None:
    parcels.server.break_("usace", "rows-move")

    assert ids(parcels.read("usace", concurrency=concurrency)) == [*ALL[1:], ROWS + 1]


def test_a_count_that_stays_too_low_truncates_nothing(parcels: Services) -> None:
    parcels.server.break_("usace", "low-count")

    assert ids(parcels.read("usace")) == ALL


def test_a_count_that_stays_too_low_truncates_no_layer_of_one_page(small: Services) -> None:
    small.set_cap("epa", 20)
    small.server.break_("epa", "low-count")

    assert len(small.read("epa")) == 13


def test_pages_that_only_pass_at_a_quarter_of_the_cap_are_read(parcels: Services) -> None:
    parcels.server.break_("usace", "large-pages")

    assert ids(parcels.read("usace")) == ALL


@pytest.mark.parametrize("source", ["usace", "epa"])
def test_a_layer_that_refuses_the_paging_it_declares_is_read_by_its_ids(
    small: Services, source: str
) -> None:
    """EPA's hosted layer refuses with an error 400, USACE's map service with HTTP 500."""
    complete = small.read(source)
    small.server.break_(source, "no-paging")

    assert small.read(source) == complete
    assert len(complete) > 10


@pytest.mark.parametrize("fault", ["no-count", "no-ids", "redirect"])
@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"supportsPagination": False},
        {"supportsOrderBy": False},
        {"supportsPagination": False, "supportsOrderBy": False},
    ],
    ids=["it pages", "without paging", "without an order", "without both"],
)
def test_a_layer_is_read_completely_or_not_at_all_by_the_ways_that_are_left(
    small: Services, fault: str, declared: dict[str, bool]
) -> None:
    complete = small.read("epa")
    small.declare("epa", **declared)
    small.server.break_("epa", fault)

    if fault == "no-ids" and "supportsOrderBy" in declared:
        # Without an order and without ids, nothing shows which rows there are.
        with pytest.raises(IncompleteError):
            small.read("epa")
    else:
        assert small.read("epa") == complete


@pytest.mark.parametrize("capability", ["supportsOrderBy", "supportsPagination"])
def test_a_layer_is_asked_for_nothing_that_it_does_not_support(
    small: Services, capability: str
) -> None:
    complete = small.read("epa")
    small.declare("epa", **{capability: False})

    assert small.read("epa") == complete


def test_answers_cached_by_the_change_check_do_not_truncate_the_load(small: Services) -> None:
    small.server.break_("epa", "stale-cache")
    [layer] = SOURCES["epa"].layers
    read_layer_info(layer, Origin(base_url=small.url), LoadOptions(retry_seconds=0))
    now = small.edit()

    assert ids(small.read("epa")) == now


def test_a_load_of_cached_pages_has_the_rows_of_one_moment(small: Services) -> None:
    small.server.break_("epa", "stale-cache")
    small.read("epa")
    now = small.edit()

    assert ids(small.read("epa")) == now


@pytest.mark.parametrize("cap", [4, 10], ids=["pages", "one page"])
def test_pages_cached_before_an_edit_are_not_loaded_under_its_date(
    service: Service, layer: Layer, tmp_path: Path, cap: int
) -> None:
    """The cache may have forgotten the metadata and not yet the pages."""
    layer.cap = cap
    cached: dict[str, Reply] = {}

    def cache(request: Request) -> Reply | None:
        address = json.dumps(request.query)
        if request.is_page and request.method == "GET":
            return cached.setdefault(address, layer.answer(request))
        return None

    service.script(cache)
    exported(service.url, tmp_path)
    layer.rows[0]["attributes"]["Status"] = "edited"
    layer.metadata = {"editingInfo": {"lastEditDate": EDITED + 1000}}

    assert exported(service.url, tmp_path)["Status"].to_pylist()[0] == "edited"
