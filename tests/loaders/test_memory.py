"""The memory of this process: how it is counted, and Python's search for cycles."""

import gc
import resource
import sys

import pyarrow as pa
import pytest

from include.loaders.memory import UNIT, no_garbage_collection, peak_memory, use_system_allocator


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
