"""Loaders and the emulated Fivetran read every row of each source's small data."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from include.loaders.export import export_part
from include.loaders.options import LoadOptions, Origin
from include.sources import SOURCES, FivetranConnector, LoadedPart
from local.data.files import data_file
from local.fivetran.connectors import CONNECTORS, connector_id
from local.fivetran.extract import read_extract
from tests.local.sources.server import serving_sources
from tests.small_data import SMALL, rows_in

LOADS: list[tuple[str, LoadedPart]] = [
    (name, part) for name, source in SOURCES.items() for part in source.loaded
]
SYNCS = [part for source in SOURCES.values() for part in source.connectors]
OPTIONS = LoadOptions(retry_seconds=0)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    """The server of the small data."""
    with serving_sources(tmp_path_factory.mktemp("sources")) as server:
        yield Origin(base_url=str(server.client.base_url))


@pytest.mark.parametrize(("source", "part"), LOADS, ids=[part.name for _, part in LOADS])
def test_a_loader_reads_every_row_that_is_served(
    source: str, part: LoadedPart, origin: Origin, tmp_path: Path
) -> None:
    file = tmp_path / "rows.parquet"
    export_part(part, file, origin, OPTIONS)
    assert pq.read_table(file).num_rows == len(rows_in(SMALL / data_file(part, source)))


@pytest.mark.parametrize("part", SYNCS, ids=lambda part: part.name)
def test_a_sync_reads_every_row_into_the_table_that_is_declared(part: FivetranConnector) -> None:
    extract = read_extract(SMALL, CONNECTORS[connector_id(part)])
    assert (extract.schema, extract.table) == (part.table.schema, part.table.name)
    assert len(extract.rows) == len(rows_in(SMALL / data_file(part, part.name)))
