"""A layer or a list as a Parquet file of its own: complete and checked, or no file at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import singledispatch
from pathlib import Path

from include.loaders.arcgis.features import Page
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.reader import LayerReader
from include.loaders.columns import check_names
from include.loaders.errors import PermanentError, SchemaError
from include.loaders.geoparquet import COLUMN, GeoMetadata
from include.loaders.http_client import Client
from include.loaders.json_lists import read_json_list
from include.loaders.memory import enough_memory, peak_memory
from include.loaders.options import LoadOptions, Origin
from include.loaders.parquet import ParquetSink
from include.loaders.report import ExportReport, Notes
from include.sources import ArcgisLayer, JsonField, JsonList, LoadedPart


@singledispatch
def export_part(
    part: LoadedPart, output: Path, origin: Origin, options: LoadOptions
) -> ExportReport:
    """Write a part of a source to a Parquet file, a layer's to a GeoParquet file.

    Args:
        part: The layer or list.
        output: The file; an existing one is replaced at the end.
        origin: The place where the part is reached, if it differs from the declared address.
        options: How to read the part.

    Raises:
        LoadError: The part could not be read completely, or the file cannot be written; an
            existing file is unchanged.
    """
    raise TypeError(f"{part!r} is not a layer or a list")


@export_part.register
def _export_layer(
    part: ArcgisLayer, output: Path, origin: Origin, options: LoadOptions
) -> ExportReport:
    return export_arcgis(part.name, part.url, output, origin, options)


@export_part.register
def _export_list(
    part: JsonList, output: Path, origin: Origin, options: LoadOptions
) -> ExportReport:
    return export_json_list(
        part.name, part.url, part.fields, output=output, origin=origin, options=options
    )


def export_arcgis(
    name: str, url: str, output: Path, origin: Origin, options: LoadOptions
) -> ExportReport:
    """Write a layer to a GeoParquet file, in longitude and latitude on WGS 84.

    Args:
        name: The layer's name, for messages.
        url: The layer's address.
        output: The file; an existing one is replaced at the end.
        origin: The place where the layer is reached.
        options: How to read the layer.

    Raises:
        LoadError: The layer could not be read completely, or the file cannot be written; an
            existing file is unchanged.
    """
    geo = GeoMetadata()

    def read(client: Client, sink: ParquetSink, notes: Notes) -> None:
        layer = Layer(client, origin.address(url), options)
        names = [*(column.name for column in layer.info.columns), COLUMN]
        _check_columns(name, names)
        reader = LayerReader(layer, (), notes)

        def begin() -> None:
            geo.clear()
            with _writing(name, output):
                sink.begin(reader.schema.empty_table().rename_columns(names).schema)

        def take(page: Page) -> None:
            geo.add(page.bounds, page.kinds)
            with _writing(name, output):
                sink.write(page.batch.rename_columns(names))

        reader.read(begin, take)

    return _export(name, output, origin, options, read=read, metadata=geo.as_metadata)


def export_json_list(
    name: str,
    url: str,
    fields: tuple[JsonField, ...],
    *,
    output: Path,
    origin: Origin,
    options: LoadOptions,
) -> ExportReport:
    """Write a JSON list to a Parquet file; undeclared fields are text.

    Args:
        name: A name for messages.
        url: The list's address, with its query.
        fields: The declared fields.
        output: The file to write; it appears when it is complete.
        origin: The list's origin, if it differs from the address.
        options: The settings of the load.

    Raises:
        TransientError: The export may succeed if it is retried.
        PermanentError: A retry does not help; the message says what to fix.
    """

    def read(client: Client, sink: ParquetSink, notes: Notes) -> None:
        batch = read_json_list(client, origin.address(url), fields, notes)
        with _writing(name, output):
            sink.begin(batch.schema)
            sink.write(batch)

    return _export(name, output, origin, options, read=read)


def _export(
    name: str,
    output: Path,
    origin: Origin,
    options: LoadOptions,
    *,
    read: Callable[[Client, ParquetSink, Notes], None],
    metadata: Callable[[], dict[str, str]] = dict,
) -> ExportReport:
    began = options.monotonic()
    notes = Notes()
    with enough_memory(name, options.concurrency), _replaced(name, output) as part:
        sink = ParquetSink(lambda: part.open("wb"), part_bytes=None, metadata=metadata)
        try:
            with Client(name, origin, options) as client:
                read(client, sink, notes)
            with _writing(name, output):
                sink.finish()
                # A network's file system may say only now that it is full.
                for file in sink.parts:
                    file.close()
        finally:
            sink.discard()
    return ExportReport(
        rows=sink.rows,
        bytes=client.bytes,
        requests=client.requests,
        seconds=round(options.monotonic() - began, 3),
        peak_memory=peak_memory(),
        content_hash=sink.content_hash,
        notes=(*client.notes, *notes.sentences()),
    )


def _check_columns(name: str, columns: list[str]) -> None:
    """Refuse a layer whose columns a reader of the file may confuse, as `check_names` does.

    Raises:
        SchemaError: Two columns differ at most by case; the last one has the shapes.
    """
    for field in columns[:-1]:
        if field.casefold() == COLUMN:
            raise SchemaError(name, f"the layer has a field named {field!r}, as the shapes are")
    check_names(name, columns)


@contextmanager
def _replaced(name: str, output: Path) -> Iterator[Path]:
    """A file beside `output` that replaces it at the end, or is deleted after a failure.

    Raises:
        PermanentError: No file can be written there.
    """
    with _writing(name, output):
        if not output.parent.is_dir():
            raise PermanentError(name, f"the folder {output.parent} does not exist; create it")
        if output.exists() and not output.is_file():
            raise PermanentError(name, f"the output {output} exists and is not a file")
        part = output.with_name(f".{output.name}.{os.getpid()}.part")
        # Whatever forbids to write there is better known before the first request.
        part.touch()
        part.unlink()
    try:
        yield part
        with _writing(name, output):
            part.replace(output)
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def _writing(name: str, output: Path) -> Iterator[None]:
    """Turn an error of the file system into the loaders' own.

    Raises:
        PermanentError: The file cannot be written.
    """
    try:
        yield
    except OSError as error:
        reason = f"the file {output} cannot be written ({error.strerror or error})"
        raise PermanentError(name, f"{reason}; free space, or choose another place") from error
