"""Ends what a command has started when the command ends too early, even when it is killed.

The command holds the other end of this process's standard input. When the command ends, however it
ends, the input ends. Linux alone could signal the children of a dead parent (PR_SET_PDEATHSIG of
man 2 prctl); a pipe works on macOS too.
"""

import sys

from local import processes

# Written by a command whose servers have to outlive it.
KEEP = b"keep"


def main() -> None:
    """Wait for the end of the command; stop what it started unless it said to keep it."""
    mark = sys.argv[1]
    if sys.stdin.buffer.read() != KEEP:
        processes.stop([], mark=mark)


if __name__ == "__main__":
    main()
