"""A load's temporary files: what their file system refuses, in the loaders' own errors."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from include.loaders.errors import LoadError, PermanentError, TransientError

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def writing_temporary_files(source: str) -> Iterator[None]:
    """Turn an error of the file system into the loaders' own.

    Raises:
        TransientError: No folder has space left; other tasks of the same machine end and free it.
        PermanentError: The folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        cause = str(error.strerror or error)
        if error.errno in _FULL:
            folder = tempfile.gettempdir()
            free = shutil.disk_usage(folder).free / 1_000_000
            cause += f": {free:,.0f} MB are free in {folder}"
        # Python finds no folder for temporary files if none has space for a small one.
        has_no_space = error.errno in _FULL or error.errno == errno.ENOENT
        kind: type[LoadError] = TransientError if has_no_space else PermanentError
        raise kind(
            source,
            f"temporary files cannot be written ({cause}); free space in the temporary folder, or "
            "name another one in TMPDIR",
        ) from error
