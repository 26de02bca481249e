"""The entry point of `python -m include.loaders`."""

import os
import sys

from include.loaders.errors import TransientError
from include.loaders.memory import IMPORT_BYTES, require_memory, use_system_allocator

if __name__ == "__main__":
    # Libraries in C end the process without a word if they are loaded with too little memory.
    try:
        require_memory("loaders", IMPORT_BYTES, "the command")
    except TransientError as error:
        print(error, file=sys.stderr)
        sys.exit(os.EX_TEMPFAIL)
    from include.loaders.cli import app

    use_system_allocator()
    app(prog_name="python -m include.loaders")
