"""The two loads: an ArcGIS layer or a JSON list into its raw table."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

import pyarrow as pa

from include.loaders.arcgis.features import GEOMETRY
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.arcgis.reader import LayerReader
from include.loaders.errors import SchemaError
from include.loaders.http_client import Client
from include.loaders.json_lists import read_json_list
from include.loaders.options import LoadOptions, Origin
from include.loaders.parquet import ParquetSink
from include.loaders.raw import RawLoad
from include.loaders.raw.identifiers import column_names
from include.loaders.raw.session import Connect
from include.loaders.report import LoadReport, Notes
from include.loaders.run import Run
from include.sources import ArcgisLayer, JsonList

HERE = Origin()
USUAL = LoadOptions()


def load_arcgis(
    layer: ArcgisLayer,
    *,
    connect: Connect,
    database: str,
    load_id: str,
    origin: Origin = HERE,
    options: LoadOptions = USUAL,
) -> LoadReport:
    """Replace a layer's raw table by the layer as it is now, completely or not at all.

    Args:
        layer: The layer, its table and what it must bring.
        connect: Logs in to the warehouse as the loader's role. It is called once there is
            something to write, and what it gives is left when the load is over.
        database: The raw database, for example `RAW_DDRC_DEV`.
        load_id: The run's name; every row carries it.
        origin: Where the layer is reached, if not where it is declared.
        options: How to read it.

    Raises:
        TransientError: The load may go through if it is tried again.
        PermanentError: It will not; the message says what to mend.
    """

    def read(run: Run, client: Client) -> tuple[str, ...]:
        asked = Layer(client, origin.address(layer.url), options.where)
        info = asked.info_with_count()
        check_required(layer, info)
        names = column_names(layer.name, (column.name for column in info.columns))
        reader = LayerReader(client, asked, info, options, (layer.key, *layer.required))
        schema = pa.schema(
            [(names.get(field.name, GEOMETRY), field.type) for field in reader.schema]
        )
        reader.read(
            lambda: run.begin(schema, info.edited_at),
            lambda page: run.sink.write(page.batch.rename_columns(schema.names)),
        )
        return reader.notes.sentences()

    load = RawLoad(layer.name, database, layer.table, load_id, layer.expects, options.accept_drop)
    return Run(load, connect, origin, options).execute(read)


def load_json_list(
    source: JsonList,
    *,
    connect: Connect,
    database: str,
    load_id: str,
    origin: Origin = HERE,
    options: LoadOptions = USUAL,
) -> LoadReport:
    """Replace a JSON list's raw table by the list as it is now, completely or not at all.

    The arguments and errors are those of `load_arcgis`. Fields that are not declared are kept as
    text and reported.
    """

    def read(run: Run, client: Client) -> tuple[str, ...]:
        notes = Notes()
        batch = _read_list(source, client, origin, notes)
        run.begin(batch.schema, None)
        run.sink.write(batch)
        options.progress(batch.num_rows, batch.num_rows)
        return notes.sentences()

    load = RawLoad(
        source.name, database, source.table, load_id, source.expects, options.accept_drop
    )
    return Run(load, connect, origin, options).execute(read)


def hash_json_list(
    source: JsonList, origin: Origin = HERE, options: LoadOptions = USUAL
) -> str | None:
    """The `content_hash` that a load of the list would report now; the warehouse is not asked.

    Returns:
        SHA-256, hexadecimal; `None` where the rows are too few to be believed.

    Raises:
        TransientError: The server did not answer.
        PermanentError: Its answer is not the declared list.
    """
    sink = ParquetSink(TemporaryFile)
    try:
        with Client(source.name, origin, options) as client:
            batch = _read_list(source, client, origin, Notes())
        sink.begin(batch.schema)
        sink.write(batch)
        sink.finish()
        return sink.content_hash if sink.rows >= source.expects.rows else None
    finally:
        sink.discard()


def read_layer_info(
    layer: ArcgisLayer, origin: Origin = HERE, options: LoadOptions = USUAL
) -> LayerInfo:
    """What a layer says of itself, with its count: two small requests.

    Raises:
        TransientError: The service did not answer.
        PermanentError: It is no layer that can be loaded.
    """
    with Client(layer.name, origin, options) as client:
        asked = Layer(client, origin.address(layer.url), options.where)
        return asked.info_with_count()


def _read_list(source: JsonList, client: Client, origin: Origin, notes: Notes) -> Any:
    """The list as a record batch under the table's names, its rows in an order of our own.

    A list promises no order: the same rows in another one are no change.
    """
    batch = read_json_list(client, origin.address(source.url), source.fields, notes)
    names = column_names(source.name, batch.schema.names)
    renamed = batch.rename_columns(list(names.values()))
    keys = [(name, "ascending") for name in renamed.schema.names]
    return renamed.sort_by(keys) if keys else renamed


def check_required(layer: ArcgisLayer, info: LayerInfo) -> None:
    """Refuse a layer that has lost a field without which no metric can be counted.

    Raises:
        SchemaError: It has; the message names the field and what there is instead.
    """
    there = {column.name.casefold() for column in info.columns}
    lost = [name for name in (layer.key, *layer.required) if name.casefold() not in there]
    if lost:
        raise SchemaError(
            layer.name,
            f"the layer has lost the required {', '.join(dict.fromkeys(lost))}; "
            f"its fields are {', '.join(column.name for column in info.columns)}",
            info.url,
        )
