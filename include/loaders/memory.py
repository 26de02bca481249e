"""The memory of this process: how much a load needs, and how Python and Arrow manage it."""

import errno
import gc
import mmap
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from include.loaders.errors import TransientError

# Linux counts in KiB, macOS in bytes (getrusage(2) of each).
UNIT = 1 if sys.platform == "darwin" else 1024
MEGABYTE = 1_000_000
# What Python, Arrow, GEOS and the command line take before the first request.
IMPORT_BYTES = 410 * MEGABYTE
# The address space that a load adds to its process: 277 MB were measured with one request in
# flight, 424 MB with 4, 728 MB with 8 and 1,217 MB with 16. Each thread has a stack of 8 MB, and
# the system's allocator reserves 64 MB for it. Far less becomes resident: 150 MB with 4.
BASE_BYTES = 300 * MEGABYTE
THREAD_BYTES = 75 * MEGABYTE
# What C++ libraries and Python say instead of raising a MemoryError, and the errors that say it.
_SHORTAGES = ("bad_alloc", "can't start new thread")
_SHORTAGE_ERRORS = {"GEOSException", "ProjError", "RuntimeError"}


def peak_memory() -> int:
    """The most resident memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


def require_memory(source: str, need: int, what: str) -> None:
    """Refuse to begin what needs more address space than this process can get.

    The failure is transient: another worker may have more, and other tasks end and free theirs.

    Args:
        source: The source's name, for the message.
        need: The address space in bytes.
        what: Names what needs it, for the message.

    Raises:
        TransientError: There is too little; the message says how much is needed.
    """
    if not _is_granted(need):
        raise TransientError(
            source,
            f"too little memory: {what} needs about {_megabytes(need)} of address space, and this "
            f"process can get about {_megabytes(_most_granted(need))}; give it more memory, or "
            "lower the source's concurrency",
        ) from MemoryError(f"{need} bytes are not granted")


@contextmanager
def enough_memory(source: str, concurrency: int) -> Iterator[None]:
    """Refuse to begin a load without the memory that it needs; report it if memory runs out.

    A load that begins with too little ends anywhere, even with a dead process: libraries in C
    call `abort`.

    Args:
        source: The source's name, for the message.
        concurrency: How many requests are in flight at once.

    Raises:
        TransientError: There is too little memory; the message says how much is needed.
    """
    need = BASE_BYTES + THREAD_BYTES * concurrency
    load = f"a load with concurrency {concurrency}"
    require_memory(source, need, load)
    try:
        yield
    except Exception as error:
        if not is_shortage(error):
            raise
        cause = f"{type(error).__name__}: {error}"[:100].rstrip(": ")
        raise TransientError(
            source,
            f"out of memory or threads ({cause}) with {_megabytes(peak_memory())} in use: {load} "
            f"needs about {_megabytes(need)} of address space, and more if its pages are large; "
            "give the process more memory, or lower the source's concurrency or page size",
        ) from error


def is_shortage(error: BaseException | None) -> bool:
    """True if an error, or one that it was raised from, says that there is no memory left."""
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            return True
        # Only errors of this process: a service may use the same words for its own memory.
        if type(error).__name__ in _SHORTAGE_ERRORS and any(w in str(error) for w in _SHORTAGES):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_granted(size: int) -> bool:
    """True if the system grants this process that much more address space; none is used."""
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError:
        return False
    return True


def _most_granted(size: int) -> int:
    """The most that is granted, to a thirtieth of the size."""
    step = size // 30
    return next((most for most in range(size - step, 0, -step) if _is_granted(most)), 0)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.0f} MB"


def use_system_allocator() -> None:
    """Make Arrow use the system's allocator: its own holds some 10 MB for each thread."""
    # Imported late, so that memory can be checked before anything large is loaded.
    import pyarrow as pa

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
