"""The memory of this process: how much it has used, and how Python and Arrow manage it."""

import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

# Linux counts in KiB, macOS in bytes (getrusage(2) of each).
UNIT = 1 if sys.platform == "darwin" else 1024


def peak_memory() -> int:
    """The most resident memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


def use_system_allocator() -> None:
    """Make Arrow use the system's allocator: its own holds some 10 MB for each thread."""
    pa.set_memory_pool(pa.system_memory_pool())


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Switch off Python's search for reference cycles for a while.

    Parsed JSON has no cycles, but its many small objects start the search again and again: it
    takes a third of a load's time. Reference counting still frees everything.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
