"""How much memory this process has used."""

import resource
import sys

# Linux counts in KiB, macOS in bytes (getrusage(2) of each).
UNIT = 1 if sys.platform == "darwin" else 1024


def peak_memory() -> int:
    """The most resident memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
