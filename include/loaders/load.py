"""The loads: an ArcGIS layer or a JSON list into its raw table, completely or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import singledispatch
from tempfile import TemporaryFile

import pyarrow as pa

from include.loaders.arcgis.features import GEOMETRY
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.arcgis.reader import LayerReader
from include.loaders.columns import load_columns
from include.loaders.errors import CollapseError, LoadError, SchemaError, TransientError
from include.loaders.http_client import Client
from include.loaders.json_lists import read_json_list
from include.loaders.memory import enough_memory, is_shortage
from include.loaders.options import LoadOptions, Origin
from include.loaders.parquet import ParquetSink
from include.loaders.raw import load_log
from include.loaders.raw.identifiers import column_names
from include.loaders.raw.replace_table import replace_table
from include.loaders.raw.session import Connect, Session
from include.loaders.report import LoadReport, Notes, Outcome
from include.loaders.temporary_files import writing_temporary_files
from include.sources import ArcgisLayer, JsonList, LoadedPart

DECLARED_ORIGIN = Origin()
DEFAULTS = LoadOptions()


def load_table(
    part: LoadedPart,
    *,
    connect: Connect,
    database: str,
    load_id: str,
    origin: Origin = DECLARED_ORIGIN,
    options: LoadOptions = DEFAULTS,
) -> LoadReport:
    """Replace a raw table by a part of a source as it is now, completely or not at all.

    A JSON list's undeclared fields are loaded as text and reported.

    Args:
        part: The layer or list, its table and the fewest rows that it may have.
        connect: Logs in to the warehouse as the loader's role. It is called once there is
            something to write; the session is closed when the load is over.
        database: The raw database, for example `RAW_DDRC_DEV`.
        load_id: The run's name; every row has it.
        origin: The place where the part is reached, if it differs from the declared address.
        options: How to read the part.

    Raises:
        TransientError: The load may succeed if it is retried.
        PermanentError: A retry fails as well; the message says what to fix.
    """
    load = Load(
        part,
        connect=connect,
        database=database,
        load_id=load_id,
        origin=origin,
        options=options,
    )

    return load.run(lambda client: _read(part, load, client))


@singledispatch
def _read(part: LoadedPart, load: Load, client: Client) -> None:
    """Read a part into a load's sink."""
    raise TypeError(f"{part!r} is not a layer or a list")


# With the kind named: the annotations of these functions name `Load`, which is declared below.
@_read.register(ArcgisLayer)
def _read_layer(part: ArcgisLayer, load: Load, client: Client) -> None:
    layer = Layer(client, load.origin.address(part.url), load.options)
    _report_columns(layer.info, load.options)
    check_required(part, layer.info)
    names = column_names(part.name, (column.name for column in layer.info.columns))
    reader = LayerReader(layer, (part.key, *part.required), load.notes)
    schema = pa.schema([(names.get(field.name, GEOMETRY), field.type) for field in reader.schema])
    reader.read(
        lambda: load.begin(schema, layer.info.edited_at),
        lambda page: load.write(page.batch.rename_columns(schema.names)),
    )


@_read.register(JsonList)
def _read_list(part: JsonList, load: Load, client: Client) -> None:
    batch = _read_sorted_list(part, client, load.origin, load.options, load.notes)
    load.begin(batch.schema, None)
    load.write(batch)
    load.options.progress(batch.num_rows, batch.num_rows)


def hash_json_list(
    source: JsonList, origin: Origin = DECLARED_ORIGIN, options: LoadOptions = DEFAULTS
) -> str | None:
    """The `content_hash` that a load of the list would report now, without the warehouse.

    Args:
        source: The list.
        origin: The place where the list is reached, if it differs from the declared address.
        options: How to read the list.

    Returns:
        SHA-256, hexadecimal; `None` if the list has fewer rows than a load must have.

    Raises:
        TransientError: The server does not answer.
        PermanentError: The answer is not the declared list.
    """
    sink = ParquetSink(TemporaryFile)
    with enough_memory(source.name, concurrency=1):
        try:
            with Client(source.name, origin, options) as client:
                batch = _read_sorted_list(source, client, origin, options, Notes())
            with writing_temporary_files(source.name):
                sink.begin(batch.schema)
                sink.write(batch)
                sink.finish()
            return sink.content_hash if sink.rows >= source.expects.rows else None
        finally:
            sink.discard()


def read_layer_info(
    layer: ArcgisLayer, origin: Origin = DECLARED_ORIGIN, options: LoadOptions = DEFAULTS
) -> LayerInfo:
    """A layer's metadata with its count: two small requests.

    Args:
        layer: The layer.
        origin: The place where the layer is reached, if it differs from the declared address.
        options: How to read the layer.

    Raises:
        TransientError: The service does not answer.
        PermanentError: The address is not a layer that can be loaded.
    """
    with (
        enough_memory(layer.name, concurrency=2),
        Client(layer.name, origin, options) as client,
    ):
        info = Layer(client, origin.address(layer.url), options).info
    _report_columns(info, options)
    return info


def _report_columns(info: LayerInfo, options: LoadOptions) -> None:
    """Report the layer's columns, unless a name is none: the load refuses that layer."""
    with suppress(SchemaError):
        names = column_names(info.source, (column.name for column in info.columns))
        options.columns({names[column.name]: column.type for column in info.columns})


class Load:
    """One load of one raw table: read the source, replace the table's rows, record the outcome.

    Attributes:
        sink: Holds the rows before they go to the warehouse, in files that vanish with the
            process, however it ends.
        origin: The place where the part is reached.
        options: How to read the part.
        notes: What a person should know about the rows.
    """

    def __init__(
        self,
        part: LoadedPart,
        *,
        connect: Connect,
        database: str,
        load_id: str,
        origin: Origin,
        options: LoadOptions,
    ) -> None:
        self.sink = ParquetSink(TemporaryFile)
        self.notes = Notes()
        self.origin = origin
        self.options = options
        self._part = part
        self._load_id = load_id
        self._session = Session(part.name, database, connect)
        self._began = self._read_until = options.monotonic()
        self._loaded_at = options.now()
        self._edited_at: datetime | None = None
        self._client: Client | None = None

    def begin(self, schema: pa.Schema, edited_at: datetime | None) -> None:
        """Begin to take rows; rows taken before do not count.

        Args:
            schema: The raw table's columns as an Arrow schema, without those that every load adds.
            edited_at: The source's declared last edit, in UTC.
        """
        self._edited_at = edited_at
        with writing_temporary_files(self._part.name):
            self.sink.begin(schema, load_columns(self._loaded_at, edited_at, self._load_id))

    def write(self, batch: pa.RecordBatch) -> None:
        """Take rows of the schema that `begin` was given."""
        with writing_temporary_files(self._part.name):
            self.sink.write(batch)

    def run(self, read: Callable[[Client], None]) -> LoadReport:
        """Read the source into the sink with `read`, then replace the raw table.

        A source that has not changed passes the same checks; then the load ends without a login
        to the warehouse.

        Raises:
            LoadError: The load failed; the load log has the reason.
        """
        # A list is one request.
        concurrency = 1 if isinstance(self._part, JsonList) else self.options.concurrency
        try:
            with enough_memory(self._part.name, concurrency):
                return self._read_and_write(read)
        except Exception as error:
            # A login needs memory too.
            if self._session.is_open or not is_shortage(error):
                self._record_failure(error)
            raise
        finally:
            self.sink.discard()
            self._session.close()

    def _read_and_write(self, read: Callable[[Client], None]) -> LoadReport:
        with Client(self._part.name, self.origin, self.options) as self._client:
            read(self._client)
        with writing_temporary_files(self._part.name):
            self.sink.finish()
        self._read_until = self.options.monotonic()
        if self._is_unchanged():
            return self._report("unchanged")
        load_log.prepare(self._session)
        return replace_table(
            self._session,
            self._part.table,
            load_id=self._load_id,
            sink=self.sink,
            check=self._check_rows,
            report=lambda accepted, notes: self._report("loaded", accepted, notes),
        )

    def _is_unchanged(self) -> bool:
        """True if the table holds these rows already, and the source declares no edit."""
        return (
            self._edited_at is None
            and self.sink.content_hash == self.options.known_hash
            # Too few rows are refused, even if they are the same as before.
            and self.sink.rows >= self._part.expects.rows
        )

    def _check_rows(self, before: int) -> str:
        accept_drop = self.options.accept_drop
        return check_rows(self._part, self.sink.rows, before, accept_drop)

    def _record_failure(self, error: Exception) -> None:
        is_transient = isinstance(error, TransientError)
        outcome: Outcome = "transient failure" if is_transient else "permanent failure"
        reason = str(error) if isinstance(error, LoadError) else f"{type(error).__name__}: {error}"
        # The caller must see the failure itself, even if the warehouse is out of reach.
        with suppress(Exception):
            load_log.prepare(self._session)
            load_log.record(self._session, self._report(outcome, reason))

    def _report(
        self, outcome: Outcome, reason: str = "", table_notes: list[str] | None = None
    ) -> LoadReport:
        has_failed = outcome not in {"loaded", "unchanged"}
        client_notes = self._client.notes if self._client else []
        notes = (*client_notes, *self.notes.sentences(), *(table_notes or []))
        return LoadReport(
            source=self._part.name,
            table=self._session.full_name(self._part.table),
            load_id=self._load_id,
            rows=0 if has_failed else self.sink.rows,
            bytes=self._client.bytes if self._client else 0,
            requests=self._client.requests if self._client else 0,
            seconds=round(self.options.monotonic() - self._began, 3),
            read_seconds=round(self._read_until - self._began, 3),
            source_edited_at=self._edited_at,
            loaded_at=self._loaded_at,
            content_hash="" if has_failed else self.sink.content_hash,
            outcome=outcome,
            reason=reason,
            notes=() if has_failed else notes,
        )


def check_rows(part: LoadedPart, rows: int, before: int, accept_drop: str | None) -> str:
    """Refuse a load with fewer rows than the part declares.

    Args:
        part: The layer or list.
        rows: The rows of the new load.
        before: The rows of the last good load; 0 if there was none.
        accept_drop: A person's reason to accept the drop.

    Returns:
        The accepted drop and the reason for it; an empty string if there is no drop.

    Raises:
        CollapseError: The load has too few rows and nobody has accepted the drop.
    """
    expects = part.expects
    if rows >= expects.rows and rows >= expects.share * before:
        return ""
    least = max(expects.rows, int(-(-expects.share * before // 1)))
    drop = f"{rows:,} rows after {before:,}; at least {least:,} were expected"
    if accept_drop:
        return f"accepted: {drop}. Reason: {accept_drop}"
    raise CollapseError(
        part.name, f"{drop}. The table is unchanged; if the drop is real, accept it with a reason"
    )


def check_required(layer: ArcgisLayer, info: LayerInfo) -> None:
    """Refuse a layer that has lost its key or a field that the metrics need.

    Raises:
        SchemaError: A field is missing; the message names the field and those that exist.
    """
    existing = {column.name.casefold() for column in info.columns}
    lost = [name for name in (layer.key, *layer.required) if name.casefold() not in existing]
    if lost:
        raise SchemaError(
            layer.name,
            f"the layer has lost the required {', '.join(dict.fromkeys(lost))}; "
            f"its fields are {', '.join(column.name for column in info.columns)}",
            info.url,
        )


def _read_sorted_list(
    source: JsonList, client: Client, origin: Origin, options: LoadOptions, notes: Notes
) -> pa.RecordBatch:
    """The list under the table's column names, with its rows sorted by all columns.

    A list promises no order: the same rows in another order are not a change.
    """
    url = origin.address(source.url)
    batch = read_json_list(client, url, source.fields, notes, options.columns)
    names = column_names(source.name, batch.schema.names)
    renamed = batch.rename_columns(list(names.values()))
    keys = [(name, "ascending") for name in renamed.schema.names]
    return renamed.sort_by(keys) if keys else renamed
