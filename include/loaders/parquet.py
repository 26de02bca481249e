"""Record batches to Parquet files, with a hash of their rows."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

# Rows a row group: enough for the columns to compress, few enough for memory to stay flat.
ROWS = 20_000
# The connector encrypts a part in memory before it uploads it.
PART_BYTES = 32 * 1024 * 1024


class ParquetSink:
    """Takes record batches of any size and writes row groups of a fixed size.

    Attributes:
        schema: The Arrow schema of the files.
        parts: The open files, in order.
        rows: How many rows were written so far.
    """

    def __init__(
        self,
        open_part: Callable[[], IO[bytes]],
        *,
        part_bytes: int | None = PART_BYTES,
        group_rows: int = ROWS,
        metadata: Callable[[], dict[str, str]] = dict,
    ) -> None:
        """Prepare to write.

        Args:
            open_part: Opens the next file.
            part_bytes: Bytes after which a new part begins; `None` for a single part.
            group_rows: Rows a row group.
            metadata: Called at the end, returns the file's own metadata.
        """
        self.parts: list[IO[bytes]] = []
        self.rows = 0
        self._open_part = open_part
        self._part_bytes = part_bytes
        self._group_rows = group_rows
        self._metadata = metadata
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._writer: Any = None
        self._hash = _Hash()

    @property
    def content_hash(self) -> str:
        """SHA-256 of the rows written so far, hexadecimal.

        The hash does not depend on the batches' sizes, and leaves out the constants.
        """
        return self._hash.hexdigest()

    def begin(self, schema: pa.Schema, constants: Mapping[str, pa.Scalar] | None = None) -> None:
        """Start again, without the rows written before.

        Args:
            schema: The Arrow schema of the batches to come.
            constants: Further columns, with the same value in every row.
        """
        self.discard()
        self.schema = schema
        for name, value in (constants or {}).items():
            self.schema = self.schema.append(pa.field(name, value.type))
        self._batch_schema = schema
        self._constants = constants or {}
        self._waiting, self._waiting_rows, self.rows = [], 0, 0
        self._hash = _Hash()
        self._hash_stream = pa.ipc.new_stream(self._hash, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Take a record batch of the schema that `begin` was given."""
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        while self._waiting_rows >= self._group_rows:
            self._flush(self._group_rows)

    def finish(self) -> None:
        """Write the remaining rows; a sink without rows has one empty part."""
        self._flush(self._waiting_rows)
        self._close_writer()
        self._hash_stream.close()

    def discard(self) -> None:
        """Close the files, whatever they hold."""
        # On a full disk, a writer and a file fail once more when they are closed.
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()
            self._writer = None
        for part in self.parts:
            with suppress(OSError):
                part.close()
        self.parts = []

    def _flush(self, rows: int) -> None:
        # Groups of a fixed size make the hash independent of the pages' sizes; so does the copy by
        # `take`, because a slice keeps the whole buffers of the page that it was cut from.
        table = pa.Table.from_batches(self._waiting, self._batch_schema)
        group = table.slice(0, rows).combine_chunks().take(pa.array(range(rows), pa.int64()))
        rest = table.slice(rows)
        self._waiting, self._waiting_rows = rest.to_batches(), rest.num_rows
        self._hash_stream.write_table(group)
        for name, value in self._constants.items():
            group = group.append_column(name, pa.repeat(value, group.num_rows))
        if self._writer is None:
            self.parts.append(self._open_part())
            # A stored Arrow schema would hide the file's own metadata from readers. Dictionaries
            # do not pay for shapes and ids, which do not repeat; zstd compresses what repeats.
            self._writer = pq.ParquetWriter(
                self.parts[-1],
                group.schema,
                compression="zstd",
                use_dictionary=False,
                store_schema=False,
            )
        self._writer.write_table(group, row_group_size=max(1, rows))
        self.rows += group.num_rows
        if self._part_bytes is not None and self.parts[-1].tell() >= self._part_bytes:
            self._close_writer()

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.add_key_value_metadata(self._metadata())
            self._writer.close()
            self._writer = None
            # A disk that is full must be noticed before the file is taken for complete.
            self.parts[-1].flush()


class _Hash:
    """A file that stores only the hash of the bytes written to it."""

    closed = False

    def __init__(self) -> None:
        self._sha = hashlib.sha256()

    def write(self, data: Any) -> int:
        """Add bytes to the hash."""
        view = memoryview(data)
        self._sha.update(view)
        return view.nbytes

    def hexdigest(self) -> str:
        """The hash so far."""
        return self._sha.hexdigest()
