"""Short quotations of a source's values, for messages."""

import reprlib
from typing import Any

# The most characters of a value in a message.
LENGTH = 80
# Python's own `repr` raises RecursionError for a value that is nested deeply enough.
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 4 * LENGTH
_REPR.maxlist = _REPR.maxdict = LENGTH


def short_repr(value: Any, length: int = LENGTH) -> str:
    """A JSON value in a message: at most `length` characters, however large or deep it is."""
    return _REPR.repr(value)[:length]
