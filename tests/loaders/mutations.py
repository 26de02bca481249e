"""JSON values in which one value is replaced by another one."""

import json
from collections.abc import Iterator
from copy import copy
from typing import Any

Path = tuple[str | int, ...]

DELETED = object()
# The values that take the place of another one, by name. 600 levels are more than some writers of
# JSON accept and fewer than its readers do.
VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "0": 0,
    "-1": -1,
    "1.5": 1.5,
    "1e400": float("inf"),
    "2**63": 2**63,
    "2**70": 2**70,
    "empty text": "",
    "text": "x",
    "digits": "12",
    "half a character": "\ud800",
    "empty list": [],
    "empty object": {},
    "list": [None, 1, "x", [], {}],
    "object": {"a": None, "b": [1], "code": "x"},
    "deep": json.loads("[" * 600 + "]" * 600),
    "deleted": DELETED,
}


def paths(value: Any) -> Iterator[Path]:
    """The way to each value in a JSON value, itself first."""
    yield ()
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from ((key, *path) for path in paths(member))


def replaced(value: Any, path: Path, other: Any) -> Any:
    """A JSON value with another one at a path, or with nothing there if `DELETED`.

    A value without the path stays as it is.
    """
    if not path:
        return None if other is DELETED else other
    key: Any = path[0]
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    if key not in keys:
        return value
    changed = copy(value)
    if other is DELETED and len(path) == 1:
        del changed[key]
    else:
        changed[key] = replaced(value[key], path[1:], other)
    return changed
