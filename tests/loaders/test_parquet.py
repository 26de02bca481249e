"""Rows in Parquet files: the groups, the parts, the constants and the hash."""

import hashlib
import io
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.loaders.parquet import PART_BYTES, ParquetSink

SCHEMA = pa.schema([("n", pa.int64()), ("s", pa.string())])


def batch(*numbers: int) -> pa.RecordBatch:
    return pa.record_batch([numbers, [f"s{n}" for n in numbers]], schema=SCHEMA)


def filled(*batches: pa.RecordBatch, **options: Any) -> ParquetSink:
    """A sink with these batches, finished."""
    sink = ParquetSink(io.BytesIO, **options)
    sink.begin(SCHEMA)
    for each in batches:
        sink.write(each)
    sink.finish()
    return sink


def files(sink: ParquetSink) -> list[list[int]]:
    """The numbers in each part."""
    return [pq.read_table(part)["n"].to_pylist() for part in sink.parts]


def groups(part: IO[bytes]) -> list[int]:
    """The rows of each row group."""
    metadata = pq.ParquetFile(part).metadata
    return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([7], [3, 3, 1]), ([1] * 7, [3, 3, 1]), ([2, 4], [3, 3]), ([1], [1]), ([3], [3])],
)
def test_row_groups_have_a_fixed_size_whatever_the_batches(
    sizes: list[int], expected: list[int]
) -> None:
    numbers = iter(range(10))
    sink = filled(*(batch(*(next(numbers) for _ in range(size))) for size in sizes), group_rows=3)
    [part] = sink.parts

    # A finish on a full group leaves an empty one.
    assert [rows for rows in groups(part) if rows] == expected
    assert files(sink) == [list(range(sum(sizes)))]
    assert sink.rows == sum(sizes)


def test_files_have_their_usual_sizes() -> None:
    sink = filled(batch(*range(20_001)))

    assert [groups(part) for part in sink.parts] == [[20_000, 1]]
    assert PART_BYTES == 32 * 2**20


def test_a_sink_that_has_not_begun_is_empty() -> None:
    sink = ParquetSink(io.BytesIO)

    assert (sink.rows, sink.parts) == (0, [])


def test_rows_are_written_as_soon_as_their_group_is_full() -> None:
    sink = ParquetSink(io.BytesIO, group_rows=3)
    sink.begin(SCHEMA)
    sink.write(batch(1, 2))
    assert (sink.rows, sink.parts) == (0, [])
    sink.write(batch(3, 4))
    assert sink.rows == 3
    sink.finish()
    assert (sink.rows, files(sink)) == (4, [[1, 2, 3, 4]])


@pytest.mark.parametrize(
    ("part_bytes", "expected"), [(1, [[1, 2], [3, 4], [5]]), (None, [[1, 2, 3, 4, 5]])]
)
def test_a_part_that_is_large_enough_is_followed_by_the_next(
    part_bytes: int | None, expected: list[list[int]]
) -> None:
    sink = filled(batch(1, 2, 3, 4, 5), part_bytes=part_bytes, group_rows=2)

    assert files(sink) == expected


def test_a_part_ends_at_its_size_and_not_a_byte_later() -> None:
    probe = ParquetSink(io.BytesIO, part_bytes=None, group_rows=1)
    probe.begin(SCHEMA)
    probe.write(batch(1))
    size = probe.parts[0].tell()

    # What is left at the end, nothing here, gets a part of its own if the last one is closed.
    assert files(filled(batch(1, 2), part_bytes=size, group_rows=1)) == [[1], [2], []]
    assert files(filled(batch(1, 2), part_bytes=size + 1, group_rows=1))[0] == [1, 2]


def test_a_sink_without_rows_has_one_empty_part() -> None:
    sink = filled()

    assert (files(sink), sink.rows) == ([[]], 0)
    assert pq.read_schema(sink.parts[0]).names == ["n", "s"]


def test_constants_are_columns_of_the_files_but_not_of_the_hash() -> None:
    sink = ParquetSink(io.BytesIO)
    sink.begin(SCHEMA, {"run": pa.scalar("run 1"), "none": pa.scalar(None, pa.int64())})
    sink.write(batch(1, 2))
    sink.finish()

    assert sink.schema.names == ["n", "s", "run", "none"]
    assert [str(kind) for kind in sink.schema.types] == ["int64", "string", "string", "int64"]
    assert pq.read_table(sink.parts[0]).to_pylist() == [
        {"n": 1, "s": "s1", "run": "run 1", "none": None},
        {"n": 2, "s": "s2", "run": "run 1", "none": None},
    ]
    assert sink.content_hash == filled(batch(1, 2)).content_hash


def test_the_hash_is_that_of_the_rows_and_not_of_the_batches() -> None:
    first = filled(batch(1, 2), batch(3, 4), batch(5), group_rows=2).content_hash

    assert filled(batch(1), batch(2, 3), batch(4, 5), group_rows=2).content_hash == first
    assert filled(batch(1, 2, 3, 4, 5), group_rows=2).content_hash == first
    assert filled(batch(1, 2, 3), batch(4, 5), group_rows=2).content_hash == first
    assert filled(batch(1, 2), batch(3, 4), batch(6), group_rows=2).content_hash != first
    assert filled(batch(1, 2), batch(3, 4), group_rows=2).content_hash != first
    assert len(first) == 64


def test_the_hash_is_sha_256_of_the_rows_as_an_arrow_stream() -> None:
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, SCHEMA) as writer:
        writer.write_table(pa.Table.from_batches([batch(1, 2)]))

    assert filled(batch(1, 2)).content_hash == hashlib.sha256(stream.getvalue()).hexdigest()


def test_a_sink_that_begins_again_forgets_its_rows() -> None:
    opened: list[io.BytesIO] = []

    def open_part() -> io.BytesIO:
        opened.append(io.BytesIO())
        return opened[-1]

    sink = ParquetSink(open_part, group_rows=2)
    sink.begin(SCHEMA, {"run": pa.scalar("old")})
    sink.write(batch(7, 8, 9))
    sink.begin(SCHEMA)
    assert (sink.rows, sink.parts) == (0, [])
    sink.write(batch(1))
    sink.finish()

    assert [part.closed for part in opened] == [True, False]
    assert (files(sink), sink.rows) == ([[1]], 1)
    assert sink.schema == SCHEMA
    assert sink.content_hash == filled(batch(1)).content_hash


def test_discarded_parts_are_closed() -> None:
    sink = filled(batch(1))
    [part] = sink.parts

    sink.discard()

    assert (part.closed, sink.parts) == (True, [])
    sink.discard()


def test_files_are_compressed_without_dictionaries_and_have_their_own_metadata() -> None:
    sink = filled(batch(1, 2, 3), metadata=lambda: {"geo": "{}"}, group_rows=2)

    metadata = pq.ParquetFile(sink.parts[0]).metadata
    column = metadata.row_group(0).column(1)
    assert (column.compression, column.has_dictionary_page) == ("ZSTD", False)
    assert metadata.metadata == {b"geo": b"{}"}
    assert filled(batch(1)).rows == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is full")
@pytest.mark.parametrize("buffer_bytes", [0, 8192], ids=["at once", "at the end"])
def test_a_full_disk_is_noticed_before_the_files_are_finished_and_hides_no_failure(
    buffer_bytes: int,
) -> None:
    def open_full() -> IO[bytes]:
        return Path("/dev/full").open("wb", buffering=buffer_bytes)

    sink = ParquetSink(open_full)
    sink.begin(SCHEMA)
    sink.write(batch(1))

    with pytest.raises(OSError, match="No space left on device"):
        sink.finish()

    sink.discard()
    assert sink.parts == []


def test_a_disk_that_is_full_when_a_load_is_given_up_hides_no_failure() -> None:
    class Disk(io.BytesIO):
        is_full = False

        def write(self, data: Any) -> int:
            if self.is_full:
                raise OSError("no space")
            return super().write(data)

    sink = ParquetSink(Disk, group_rows=2)
    sink.begin(SCHEMA)
    sink.write(batch(1, 2))
    Disk.is_full = True

    sink.discard()
    assert sink.parts == []
