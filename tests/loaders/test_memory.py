"""The memory of this process: how it is counted, how a lack of it is reported, and cycles."""

import errno
import gc
import mmap
import resource
import sys
from typing import Any

import pyarrow as pa
import pytest
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException

from include.loaders import PermanentError, SchemaError, TransientError
from include.loaders.memory import (
    BASE_BYTES,
    THREAD_BYTES,
    UNIT,
    enough_memory,
    no_garbage_collection,
    peak_memory,
    require_memory,
    use_system_allocator,
)


def grant(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Let the system grant no more than this at once."""
    real = mmap.mmap

    def limited(number: int, size: int, **options: Any) -> mmap.mmap:
        if size > most:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return real(number, mmap.PAGESIZE, **options)

    monkeypatch.setattr(mmap, "mmap", limited)


def test_what_needs_more_than_is_granted_is_refused_with_both_amounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant(monkeypatch, 200_000_000)

    with pytest.raises(TransientError) as failure:
        require_memory("epa", 300_000_000, "the command")

    assert str(failure.value) == (
        "epa: too little memory: the command needs about 300 MB of address space, and this process "
        "can get about 200 MB; give it more memory, or lower the source's concurrency."
    )


def test_what_needs_no_more_than_is_granted_may_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    grant(monkeypatch, 300_000_000)
    require_memory("epa", 300_000_000, "the command")


def test_a_process_that_gets_no_memory_at_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    grant(monkeypatch, 0)
    with pytest.raises(TransientError, match="this process can get about 0 MB"):
        require_memory("epa", 300_000_000, "the command")


def test_more_requests_in_flight_need_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    grant(monkeypatch, BASE_BYTES + 4 * THREAD_BYTES)

    with enough_memory("epa", 4):
        pass
    with (
        pytest.raises(TransientError, match="a load with concurrency 5 needs about 675 MB"),
        enough_memory("epa", 5),
    ):
        pytest.fail("the load has begun")


def caused_by(error: Exception, cause: Exception) -> Exception:
    """An error that another one has led to."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (MemoryError(), "MemoryError"),
        (
            pa.ArrowMemoryError("malloc of size 64 failed"),
            "ArrowMemoryError: malloc of size 64 failed",
        ),
        (RuntimeError("can't start new thread"), "RuntimeError: can't start new thread"),
        (GEOSException("std::bad_alloc"), "GEOSException: std::bad_alloc"),
        (ProjError("std::bad_alloc"), "ProjError: std::bad_alloc"),
        (OSError(errno.ENOMEM, "No memory"), f"OSError: [Errno {errno.ENOMEM}] No memory"),
        (caused_by(SchemaError("epa", "not JSON"), MemoryError()), "SchemaError: epa: not JSON."),
    ],
)
def test_a_load_that_runs_out_of_memory_fails_with_what_it_needs(
    error: Exception, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.loaders.memory.peak_memory", lambda: 295_000_000)

    with pytest.raises(TransientError) as failure, enough_memory("epa", 4):
        raise error

    assert type(failure.value) is TransientError
    assert str(failure.value) == (
        f"epa: out of memory or threads ({cause}) with 295 MB in use: a load with concurrency 4 "
        "needs about 600 MB of address space, and more if its pages are large; give the process "
        "more memory, or lower the source's concurrency or page size."
    )


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("no room"),
        OSError(errno.ENOSPC, "No space left on device"),
        PermanentError("epa", "HTTP status 400", service_message="std::bad_alloc"),
        KeyboardInterrupt(),
    ],
)
def test_any_other_failure_of_a_load_stays_what_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)) as failure, enough_memory("epa", 4):
        raise error

    assert failure.value is error


@pytest.mark.parametrize("on", [True, False])
def test_garbage_collection_is_as_it_was_afterwards(on: bool) -> None:
    if not on:
        gc.disable()
    try:
        with no_garbage_collection():
            assert not gc.isenabled()
        assert gc.isenabled() is on
        with pytest.raises(ValueError, match="x"), no_garbage_collection():
            raise ValueError("x")
        assert gc.isenabled() is on
    finally:
        gc.enable()


def test_memory_is_counted_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.loaders.memory.UNIT", 1024)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert before * 1024 <= peak_memory() <= before * 1024 + 10**9


def test_memory_has_the_unit_of_this_system() -> None:
    assert peak_memory() > 20_000_000
    assert {"darwin": 1}.get(sys.platform, 1024) == UNIT


def test_arrow_uses_the_systems_allocator() -> None:
    usual = pa.default_memory_pool()
    try:
        use_system_allocator()
        assert pa.default_memory_pool().backend_name == "system"
    finally:
        pa.set_memory_pool(usual)
