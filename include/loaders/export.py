"""A layer or a list into a Parquet file of its own: complete and checked, or no file at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from include.loaders.arcgis.features import GEOMETRY, Page
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.reader import LayerReader
from include.loaders.errors import SchemaError
from include.loaders.geoparquet import COLUMN, GeoMetadata
from include.loaders.http_client import Client
from include.loaders.json_lists import read_json_list
from include.loaders.memory import peak_memory
from include.loaders.options import LoadOptions, Origin
from include.loaders.parquet import ParquetSink
from include.loaders.report import Notes, Summary
from include.sources import JsonField


def export_arcgis(
    name: str, url: str, output: Path, origin: Origin, options: LoadOptions
) -> Summary:
    """Write a layer to a GeoParquet file, in longitude and latitude on WGS 84.

    Args:
        name: What messages call the layer.
        url: The layer's address.
        output: The file; an existing one is replaced at the end.
        origin: How to reach the layer.
        options: How to read it.

    Raises:
        LoadError: It could not be read completely; the file is as it was.
    """

    def read(client: Client, sink: ParquetSink, geo: GeoMetadata) -> tuple[str, ...]:
        asked = Layer(client, origin.address(url), options.where)
        reader = LayerReader(client, asked, asked.info_with_count(), options)
        names = reader.schema.names
        if COLUMN in names:
            raise SchemaError(name, f"the layer has a field named {COLUMN!r}, as the shapes are")
        names = [COLUMN if one == GEOMETRY else one for one in names]

        def begin() -> None:
            geo.clear()
            sink.begin(reader.schema.empty_table().rename_columns(names).schema)

        def take(page: Page) -> None:
            geo.add(page.bounds, page.kinds)
            sink.write(page.batch.rename_columns(names))

        reader.read(begin, take)
        return reader.notes.sentences()

    return _export(name, output, origin, options, read)


def export_json_list(
    name: str,
    url: str,
    fields: tuple[JsonField, ...],
    *,
    output: Path,
    origin: Origin,
    options: LoadOptions,
) -> Summary:
    """Write a JSON list to a Parquet file; fields that are not declared are text.

    The arguments and errors are those of `export_arcgis`.
    """

    def read(client: Client, sink: ParquetSink, _: GeoMetadata) -> tuple[str, ...]:
        notes = Notes()
        batch = read_json_list(client, origin.address(url), fields, notes)
        sink.begin(batch.schema)
        sink.write(batch)
        return notes.sentences()

    return _export(name, output, origin, options, read)


def _export(
    name: str,
    output: Path,
    origin: Origin,
    options: LoadOptions,
    read: Callable[[Client, ParquetSink, GeoMetadata], tuple[str, ...]],
) -> Summary:
    began = options.monotonic()
    geo = GeoMetadata()
    with _replaced(output) as part:
        sink = ParquetSink(lambda: part.open("wb"), part_bytes=None, metadata=geo.as_metadata)
        try:
            with Client(name, origin, options) as client:
                notes = (*client.notes, *read(client, sink, geo))
            sink.finish()
        finally:
            sink.discard()
    return Summary(
        rows=sink.rows,
        bytes=client.bytes,
        requests=client.requests,
        seconds=round(options.monotonic() - began, 3),
        peak_memory=peak_memory(),
        content_hash=sink.content_hash,
        notes=notes,
    )


@contextmanager
def _replaced(output: Path) -> Iterator[Path]:
    """A file beside `output` that takes its place at the end, or goes if anything fails."""
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
